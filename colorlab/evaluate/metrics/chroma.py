"""Squared chroma error, the paper's own measure, and how colourful the output is for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from colorlab.color import LAB
from colorlab.evaluate.metrics.base import Array, Images, check_pair, metric, ratio
from colorlab.train.chroma_errors import GREY, grey_error, mean_chroma, squared_error

_PAPER = "Lin & Ferreira 2021, Eq. 1"
_NO_COLOR = "the photos have no colour"


def scaled_chroma(images: Images) -> Tensor:
    """(a*, b*)/128 of what is shown, (B, 2, H, W)."""
    return images.lab[:, 1:] / LAB.chroma_scale[0]


def to_the_truth(means: Array) -> Array:
    """The first mean over the second, NaN where the last, the true mean chroma, is next to none."""
    return np.where(means[..., -1] < GREY / LAB.chroma_scale[0], np.nan, ratio(means))


@metric("mse", "MSE", better="lower", source=_PAPER)
def mse(shown: Images, truth: Images) -> Tensor:
    """Mean squared error of (a*, b*)/128 over both channels, all pixels, all photos; the output
    taken through RGB to L*a*b* whatever space the model works in.
    """
    return squared_error(scaled_chroma(shown), scaled_chroma(truth))[:, None]


@metric(
    "mse_to_grey",
    "MSE / grey",
    better="lower",
    source=_PAPER + ", over its value for a* = b* = 0",
    undefined=_NO_COLOR,
    combine=to_the_truth,
)
def mse_to_grey(shown: Images, truth: Images) -> Tensor:
    """MSE over the MSE of predicting no colour anywhere on the same photos: 0 is perfect, 1 as
    wrong as grey.
    """
    true = scaled_chroma(truth)
    errors = squared_error(scaled_chroma(shown), true)
    return torch.stack([errors, grey_error(true), mean_chroma(true)], dim=1)  # (B, 3)


@metric(
    "chroma_ratio",
    "chroma / truth",
    better="near the truth",
    source="CIE 15:2018, C*ab",
    undefined=_NO_COLOR,
    combine=to_the_truth,
)
def chroma_ratio(shown: Images, truth: Images) -> Tensor:
    """Mean of sqrt(a*^2 + b*^2) over all pixels of all photos, output over truth: 1 is as
    colourful, 0 is grey.
    """
    return torch.stack([mean_chroma(scaled_chroma(x)) for x in (shown, truth)], 1)  # (B, 2)


@dataclass
class ChromaErrors:
    """The three numbers above, without intervals, of photos of one size, batch by batch.

    >>> orange = torch.tensor([1.0, 0.5, 0.0]).view(1, 3, 1, 1)
    >>> errors = ChromaErrors()
    >>> errors.add(torch.zeros_like(orange), orange)
    >>> round(errors.mse_to_grey, 3), round(errors.chroma_to_truth, 3)
    (1.0, 0.0)
    """

    photos: int = 0
    _sums: Array = field(default_factory=lambda: np.zeros(5))  # of the two ratios' rows

    def add(self, predicted: Tensor, truth: Tensor) -> None:
        """Count two batches of RGB (B, 3, H, W) in [0, 1]. Raises ValueError for other input."""
        shown, true = Images(predicted.float()), Images(truth.float())
        check_pair(shown, true)
        rows = torch.cat([mse_to_grey(shown, true), chroma_ratio(shown, true)], dim=1)
        self.photos += len(truth)
        self._sums = self._sums + rows.sum(0, dtype=torch.float64).cpu().numpy()

    @property
    def mse(self) -> float:
        """Eq. 1 on (a*, b*)/128, the mean over all photos and both channels."""
        return float(self._sums[0] / self.photos)

    @property
    def mse_to_grey(self) -> float:
        """`mse` over that of predicting no colour anywhere; NaN for photos without colour."""
        return float(to_the_truth(self._sums[:3] / self.photos))

    @property
    def chroma_to_truth(self) -> float:
        """Mean chroma of the output over the truth's; NaN for photos without colour."""
        return float(to_the_truth(self._sums[3:] / self.photos))
