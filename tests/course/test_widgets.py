"""The weight sliders: its pure `render` against slow arithmetic, and its thin shell."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import rgb2lab

from colorlab.course.figures.chroma import as_picture, gamut, weight_colors
from colorlab.data.samples import sample_photos
from colorlab.prior.prior import ColorPrior, default_prior
from colorlab.train.losses import RebalancedMSE

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.widgets.weight_widget import (
    describe,
    draw_photo_map,
    draw_weight_map,
    photo_bins,
    rare_bins,
    render,
    weight_sliders,
)


@pytest.mark.parametrize("name", ["motorcycle", "astronaut"])
def test_a_photo_s_bins_are_those_of_scikit_image(name: str) -> None:
    small = photo_bins(name)
    chroma = rgb2lab(small.rgb)[..., 1:]
    np.testing.assert_array_equal(np.stack([small.a, small.b], -1), np.rint(chroma) + 128)
    np.testing.assert_allclose(small.squared_chroma, ((chroma / 128) ** 2).sum(-1), atol=1e-6)


@pytest.mark.parametrize("lam", [0.1, 0.9, 1.0])
def test_the_numbers_are_those_of_a_slow_sum(lam: float) -> None:
    prior, small = default_prior(), photo_bins("motorcycle")
    view = render(lam, 5, 10, "motorcycle", prior)
    v, p = prior.weights(lam), prior.smoothed()
    tenth = np.sort(p, axis=None)
    tenth = tenth[np.cumsum(tenth) <= 0.1].max()
    loss, plain, rare_loss, rare_plain, rare, up = 0.0, 0.0, 0.0, 0.0, 0, 0
    lab = rgb2lab(small.rgb)
    for _, a, b in lab.reshape(-1, 3):
        place = round(a) + 128, round(b) + 128
        error = (a * a + b * b) / 128**2
        loss, plain, up = loss + v[place] * error, plain + error, up + (v[place] > 1)
        if p[place] <= tenth:
            rare, rare_loss, rare_plain = rare + 1, rare_loss + v[place] * error, rare_plain + error
    count = small.a.size
    assert view.rare_loss == pytest.approx(rare_loss / loss, abs=1e-4)
    assert view.rare_loss_plain == pytest.approx(rare_plain / plain, abs=1e-4)
    assert view.rare_pixels == pytest.approx(rare / count, abs=1e-4)
    assert view.pushed_up == pytest.approx(up / count, abs=1e-4)

    # The whole is what the training loss says of a grey answer.
    chroma = torch.tensor(lab[..., 1:] / 128).permute(2, 0, 1)[None].float()
    grey = RebalancedMSE(torch.from_numpy(v))(torch.zeros_like(chroma), chroma)
    assert float(grey) == pytest.approx(loss / (2 * count), rel=1e-4)


def test_at_lambda_one_nothing_is_pushed() -> None:
    view = render(1.0, 5, 10, "coffee", default_prior())
    assert view.lowest == view.highest == pytest.approx(1)
    assert view.rare_loss == pytest.approx(view.rare_loss_plain)


def test_a_smaller_lambda_gives_the_rare_more() -> None:
    shares = [
        render(lam, 5, 10, "motorcycle", default_prior()).rare_loss for lam in (1, 0.9, 0.5, 0.1)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.1


def test_lambda_zero_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="infinite weight, because no pixel"):
        render(0.0, 5, 10, "coffee", default_prior())


def test_an_unknown_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="no sample photo 'nobody'"):
        render(0.9, 5, 10, "nobody", default_prior())


def test_the_weight_map_shows_the_table() -> None:
    weights = default_prior().weights(0.5)
    picture = draw_weight_map(weights)
    assert picture.shape == (448, 448, 3)
    mask = as_picture(gamut().mask)
    line = (picture[::2, ::2] == 34).all(-1)
    agrees = (picture[::2, ::2] == weight_colors(as_picture(weights))).all(-1)
    assert (agrees | line)[mask].all()
    assert 0 < line[mask].mean() < 0.05
    # The line parts what is above 1 from what is below.
    beside = as_picture(weights)[line & mask]
    assert beside.min() < 1 < beside.max()
    assert np.abs(np.log2(beside)).max() < 0.5


def test_the_photo_map_dots_what_is_pushed_up() -> None:
    weights = np.full((9, 12), 0.5)
    weights[:, 6:] = 2.0
    picture = draw_photo_map(weights)
    assert picture.shape == (18, 24, 3)
    dotted = (picture == 34).all(-1)
    assert not dotted[:, :12].any()
    assert dotted[:, 12:].sum() == 4 * 3 * 2
    assert (picture[0, 0] == weight_colors(np.array(0.5))).all()


@settings(max_examples=25, deadline=None)
@given(
    lam=st.floats(0.01, 1),
    sigma=st.floats(0.5, 20),
    window=st.integers(1, 60),
    share=st.floats(0, 1),
)
def test_shares_are_shares(lam: float, sigma: float, window: int, share: float) -> None:
    view = render(lam, sigma, window, "chelsea", default_prior())
    for value in (view.pushed_up, view.rare_pixels, view.rare_loss, view.rare_loss_plain):
        assert 0 <= value <= 1
    assert 0 < view.lowest <= 1 + 1e-9
    assert view.highest >= 1 - 1e-9
    p = default_prior().smoothed(sigma, window)
    assert p[rare_bins(p, share)].sum() <= share + 1e-9


def test_the_shell_follows_its_controls() -> None:
    prior: ColorPrior = default_prior()
    widget = weight_sliders(prior, "coffee")
    lam, sigma, window, photo, status, pictures = widget.children
    assert (lam.value, sigma.value, window.value, photo.value) == (0.9, 5, 10, "coffee")
    assert list(photo.options) == [sample.name for sample in sample_photos()]
    for control, value in ((lam, 0.3), (sigma, 8.0), (window, 21), (photo, "astronaut")):
        before = status.value, pictures.value
        control.value = value
        assert (status.value, pictures.value) != before
    assert describe(render(0.3, 8.0, 21, "astronaut", prior)) in html.unescape(status.value)
    assert len(re.findall('alt="[^"]+"', pictures.value)) == 4

    lam.value = 0
    assert "infinite weight" in status.value
    lam.value = 0.5
    assert "infinite weight" not in status.value


def test_the_shell_refuses_an_unknown_photo() -> None:
    with pytest.raises(ValueError, match="nobody"):
        weight_sliders(default_prior(), "nobody")
