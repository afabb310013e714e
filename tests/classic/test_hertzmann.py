"""Image analogies: identity, coherence, scan order by fronts, and colours that return."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from colorlab.classic.hertzmann import (
    MOST_PIXELS,
    _cohere,
    colorize_by_analogy,
    match_at_once,
    match_in_order,
)
from colorlab.classic.planes import lightness_of, split
from colorlab.classic.welsh import colorize_by_example

from .photos import sample, without_colour

BOTH = pytest.mark.parametrize("match", [match_at_once, match_in_order])


def coherent(matches: np.ndarray) -> float:
    """The share of pixels that were copied from beside what their left neighbour was."""
    return float((np.diff(matches, axis=1) == 1).mean())


@BOTH
@pytest.mark.parametrize("dimensions", [12, None])
def test_a_photo_is_analogous_to_itself_up_to_the_border(match, dimensions):
    luma = np.random.default_rng(0).random((17, 22))
    matches = match(luma, luma, 0.0, dimensions=dimensions)
    np.testing.assert_array_equal(matches, np.arange(luma.size).reshape(luma.shape))


@BOTH
def test_a_part_is_found_where_it_was(match):
    luma = np.random.default_rng(1).random((26, 30))
    matches = match(luma, luma[6:20, 4:24], 0.0)
    expected = np.arange(luma.size).reshape(luma.shape)[6:20, 4:24]
    # Beyond its border the part is mirrored, the whole isn't; even rows and columns stay even, so
    # that the coarser levels agree.
    inside = np.s_[4:-4, 4:-4]
    np.testing.assert_array_equal(matches[inside], expected[inside])


@BOTH
def test_the_more_kappa_the_longer_the_copies(match):
    reference = lightness_of(sample("coffee", 8)).astype(float)[:40, :50] / 100
    luma = lightness_of(sample("chelsea", 8)).astype(float)[:24, :40] / 100
    shares = [coherent(match(reference, luma, kappa)) for kappa in (0, 2, 25, 1e9)]
    assert shares[0] < 0.4
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_fronts_give_what_scan_order_gives():
    rng = np.random.default_rng(2)
    theirs, ours = rng.random((9, 14, 3)), rng.random((11, 8, 3))
    every = theirs.reshape(-1, 3)
    squares = ((every - ours[:, :, None]) ** 2).sum(-1)
    expected = np.full((11, 8), -1)
    for y, x in np.ndindex(11, 8):
        candidates = []
        for dy, dx in [(-2, i) for i in range(-2, 3)] + [(-1, i) for i in range(-2, 3)]:
            candidates.append((dy, dx))
        found, least = int(squares[y, x].argmin()), np.inf
        for dy, dx in [*candidates, (0, -2), (0, -1)]:
            if y + dy >= 0 and 0 <= x + dx < 8:
                row, column = divmod(expected[y + dy, x + dx], 14)
                row, column = row - dy, column - dx
                if row < 9 and 0 <= column < 14 and squares[y, x, row * 14 + column] < least:
                    least, copy = squares[y, x, row * 14 + column], row * 14 + column
        expected[y, x] = copy if least <= squares[y, x].min() * (1 + 4.0) else found
    matches = _cohere(theirs, ours, squares.argmin(-1), squares.min(-1), 4.0)
    np.testing.assert_array_equal(matches, expected)
    assert (matches != squares.argmin(-1)).mean() > 0.2


@pytest.mark.parametrize(
    ("match", "step"), [(match_at_once, 2), (partial(match_in_order, levels=2), 8)]
)
def test_the_colours_of_a_part_return(match, step):
    reference = sample("coffee", step)
    height, width = reference.shape[:2]
    part = reference[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4]
    truth = split(part)[1]

    def error(coloured: np.ndarray) -> float:
        return float(((split(coloured)[1] - truth) ** 2).mean() / (truth**2).mean())

    of_part = error(colorize_by_analogy(without_colour(part), reference, match=match))
    assert of_part < 0.15
    assert of_part < 0.6 * error(colorize_by_example(part, reference))


def test_the_contract_at_any_size():
    photo, reference = sample("astronaut"), sample("chelsea", 2)
    assert photo.shape[0] * photo.shape[1] > MOST_PIXELS > reference.shape[0] * reference.shape[1]
    coloured = colorize_by_analogy(photo, reference)
    assert np.abs(lightness_of(coloured) - lightness_of(photo)).max() < 0.5
    assert np.abs(split(coloured)[1]).mean() > 3
    np.testing.assert_array_equal(coloured, colorize_by_analogy(photo, reference))


@pytest.mark.parametrize("match", [match_at_once, match_in_order])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 2)])
def test_small_photos_and_grey_references(match, shape):
    photo, reference = sample("coffee", 40)[: shape[0], : shape[1]], sample("chelsea", 30)
    coloured = colorize_by_analogy(photo, reference, match=match)
    assert np.abs(lightness_of(coloured) - lightness_of(photo)).max() < 0.5
    grey = colorize_by_analogy(photo, without_colour(reference), match=match)
    assert np.abs(split(grey)[1]).max() < 1


def test_bad_calls_are_refused():
    with pytest.raises(ValueError, match="kappa must be"):
        match_at_once(np.zeros((4, 4)), np.zeros((4, 4)), -1)
    with pytest.raises(ValueError, match="reference must"):
        colorize_by_analogy(sample("coffee", 8), np.zeros((4, 4), np.uint8))
