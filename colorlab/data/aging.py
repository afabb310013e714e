"""Photographs as they are found: film, fading, blur, grain, JPEG blocks, scratches, mounts.

For training: the *input* ages, the true colours stay, so that old photographs need no mode of
their own. All random numbers are torch's own.
"""

from __future__ import annotations

import io
import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

from colorlab.color import lightness, linear_to_srgb, srgb_to_linear

_GREEN = 0.55  # of what orthochromatic film sees; the rest is blue. Chosen, not measured.


def age(rgb: Tensor, luma: Tensor, chroma: Tensor, share: float = 0.5) -> tuple[Tensor, Tensor]:
    """Age each of `share` of the photos in a few ways: luma to learn from, and its true chroma.

    sRGB (B, 3, H, W) in [0, 1], luma (B, 1, H, W) in [0, 1] and chroma (B, 2, H, W) to luma and
    chroma of the same shapes. Chroma changes only under a mount, which is grey.
    """
    luma, chroma = luma.clone(), chroma.clone()
    for index in torch.nonzero(torch.rand(len(luma)) < share).flatten().tolist():
        photo = luma[index]
        if _chance(0.35):
            photo = film(rgb[index], _between(0, 1))
        if _chance(0.5):
            photo = fade(photo)
        if _chance(0.35):
            photo = blur(photo, _between(0.5, 2.0))
        if _chance(0.4):
            photo = grain(photo, _between(0.01, 0.07), coarse=_chance(0.5))
        if _chance(0.15):
            photo = scratch(photo)
        if _chance(0.3):
            photo = jpeg(photo, round(_between(20, 75)))
        if _chance(0.15):
            photo, chroma[index] = mount(photo, chroma[index])
        luma[index] = photo.clamp(0, 1)
    return luma, chroma


def film(rgb: Tensor, blind: float = 1.0) -> Tensor:
    """Luma as a film sees it that is more or less blind to red: sRGB (3, H, W) to (1, H, W)."""
    return lightness(through_film(rgb, blind)) / 100


def through_film(rgb: Tensor, blind: float = 1.0) -> Tensor:
    """A photo on its way to such a film: sRGB (3, H, W) to sRGB (3, H, W).

    At `blind` 1 it is grey, of green and blue alone: orthochromatic film, the usual one before
    about 1930. At 0 it is the photo. Simulated, from three numbers a pixel where film has a
    whole spectrum.
    """
    linear = srgb_to_linear(rgb)
    plate = _GREEN * linear[1:2] + (1 - _GREEN) * linear[2:3]
    return linear_to_srgb(torch.lerp(linear, plate.expand(3, -1, -1), blind))


def fade(luma: Tensor) -> Tensor:
    """Less contrast, black that is not black, another gamma: (1, H, W) in [0, 1], and so out."""
    black, white = _between(0, 0.2), _between(0.7, 1)
    return black + (white - black) * luma.clamp(min=1e-4) ** math.exp(_between(-0.4, 0.4))


def blur(luma: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur of (1, H, W), in pixels."""
    reach = math.ceil(2.5 * sigma)
    line = torch.exp(-((torch.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    line = line / line.sum()
    padded = pad(luma[None], (reach,) * 4, mode="replicate")
    return conv2d(conv2d(padded, line.view(1, 1, 1, -1)), line.view(1, 1, -1, 1))[0]


def grain(luma: Tensor, strength: float, coarse: bool) -> Tensor:
    """Gaussian noise of that standard deviation on (1, H, W); `coarse` grains are 2 pixels wide."""
    noise = torch.randn(luma.shape)
    if coarse:
        noise = 2 * avg_pool2d(noise[None], 2, 1, padding=1)[0, :, :-1, :-1]
    return luma + strength * noise


def scratch(luma: Tensor) -> Tensor:
    """One to four thin lines, black or white, from top to bottom of (1, H, W)."""
    luma, (height, width) = luma.clone(), luma.shape[-2:]
    for _ in range(int(_between(1, 5))):
        bottom, top = _between(0, width), _between(0, width)
        columns = torch.linspace(top, 0.8 * top + 0.2 * bottom, height).long().clamp(0, width - 1)
        luma[0, torch.arange(height), columns] = float(_chance(0.5))
    return luma


def jpeg(luma: Tensor, quality: int) -> Tensor:
    """The blocks that saving as JPEG leaves: (1, H, W) in [0, 1]; `quality` is Pillow's."""
    pixels = (luma.clamp(0, 1) * 255).round().to(torch.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels[0].numpy()).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file)))[None].to(luma.dtype) / 255


def mount(luma: Tensor, chroma: Tensor) -> tuple[Tensor, Tensor]:
    """The photo smaller, on grey, white or black card: luma (1, H, W), chroma (2, H, W)."""
    height, width = luma.shape[-2:]
    share = _between(0.75, 0.96)
    size = (max(1, round(share * height)), max(1, round(share * width)))
    top, left = int(_between(0, height - size[0] + 1)), int(_between(0, width - size[1] + 1))
    inside = (..., slice(top, top + size[0]), slice(left, left + size[1]))
    new_luma = torch.full_like(luma, _between(0, 1) if _chance(0.4) else _between(0.85, 1))
    new_chroma = torch.zeros_like(chroma)
    new_luma[inside] = interpolate(luma[None], size, mode="area")[0]
    new_chroma[inside] = interpolate(chroma[None], size, mode="area")[0]
    return new_luma, new_chroma


def _chance(probability: float) -> bool:
    return float(torch.rand(())) < probability


def _between(low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand(()))
