"""The Frechet distance between the features of outputs and of true photos: FID's formula."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Facts, Images, Statistic, add
from colorlab.evaluate.metrics.lite0 import look


class Gaussian:
    """Mean and covariance of feature vectors (D,), in float64, never more than (D, D) numbers.

    The vectors themselves are kept while there are no more than D of them, then added up.
    """

    def __init__(self) -> None:
        self.photos = 0
        self._kept: list[Tensor] = []
        self._sum = torch.zeros(0, dtype=torch.float64)
        self._products: Tensor | None = None

    def add(self, features: Tensor) -> None:
        """Take in (B, D)."""
        self.photos += len(features)
        self._kept.append(features.double().cpu())
        if self._products is not None or self.photos > features.shape[1]:
            kept = torch.cat(self._kept)
            self._kept = []
            if self._products is None:
                self._sum = kept.new_zeros(kept.shape[1])
                self._products = kept.new_zeros(kept.shape[1], kept.shape[1])
            self._sum += kept.sum(0)
            self._products.addmm_(kept.T, kept)

    @property
    def mean(self) -> Tensor:
        """(D,)."""
        total = self._sum if self._products is not None else torch.cat(self._kept).sum(0)
        return total / self.photos

    @property
    def centred(self) -> Tensor | None:
        """The vectors less their mean over sqrt(n - 1), (n, D); None once they are added up."""
        if self._products is not None:
            return None
        return (torch.cat(self._kept) - self.mean) / math.sqrt(self.photos - 1)

    @property
    def covariance(self) -> Tensor:
        """(D, D), with n - 1 in the denominator."""
        centred = self.centred
        if centred is not None:
            return centred.T @ centred
        assert self._products is not None
        return (self._products - torch.outer(self._sum, self.mean)) / (self.photos - 1)


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """Squared Frechet distance of two normal distributions (Dowson and Landau 1982).

    |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)). NaN with fewer than two photos.
    """
    if min(first.photos, second.photos) < 2:
        return math.nan
    apart = (first.mean - second.mean).square().sum()
    x1, x2 = first.centred, second.centred
    if x1 is not None and x2 is not None:
        # Few photos: C = X' X, and the root's trace is the sum of singular values of X1 X2'.
        traces = x1.square().sum() + x2.square().sum()
        shared = torch.linalg.svdvals(x1 @ x2.T).sum()
    else:
        c1, c2 = first.covariance, second.covariance
        traces = c1.trace() + c2.trace()
        # C1 C2 has the eigenvalues of the symmetric R C2 R, R being the root of C1: exact, and
        # several times as fast as those of a matrix that isn't symmetric.
        values, vectors = torch.linalg.eigh(c1)
        root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
        shared = torch.linalg.eigvalsh(root @ c2 @ root).clamp(min=0).sqrt().sum()
    return float(apart + traces - 2 * shared)


class _Frechet:
    def __init__(self) -> None:
        self.shown, self.true = Gaussian(), Gaussian()

    def add(self, shown: Images, truth: Images) -> None:
        self.shown.add(shown.derive(look)[0])
        self.true.add(truth.derive(look)[0])

    def value(self) -> float:
        distance = frechet_distance(self.shown, self.true)
        return distance if math.isnan(distance) else max(0.0, distance)  # rounding


add(
    Statistic(
        Facts(
            name="frechet_lite0",
            title="Frechet, Lite0",
            unit="",
            better="lower",
            definition="|m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), m and C mean and "
            "covariance of EfficientNet-Lite0's 1,280 pooled features of outputs and of the same "
            "true photos; not FID (other features), and larger for fewer photos",
            source="Dowson & Landau 1982; as in Heusel et al. 2017",
            undefined="it takes two photos or more",
        ),
        start=_Frechet,
    )
)
