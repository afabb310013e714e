"""Toning, and the simulated damages that the chapter on old photos shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from skimage.color import rgb2lab

from colorlab.data.photo import Photo
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import grey_photo, load_model
from colorlab.inference.old import (
    DAMAGES,
    colorize_old,
    simulate_fading,
    simulate_grain,
    simulate_sepia,
    tone,
    without_grain,
)

pictures = npst.arrays(
    np.uint8,
    st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3)),
    elements=st.integers(0, 255),
)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return sample_photos("chelsea")[0].rgb


def test_toning_brings_a_faded_photo_back(photo):
    faded = simulate_fading(photo)
    assert np.ptp(faded) <= 100
    toned = tone(faded)
    fresh = tone(photo)
    assert np.percentile(toned[..., 0], [1, 99]) == pytest.approx([20, 255], abs=8)
    assert (
        np.abs(toned.astype(int) - fresh).mean() < 2.5
    )  # eight bits were squeezed into 100 values


def test_sepia_leaves_the_lightness_in_order(photo):
    """Toning makes a sepia photo grey, and nearly the grey that it was."""
    sepia = simulate_sepia(photo)
    assert rgb2lab(sepia)[..., 2].mean() > 10  # it is brown
    toned = tone(sepia)
    assert (toned[..., 0] == toned[..., 1]).all()
    correlation = np.corrcoef(toned[..., 0].ravel(), grey_photo(Photo(photo))[..., 0].ravel())
    assert correlation[0, 1] > 0.995


def test_a_mount_is_not_taken_for_the_photo(photo):
    mounted = DAMAGES["mount"](photo)
    inside = (slice(40, -40), slice(50, -50))
    assert np.abs(tone(mounted)[inside].astype(int) - tone(photo)[inside]).mean() < 3
    looked_at = tone(mounted, margin=0.0)
    assert (looked_at[0, 0] == 255).all()


def test_the_network_looks_past_the_grain(photo):
    """What it sees is nearer to the photo without grain, and no larger than it needs."""
    grainy = simulate_grain(photo, sigma=25)
    seen = without_grain(grainy)
    assert seen.shape == photo.shape
    grey = grey_photo(Photo(photo)).astype(int)
    assert np.abs(seen - grey).mean() < 0.5 * np.abs(grainy - grey).mean()
    large = np.repeat(np.repeat(photo, 4, 0), 4, 1)
    assert min(without_grain(large).shape[:2]) == 448


def test_an_old_photo_is_coloured_over_its_own_grain(photo):
    """Chroma from the smooth photo, luminance from the toned one."""
    grainy = simulate_grain(photo, sigma=25)
    coloured = colorize_old(grainy, load_model("efficientnet_lite0"))
    assert coloured.shape == photo.shape
    lightness = [rgb2lab(picture)[..., 0] for picture in (coloured, tone(grainy))]
    assert np.abs(lightness[0] - lightness[1]).mean() < 2  # cut to the gamut here and there
    assert np.abs(rgb2lab(coloured)[..., 1:]).mean() > 2


def test_grain_is_as_strong_as_asked_and_the_same_again(photo):
    grey = np.full((200, 200, 3), 128, np.uint8)
    noisy = simulate_grain(grey, sigma=20)
    assert noisy[..., 0].std() == pytest.approx(20, rel=0.03)
    assert np.array_equal(noisy, simulate_grain(grey, sigma=20))


@given(pictures)
def test_any_photo_can_be_toned_and_damaged(rgb):
    for result in (tone(rgb), *(damage(rgb) for damage in DAMAGES.values())):
        assert result.shape == rgb.shape
        assert result.dtype == np.uint8


def test_one_grey_stays(photo):
    flat = np.full((9, 9, 3), 77, np.uint8)
    assert np.array_equal(tone(flat), flat)


@pytest.mark.parametrize(
    ("low", "high", "margin"), [(5, 5, 0), (-1, 99, 0), (1, 101, 0), (1, 99, 0.5)]
)
def test_nonsense_is_refused(photo, low, high, margin):
    with pytest.raises(ValueError, match="percentiles|margin"):
        tone(photo, low, high, margin)
