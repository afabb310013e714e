"""A convolution of a doubled picture, computed at the picture's own size.

Of the nine taps of a 3x3 kernel on a picture doubled to nearest neighbours, several fall on one and
the same pixel. Which ones depends on the phase, that is, on whether the output's row and column are
even or odd. So four kernels on the small picture, one a phase, do the same with less arithmetic,
and the large picture is never made. (Shi et al. 2016, "Is the deconvolution layer the same as a
convolutional layer?", arXiv:1609.07009, look at the same kernels from the other side.)
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from colorlab.models.base import Block, Change, unchanged

_TAPS = torch.tensor([[[1, 0, 0], [0, 1, 1], [0, 0, 0]], [[0, 0, 0], [1, 1, 0], [0, 0, 1]]])
"""Along one axis, for the even and for the odd phase: which taps on the doubled picture (columns)
add up to each tap on the small one (rows)."""


class DoublingBlock(Block):
    """A "Conv2D block" on a picture, doubled, beside a finer one that has the full size already."""

    def forward(  # type: ignore[override]
        self, coarse: Tensor, fine: Tensor, change: Change = unchanged
    ) -> Tensor:
        """Coarse (B, C, h, w) and fine (B, D, 2h, 2w) to the block's channels at 2h x 2w."""
        conv, norm, relu = self
        assert isinstance(conv, nn.Conv2d)
        return relu(change(norm(conv_of_doubled(conv, coarse, fine))))


def conv_of_doubled(conv: nn.Conv2d, coarse: Tensor, fine: Tensor) -> Tensor:
    """`conv` on `coarse` (B, C, h, w), doubled, beside `fine` (B, D, 2h, 2w): the same numbers.

    That is `conv(torch.cat([double(coarse), fine], dim=1))` for a 3x3 convolution with a border of
    one zero. Forward and backward together it takes about half the time at the widths of Lite0.
    """
    channels = coarse.shape[1]
    kernels = phase_kernels(conv.weight[:, :channels])
    kernels = kernels.to(coarse.dtype, memory_format=torch.channels_last)
    phases = conv2d(coarse, kernels, padding=1)
    fine = conv2d(fine, conv.weight[:, channels:].to(fine.dtype), conv.bias, padding=1)
    return _interleave(phases) + fine


def phase_kernels(weight: Tensor) -> Tensor:
    """Kernels (O, C, 3, 3) for a doubled picture to those for it, (4 O, C, 3, 3), phase by phase.

    In float32 at least: weights are added up first, then rounded.
    """
    taps = _TAPS.to(weight.device, torch.promote_types(weight.dtype, torch.float32))
    with torch.autocast(weight.device.type, enabled=False):
        return torch.einsum("pik,qjl,ockl->pqocij", taps, taps, weight.to(taps.dtype)).flatten(0, 2)


def _interleave(phases: Tensor) -> Tensor:
    """The four phases (B, 4 C, h, w), even rows' first, as one picture (B, C, 2h, 2w)."""
    batch, channels, height, width = phases.shape
    parts = phases.permute(0, 2, 3, 1).view(batch, height, width, 2, 2, channels // 4)
    rows = parts.transpose(2, 3).reshape(batch, 2 * height, 2 * width, channels // 4)
    return rows.permute(0, 3, 1, 2)
