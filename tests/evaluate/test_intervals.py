"""Bootstrap intervals: their coverage on simulated data, and scipy's for comparison."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from colorlab.evaluate.intervals import bootstrap_means, interval, plain_means
from colorlab.evaluate.metrics.base import only, ratio


def lognormal(random: np.random.Generator, n: int) -> np.ndarray:
    return np.exp(random.normal(0, 0.5, size=n))  # skewed, as squared errors are


def test_an_interval_of_a_mean_covers_it_as_often_as_it_says():
    random = np.random.default_rng(0)
    mean, trials = np.exp(0.125), 400
    hits = 0
    for trial in range(trials):
        rows = lognormal(random, 120)[:, None]
        low, high = interval(only(bootstrap_means(rows, times=400, seed=trial)))
        hits += low <= mean <= high
    # 95 % of 400 is 380, with a standard deviation of 4.4; the bootstrap is known to fall a little
    # short on skewed data.
    assert 0.92 <= hits / trials <= 0.975


def test_an_interval_of_a_ratio_covers_it():
    random = np.random.default_rng(1)
    trials, hits = 400, 0
    for trial in range(trials):
        grey = lognormal(random, 120)
        rows = np.stack([grey * random.uniform(0.4, 0.8, size=120), grey], axis=1)
        low, high = interval(ratio(bootstrap_means(rows, times=400, seed=trial)))
        hits += low <= 0.6 <= high
    assert 0.92 <= hits / trials <= 0.975


def test_an_interval_of_a_paired_difference_covers_it_and_is_short():
    random = np.random.default_rng(2)
    trials, hits, paired, apart = 300, 0, 0.0, 0.0
    for trial in range(trials):
        hard = lognormal(random, 120)  # the same photos are hard for both models
        rows = np.stack([hard, hard + 0.05 + random.normal(0, 0.05, size=120)], axis=1)
        drawn = bootstrap_means(rows, times=400, seed=trial)
        low, high = interval(drawn[:, 1] - drawn[:, 0])
        hits += low <= 0.05 <= high
        paired += high - low
        apart += np.subtract(*interval(drawn[:, 0])[::-1])
    assert 0.92 <= hits / trials <= 0.98
    assert paired < apart / 5


def test_it_is_scipy_s_percentile_interval():
    data = lognormal(np.random.default_rng(3), 200)
    reference = scipy.stats.bootstrap(
        (data,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    ours = interval(only(bootstrap_means(data[:, None], times=20_000)))
    np.testing.assert_allclose(ours, (reference.low, reference.high), rtol=5e-3)


def test_draws_are_the_same_every_time_and_in_parts(monkeypatch: pytest.MonkeyPatch):
    rows = np.random.default_rng(4).normal(size=(50, 3))
    first = bootstrap_means(rows, times=100, seed=7)
    assert first.shape == (100, 3)
    np.testing.assert_array_equal(first, bootstrap_means(rows, times=100, seed=7))
    assert not np.array_equal(first, bootstrap_means(rows, times=100, seed=8))
    # A column's draws don't hang on its neighbours, nor on how many are drawn at a time.
    monkeypatch.setattr("colorlab.evaluate.intervals._CHUNK", 700)
    np.testing.assert_allclose(bootstrap_means(rows[:, 1:2], times=100, seed=7), first[:, 1:2])


def test_photos_without_a_value_are_left_out_and_infinite_ones_stay():
    rows = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan], [np.inf, 7.0, np.nan]])
    np.testing.assert_array_equal(plain_means(rows), [np.inf, 6.0, np.nan])
    drawn = bootstrap_means(rows, times=500)
    assert interval(drawn[:, 0])[1] == np.inf
    assert interval(drawn[:, 1]) == (5.0, 7.0)
    assert all(np.isnan(interval(drawn[:, 2])))


def test_no_photos_no_interval():
    with pytest.raises(ValueError, match="no photos"):
        bootstrap_means(np.zeros((0, 2)))
