"""How far predicted chroma is from the true one, photo by photo.

Validation, the evaluator and the records of runs all measure by these functions. Chroma is
(a*, b*)/128, shape (B, 2, H, W).
"""

from __future__ import annotations

import torch
from torch import Tensor

from colorlab.color import LAB

GREY = 0.1
"""Photos whose mean chroma is below this, in L*a*b* units, have no colour."""


def squared_error(predicted: Tensor, truth: Tensor) -> Tensor:
    """Eq. 1 of each photo: the mean over both channels and all pixels, (B,).

    Raises ValueError where the shapes differ.

    >>> squared_error(torch.full((1, 2, 4, 4), 0.5), torch.zeros(1, 2, 4, 4))
    tensor([0.2500])
    """
    if predicted.shape != truth.shape:
        raise ValueError(f"shapes differ: {tuple(predicted.shape)} and {tuple(truth.shape)}")
    return (predicted - truth).square().flatten(1).mean(1)


def grey_error(truth: Tensor) -> Tensor:
    """`squared_error` of predicting no colour anywhere, (B,)."""
    return truth.square().flatten(1).mean(1)


def mean_chroma(chroma: Tensor) -> Tensor:
    """The mean of sqrt(a*^2 + b*^2)/128 over each photo's pixels, (B,).

    >>> mean_chroma(torch.tensor([0.3, 0.4]).view(1, 2, 1, 1))
    tensor([0.5000])
    """
    # hypot: the same as a norm over the channels, and many times as fast.
    return torch.hypot(*chroma.unbind(1)).flatten(1).mean(1)


def colorless(truth: Tensor) -> Tensor:
    """Which photos have no colour, so that ratios to their colour have no meaning: bool (B,)."""
    return mean_chroma(truth) < GREY / LAB.chroma_scale[0]
