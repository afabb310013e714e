"""Folding BatchNorm into the convolution before it: the same function, fewer passes over memory.

In eval mode a BatchNorm multiplies and adds constants, and so can the convolution's own weights.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

M = TypeVar("M", bound=nn.Module)


class _Folded(nn.Module):
    """What is left of a BatchNorm: timm's carry an activation."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.act: nn.Module = getattr(norm, "act", nn.Identity())

    def forward(self, x: Tensor) -> Tensor:
        return self.act(x)


def for_inference(model: M) -> M:
    """The model, made fast in place: BatchNorms folded, weights in the order convolutions like."""
    return fold_batchnorms(model).to(memory_format=torch.channels_last)


@torch.no_grad()
def fold_batchnorms(model: M) -> M:
    """Fold every BatchNorm that directly follows a convolution, in place; returns the model.

    "Follows" is by the order in which a module lists its parts, which is the order they run in in
    this package's blocks and in timm's. The model is for inference from then on. Raises ValueError
    for one in training mode.
    """
    if model.training:
        raise ValueError("only a model in eval mode can be folded")
    for parent in list(model.modules()):
        parts = list(parent.named_children())
        for (conv_name, conv), (norm_name, norm) in pairwise(parts):
            if not isinstance(norm, nn.BatchNorm2d):
                continue
            if isinstance(conv, nn.Conv2d | nn.ConvTranspose2d):
                transposed = isinstance(conv, nn.ConvTranspose2d)
                setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm, transposed))
                setattr(parent, norm_name, _Folded(norm))
    return model
