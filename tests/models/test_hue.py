"""Hue and chroma: identities with HSV and HSL, and how their histograms are read."""

from __future__ import annotations

import colorsys
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.models.hue import (
    bin_of,
    fading,
    from_hue_chroma,
    grey_level,
    hue_chroma,
    mean_hue,
    median_chroma,
    read,
    to_lab,
)

K = 32
UNIT = st.floats(0, 1)
ANGLES = 2 * math.pi * (torch.arange(K, dtype=torch.float64) + 0.5) / K


def pixel(*rgb: float) -> torch.Tensor:
    return torch.tensor(rgb, dtype=torch.float64).view(3, 1, 1)


def resultant(shares: torch.Tensor) -> float:
    return float(mean_hue(shares.log().view(1, K, 1, 1).float())[1])


def one_hot(*bins: int) -> torch.Tensor:
    shares = torch.full((K,), 1e-30)
    shares[list(bins)] = 1 / len(bins)
    return shares


@given(UNIT, UNIT, UNIT)
def test_it_is_the_hue_of_hsv_and_hsl_and_their_identities_hold(r: float, g: float, b: float):
    hue, chroma, lightness = (float(x) for x in hue_chroma(pixel(r, g, b)))
    h, s, v = colorsys.rgb_to_hsv(r, g, b)
    _, light, _ = colorsys.rgb_to_hls(r, g, b)
    if chroma > 1e-6:
        assert abs((hue - h + 0.5) % 1 - 0.5) < 1e-6
        assert s == pytest.approx(2 * chroma / (2 * lightness + chroma))
        assert s == pytest.approx(chroma / v)
    assert lightness == pytest.approx(light)
    assert v == pytest.approx(lightness + chroma / 2)
    assert 0 <= hue < 1


@given(UNIT, UNIT, UNIT)
def test_there_and_back(r: float, g: float, b: float):
    rgb = pixel(r, g, b)
    assert torch.allclose(from_hue_chroma(*hue_chroma(rgb)), rgb, atol=1e-9)


@given(st.floats(0, 1, exclude_max=True), st.floats(0.01, 1), UNIT)
def test_back_and_there(hue: float, chroma: float, where: float):
    lightness = chroma / 2 + where * (1 - chroma)
    asked = [torch.full((1, 1), x, dtype=torch.float64) for x in (hue, chroma, lightness)]
    found = hue_chroma(from_hue_chroma(*asked))
    assert abs((float(found[0]) - hue + 0.5) % 1 - 0.5) < 1e-9
    assert float(found[1]) == pytest.approx(chroma)
    assert float(found[2]) == pytest.approx(lightness)


def test_a_photo_s_own_hue_and_chroma_at_its_lightness_are_its_own_colours():
    rgb = torch.from_numpy(sample_photos("astronaut")[0].rgb[::4, ::4].copy()).movedim(2, 0)[None]
    rgb = rgb.float() / 255
    luma, chroma = LAB.split(rgb)
    hue, saturation, _ = hue_chroma(rgb)
    assert float(128 * (to_lab(hue, saturation, luma) - chroma).abs().max()) < 0.1
    assert torch.allclose(grey_level(LAB.luma(rgb[:, :1].expand(-1, 3, -1, -1))), rgb[:, :1],
                          atol=1e-4)  # fmt: skip


def test_no_chroma_is_grey_and_too_much_keeps_its_lightness():
    luma = torch.linspace(0, 1, 11).view(1, 1, 1, 11)
    flat = torch.zeros(1, 1, 11)
    assert float(128 * to_lab(flat, flat, luma).abs().max()) < 0.02
    much = to_lab(flat, flat + 0.9, luma)
    assert torch.isfinite(much).all()
    assert float(much.abs().max()) < 1


@pytest.mark.parametrize("k", [0, 5, 31])
def test_a_hue_that_is_certain_keeps_all_chroma(k: int):
    hue = one_hot(k).log().view(1, K, 1, 1)
    direction, length = mean_hue(hue)
    assert float(length) == pytest.approx(1, abs=1e-6)
    assert float(direction) == pytest.approx((k + 0.5) / K, abs=1e-6)
    assert float(fading(length)) == 1


@pytest.mark.parametrize("shares", [one_hot(3, 19), torch.full((K,), 1 / K)], ids=["two", "all"])
def test_opposite_hues_are_grey(shares: torch.Tensor):
    assert resultant(shares) == pytest.approx(0, abs=1e-6)
    certain = one_hot(20).log().view(1, K, 1, 1)
    _, chroma = read(shares.log().view(1, K, 1, 1), certain)
    assert float(chroma) == pytest.approx(0, abs=1e-6)


def test_von_mises_hues_fade_as_they_are_known_to():
    shares = torch.exp(2 * ANGLES.cos()) / torch.exp(2 * ANGLES.cos()).sum()
    length = resultant(shares)
    assert length == pytest.approx(float(torch.special.i1(torch.tensor(2.0)).double()
                                         / torch.special.i0(torch.tensor(2.0)).double()),
                                   abs=1e-5)  # fmt: skip
    assert length / K == pytest.approx(0.02181, abs=5e-6)  # the paper's |z|
    assert float(fading(torch.tensor(length))) == pytest.approx(0.727, abs=5e-4)
    assert float(fading(torch.tensor(length))) == pytest.approx(min(length / K / 0.03, 1), abs=1e-6)


@given(st.floats(0, 1))
def test_the_fading_is_the_papers_at_32_bins(length: float):
    """And what is printed, max in place of min, is another: it is never below 1."""
    factor = float(fading(torch.tensor(length)))
    assert factor == pytest.approx(min(length / 32 / 0.03, 1), abs=1e-6)
    assert factor <= 1 <= max(length / 32 / 0.03, 1)


def test_chroma_is_the_median_bin():
    shares = torch.full((K,), 1e-6)
    shares[4], shares[10], shares[31] = 0.3, 0.3, 0.4
    logits = shares.log().view(1, K, 1, 1)
    assert float(median_chroma(logits)) == pytest.approx(10.5 / 32)
    assert float(median_chroma(one_hot(31).log().view(1, K, 1, 1))) == pytest.approx(31.5 / 32)


def test_bins_are_even():
    values = torch.tensor([0, 1 / 64, 1 / 32, 0.999, 1.0])
    assert bin_of(values).tolist() == [0, 0, 1, 31, 31]
