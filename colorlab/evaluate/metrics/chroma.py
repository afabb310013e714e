"""Squared chroma error, the paper's own measure, and how colourful the output is for it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from colorlab.color import LAB
from colorlab.evaluate.metrics.base import Facts, Images, check_pair, metric, photo_means, ratio

_PAPER = "Lin & Ferreira 2021, Eq. 1"


def scaled_chroma(images: Images) -> Tensor:
    """(a*, b*)/128 of what is shown, (B, 2, H, W)."""
    return images.lab[:, 1:] / LAB.chroma_scale[0]


@metric(
    Facts(
        name="mse",
        title="MSE",
        unit="",
        better="lower",
        definition="mean squared error of (a*, b*)/128 over both channels, all pixels, all photos; "
        "the output taken through RGB to L*a*b* whatever space the model works in",
        source=_PAPER,
    )
)
def mse(shown: Images, truth: Images) -> Tensor:
    """Eq. 1 of each photo, (B, 1)."""
    return photo_means((scaled_chroma(shown) - scaled_chroma(truth)).square())


@metric(
    Facts(
        name="mse_to_grey",
        title="MSE / grey",
        unit="",
        better="lower",
        definition="MSE over the MSE of predicting no colour anywhere on the same photos: "
        "0 is perfect, 1 as wrong as grey",
        source=_PAPER + ", over its value for a* = b* = 0",
        undefined="the photos have no colour",
    ),
    combine=ratio,
)
def mse_to_grey(shown: Images, truth: Images) -> Tensor:
    """The error and that of grey, (B, 2)."""
    return torch.cat([mse(shown, truth), photo_means(scaled_chroma(truth).square())], dim=1)


@metric(
    Facts(
        name="chroma_ratio",
        title="chroma / truth",
        unit="",
        better="near the truth",
        definition="mean of sqrt(a*^2 + b*^2) over all pixels of all photos, output over truth: "
        "1 is as colourful, 0 is grey",
        source="CIE 15:2018, C*ab",
        undefined="the photos have no colour",
    ),
    combine=ratio,
)
def chroma_ratio(shown: Images, truth: Images) -> Tensor:
    """Mean chroma of output and truth, scaled units, (B, 2)."""
    # hypot: the same as a norm over the channels, and many times as fast.
    means = [photo_means(torch.hypot(*scaled_chroma(x).unbind(1))) for x in (shown, truth)]
    return torch.cat(means, dim=1)


@dataclass
class ChromaErrors:
    """Running sums over photos of one size: the three numbers above, without intervals."""

    photos: int = 0
    squared_error: float = 0.0
    squared_truth: float = 0.0
    chroma: float = 0.0
    true_chroma: float = 0.0

    def add(self, predicted: Tensor, truth: Tensor) -> None:
        """Count two batches of RGB (B, 3, H, W) in [0, 1]. Raises ValueError for other input."""
        shown, true = Images(predicted.float()), Images(truth.float())
        check_pair(shown, true)
        self.photos += len(truth)
        error, grey = mse_to_grey(shown, true).sum(0, dtype=torch.float64).tolist()
        chroma, true_chroma = chroma_ratio(shown, true).sum(0, dtype=torch.float64).tolist()
        self.squared_error += error
        self.squared_truth += grey
        self.chroma += chroma
        self.true_chroma += true_chroma

    @property
    def mse(self) -> float:
        """Eq. 1 on (a*, b*)/128, the mean over all photos and both channels."""
        return self.squared_error / self.photos

    @property
    def mse_to_grey(self) -> float:
        """`mse` over that of predicting no colour anywhere; 0 is perfect, 1 as bad as grey."""
        return self.squared_error / self.squared_truth

    @property
    def chroma_to_truth(self) -> float:
        """Mean chroma sqrt(a*^2 + b*^2) of the output over the truth's: 1 is as colourful."""
        return self.chroma / self.true_chroma
