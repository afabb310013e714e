"""What part of the input one output pixel depends on, by the network's own gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def input_gradient(
    network: Callable[[Tensor], Tensor],
    luma: Tensor,
    row: int,
    column: int,
    channels: int = 2,
) -> NDArray[np.float64]:
    """How strongly one pixel of the output hangs on each input pixel, (H, W).

    `luma` is (B, 1, H, W); `network` gives (B, C, h, w) of any size, and (row, column) is a place
    in it. The absolute gradients of its first `channels` channels, summed, and averaged over the
    batch (Luo et al. 2016). Zero where the output cannot see.
    """
    luma = luma.detach().clone().requires_grad_()
    output = network(luma)
    pixel = output[:, :, row, column]
    total = torch.zeros_like(luma)
    for channel in range(channels):
        (gradient,) = torch.autograd.grad(pixel[:, channel].sum(), luma, retain_graph=True)
        total += gradient.abs()
    return total.mean(dim=(0, 1)).double().numpy()


def extent(gradient: NDArray[np.float64], share: float = 1.0) -> int:
    """The side of the square around the strongest region that holds `share` of a gradient map.

    With `share` 1 it is the receptive field: the side of the smallest square around all that is
    not zero. Else the smallest square about the map's centre of mass.
    """
    if share >= 1:
        rows, columns = np.nonzero(gradient)
        if not len(rows):
            return 0
        return int(max(np.ptp(rows), np.ptp(columns))) + 1
    total = gradient.sum()
    y, x = (np.arange(side) for side in gradient.shape)
    row = round(float(y @ gradient.sum(1) / total))
    column = round(float(x @ gradient.sum(0) / total))
    for radius in range(max(gradient.shape)):
        part = gradient[
            max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1
        ]
        if part.sum() >= share * total:
            return 2 * radius + 1
    return max(gradient.shape)
