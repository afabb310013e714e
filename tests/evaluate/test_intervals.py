"""Bootstrap intervals: their coverage on simulated data, and scipy's for comparison."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats

from colorlab.evaluate.intervals import bootstrap_means, interval, left_out_means, plain_means
from colorlab.evaluate.metrics.base import only, ratio

Statistic = Callable[[np.ndarray], np.ndarray]


def lognormal(random: np.random.Generator, n: int) -> np.ndarray:
    return np.exp(random.normal(0, 0.5, size=n))  # skewed, as squared errors are


def of(statistic: Statistic, rows: np.ndarray, times: int = 400, seed: int = 0):
    """The interval of a function of column means, and the middle 95 % of its drawn values."""
    drawn = statistic(bootstrap_means(rows, times=times, seed=seed))
    value = float(statistic(plain_means(rows)))
    middle = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
    return interval(value, drawn, statistic(left_out_means(rows))), middle


def coverage(statistic: Statistic, truth: float, samples: list[np.ndarray]) -> tuple[float, float]:
    """How often the interval, and how often the middle 95 %, holds the truth."""
    hits = np.zeros(2)
    for trial, rows in enumerate(samples):
        found = of(statistic, rows, times=500, seed=trial)
        hits += [low <= truth <= high for low, high in found]
    ours, middle = hits / len(samples)
    return float(ours), float(middle)


def ratio_sample(random: np.random.Generator, n: int) -> np.ndarray:
    grey = lognormal(random, n)
    return np.stack([grey * random.uniform(0.2, 1.0, size=n), grey], axis=1)


@pytest.mark.parametrize(("photos", "least"), [(9, 0.895), (30, 0.912)])
def test_intervals_hold_the_truth_nearly_as_often_as_they_say(photos: int, least: float):
    """1,500 trials: a share is good to 0.7 % (one standard deviation)."""
    random = np.random.default_rng(photos)
    means = [lognormal(random, photos)[:, None] for _ in range(1500)]
    ratios = [ratio_sample(random, photos) for _ in range(1500)]
    of_means, middle = coverage(only, np.exp(0.125), means)
    of_ratios, _ = coverage(ratio, 0.6, ratios)
    assert least <= of_means <= 0.97
    assert least <= of_ratios <= 0.97
    assert middle + 0.008 < of_means  # what they are better than


def test_an_interval_of_a_paired_difference_covers_it_and_is_short():
    random = np.random.default_rng(2)
    trials, hits, paired, apart = 300, 0, 0.0, 0.0
    for trial in range(trials):
        hard = lognormal(random, 120)  # the same photos are hard for both models
        rows = np.stack([hard, hard + 0.05 + random.normal(0, 0.05, size=120)], axis=1)
        (low, high), _ = of(lambda means: means[..., 1] - means[..., 0], rows, seed=trial)
        hits += low <= 0.05 <= high
        paired += high - low
        apart += np.subtract(*of(only, rows, seed=trial)[0][::-1])
    assert 0.92 <= hits / trials <= 0.98
    assert paired < apart / 5


def test_for_many_photos_it_is_scipy_s_bca_interval():
    random = np.random.default_rng(3)
    rows = np.stack([np.exp(random.normal(0, 1, 200)), lognormal(random, 200)], axis=1)
    theirs = {
        only: lambda x, y, axis: x.mean(axis),
        ratio: lambda x, y, axis: x.mean(axis) / y.mean(axis),
    }
    for statistic, function in theirs.items():
        reference = scipy.stats.bootstrap(
            tuple(rows.T),
            function,
            n_resamples=4_000,
            paired=True,
            method="BCa",
            rng=np.random.default_rng(0),
        ).confidence_interval
        ours, middle = of(statistic, rows, times=4_000)
        error = np.abs(np.subtract(ours, reference)).max()
        assert error < 0.06 * np.diff(reference)
        assert error < np.abs(middle - reference).max()


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
    left_out = left_out_means(rows)
    np.testing.assert_array_equal(left_out, [plain_means(np.delete(rows, k, 0)) for k in range(3)])
    ends = [
        interval(m, x, y) for m, x, y in zip(plain_means(rows), drawn.T, left_out.T, strict=True)
    ]
    assert ends[0][1] == np.inf
    assert ends[1] == (5.0, 7.0)
    assert np.isnan(ends[2]).all()


def test_no_photos_no_interval():
    with pytest.raises(ValueError, match="no photos"):
        bootstrap_means(np.zeros((0, 2)))
