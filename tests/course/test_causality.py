"""What a pixel is told of, by the network's gradient: the masks' rules, and a figure of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from colorlab.course.figures.base import to_file
from colorlab.course.figures.causality import (
    decoder_parts,
    encoder_parts,
    influence,
    influence_figure,
)
from colorlab.course.widgets import causal_mask
from colorlab.models.axial import Size
from colorlab.models.coltran import CoarseColorizer

SIDE, WIDTH = 6, 16
Y, X, V, U = np.indices((SIDE,) * 4)
BEFORE = (V < Y) | ((V == Y) & (U < X))


class Unshifted(CoarseColorizer):
    """Each pixel is told its own colour."""

    down = right = staticmethod(lambda x: x)


def core(kind: type[CoarseColorizer] = CoarseColorizer) -> CoarseColorizer:
    torch.manual_seed(0)
    return kind(Size(SIDE, WIDTH), encoder=1, outer=1, inner=1).eval()


def found(network: CoarseColorizer, part: str) -> NDArray[np.bool_]:
    return influence(decoder_parts(network)[part], SIDE, WIDTH)


@pytest.mark.parametrize(
    ("part", "rule", "unshifted"),
    [
        ("rows", V == Y - 1, V == Y),
        ("columns", (U == X) & (V < Y), (U == X) & (V <= Y)),
        ("outer", V < Y, V <= Y),
        ("inner", (V == Y) & (U < X), (V == Y) & (U <= X)),
        ("all", BEFORE, V <= Y),
    ],
)
def test_each_part_is_told_what_its_mask_and_shift_let_through(
    part: str, rule: NDArray[np.bool_], unshifted: NDArray[np.bool_]
) -> None:
    assert np.array_equal(found(core(), part), rule)
    assert np.array_equal(found(core(Unshifted), part), unshifted)


def test_two_layers_of_the_encoder_see_everything() -> None:
    parts = encoder_parts(core().encoder)
    maps = {name: influence(part, SIDE, WIDTH) for name, part in parts.items()}
    assert np.array_equal(maps["rows"], V == Y)
    assert np.array_equal(maps["columns"], U == X)
    assert maps["both"].all()


def test_the_parts_together_are_the_network() -> None:
    network = core()
    grey = torch.randint(256, (1, SIDE, SIDE), generator=torch.Generator().manual_seed(1))
    bins = torch.randint(512, (1, SIDE, SIDE), generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        logits = decoder_parts(network)["all"](network.color(bins))
        assert torch.equal(logits, network.decode(network.encode(grey), bins))


def test_maps_are_drawn_with_what_is_early_in_orange() -> None:
    maps = {name: found(core(Unshifted), name)[2, 3] for name in ("outer", "all")}
    figure = influence_figure(maps, (2, 3))
    colors = [patch.get_facecolor()[:3] for patch in figure.axes[0].patches[:-1]]
    blue, orange = colors[0], colors[2 * SIDE + 3]
    assert blue != orange
    assert (colors.count(blue), colors.count(orange)) == (2 * SIDE + 3, SIDE - 3)
    assert to_file(figure)[1] == "png"


def test_a_place_outside_the_photo_is_refused() -> None:
    assert "data-twin" in causal_mask(side=8, at=(7, 0))
    with pytest.raises(ValueError, match=r"0\.\.7"):
        causal_mask(side=8, at=(8, 0))
