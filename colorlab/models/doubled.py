"""Convolutions of a doubled picture that spend nothing on its pixels being alike.

Doubled to nearest neighbours, a picture has every pixel four times, and a 3x3 convolution
multiplies it by up to four of its taps. A kernel of 4x4 with those taps added up does the same with
16 multiplications for each pixel of the *small* picture instead of 36: as a transposed convolution
of stride 2 on the way there, and as a plain one of stride 2 on the gradient's way back. (Shi et al.
2016, "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009, look at the
same kernels.)
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import conv2d, conv_transpose2d, pad

from colorlab.models.base import Block, Change, double, unchanged


def conv_of_doubled(conv: nn.Conv2d, coarse: Tensor, fine: Tensor) -> Tensor:
    """`conv` on `coarse` (B, C, h, w), doubled, beside `fine` (B, D, 2h, 2w): the same numbers.

    That is `conv(torch.cat([double(coarse), fine], dim=1))` for a 3x3 convolution with a border of
    one zero, in a quarter of the time at the widths of Lite0, forward and backward.
    """
    channels = coarse.shape[1]
    kernel = doubling_kernel(conv.weight[:, :channels])
    kernel = kernel.to(coarse.dtype, memory_format=torch.channels_last)
    doubled = conv_transpose2d(coarse, kernel, stride=2, padding=1)
    return doubled + conv2d(fine, conv.weight[:, channels:].to(fine.dtype), conv.bias, padding=1)


def conv_of_sum(conv: nn.Conv2d, coarse: Tensor, fine: Tensor) -> Tensor:
    """`conv` on `coarse` (B, C, h, w), doubled, plus `fine` (B, C, 2h, 2w): the same numbers.

    That is `conv(double(coarse) + fine)` for a 3x3 convolution with a border of one zero. Where
    only `coarse` wants a gradient (`fine` being a frozen encoder's), that is found at its own size.
    """
    if torch.is_grad_enabled() and coarse.requires_grad and not fine.requires_grad:
        assert conv.bias is not None
        weight, bias = conv.weight.to(coarse.dtype), conv.bias.to(coarse.dtype)
        return _ConvOfSum.apply(coarse, fine, weight, bias)
    return conv(double(coarse) + fine)


class _ConvOfSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, coarse: Tensor, fine: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        picture = double(coarse) + fine
        ctx.save_for_backward(picture, weight)
        return conv2d(picture, weight, bias, padding=1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        picture, weight = ctx.saved_tensors
        ones, zeros, wanted = [1, 1], [0, 0], [False, True, True]
        _, of_weight, of_bias = torch.ops.aten.convolution_backward(
            gradient, picture, weight, [len(weight)], ones, ones, ones, False, zeros, 1, wanted
        )
        kernel = doubling_kernel(weight).to(weight.dtype, memory_format=torch.channels_last)
        return conv2d(gradient, kernel, stride=2, padding=1), None, of_weight, of_bias


def doubling_kernel(weight: Tensor) -> Tensor:
    """Kernel (O, C, 3, 3) for a doubled picture to that of a transposed convolution of the picture.

    Shape (C, O, 4, 4), for a stride of 2 and a padding of 1. In float32 at least: weights are added
    up first, then rounded.
    """
    with torch.autocast(weight.device.type, enabled=False):
        turned = weight.to(torch.promote_types(weight.dtype, torch.float32)).transpose(0, 1)
        taps = pad(turned.flip(2, 3), (1, 1, 1, 1))
        taps = taps[..., 1:, :] + taps[..., :-1, :]
        return taps[..., 1:] + taps[..., :-1]


class _FromDoubled(Block):
    """A "Conv2D block" on a coarse picture, doubled, and a finer one, by `convolve`."""

    @staticmethod
    @abstractmethod
    def convolve(conv: nn.Conv2d, coarse: Tensor, fine: Tensor) -> Tensor:
        """The block's convolution on both."""

    def forward(  # type: ignore[override]
        self, coarse: Tensor, fine: Tensor, change: Change = unchanged
    ) -> Tensor:
        """Coarse (B, C, h, w) and fine (B, D, 2h, 2w) to the block's channels at 2h x 2w."""
        conv, norm, relu = self
        assert isinstance(conv, nn.Conv2d)
        return relu(change(norm(self.convolve(conv, coarse, fine))))


class DoublingBlock(_FromDoubled):
    """The two stand beside each other: the block has C + D input channels."""

    convolve = staticmethod(conv_of_doubled)


class AddingBlock(_FromDoubled):
    """The two are added: they have as many channels, C = D, as the block has inputs."""

    convolve = staticmethod(conv_of_sum)
