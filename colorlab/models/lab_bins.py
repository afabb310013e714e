"""a* and b* as two histograms, the other target of Larsson et al. (ECCV 2016).

Bins are between quantiles of a normal distribution of deviation 25: narrow where colours are
common, near grey, and wide where they are rare. Each would hold as many pixels as any other if
photos' a* and b* were normal; they are narrower, so the bins in the middle hold most.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

BINS = 32
DEVIATION = 25.0  # of a* and of b*, in L*a*b* units


def edges() -> Tensor:
    """The 31 inner edges, (31,), in units of (a*, b*)/128.

    >>> [round(128 * float(edge), 2) for edge in edges()[[15, 23]]]
    [0.0, 16.86]
    """
    return torch.special.ndtri(torch.arange(1, BINS) / BINS) * (DEVIATION / 128)


def centres() -> Tensor:
    """What each bin stands for, (32,), in units of (a*, b*)/128: its normal distribution's mean."""
    inner = edges() * (128 / DEVIATION)
    density = torch.exp(-inner.square() / 2) / math.sqrt(2 * math.pi)
    density = torch.nn.functional.pad(density, (1, 1))
    return (density[:-1] - density[1:]) * (BINS * DEVIATION / 128)


def bin_of(chroma: Tensor) -> Tensor:
    """The number of the bin of each value of (a*, b*)/128: int64, of the same shape."""
    return torch.bucketize(chroma.contiguous(), edges().to(chroma))


def expected(logits: Tensor) -> Tensor:
    """The mean value of a histogram's logits (B, 32, H, W), in units of (a*, b*)/128: (B, H, W)."""
    shares = logits.float().softmax(1)
    return torch.einsum("bk...,k->b...", shares, centres().to(shares))
