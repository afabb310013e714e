"""Pseudo-colour's counts and symmetries; the learned look-up by the law of total variance."""

from __future__ import annotations

import numpy as np
import pytest

from colorlab.classic.lookup import (
    Lookup,
    colorize_by_lookup,
    intensity_to_colour,
    learn_lookup,
    load_lookup,
    slice_intensity,
)
from colorlab.classic.planes import lightness_of, split

from .photos import sample, without_colour


@pytest.fixture(scope="module")
def grey() -> np.ndarray:
    return sample("coffee")[..., 1]


@pytest.mark.parametrize("plane", [1, 90, 255])
def test_one_plane_gives_two_colours_counted_by_the_histogram(grey, plane):
    sliced = slice_intensity(grey, [plane], [(10, 0, 0), (0, 0, 200)])
    counts = np.bincount(grey.ravel(), minlength=256)
    assert (sliced == (10, 0, 0)).all(-1).sum() == counts[:plane].sum()
    assert (sliced == (0, 0, 200)).all(-1).sum() == counts[plane:].sum()


def test_planes_must_rise_and_have_their_colours(grey):
    with pytest.raises(ValueError, match="rise"):
        slice_intensity(grey, [90, 90], [(0, 0, 0)] * 3)
    with pytest.raises(ValueError, match="2 planes need 3 colours"):
        slice_intensity(grey, [90, 91], [(0, 0, 0)] * 2)


def test_equal_sinusoids_give_a_grey_picture(grey):
    equal = intensity_to_colour(grey, (7.0,) * 3, (0.5,) * 3)
    assert (equal == equal[..., :1]).all()
    f = grey[5, 7] / 255
    shifted = intensity_to_colour(grey, (7.0, 5.0, 3.0), (0.5, 0.1, 0.0))
    expected = [abs(np.sin(7 * f + 0.5)), abs(np.sin(5 * f + 0.1)), abs(np.sin(3 * f))]
    np.testing.assert_allclose(shifted[5, 7] / 255, expected, atol=0.5 / 255 + 1e-12)


def test_tables_commute_with_any_permutation_of_pixels(grey):
    order = np.random.default_rng(0).permutation(grey.size)
    shuffled = grey.ravel()[order].reshape(grey.shape)
    lookup = Lookup(np.random.default_rng(1).normal(0, 20, (256, 2)).astype(np.float32), 0.0)
    for method in (
        lambda g: slice_intensity(g, [60, 130], [(0, 0, 0), (9, 99, 9), (255, 0, 0)]),
        lambda g: intensity_to_colour(g, (7.0, 5.0, 3.0), (0.5, 0.1, 0.0)),
        lambda g: colorize_by_lookup(np.repeat(g[..., None], 3, 2), lookup),
    ):
        expected = method(grey).reshape(-1, 3)[order].reshape(*grey.shape, 3)
        np.testing.assert_array_equal(method(shuffled), expected)


@pytest.mark.parametrize("bins", [101, 256])
def test_the_tables_error_is_the_conditional_variance(bins):
    photos = [sample("astronaut", 2), sample("chelsea", 2)]
    lookup = learn_lookup(photos, bins)
    pairs = [split(photo) for photo in photos]
    error = np.concatenate(
        [
            ((lookup.chroma(level) - ab).astype(np.float64) ** 2).sum(-1).ravel()
            for level, ab in pairs
        ]
    ).mean()
    # E[Var(ab | L)], independently: the variance inside every bin, weighted by its share.
    level = np.concatenate([level.ravel() for level, _ in pairs])
    ab = np.concatenate([ab.reshape(-1, 2) for _, ab in pairs]).astype(np.float64)
    bin_of = np.rint(level * np.float32((bins - 1) / 100))
    within = sum(
        ab[bin_of == b].var(axis=0).sum() * (bin_of == b).mean() for b in np.unique(bin_of)
    )
    assert error == pytest.approx(within, rel=1e-6)
    assert lookup.variance == pytest.approx(within, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "ratio"), [("astronaut", 0.371), ("coffee", 0.039), ("chelsea", 0.127)]
)
def test_fitted_on_a_photo_itself_it_leaves_a_known_share_of_the_grey_error(name, ratio):
    photo = sample(name)
    lookup = learn_lookup([photo])
    grey_error = (split(photo)[1].astype(np.float64) ** 2).sum(-1).mean()
    assert lookup.variance / grey_error == pytest.approx(ratio, abs=6e-4)


def test_an_intensity_never_seen_takes_the_colour_between_its_neighbours():
    photo = np.zeros((1, 2, 3), np.uint8)
    photo[0, 1] = (255, 255, 0)
    lookup = learn_lookup([photo], 101)
    yellow = split(photo)[1][0, 1]
    top = round(float(lightness_of(photo)[0, 1]))
    np.testing.assert_allclose(lookup.ab[top // 2], yellow * (top // 2) / top, rtol=1e-4)
    np.testing.assert_allclose(lookup.ab[100], yellow, rtol=1e-4)


def test_the_result_keeps_the_lightness():
    photo = sample("chelsea")
    lookup = learn_lookup([sample("coffee")])
    coloured = colorize_by_lookup(without_colour(photo), lookup)
    assert np.abs(lightness_of(coloured) - lightness_of(without_colour(photo))).max() < 0.5
    assert np.abs(split(coloured)[1]).mean() > 3


def test_a_table_is_saved_small(tmp_path):
    lookup = learn_lookup([sample("coffee", 4)])
    lookup.save(tmp_path / "lookup.npy")
    again = load_lookup(tmp_path / "lookup.npy")
    np.testing.assert_array_equal(again.ab, lookup.ab)
    assert again.variance == lookup.variance
    assert (tmp_path / "lookup.npy").stat().st_size < 5000
    np.save(tmp_path / "other.npy", np.zeros(7))
    with pytest.raises(ValueError, match="no look-up table"):
        load_lookup(tmp_path / "other.npy")


def test_no_photo_and_no_bins_are_refused():
    with pytest.raises(ValueError, match="at least one photo"):
        learn_lookup([])
    with pytest.raises(ValueError, match="bins"):
        learn_lookup([sample("coffee", 8)], bins=1)
