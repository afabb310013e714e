"""Colour spaces: sRGB to and from CIE L*a*b* (D65) and BT.601 YUV, on batched tensors.

Every function takes tensors of shape (..., 3, H, W), works on any device, and is differentiable.
RGB means gamma-encoded sRGB in [0, 1]. Use float32 or float64: in half precision colours come back
wrong by a dozen levels of 255 and more.

A `ColorSpace` turns RGB into the two things a colorizer deals in: *luma*, one channel in [0, 1]
that the network sees, and *chroma*, two scaled channels that it predicts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

# IEC 61966-2-1 primaries under D65, to the six digits that scikit-image (and the tables) use.
_XYZ_FROM_RGB = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
_D65 = (0.95047, 1.0, 1.08883)  # CIE 1931 2-degree observer

# ITU-R BT.601 luma; U and V are its difference signals B - Y and R - Y in PAL's analogue scaling,
# U in +-0.436, V in +-0.615.
_YUV_FROM_RGB = (
    (0.299, 0.587, 0.114),
    (-0.14714119, -0.28886916, 0.43601035),
    (0.61497538, -0.51496512, -0.10001026),
)
U_MAX = 0.43601035
V_MAX = 0.61497538

_EPSILON = (6 / 29) ** 3  # where CIE's cube root gives way to its straight line
_SLOPE = (29 / 6) ** 2 / 3
_OFFSET = 4 / 29


def _check(image: Tensor, channels: int = 3) -> None:
    if image.ndim < 3 or image.shape[-3] != channels:
        shape = tuple(image.shape)
        raise ValueError(f"expected shape (..., {channels}, H, W), got {shape}")
    if not image.is_floating_point():
        raise TypeError(f"expected a floating tensor in [0, 1], got {image.dtype}")


def _mix(matrix: tuple[tuple[float, ...], ...] | Tensor, image: Tensor) -> Tensor:
    """Apply a 3x3 matrix to the channels of (..., 3, H, W)."""
    m = torch.as_tensor(matrix, dtype=image.dtype, device=image.device)
    r, g, b = image.unbind(-3)
    return torch.stack([row[0] * r + row[1] * g + row[2] * b for row in m], dim=-3)


def _inverse(matrix: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
    rows = torch.linalg.inv(torch.tensor(matrix, dtype=torch.float64)).tolist()
    return tuple(tuple(row) for row in rows)


_RGB_FROM_XYZ = _inverse(_XYZ_FROM_RGB)
_RGB_FROM_YUV = _inverse(_YUV_FROM_RGB)


def srgb_to_linear(rgb: Tensor) -> Tensor:
    """Undo the sRGB transfer curve (IEC 61966-2-1), element-wise; [0, 1] to [0, 1]."""
    # The clamp keeps the unused branch, and so its gradient, finite.
    power = ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(rgb > 0.04045, power, rgb / 12.92)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Apply the sRGB transfer curve (IEC 61966-2-1), element-wise; not clipped."""
    power = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, power, linear * 12.92)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB in [0, 1] to CIE L*a*b*, D65 (CIE 15:2004).

    Shape (..., 3, H, W) in and out; L* in 0..100, a* and b* within about -108..+99 for sRGB input.
    Raises ValueError for a wrong shape, TypeError for integer input.

    >>> rgb_to_lab(torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)).round().flatten().tolist()
    [53.0, 80.0, 67.0]
    """
    _check(rgb)
    xyz = _mix(_XYZ_FROM_RGB, srgb_to_linear(rgb))
    white = torch.tensor(_D65, dtype=rgb.dtype, device=rgb.device).view(3, 1, 1)
    t = xyz / white
    f = torch.where(t > _EPSILON, t.clamp(min=_EPSILON) ** (1 / 3), _SLOPE * t + _OFFSET)
    x, y, z = f.unbind(-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-3)


def lightness(rgb: Tensor) -> Tensor:
    """CIE L* in 0..100 of sRGB in [0, 1]: (..., 3, H, W) to (..., 1, H, W).

    `rgb_to_lab`'s first channel, without the work for the other two.

    >>> lightness(torch.full((3, 1, 1), 0.5)).round().item()
    53.0
    """
    _check(rgb)
    r, g, b = srgb_to_linear(rgb).split(1, dim=-3)
    weights = _XYZ_FROM_RGB[1]
    y = weights[0] * r + weights[1] * g + weights[2] * b
    return torch.where(y > _EPSILON, 116 * y.clamp(min=_EPSILON) ** (1 / 3) - 16, 116 * _SLOPE * y)


def lab_to_linear(lab: Tensor) -> Tensor:
    """CIE L*a*b* (D65) to *linear* RGB, not clipped: outside [0, 1] means outside the sRGB gamut.

    Shape (..., 3, H, W) in and out; L* in 0..100.
    """
    _check(lab)
    lightness, a, b = lab.unbind(-3)
    y = (lightness + 16) / 116
    # As in scikit-image, a dark colour's z below 0 (no such light exists) counts as none.
    f = torch.stack([a / 500 + y, y, (y - b / 200).clamp(min=0)], dim=-3)
    t = torch.where(f > 6 / 29, f**3, (f - _OFFSET) / _SLOPE)
    white = torch.tensor(_D65, dtype=lab.dtype, device=lab.device).view(3, 1, 1)
    return _mix(_RGB_FROM_XYZ, t * white)


def lab_to_rgb(lab: Tensor, clip: bool = True) -> Tensor:
    """CIE L*a*b* (D65) to sRGB; shape (..., 3, H, W) in and out, L* in 0..100.

    With `clip`, colours outside the sRGB gamut are cut to [0, 1] channel by channel.

    >>> red = lab_to_rgb(torch.tensor([53.24, 80.09, 67.2]).view(3, 1, 1))
    >>> (red * 255).round().flatten().tolist()
    [255.0, 0.0, 0.0]
    """
    rgb = linear_to_srgb(lab_to_linear(lab))
    return rgb.clamp(0, 1) if clip else rgb


def rgb_to_yuv(rgb: Tensor) -> Tensor:
    """sRGB in [0, 1] to BT.601 analogue YUV; shape (..., 3, H, W) in and out.

    Y in [0, 1], U in +-0.436, V in +-0.615.

    >>> rgb_to_yuv(torch.ones(3, 1, 1)).flatten().tolist()[0]
    1.0
    """
    _check(rgb)
    return _mix(_YUV_FROM_RGB, rgb)


def luma_601(rgb: Tensor) -> Tensor:
    """BT.601 luma Y in [0, 1] of sRGB: (..., 3, H, W) to (..., 1, H, W)."""
    _check(rgb)
    r, g, b = rgb.split(1, dim=-3)
    weights = _YUV_FROM_RGB[0]
    return weights[0] * r + weights[1] * g + weights[2] * b


def yuv_to_rgb(yuv: Tensor, clip: bool = True) -> Tensor:
    """BT.601 analogue YUV to sRGB; shape (..., 3, H, W) in and out; `clip` cuts to [0, 1]."""
    _check(yuv)
    rgb = _mix(_RGB_FROM_YUV, yuv)
    return rgb.clamp(0, 1) if clip else rgb


def in_gamut(lab: Tensor, tolerance: float = 1e-4) -> Tensor:
    """Which L*a*b* colours sRGB can show: (..., 3, H, W) to a bool tensor (..., H, W).

    >>> in_gamut(torch.tensor([50.0, 100.0, 100.0]).view(3, 1, 1)).item()
    False
    """
    linear = lab_to_linear(lab)
    return ((linear >= -tolerance) & (linear <= 1 + tolerance)).all(dim=-3)


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

    Shape (..., 3, H, W) in and out; L* in 0..100, a* and b* as of `rgb_to_lab`.
    L* and hue stay; chroma is cut to the gamut's edge, found by bisection from inside to 1/4096 of
    the input's chroma. Colours in gamut, by `in_gamut`, come back bit for bit.
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


@dataclass(frozen=True)
class ColorSpace:
    """A luma/chroma space: how RGB is split for a colorizer, and joined again.

    `luma_scale` and `chroma_scale` are the values of the raw channels that become 1.
    """

    name: Literal["lab", "yuv", "yuv_raw"]
    from_rgb: Callable[[Tensor], Tensor]
    to_rgb: Callable[[Tensor], Tensor]
    luma_from_rgb: Callable[[Tensor], Tensor]
    luma_scale: float
    chroma_scale: tuple[float, float]

    def _scale(self, like: Tensor) -> Tensor:
        return torch.tensor(self.chroma_scale, dtype=like.dtype, device=like.device).view(2, 1, 1)

    def luma(self, rgb: Tensor) -> Tensor:
        """What grey keeps: RGB (..., 3, H, W) in [0, 1] to luma (..., 1, H, W) in [0, 1]."""
        return self.luma_from_rgb(rgb) / self.luma_scale

    def split(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        """RGB (..., 3, H, W) in [0, 1] to luma (..., 1, H, W) in [0, 1] and chroma (..., 2, H, W).

        Chroma is in [-1, 1] for L*a*b* and in [-0.5, 0.5] for YUV.
        """
        raw = self.from_rgb(rgb)
        return raw[..., :1, :, :] / self.luma_scale, raw[..., 1:, :, :] / self._scale(raw)

    def merge(self, luma: Tensor, chroma: Tensor) -> Tensor:
        """Luma (..., 1, H, W) and chroma (..., 2, H, W) to RGB (..., 3, H, W), cut to [0, 1]."""
        _check(luma, 1)
        _check(chroma, 2)
        raw = torch.cat([luma * self.luma_scale, chroma * self._scale(chroma)], dim=-3)
        return self.to_rgb(raw)


LAB = ColorSpace(
    "lab", rgb_to_lab, lab_to_rgb, lightness, luma_scale=100.0, chroma_scale=(128.0, 128.0)
)
"""L*/100 in [0, 1], (a*, b*)/128 in [-1, 1] (paper, section 3)."""

YUV = ColorSpace(
    "yuv", rgb_to_yuv, yuv_to_rgb, luma_601, luma_scale=1.0, chroma_scale=(2 * U_MAX, 2 * V_MAX)
)
"""Y in [0, 1], U and V each brought to [-0.5, 0.5] (paper, section 3)."""

YUV_RAW = replace(YUV, name="yuv_raw", chroma_scale=(1.0, 1.0))
"""YUV as the paper's public code feeds it: U in +-0.436 and V in +-0.615, unscaled."""
