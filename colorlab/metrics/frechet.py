"""The Frechet distance between the features of outputs and of true photos: FID's formula."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from colorlab.metrics.base import Facts, Images, Statistic, add
from colorlab.metrics.lite0 import look


class Gaussian:
    """Mean and covariance of feature vectors, from running sums in float64."""

    def __init__(self) -> None:
        self.photos = 0
        self._sum = torch.zeros(0, dtype=torch.float64)
        self._products = torch.zeros(0, 0, dtype=torch.float64)

    def add(self, features: Tensor) -> None:
        """Take in (B, D)."""
        features = features.double().cpu()
        if not self.photos:
            self._sum = features.new_zeros(features.shape[1])
            self._products = features.new_zeros(features.shape[1], features.shape[1])
        self.photos += len(features)
        self._sum += features.sum(0)
        self._products.addmm_(features.T, features)

    @property
    def mean(self) -> Tensor:
        """(D,)."""
        return self._sum / self.photos

    @property
    def covariance(self) -> Tensor:
        """(D, D), with n - 1 in the denominator."""
        outer = torch.outer(self._sum, self.mean)
        return (self._products - outer) / (self.photos - 1)


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """Squared Frechet distance of two normal distributions (Dowson and Landau 1982).

    |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)). NaN with fewer than two photos.
    """
    if min(first.photos, second.photos) < 2:
        return math.nan
    apart = (first.mean - second.mean).square().sum()
    c1, c2 = first.covariance, second.covariance
    # C1 C2 has the eigenvalues of the symmetric R C2 R, R being the root of C1: exact, and several
    # times as fast as those of a matrix that isn't symmetric.
    values, vectors = torch.linalg.eigh(c1)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    shared = torch.linalg.eigvalsh(root @ c2 @ root).clamp(min=0).sqrt().sum()
    return float(apart + c1.trace() + c2.trace() - 2 * shared)


class _Frechet:
    def __init__(self) -> None:
        self.shown, self.true = Gaussian(), Gaussian()

    def add(self, shown: Images, truth: Images) -> None:
        self.shown.add(shown.derive(look)[0])
        self.true.add(truth.derive(look)[0])

    def value(self) -> float:
        return max(0.0, frechet_distance(self.shown, self.true))


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
