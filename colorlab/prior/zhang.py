"""Zhang et al.'s coarser colour prior: 313 bins, ten L*a*b* units apart.

R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, sections 2.1 and 2.2:
the source of the rebalancing that our paper's Eq. 3 does on 256x256 bins.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.models.classes import zhang_bins
from colorlab.prior.bins import chroma_bins
from colorlab.prior.prior import ColorPrior, equation_3


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
    return nearest_bins(1)[..., 0]


@cache
def nearest_bins(k: int) -> NDArray[np.int64]:
    """The numbers of the `k` centres nearest to each one-unit bin, the nearest first.

    int64 (256, 256, k), a* first; of equally near ones those with the lower numbers.
    """
    every = np.indices((256, 256)).reshape(2, -1).T
    found = []
    for part in np.array_split(every, 16):
        keys = _squared(part) * 512 + np.arange(313)  # one order by distance, then by number
        found.append(np.sort(np.partition(keys, k - 1)[:, :k]) % 512)
    return np.concatenate(found).reshape(256, 256, k)


def soft_encode(chroma: Tensor, k: int = 5, sigma: float = 5) -> tuple[Tensor, Tensor]:
    """Scaled L*a*b* chroma (B, 2, H, W) to the numbers of its `k` nearest centres, and weights.

    Both (B, k, H, W), the nearest first; the weights are exp(-distance^2 / (2 sigma^2)), sum 1.
    The paper has k = 5; the training code that its authors released has k = 10.
    """
    # A colour's nearest are among those of its one-unit bin, and the few that are nearly as near.
    a, b = chroma_bins(chroma).unbind(1)
    near = torch.from_numpy(nearest_bins(k + 7)).to(chroma.device)[a, b]  # (B, H, W, k + 7)
    centres = torch.from_numpy(zhang_bins()).to(chroma)
    squared = (centres[near] - 128 * chroma.movedim(1, -1)[..., None, :]).square().sum(-1)
    squared, chosen = squared.topk(k, largest=False)
    shares = (squared / (-2 * sigma**2)).softmax(-1)
    return near.gather(-1, chosen).movedim(-1, 1), shares.movedim(-1, 1)


def _squared(bins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Squared distances of one-unit bins (N, 2) from the centres, (N, 313)."""
    a, b = (bins - 128).T[..., None] - zhang_bins().T[:, None]
    squared: NDArray[np.int64] = a * a + b * b
    return squared
