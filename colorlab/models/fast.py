"""The same network, faster: one function swaps equal modules into a plain one.

Three things are spared. In eval mode a BatchNorm multiplies and adds constants, and so can the
weights of the convolution before it. An image upsampled to nearest neighbours has every pixel four
times, and a 3x3 convolution multiplies it by up to four of its taps: a 4x4 kernel with those taps
added up does the same with 16 multiplications for each pixel of the *small* image instead of 36, as
a transposed convolution of stride 2 on the way there, and as a plain one of stride 2 on the
gradient's way back. (Shi et al. 2016, "Is the deconvolution layer the same as a convolutional
layer?", arXiv:1609.07009, look at the same kernels.) And few channels are modulated a row of pixels
at a time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import conv2d, conv_transpose2d, pad
from torch.nn.utils.fusion import fuse_conv_bn_eval

from colorlab.machine import multiplies_bf16
from colorlab.models.base import modulate, upsample
from colorlab.models.efficientnet import UpAdd, UpConcat

M = TypeVar("M", bound=nn.Module)

_MANY = 64  # channels: enough for a processor to multiply them pixel by pixel


def fast(model: M) -> M:
    """The model made fast, changed in place: the same function, its blocks swapped for equal ones.

    In eval mode it is for inference from then on. In training mode what it learns keeps its names
    and its gradients; what stays in eval mode all the same (a frozen encoder) is folded.
    """
    _fold_batchnorms(model)
    for name, block in list(model.named_modules()):
        if isinstance(block, UpAdd):
            model.set_submodule(name, _UpAdd(block))
        elif isinstance(block, UpConcat):
            model.set_submodule(name, (_UpConcat if block.training else _SettledUpConcat)(block))
    return model.to(memory_format=torch.channels_last)


def autocast(device: torch.device) -> torch.autocast:
    """Inference in bfloat16 where the device multiplies it natively, else in float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=multiplies_bf16(device))


@torch.no_grad()
def _fold_batchnorms(model: nn.Module) -> None:
    """Fold every BatchNorm in eval mode that directly follows a convolution.

    "Follows" is by the order in which a module lists its parts, which is the order they run in in
    this package's blocks and in timm's.
    """
    learns = model.training
    for parent in list(model.modules()):
        for (conv_name, conv), (norm_name, norm) in pairwise(list(parent.named_children())):
            if not isinstance(norm, nn.BatchNorm2d) or norm.training:
                continue
            if isinstance(conv, nn.Conv2d | nn.ConvTranspose2d):
                if learns and conv.weight.requires_grad:
                    continue
                transposed = isinstance(conv, nn.ConvTranspose2d)
                setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm, transposed))
                # timm's BatchNorm carries an activation.
                setattr(parent, norm_name, getattr(norm, "act", nn.Identity()))


class _UpAdd(UpAdd):
    """Where only the coarse features want a gradient, it is found at their own size."""

    def __init__(self, block: UpAdd) -> None:
        nn.Sequential.__init__(self, *block)
        self.training = block.training

    def forward(  # type: ignore[override]
        self, coarse: Tensor, fine: Tensor, film: Tensor | None = None, extra: Tensor | None = None
    ) -> Tensor:
        conv, norm, relu = self
        assert isinstance(conv, nn.Conv2d)
        if torch.is_grad_enabled() and coarse.requires_grad and not fine.requires_grad:
            assert conv.bias is not None
            weight, bias = conv.weight.to(coarse.dtype), conv.bias.to(coarse.dtype)
            x = _ConvOfSum.apply(coarse, fine, weight, bias)
        else:
            x = conv(upsample(coarse) + fine)
        return relu(modulate_rows(norm(x), film, extra))


class _ConvOfSum(torch.autograd.Function):
    """A 3x3 convolution, padded by 1, of `upsample(coarse) + fine`, the latter a constant."""

    @staticmethod
    def forward(ctx: Any, coarse: Tensor, fine: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        total = upsample(coarse) + fine
        ctx.save_for_backward(total, weight)
        return conv2d(total, weight, bias, padding=1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        total, weight = ctx.saved_tensors
        ones, zeros, wanted = [1, 1], [0, 0], [False, True, True]
        _, of_weight, of_bias = torch.ops.aten.convolution_backward(
            gradient, total, weight, [len(weight)], ones, ones, ones, False, zeros, 1, wanted
        )
        kernel = upsampling_kernel(weight).to(weight.dtype, memory_format=torch.channels_last)
        return conv2d(gradient, kernel, stride=2, padding=1), None, of_weight, of_bias


class _UpConcat(UpConcat):
    """The coarse features are convolved at their own size, by kernels that may still learn."""

    def __init__(self, block: UpConcat) -> None:
        nn.Sequential.__init__(self, *block)
        self.training, self.widths = block.training, block.widths

    def forward(  # type: ignore[override]
        self, coarse: Tensor, fine: Tensor, film: Tensor | None = None, extra: Tensor | None = None
    ) -> Tensor:
        conv, norm, relu = self
        assert isinstance(conv, nn.Conv2d)
        of_coarse, of_fine = conv.weight.split(self.widths, dim=1)
        kernel = upsampling_kernel(of_coarse).to(coarse.dtype, memory_format=torch.channels_last)
        x = conv_transpose2d(coarse, kernel, stride=2, padding=1)
        x = x + conv2d(fine, of_fine.to(fine.dtype), conv.bias, padding=1)
        return relu(modulate_rows(norm(x), film, extra))


class _SettledUpConcat(nn.Module):
    """The same by kernels that are added up once: for inference."""

    def __init__(self, block: UpConcat) -> None:
        super().__init__()
        conv, self.norm, self.relu = block
        assert isinstance(conv, nn.Conv2d)
        of_coarse, of_fine = conv.weight.detach().split(block.widths, dim=1)
        (coarse, fine), outputs = block.widths, conv.out_channels
        self.coarse = nn.ConvTranspose2d(coarse, outputs, 4, stride=2, padding=1, bias=False)
        self.coarse.weight = nn.Parameter(upsampling_kernel(of_coarse).contiguous())
        self.fine = nn.Conv2d(fine, outputs, 3, padding=1)
        self.fine.weight, self.fine.bias = nn.Parameter(of_fine.contiguous()), conv.bias
        self.train(block.training)

    def forward(
        self, coarse: Tensor, fine: Tensor, film: Tensor | None = None, extra: Tensor | None = None
    ) -> Tensor:
        x = self.norm(self.coarse(coarse) + self.fine(fine))
        return self.relu(modulate_rows(x, film, extra))


def upsampling_kernel(weight: Tensor) -> Tensor:
    """The kernel of a convolution of an upsampled image, for a transposed one of the image itself.

    (O, C, 3, 3) to (C, O, 4, 4), for a stride of 2 and a padding of 1. In float32 at least: weights
    are added up first, then rounded.
    """
    with torch.autocast(weight.device.type, enabled=False):
        turned = weight.to(torch.promote_types(weight.dtype, torch.float32)).transpose(0, 1)
        taps = pad(turned.flip(2, 3), (1, 1, 1, 1))
        taps = taps[..., 1:, :] + taps[..., :-1, :]
        return taps[..., 1:] + taps[..., :-1]


def modulate_rows(x: Tensor, film: Tensor | None = None, extra: Tensor | None = None) -> Tensor:
    """`modulate`; channels-last features of few channels are scaled a row of pixels at a time.

    The channels of one pixel alone are too short a run for a processor.
    """
    channels, width = x.shape[1], x.shape[3]
    in_order = x.is_contiguous(memory_format=torch.channels_last)
    if film is None or torch.compiler.is_compiling() or channels >= _MANY or not in_order:
        return modulate(x, film, extra)
    film = film.to(x.dtype)
    scale, shift = film[:, :, None, None].expand(-1, -1, 1, width, -1).flatten(3)
    rows = torch.addcmul(shift, x.permute(0, 2, 3, 1).flatten(2), scale)  # (B, H, W C)
    return modulate(rows.unflatten(2, (width, channels)).permute(0, 3, 1, 2), extra=extra)
