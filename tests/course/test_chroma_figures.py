"""Pictures of the (a*, b*) plane, against scikit-image's colours and the tables they draw."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2lab

from colorlab.course.figures import chroma as chroma_plots
from colorlab.course.figures.base import to_file
from colorlab.course.figures.chroma import (
    HIGH,
    LOW,
    as_picture,
    density_figure,
    gamut,
    prior_figure,
    profile_figure,
    weight_colors,
    weight_figure,
)
from colorlab.prior.prior import default_prior


def bins_of(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.asarray(np.rint(rgb2lab(rgb)[..., 1:]) + 128, np.int64)


def test_the_gamut_holds_every_srgb_colour() -> None:
    random = np.random.default_rng(0).integers(0, 256, (500_000, 3), dtype=np.uint8)
    corners = np.array(np.meshgrid(*[[0, 255]] * 3), np.uint8).reshape(3, -1).T
    a, b = bins_of(np.concatenate([random, corners])).T
    assert gamut().mask[a, b].all()


def test_the_gamut_holds_hardly_anything_else() -> None:
    step = np.arange(0, 256, 3, dtype=np.uint8)
    lattice = np.stack(np.meshgrid(step, step, step), -1).reshape(-1, 3)
    reached = np.zeros((256, 256), bool)
    reached[tuple(bins_of(lattice).T)] = True
    # 614,000 colours leave holes where sRGB is sparse (dark blues), not beyond the outline.
    grown = np.zeros_like(reached)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            grown |= np.roll(reached, (i, j), (0, 1))
    assert (gamut().mask & ~grown).mean() < 0.001


def test_the_hint_has_the_hue_of_its_place() -> None:
    for rgb in ([200, 60, 60], [60, 160, 60], [60, 80, 200]):
        a, b = bins_of(np.array([[rgb]], np.uint8))[0, 0]
        assert gamut().hint[a, b].argmax() == np.argmax(rgb)


def test_a_picture_has_b_up_and_a_to_the_right() -> None:
    table = np.zeros((256, 256))
    table[128 + 40, 128 + 20] = 1  # a* = 40, b* = 20
    row, column = np.argwhere(as_picture(table) == 1)[0]
    assert (column, row) == (40 - LOW, HIGH - 1 - 20)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_rarer_is_more_orange(one: float, other: float) -> None:
    low, high = sorted((one, other))
    red_minus_blue = weight_colors(np.array([low, high])).astype(int) @ [1, 0, -1]
    # The two ends of the map are dark: between them the order holds, beyond 2^3 the sign does.
    if 1 / 8 <= low <= high <= 8:
        assert red_minus_blue[0] <= red_minus_blue[1] + 2
    for weight, sign in zip((low, high), red_minus_blue, strict=True):
        assert abs(np.log2(weight)) < 0.2 or np.sign(sign) == np.sign(np.log2(weight))


def test_weight_one_is_nearly_white() -> None:
    assert weight_colors(np.array(1.0)).min() > 235


def drawn(figure: Figure) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(to_file(figure)[0])).convert("RGB"))


def test_figures_are_drawn_the_same_each_time() -> None:
    prior = default_prior()
    weights = {f"λ = {lam}": prior.weights(lam) for lam in (0.5, 0.9)}
    for make in (
        lambda: prior_figure(prior),
        lambda: weight_figure(weights),
        lambda: profile_figure(weights),
    ):
        picture = drawn(make())
        assert picture.std() > 10
        assert np.array_equal(picture, drawn(make()))


def test_figures_show_the_tables_that_they_are_given() -> None:
    prior = default_prior()
    figure = density_figure({"p": prior.pmf})
    shown = figure.axes[0].images[1].get_array()
    assert shown is not None
    assert np.ma.allclose(shown, as_picture(prior.pmf))
    assert figure.axes[0].get_title(loc="left") == "p"

    weights = prior.weights(0.9)
    lines = profile_figure({"0.9": weights}).axes[1].lines
    b, v = lines[0].get_data()
    np.testing.assert_array_equal(v, weights[128, np.asarray(b, int) + 128])
    assert np.log2(weights[gamut().mask].max()) <= chroma_plots.WEIGHT_OCTAVES


@pytest.mark.parametrize("lam", [1.0, 0.9])
def test_the_line_of_weight_one_is_drawn_where_there_is_one(lam: float) -> None:
    figure = weight_figure({"v": default_prior().weights(lam)})
    assert len(figure.axes[0].collections) == (1 if lam == 1 else 2)
