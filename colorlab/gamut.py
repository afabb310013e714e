"""Bring colours that sRGB cannot show into its gamut, at constant lightness and hue."""

from __future__ import annotations

import torch
from torch import Tensor

from colorlab.color import _D65, _RGB_FROM_XYZ, in_gamut

_CPU_PIXELS = 1 << 15  # a block's intermediates stay in the processor's cache
_STEPS = 12  # halvings: chroma within 1/4096 of what it was
_TOLERANCE = 9e-5  # in linear light; below that of `in_gamut`, against differences of rounding
_BEND = 6 / 29  # where CIE's cube gives way to its tangent


def share_in_gamut(lab: Tensor) -> Tensor:
    """The largest share of chroma, in [0, 1), that is in gamut, of (3, P) outside it: (P,)."""
    # Along a ray of constant L* and hue only X and Z move, so Y's part is found once.
    from_xyz = lab.new_tensor(_RGB_FROM_XYZ) * lab.new_tensor(_D65)
    from_x, from_y, from_z = from_xyz.unbind(1)  # (3,) each: to R, G and B
    y = (lab[0] + 16) / 116
    to_x, to_z = lab[1] / 500, -lab[2] / 200
    fixed = from_y[:, None] * _from_cube_root(y)
    inside, step = torch.zeros_like(y), 1.0
    for _ in range(_STEPS):
        step /= 2
        share = inside + step
        x = _from_cube_root(torch.addcmul(y, to_x, share))
        z = _from_cube_root(torch.addcmul(y, to_z, share))
        linear = torch.addcmul(torch.addcmul(fixed, from_x[:, None], x), from_z[:, None], z)
        shown = (linear - 0.5).abs_().amax(0) <= 0.5 + _TOLERANCE
        inside.add_(shown, alpha=step)
    return inside


def _from_cube_root(f: Tensor) -> Tensor:
    """X, Y or Z by white's, from what CIE's cube root made of it."""
    beyond = f.clamp(min=_BEND)
    return torch.add(beyond * beyond * beyond, f.clamp(max=_BEND) - _BEND, alpha=3 * _BEND**2)


def reduce_to_gamut(lab: Tensor) -> Tensor:
    """Move out-of-gamut L*a*b* colours towards grey, until sRGB can show them.

    Shape (..., 3, H, W) in and out; L* in 0..100, a* and b* as in `colorlab.color.rgb_to_lab`.
    L* and hue stay; chroma is cut to the gamut's edge, found by bisection from inside to 1/4096 of
    the input's chroma. Colours in gamut, by `colorlab.color.in_gamut`, come back bit for bit.
    Clipping R, G and B channel by channel instead would change L*: white would turn coloured.

    Not differentiable. Raises ValueError for a wrong shape, TypeError for integer input.
    """
    if lab.ndim < 3 or lab.shape[-3] != 3:
        raise ValueError(f"expected shape (..., 3, H, W), got {tuple(lab.shape)}")
    if not lab.is_floating_point():
        raise TypeError(f"expected a floating tensor, got {lab.dtype}")
    result = lab.detach().clone(memory_format=torch.contiguous_format)
    if lab.numel() == 0:
        return result
    pixels = result.view(-1, 3, lab.shape[-2] * lab.shape[-1])  # (N, 3, P)
    block = _CPU_PIXELS if lab.device.type == "cpu" else pixels.shape[-1]
    with torch.no_grad():
        for photo in pixels:
            for colours in photo.split(block, dim=-1):
                outside = (~in_gamut(colours[..., None])[:, 0]).nonzero()[:, 0]
                if len(outside):
                    found = colours[:, outside]  # (3, K)
                    colours[1:, outside] = found[1:] * share_in_gamut(found)
    return result
