"""What training minimises: Eq. 1 (plain) and Eq. 2 (colour-rebalanced) of the paper."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from colorlab.rebalance import chroma_bins


def chroma_mse(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean squared chroma error over both channels and all pixels (Eq. 1).

    Both of shape (B, 2, H, W), in scaled units ((a*, b*)/128 in [-1, 1]). Returns a scalar, the
    mean over the batch. Raises ValueError where the shapes differ (no silent broadcasting).
    """
    if predicted.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(predicted.shape)} and {tuple(target.shape)}")
    return (predicted - target).square().mean()


class RebalancedMSE(nn.Module):
    """Squared chroma error weighted by the rarity of the *true* colour (Eq. 2).

    `weights` is the table v(a, b) of Eq. 3, shape (256, 256), a* first, one L*a*b* unit a bin,
    bin 128 being 0 (`colorlab.rebalance`). The module's input is scaled L*a*b* chroma.
    """

    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        if weights.shape != (256, 256):
            raise ValueError(f"the weight table must be (256, 256), got {tuple(weights.shape)}")
        if not (torch.isfinite(weights).all() and (weights >= 0).all()):
            raise ValueError("the weight table has negative or infinite entries")
        self.register_buffer("weights", weights.to(torch.float32))

    def forward(self, predicted: Tensor, target: Tensor) -> Tensor:
        """(B, 2, H, W) twice, (a*, b*)/128, to the weighted mean over both channels and all pixels.

        Raises ValueError where the shapes differ.
        """
        if predicted.shape != target.shape:
            raise ValueError(f"shapes differ: {tuple(predicted.shape)} and {tuple(target.shape)}")
        a, b = chroma_bins(target).unbind(-3)  # (B, H, W) each
        v = self.weights[a, b].unsqueeze(-3)  # (B, 1, H, W)
        return (v * (predicted - target).square()).mean()
