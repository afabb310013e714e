"""Bootstrap intervals: how far a number would move with other photos of the same kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

Array = NDArray[np.float64]

TIMES = 1000
"""How many sets of photos are drawn."""

_CHUNK = 1 << 22  # drawn counts held at a time: 32 MB


def plain_means(rows: Array) -> Array:
    """Column means of (N, K), (K,); NaN entries are left out, an infinite one makes the mean so."""
    return _weighted_means(rows, np.ones((1, len(rows))))[0]


def bootstrap_means(rows: Array, times: int = TIMES, seed: int = 0) -> Array:
    """Column means of `times` sets of photos drawn with replacement: (N, K) to (times, K).

    All columns share the drawn sets, so that differences between columns are paired. NaN and
    infinite entries as in `plain_means`. B. Efron and R. Tibshirani, "An Introduction to the
    Bootstrap" (1993), chapter 6. Raises ValueError for no rows.
    """
    photos = len(rows)
    if photos == 0:
        raise ValueError("there are no photos to draw from")
    random = np.random.default_rng(seed)
    share = np.full(photos, 1 / photos)
    parts = []
    step = max(1, _CHUNK // photos)
    for start in range(0, times, step):
        # How often each photo is drawn is all that a mean needs to know.
        counts = random.multinomial(photos, share, size=min(step, times - start))
        parts.append(_weighted_means(rows, counts.astype(np.float64)))
    return np.concatenate(parts)


def left_out_means(rows: Array) -> Array:
    """Column means of (N, K) without each photo in turn, (N, K); NaN and infinity as above."""
    valid, infinite = ~np.isnan(rows), np.isinf(rows)
    finite = np.where(valid & ~infinite, rows, 0.0)
    with np.errstate(invalid="ignore"):
        means = np.asarray((finite.sum(0) - finite) / (valid.sum(0) - valid))
    means[infinite.sum(0) > infinite] = np.inf
    return means


def _weighted_means(rows: Array, counts: Array) -> Array:
    """(N, K) and counts (R, N) to (R, K)."""
    valid, infinite = ~np.isnan(rows), np.isinf(rows)
    sums = counts @ np.where(valid & ~infinite, rows, 0.0)
    with np.errstate(invalid="ignore"):
        means = np.asarray(sums / (counts @ valid))
    means[(counts @ infinite) > 0] = np.inf
    return means


def interval(
    value: float, drawn: Array, left_out: Array, level: float = 0.95
) -> tuple[float, float]:
    """The BCa interval of a statistic, such as a mean, a ratio of means, or a difference.

    `value` is the statistic of all N photos, `drawn` (times,) that of drawn sets, `left_out` (N,)
    that of all photos but one; NaN is left out, and infinity is allowed. The middle `level` of
    `drawn` alone is too narrow for few photos and misplaced for skewed values. So the ends are
    moved for bias and skewness (B. Efron, "Better Bootstrap Confidence Intervals", 1987), and
    widened as Student's t widens them (T. Hesterberg, "What Teachers Should Know About the
    Bootstrap", 2015). (NaN, NaN) with fewer than two photos.
    """
    drawn, left_out = drawn[~np.isnan(drawn)], left_out[~np.isnan(left_out)]
    photos = len(left_out)
    if not len(drawn) or photos < 2 or np.isnan(value):
        return np.nan, np.nan
    below = (np.mean(drawn < value) + np.mean(drawn <= value)) / 2
    most = len(drawn) / (len(drawn) + 1)
    bias = ndtri(np.clip(below, 1 - most, most))
    skew = _acceleration(left_out)
    reach = np.sqrt(photos / (photos - 1)) * stdtrit(photos - 1, (1 + level) / 2)
    ends = bias + np.array([-reach, reach])
    share = ndtr(bias + ends / np.maximum(1 - skew * ends, 1e-9))
    # No interpolation: between a finite and an infinite value there is nothing.
    low, high = np.quantile(drawn, share, method="inverted_cdf")
    return float(low), float(high)


def _acceleration(left_out: Array) -> float:
    """A sixth of the skewness of what each photo does to the statistic; 0 where it is undefined."""
    if not np.isfinite(left_out).all():
        return 0.0
    pull = left_out.mean() - left_out
    size = float((pull**2).sum()) ** 1.5
    return float((pull**3).sum()) / (6 * size) if size > 0 else 0.0
