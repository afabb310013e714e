"""Chrominance blending: distances on ramps, the law of weights, what changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.classic.planes import lightness_of, split
from colorlab.classic.yatziv import (
    blend_strokes,
    colorize_by_blending,
    colorize_frames_by_blending,
    distances,
    luma_graph,
)

from .graphs import every_edge
from .photos import sample


def at(shape: tuple[int, int], *places: tuple[int, int]) -> np.ndarray:
    """A mask of some places."""
    marked = np.zeros(shape, bool)
    for place in places:
        marked[place] = True
    return marked


def test_along_a_ramp_the_distance_is_the_luma():
    luma = np.tile(np.linspace(0, 1, 30), (8, 1))
    found = distances(luma, at((8, 30), (3, 0)))
    np.testing.assert_allclose(found, luma, atol=1e-7)


def test_it_goes_around_a_wall():
    luma = np.full((9, 9), 0.2)
    luma[:8, 4] = 0.9  # open at the bottom
    assert distances(luma, at((9, 9), (0, 0)))[0, 8] < 1e-6
    luma[8, 4] = 0.9
    assert distances(luma, at((9, 9), (0, 0)))[0, 8] == pytest.approx(1.4, abs=1e-6)


def test_it_walks_along_an_edge_for_nothing():
    # |grad d| = |grad Y| would charge for this.
    luma = np.zeros((20, 9))
    luma[:, 5:] = 1
    assert distances(luma, at((20, 9), (0, 4)))[19, 4] < 1e-6


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    shape=st.sampled_from([(9, 11), (1, 12), (12, 1), (4, 5, 6), (3, 1, 7)]),
    tones=st.integers(1, 40),
)
def test_edges_that_are_left_out_change_no_distance(seed, shape, tones):
    rng = np.random.default_rng(seed)
    luma, seeds = rng.integers(0, tones, shape) / 40, rng.random(shape) < 0.1
    seeds.flat[rng.integers(seeds.size)] = True
    expected = distances(luma, seeds, every_edge(luma))
    np.testing.assert_allclose(distances(luma, seeds), expected, rtol=0, atol=1e-6)
    assert luma_graph(luma).nnz <= every_edge(luma).nnz


def test_half_of_a_photos_edges_are_left_out():
    luma = lightness_of(sample("coffee", 4)) / 100
    assert luma_graph(luma).nnz < 0.6 * every_edge(luma).nnz


def test_the_weights_are_powers_of_the_distance():
    luma = np.linspace(0, 1, 41)[None].repeat(3, 0)
    marked, values = at((3, 41), (1, 0), (1, 40)), np.zeros((3, 41, 1))
    values[1, 40] = 1
    for power in (1, 2, 6):
        blended = blend_strokes(luma, marked, values, power)[..., 0]
        assert blended[1, 20] == pytest.approx(0.5, abs=1e-4)
        near, far = luma[1, 10], 1 - luma[1, 10]
        expected = far**-power / (near**-power + far**-power)
        assert blended[1, 10] == pytest.approx(expected, rel=1e-4)
        assert blended[1, 0] == 0
        assert blended[1, 40] == 1


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 10), shift=st.floats(-1, 1))
def test_scale_and_shift_of_luma_change_no_colour(seed, scale, shift):
    rng = np.random.default_rng(seed)
    luma, values = rng.random((10, 12)), rng.normal(size=(10, 12, 2))
    marked = rng.random((10, 12)) < 0.05
    marked[2, 3] = True
    blended = blend_strokes(luma, marked, values)
    np.testing.assert_allclose(
        blend_strokes(scale * luma + shift, marked, values), blended, 1e-3, 1e-3
    )
    np.testing.assert_array_equal(blended[marked], values[marked])
    told = values[marked]
    assert (blended >= told.min(0) - 1e-9).all()
    assert (blended <= told.max(0) + 1e-9).all()


def test_flat_luma_and_high_powers_overflow_nothing():
    marked, values = at((5, 5), (0, 0), (4, 4)), np.zeros((5, 5, 1))
    values[4, 4] = 1
    with np.errstate(all="raise"):
        blended = blend_strokes(np.full((5, 5), 0.5), marked, values, power=6)
    assert np.isfinite(blended).all()
    assert blended[2, 2] == pytest.approx(0.5)


def test_a_photo_keeps_its_lightness():
    photo = sample("coffee", 4)
    marked = at(photo.shape[:2], (30, 30), (60, 80), (80, 20))
    _, ab = split(photo)
    coloured = colorize_by_blending(photo, marked, ab)
    assert np.abs(lightness_of(coloured) - lightness_of(photo)).max() < 0.5
    grey = colorize_by_blending(photo, marked, np.zeros_like(ab))
    assert np.abs(split(grey)[1]).max() < 1


def film() -> tuple[np.ndarray, np.ndarray]:
    """A light square of 8 pixels that moves by 3 a frame on a dark ground, and where it is."""
    square = np.zeros((6, 20, 32), bool)
    for t in range(6):
        square[t, 6:14, 3 + 3 * t : 11 + 3 * t] = True
    return np.where(square, 190, 60).astype(np.uint8)[..., None].repeat(3, -1), square


def test_strokes_in_one_frame_follow_what_moves():
    frames, square = film()
    marked, ab = at(square.shape, (0, 10, 6), (0, 2, 2)), np.zeros((*square.shape, 2))
    ab[0, 10, 6], ab[0, 2, 2] = (10, 15), (-20, -15)
    coloured = colorize_frames_by_blending(frames, marked, ab)
    assert coloured.shape == frames.shape
    for t in range(6):  # by the last, no pixel of the square is where one of the first was
        chroma = split(coloured[t])[1]
        np.testing.assert_allclose(chroma[square[t]], np.tile((10, 15), (64, 1)), atol=1.5)
        assert (chroma[~square[t]][:, 0] < 0).all()
    assert not (square[0] & square[-1]).any()


def test_what_jumps_is_another_thing():
    luma = np.zeros((2, 5, 12))
    luma[0, 1:4, 1:4] = luma[1, 1:4, 8:11] = 0.7  # no pixel in common
    found = distances(luma, at(luma.shape, (0, 2, 2)))
    assert found[0, 3, 3] < 1e-6
    assert found[1, 2, 9] == pytest.approx(1.4, abs=1e-6)  # down from one and up to the other
    assert found[1, 0, 0] == pytest.approx(0.7, abs=1e-6)


def test_bad_calls_are_refused():
    with pytest.raises(ValueError, match="luma must have shape"):
        distances(np.zeros(4), np.ones(4, bool))
    with pytest.raises(ValueError, match="nothing is marked"):
        blend_strokes(np.zeros((4, 4)), np.zeros((4, 4), bool), np.zeros((4, 4, 2)))
    with pytest.raises(ValueError, match="power must lie"):
        blend_strokes(np.zeros((4, 4)), np.ones((4, 4), bool), np.zeros((4, 4, 2)), power=0.5)
