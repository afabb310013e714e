"""A part of a photo erased: the pure functions, and the thin widget over them."""

from __future__ import annotations

import re

import pytest
import torch

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.widgets import occlusion
from colorlab.course.widgets.occlusion_widget import erase, render
from colorlab.models import Colorizer, create_model


@pytest.fixture(scope="module")
def network() -> Colorizer:
    return create_model("convnet", weights=None).eval()


LUMA = torch.rand(1, 1, 96, 64, generator=torch.Generator().manual_seed(0))


def test_only_what_can_see_the_box_moves(network: Colorizer) -> None:
    erased, chroma, moved = erase(network, LUMA, (0, 0.25), (0, 0.25))
    assert (erased[..., :24, :16] == LUMA.mean()).all()
    assert torch.equal(erased[..., 24:, :], LUMA[..., 24:, :])
    assert torch.equal(erased[..., 16:], LUMA[..., 16:])
    with torch.inference_mode():
        want = 128 * (network(erased) - network(LUMA))[0].norm(dim=0)
        assert torch.equal(chroma, network(erased))
    assert moved[:24, :16].isnan().all()
    known = ~moved.isnan()
    assert known.sum() == 96 * 64 - 24 * 16
    assert torch.equal(moved[known], want[known])
    assert (moved[known] > 0).any()


def test_nothing_and_everything_can_be_erased(network: Colorizer) -> None:
    pictures, words = render(network, LUMA, (0.5, 0.5), (0, 1))
    assert words == "Outside the box colours moved by 0.0 on average, 0.0 at most."
    assert [picture.shape for picture in pictures.values()] == [(96, 64, 3)] * 2
    assert render(network, LUMA, (0, 1), (0, 1))[1] == "All is erased."


def test_a_network_of_another_space_is_refused() -> None:
    yuv = create_model("dahl_lite0", weights=None)
    with pytest.raises(ValueError, match="distances are of"):
        erase(yuv, LUMA, (0, 1), (0, 1))


def test_the_sliders_move_the_picture() -> None:
    widget = occlusion("coffee")
    columns, _, view = widget.children
    before = view.value
    columns.value = (0.4, 0.7)
    assert view.value != before
    assert view.value.count("<img") == 2
    average, most = re.findall(r"\d+\.\d", view.value.rpartition("Outside")[2])
    assert 0 < float(average) < float(most)
