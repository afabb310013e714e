"""Levin's system: its known answers, both forms, and its way to large photos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import spsolve

from colorlab.classic.levin import Spreader, affinities, colorize_by_strokes, spread_strokes
from colorlab.classic.planes import lightness_of, split

from .photos import sample, without_colour

BOTH = pytest.mark.parametrize("exact", [True, False])


def marks(shape: tuple[int, int], **sides: float) -> tuple[np.ndarray, np.ndarray]:
    """The left and right columns marked with one number each."""
    marked, values = np.zeros(shape, bool), np.zeros((*shape, 1))
    for side, value in sides.items():
        column = 0 if side == "left" else -1
        marked[:, column], values[:, column] = True, value
    return marked, values


def test_constant_luma_gives_a_linear_ramp():
    marked, values = marks((9, 21), left=-1, right=1)
    spread = spread_strokes(np.full((9, 21), 0.4), marked, values, exact=True)
    np.testing.assert_allclose(spread[..., 0], np.tile(np.linspace(-1, 1, 21), (9, 1)), atol=1e-12)


def test_weights_are_the_window_s():
    luma = np.random.default_rng(0).random((6, 7))
    weights = affinities(luma)
    np.testing.assert_allclose(weights.sum(0), 1)
    assert (weights[:, 0, 0] > 0).sum() == 3  # a corner has three neighbours
    # By hand, for one pixel: 0.6 of the variance of its window, itself included.
    window = luma[1:4, 2:5]
    by_hand = np.exp(-((window - luma[2, 3]) ** 2) / (0.6 * window.var()))
    by_hand[1, 1] = 0
    expected = np.delete(by_hand.ravel() / by_hand.sum(), 4)
    np.testing.assert_allclose(weights[:, 2, 3], expected)


@BOTH
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_no_colour_lies_outside_those_that_were_told(exact, seed):
    rng = np.random.default_rng(seed)
    luma, values = rng.random((12, 15)), rng.normal(size=(12, 15, 2))
    marked = rng.random((12, 15)) < 0.1
    marked[3, 4] = True
    if exact:
        spread = spread_strokes(luma, marked, values, exact=True)
    else:
        spread = Spreader(luma, tolerance=1e-7).spread(marked, values)
    told = values[marked]
    assert (spread >= told.min(0) - 1e-5).all()
    assert (spread <= told.max(0) + 1e-5).all()
    np.testing.assert_array_equal(spread[marked], told)


@BOTH
def test_one_colour_covers_the_photo(exact):
    luma = lightness_of(sample("astronaut", 8)) / 100
    marked = np.zeros(luma.shape, bool)
    marked[10:13, 20] = True
    values = np.full((*luma.shape, 2), (30.0, -12.0))
    if exact:
        spread = spread_strokes(luma, marked, values, exact=True)
    else:
        spread = Spreader(luma, tolerance=1e-6).spread(marked, values)
    np.testing.assert_allclose(spread, values, atol=1e-2)


@pytest.mark.parametrize("contrast", [1, 0.1, 0.01, 1 / 255])
def test_the_weights_see_an_edge_and_not_its_contrast(contrast):
    luma = np.zeros((32, 32))
    luma[:, 16:] = contrast
    marked, values = np.zeros((32, 32), bool), np.zeros((32, 32, 1))
    marked[8:24, 4] = marked[8:24, 27] = True
    values[:, :16], values[:, 16:] = -1, 1
    spread = spread_strokes(luma, marked, values, exact=True)
    reference = spread_strokes((luma > 0).astype(float), marked, values, exact=True)
    np.testing.assert_allclose(spread, reference, atol=1e-10)
    assert -1 < spread[:, :16].mean() < -0.95


def test_grain_leaks():
    rng = np.random.default_rng(0)
    step = np.where(np.arange(64) < 32, 0.3, 0.6) * np.ones((64, 1))
    marked, values = np.zeros((64, 64), bool), np.zeros((64, 64, 1))
    marked[16:48, 8] = marked[16:48, 55] = True
    values[:, :32], values[:, 32:] = -1, 1
    noise = rng.normal(size=step.shape)
    left = [
        spread_strokes(step + sigma * noise, marked, values, exact=True)[:, :32].mean()
        for sigma in (0, 0.01, 0.03)
    ]
    assert left[0] < -0.93
    assert left[0] < left[1] < left[2]  # ever farther from -1


def test_the_symmetric_variant_is_nearly_as_good():
    photo = sample("astronaut", 4)
    lightness, ab = split(photo)
    rng = np.random.default_rng(0)
    marked = np.zeros(lightness.shape, bool)
    for y, x in zip(rng.integers(0, 125, 40), rng.integers(0, 115, 40), strict=True):
        marked[y : y + 2, x : x + 10] = True
    errors = []
    for exact in (True, False):
        spread = spread_strokes(lightness / 100, marked, ab, exact)
        errors.append(((spread - ab) ** 2).mean() / (ab**2).mean())
    assert errors[0] < 0.35
    assert abs(errors[1] / errors[0] - 1) < 0.1


@pytest.fixture(scope="module")
def chelsea() -> tuple[Spreader, np.ndarray, np.ndarray, np.ndarray]:
    """A solver, five strokes' numbers (-1 between them), marks and true chroma."""
    lightness, ab = split(sample("chelsea", 2))
    stroke = np.full(lightness.shape, -1)
    for number, (y, x) in enumerate([(20, 20), (30, 150), (80, 60), (90, 160), (130, 100)]):
        stroke[y : y + 3, x : x + 30] = number
    return Spreader(lightness / 100, tolerance=1e-6), stroke, stroke >= 0, ab


def test_the_multigrid_solves_the_symmetric_system(chelsea):
    """Against a sparse direct solver, with the marks as conditions and not as a penalty."""
    spreader, _, marked, ab = chelsea
    system = spreader._laplacian.astype(float)
    free, known = np.flatnonzero(~marked.ravel()), np.flatnonzero(marked.ravel())
    flat = ab.reshape(-1, 2).astype(float)
    expected = flat.copy()
    rows = system[free]
    expected[free] = spsolve(rows[:, free].tocsc(), -(rows[:, known] @ flat[known]))
    found = spreader.spread(marked, ab)
    np.testing.assert_allclose(found.reshape(-1, 2), expected, atol=0.02)
    np.testing.assert_array_equal(found[marked], ab[marked])
    loose = Spreader(lightness_of(sample("chelsea", 2)) / 100).spread(marked, ab)
    assert np.sqrt(((loose - found) ** 2).mean()) < 0.2


def test_a_moved_stroke_takes_fewer_steps_from_the_last_answer(chelsea):
    spreader, stroke, marked, ab = chelsea
    first = spreader.spread(marked, ab)
    moved = marked.copy()
    moved[stroke == 3] = False
    moved[100:103, 170:200] = True
    anew = spreader.spread(moved, ab)
    cold = spreader.iterations
    again = spreader.spread(moved, ab, start=first)
    assert spreader.iterations < cold
    np.testing.assert_allclose(again, anew, atol=0.02)
    assert np.abs(again - first).max() > 1


def test_a_new_colour_for_an_old_stroke_needs_no_solving(chelsea):
    spreader, stroke, marked, ab = chelsea
    ours = np.where(stroke[..., None] == 2, (40.0, -30.0), np.where(marked[..., None], ab, 0))
    theirs = np.where(stroke[..., None] == 2, (-10.0, 25.0), ours)
    reach = spreader.reach(marked, stroke == 2)
    recoloured = spreader.spread(marked, ours) + reach[..., None] * (-50, 55)
    np.testing.assert_allclose(recoloured, spreader.spread(marked, theirs), atol=0.02)
    assert reach.min() > -1e-4
    assert (reach[stroke == 2] == 1).all()
    total = sum(spreader.reach(marked, stroke == number) for number in range(5))
    np.testing.assert_allclose(total, 1, atol=1e-3)


def test_a_photo_keeps_its_lightness_and_grey_strokes_make_it_grey():
    photo = sample("coffee", 4)
    marked = np.zeros(photo.shape[:2], bool)
    marked[30, 30:60] = marked[60, 30:60] = True
    ab = np.zeros((*photo.shape[:2], 2), np.float32)
    grey = colorize_by_strokes(photo, marked, ab)
    assert np.abs(grey.astype(int) - without_colour(photo)).max() <= 1
    ab[30] = (30, 40)
    coloured = colorize_by_strokes(photo, marked, ab)
    assert np.abs(lightness_of(coloured) - lightness_of(photo)).max() < 0.5
    np.testing.assert_allclose(split(coloured)[1][60, 30:60], 0, atol=1)


@pytest.mark.slow
def test_a_large_photo_is_solved_small_and_carried_up():
    photo = np.ascontiguousarray(sample("chelsea").repeat(4, 0).repeat(4, 1))[:1150, :1713]
    _, ab = split(photo)
    marked = np.zeros(photo.shape[:2], bool)
    marked[::40, ::40] = True
    coloured = colorize_by_strokes(photo, marked, ab)
    assert coloured.shape == photo.shape
    assert ((split(coloured)[1] - ab) ** 2).mean() < 0.3 * (ab**2).mean()
    np.testing.assert_array_equal(coloured, colorize_by_strokes(photo, marked, ab))


def test_strokes_are_needed():
    nothing = np.zeros((4, 4), bool)
    with pytest.raises(ValueError, match="nothing is marked"):
        spread_strokes(np.zeros((4, 4)), nothing, np.zeros((4, 4, 2)))
    with pytest.raises(ValueError, match="nothing is marked"):
        colorize_by_strokes(sample("coffee", 8), np.zeros((50, 75), bool), np.zeros((50, 75, 2)))
    with pytest.raises(ValueError, match="one shape"):
        Spreader(np.zeros((4, 4))).spread(np.ones((4, 5), bool), np.zeros((4, 5, 2)))
    everywhere = np.ones((4, 4), bool)
    values = np.random.default_rng(0).random((4, 4, 2))
    np.testing.assert_array_equal(spread_strokes(np.zeros((4, 4)), everywhere, values), values)
