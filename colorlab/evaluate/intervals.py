"""Bootstrap intervals: how far a number would move with other photos of the same kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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


def _weighted_means(rows: Array, counts: Array) -> Array:
    """(N, K) and counts (R, N) to (R, K)."""
    valid, infinite = ~np.isnan(rows), np.isinf(rows)
    sums = counts @ np.where(valid & ~infinite, rows, 0.0)
    with np.errstate(invalid="ignore"):
        means = np.asarray(sums / (counts @ valid))
    means[(counts @ infinite) > 0] = np.inf
    return means


def interval(values: Array, level: float = 0.95) -> tuple[float, float]:
    """The middle `level` of bootstrap values (times,), the percentile interval; NaN left out.

    With a few photos it is too narrow, and holds the true value less often than `level` says.

    >>> interval(np.arange(1001.0))
    (25.0, 975.0)
    """
    values = values[~np.isnan(values)]
    if not len(values):
        return np.nan, np.nan
    tail = (1 - level) / 2
    # No interpolation: between a finite and an infinite value there is nothing.
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)
