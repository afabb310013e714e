"""Welsh's transfer: colours that are a function of luminance, textures, swatches."""

from __future__ import annotations

import numpy as np
import pytest

from colorlab.classic.planes import lightness_of, split
from colorlab.classic.reinhard import _bytes, lalphabeta_to_rgb
from colorlab.classic.welsh import (
    _luminance,
    colorize_by_example,
    colorize_by_swatches,
    jittered_grid,
    match_luminance,
)

from .photos import sample, without_colour


def test_colours_that_are_a_function_of_luminance_come_back():
    levels = np.arange(60, 216)
    grey = np.repeat(np.tile(levels, (6, 1))[..., None], 3, axis=2).astype(np.uint8)
    luminance = _luminance(grey)
    colours = [0.05 * np.sin(4 * luminance), 0.01 + 0.02 * luminance]
    reference = _bytes(lalphabeta_to_rgb(np.stack([luminance, *colours], axis=-1)))
    coloured = colorize_by_example(grey, reference, cells=None, window=1)
    # The reference's bytes are rounded, so a neighbour's colour may be the nearest.
    np.testing.assert_allclose(split(coloured)[1], split(reference)[1], atol=2)
    assert np.abs(split(reference)[1]).max() > 10


def test_texture_tells_apart_what_is_equally_light():
    rng = np.random.default_rng(0)
    luma = np.full((40, 80), 128.0)
    luma[:, 40:] += np.where(rng.random((40, 40)) < 0.5, -50, 50)
    grey = np.repeat(luma.astype(np.uint8)[..., None], 3, axis=2)
    reference = grey.copy()
    reference[:, :40] = (150, 120, 110)  # the smooth half is reddish
    reference[:, 40:, 2] = np.minimum(255, reference[:, 40:, 2].astype(int) + 50)  # the rough blue
    inside = (slice(6, -6), slice(6, 34))
    ab = split(colorize_by_example(grey, reference, cells=None))[1]
    assert ab[inside][..., 0].mean() > 5
    assert ab[:, 46:-6, 1].mean() < -8


def test_order_does_not_matter_where_all_pixels_are_samples():
    reference = sample("coffee", 8)
    shuffled = (
        np.random.default_rng(0).permutation(reference.reshape(-1, 3)).reshape(reference.shape)
    )
    photo = sample("chelsea", 8)
    one = colorize_by_example(photo, reference, cells=None, window=1)
    other = colorize_by_example(photo, shuffled, cells=None, window=1)
    assert (np.abs(one.astype(int) - other).max(axis=2) > 2).mean() < 0.05  # but for ties


def test_a_swatch_is_coloured_by_its_partner():
    photo, reference = sample("chelsea", 4), sample("coffee", 4)
    flat = np.full((30, 30, 3), (40, 90, 200), np.uint8)
    reference = reference.copy()
    reference[:30, :30] = flat
    pairs = [((0, 0, 20, 20), (0, 0, 30, 30)), ((40, 40, 60, 60), (60, 60, 90, 90))]
    coloured = colorize_by_swatches(photo, reference, pairs)
    assert split(coloured)[1][:20, :20, 1].mean() < -10  # blue
    assert np.abs(lightness_of(coloured) - lightness_of(photo)).max() < 0.5
    with pytest.raises(ValueError, match="does not lie in the photo"):
        colorize_by_swatches(photo, reference, [((0, 0, 20, 900), (0, 0, 5, 5))])
    with pytest.raises(ValueError, match="in pairs"):
        colorize_by_swatches(photo, reference, [])


def test_the_contract():
    photo, reference = sample("astronaut", 4), sample("chelsea", 4)
    coloured = colorize_by_example(photo, reference)
    assert np.abs(lightness_of(coloured) - lightness_of(photo)).max() < 0.5
    np.testing.assert_array_equal(coloured, colorize_by_example(photo, reference))
    of_grey = colorize_by_example(without_colour(photo), reference)
    assert np.abs(coloured.astype(int) - of_grey).mean() < 1  # a byte's rounding apart
    grey = split(colorize_by_example(photo, without_colour(reference)))[1]
    assert np.abs(grey).max() < 3  # the paper's matrix leaves grey a trace of colour


def test_the_grid_has_one_pixel_in_each_cell():
    chosen = jittered_grid(64, 48, 16, np.random.default_rng(0))
    assert len(chosen) == 256
    cells = (chosen // 48 // 4) * 16 + chosen % 48 // 3
    assert len(set(cells.tolist())) == 256
    assert len(jittered_grid(3, 5, 16, np.random.default_rng(0))) == 15


def test_luminance_is_matched():
    rng = np.random.default_rng(0)
    matched = match_luminance(rng.random(100), 3 + 5 * rng.random(50))
    target = match_luminance(np.ones(3), np.arange(5.0))
    np.testing.assert_allclose(target, 2)
    assert matched.std() == pytest.approx(5 * rng.random(50).std(), rel=0.3)
