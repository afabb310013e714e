"""How far a colorized photo is from the true one, by number."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from colorlab.color import LAB


@dataclass
class ChromaErrors:
    """Running sums over photos, in L*a*b* chroma whatever space the model works in."""

    photos: int = 0
    elements: int = 0
    squared_error: float = 0.0
    squared_truth: float = 0.0
    chroma: float = 0.0
    true_chroma: float = 0.0

    def add(self, predicted: Tensor, truth: Tensor) -> None:
        """Count two batches of RGB (B, 3, H, W) in [0, 1]. Raises ValueError for other input."""
        for name, rgb in (("predicted", predicted), ("truth", truth)):
            if rgb.shape != truth.shape or rgb.ndim != 4 or rgb.shape[1] != 3:
                raise ValueError(f"{name}: expected RGB (B, 3, H, W), got {tuple(rgb.shape)}")
            if rgb.amin() < 0 or rgb.amax() > 1:
                raise ValueError(f"{name}: RGB must lie in [0, 1]")
        _, ours = LAB.split(predicted.float())
        _, true = LAB.split(truth.float())
        self.photos += len(truth)
        self.elements += true.numel()
        self.squared_error += (ours - true).square().sum(dtype=torch.float64).item()
        self.squared_truth += true.square().sum(dtype=torch.float64).item()
        self.chroma += ours.norm(dim=1).sum(dtype=torch.float64).item()
        self.true_chroma += true.norm(dim=1).sum(dtype=torch.float64).item()

    @property
    def mse(self) -> float:
        """Eq. 1 on (a*, b*)/128, the mean over all photos and both channels."""
        return self.squared_error / self.elements

    @property
    def mse_to_grey(self) -> float:
        """`mse` over that of predicting no colour anywhere; 0 is perfect, 1 as bad as grey."""
        return self.squared_error / self.squared_truth

    @property
    def chroma_to_truth(self) -> float:
        """Mean chroma sqrt(a*^2 + b*^2) of the output over the truth's: 1 is as colourful."""
        return self.chroma / self.true_chroma
