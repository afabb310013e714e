"""Zhang et al.'s coarser colour prior: 313 bins, ten L*a*b* units apart.

R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, sections 2.1 and 2.2:
the source of the rebalancing that our paper's Eq. 3 does on 256x256 bins.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from colorlab.prior.prior import ColorPrior, equation_3

# a*: lowest and highest b* of the published centres; between them every tenth.
_ROWS = {
    -90: (50, 90),
    -80: (20, 90),
    -70: (0, 90),
    -60: (-20, 90),
    -50: (-30, 100),
    -40: (-40, 100),
    -30: (-50, 100),
    -20: (-50, 100),
    -10: (-60, 100),
    0: (-70, 100),
    10: (-80, 90),
    20: (-80, 90),
    30: (-90, 90),
    40: (-100, 90),
    50: (-100, 80),
    60: (-110, 80),
    70: (-110, 80),
    80: (-110, 70),
    90: (-110, 70),
    100: (-90, 0),
}


def zhang_bins() -> NDArray[np.int64]:
    """The 313 published centres, int64 (313, 2), (a*, b*) in L*a*b* units, by a*, then b*.

    Their authors call them in gamut, with room to spare: an sRGB colour is nearest to one of 261
    of them. They are the corners of the ten-unit squares that hold sRGB colours (309), and four
    more.
    """
    return np.array([(a, b) for a, (low, high) in _ROWS.items() for b in range(low, high + 1, 10)])


def zhang_prior(prior: ColorPrior, sigma: float = 5) -> NDArray[np.float64]:
    """A prior on the 313 bins, (313,), sum 1, smoothed by a Gaussian of `sigma` L*a*b* units.

    Each pixel is shared out among the centres by exp(-distance^2 / (2 sigma^2)), distances being
    those of its one-unit bin. Raises ValueError for a sigma that isn't positive.
    """
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, got {sigma}")
    seen = np.argwhere(prior.counts > 0)
    squared = _squared(seen)  # (seen, 313)
    # The nearest's is taken off, so that a small sigma doesn't make all shares vanish.
    shares = np.exp((squared.min(axis=1, keepdims=True) - squared) / (2 * sigma**2))
    shares /= shares.sum(axis=1, keepdims=True)
    p: NDArray[np.float64] = prior.pmf[tuple(seen.T)] @ shares
    return p


def zhang_weights(
    prior: ColorPrior,
    lam: float = 0.5,
    sigma: float = 5,
    normalized: Literal["smoothed", "mixture"] = "smoothed",
) -> NDArray[np.float64]:
    """The weight of each of the 313 bins, (313,): Eq. 3 with 1/313 as the uniform share.

    Raises ValueError as `ColorPrior.weights` does.
    """
    return equation_3(zhang_prior(prior, sigma), lam, normalized)


@cache
def nearest_bin() -> NDArray[np.int64]:
    """The number of the centre nearest to each one-unit bin, int64 (256, 256), a* first.

    So `zhang_weights(prior)[nearest_bin()]` is a weight table for `losses.RebalancedMSE`. Of two
    equally near centres the one with the lower number is taken.
    """
    every = np.indices((256, 256)).reshape(2, -1).T
    parts = [_squared(part).argmin(axis=1) for part in np.array_split(every, 16)]
    return np.concatenate(parts).reshape(256, 256)


def _squared(bins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Squared distances of one-unit bins (N, 2) from the centres, (N, 313)."""
    a, b = (bins - 128).T[..., None] - zhang_bins().T[:, None]
    squared: NDArray[np.int64] = a * a + b * b
    return squared
