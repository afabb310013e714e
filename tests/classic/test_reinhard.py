"""Reinhard's space by its printed numbers; transfers by the moments that they promise."""

from __future__ import annotations

import numpy as np
import pytest

from colorlab.classic import reinhard
from colorlab.classic.planes import lightness_of, split, with_own_lightness
from colorlab.classic.reinhard import (
    lalphabeta_to_rgb,
    match_histogram,
    match_moments,
    monge_kantorovich_map,
    rgb_to_lalphabeta,
    transfer_covariance,
    transfer_statistics,
)

from .photos import sample, without_colour

TRANSFERS = (transfer_statistics, match_histogram, transfer_covariance)


def statistics_of(photo: np.ndarray) -> np.ndarray:
    return rgb_to_lalphabeta(reinhard._linear(photo, "photo").reshape(-1, 3))


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((0.5, 0.25, 0.75), (-0.62203, -0.23279, 0.02374)),
        ((1, 1, 1), (-0.00095, 0.00076, 0.00009)),
    ],
)
def test_known_values(rgb, expected):
    np.testing.assert_allclose(rgb_to_lalphabeta(np.array(rgb, float)), expected, atol=6e-6)


def test_the_space_is_inverted_exactly_and_better_than_by_the_papers_inverse():
    rgb = np.random.default_rng(0).uniform(0.001, 1, (100, 3))
    np.testing.assert_allclose(lalphabeta_to_rgb(rgb_to_lalphabeta(rgb)), rgb, atol=1e-12)
    printed = np.array(
        [[4.4679, -3.5873, 0.1193], [-1.2186, 2.3809, -0.1624], [0.0497, -0.2439, 1.2045]]
    )
    off = np.abs(printed @ reinhard._LMS_FROM_RGB - np.eye(3)).max()
    assert off == pytest.approx(0.0072, abs=1e-4)
    np.testing.assert_allclose(
        reinhard._LAB_FROM_LOG @ reinhard._LAB_FROM_LOG.T, np.eye(3), atol=1e-12
    )


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_a_photo_is_its_own_reference(transfer):
    photo = sample("coffee", 2)
    np.testing.assert_allclose(transfer(photo, photo).astype(int), photo, atol=1)
    if transfer is not transfer_statistics:  # which lifts light below 1/65535
        np.testing.assert_array_equal(transfer(photo, photo), photo)


def test_the_moments_become_the_references():
    generator = np.random.default_rng(0)
    values, reference = generator.gamma(2, 3, (500, 3)), generator.normal(-1, 0.3, (400, 3))
    moved = match_moments(values, reference)
    np.testing.assert_allclose(moved.mean(0), reference.mean(0), atol=1e-12)
    np.testing.assert_allclose(moved.std(0), reference.std(0), atol=1e-12)
    photo, other = sample("coffee", 4), sample("china", 4)
    source, target = (
        rgb_to_lalphabeta(reinhard._linear(p, "photo").reshape(-1, 3)) for p in (photo, other)
    )
    moved = match_moments(source, target)
    np.testing.assert_allclose(moved.mean(0), target.mean(0), atol=1e-9)
    np.testing.assert_allclose(moved.std(0), target.std(0), atol=1e-9)
    seen = rgb_to_lalphabeta(
        reinhard._linear(transfer_statistics(photo, other), "photo").reshape(-1, 3)
    )
    assert (
        np.abs(seen.mean(0) - target.mean(0)).max()
        < 0.1
        < np.abs(source.mean(0) - target.mean(0)).max()
    )


def test_a_flat_channel_takes_the_references_mean():
    values = np.stack([np.full(50, 3.0), np.linspace(0, 1, 50)], 1)
    moved = match_moments(values, np.random.default_rng(0).normal(2, 1, (80, 2)))
    assert np.isfinite(moved).all()
    assert np.ptp(moved[:, 0]) == 0


def test_a_grey_photo_becomes_a_tint():
    photo, reference = without_colour(sample("chelsea", 2)), sample("coffee", 2)
    tinted = with_own_lightness(photo, lambda p: transfer_statistics(p, reference))
    assert np.abs(lightness_of(tinted) - lightness_of(photo)).max() < 0.5
    hue = np.arctan2(split(tinted)[1][..., 1], split(tinted)[1][..., 0])
    assert hue[lightness_of(photo) > 20].std() < 0.2


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_grey_gives_grey(transfer):
    photo, reference = without_colour(sample("chelsea", 4)), without_colour(sample("coffee", 4))
    result = transfer(photo, reference)
    assert np.ptp(result.astype(int), axis=2).max() <= 2


def test_histograms_match_channel_by_channel():
    photo, reference = sample("coffee", 2), sample("china", 2)
    at = np.linspace(0.02, 0.98, 49)
    before, after, wanted = (
        np.quantile(p.reshape(-1, 3), at, axis=0)
        for p in (photo, match_histogram(photo, reference), reference)
    )
    assert np.abs(after - wanted).mean() < 1.5
    assert np.abs(before - wanted).mean() > 20


def test_the_covariance_becomes_the_references():
    generator = np.random.default_rng(0)
    source, target = (np.cov(generator.normal(size=(3, 50)) * [[1], [2], [0.5]]) for _ in range(2))
    matrix = monge_kantorovich_map(source, target)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    np.testing.assert_allclose(matrix @ source @ matrix.T, target, atol=1e-6)
    photo, other = sample("coffee", 2), sample("chelsea", 2)  # flat enough not to be clipped
    seen = np.cov(transfer_covariance(photo, other).reshape(-1, 3).T / 255)
    wanted = np.cov(other.reshape(-1, 3).T / 255)
    np.testing.assert_allclose(seen, wanted, rtol=0.01, atol=1e-4)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_photos_are_checked_by_name(transfer):
    with pytest.raises(ValueError, match="reference must"):
        transfer(sample("coffee", 8), np.zeros((4, 4), np.uint8))
