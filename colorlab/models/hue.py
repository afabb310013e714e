"""Hue and chroma as a network's two histograms: what they are of RGB, and how they are read.

G. Larsson, M. Maire, G. Shakhnarovich, "Learning Representations for Automatic Colorization",
ECCV 2016. Chroma is max(R, G, B) - min(R, G, B) of gamma-encoded sRGB, hue the angle on the hexagon
of HSV and HSL, in turns; both lie in [0, 1] and have evenly wide bins. With lightness
L = (max + min)/2 they are HSL's and HSV's: V = L + C/2, S = C/V.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from colorlab.color import LAB, lab_to_rgb, lightness

BINS = 32
FADE = 0.96
"""Below this resultant length of the hues chroma fades: the paper's eta, .03, times 32 bins."""


def hue_chroma(rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """RGB (..., 3, H, W) to hue in [0, 1), chroma and lightness, each (..., H, W).

    The hue of grey is 0.

    >>> hue_chroma(torch.tensor([0.0, 1.0, 0.0]).view(3, 1, 1))[0].item()  # green
    0.3333333432674408
    """
    r, g, b = rgb.unbind(-3)
    most, first = rgb.max(dim=-3)
    least = rgb.amin(dim=-3)
    chroma = most - least
    over = torch.where(chroma > 0, chroma, 1)
    sixths = torch.stack([((g - b) / over) % 6, (b - r) / over + 2, (r - g) / over + 4], dim=-3)
    hue = sixths.gather(-3, first.unsqueeze(-3)).squeeze(-3) / 6
    return torch.where((chroma > 0) & (hue < 1), hue, 0), chroma, (most + least) / 2


def pure(hue: Tensor) -> Tensor:
    """The colour of each hue (..., H, W), in turns, that has maximum 1 and minimum 0: RGB."""
    sixths = 6 * hue
    red, green, blue = (sixths - 3).abs() - 1, 2 - (sixths - 2).abs(), 2 - (sixths - 4).abs()
    return torch.stack([red, green, blue], dim=-3).clamp(0, 1)


def from_hue_chroma(hue: Tensor, chroma: Tensor, lightness: Tensor) -> Tensor:
    """The inverse of `hue_chroma`: RGB (..., 3, H, W), not clipped.

    >>> orange = torch.full((1, 1), 1 / 12), torch.full((1, 1), 1.0), torch.full((1, 1), 0.5)
    >>> from_hue_chroma(*orange).flatten().tolist()
    [1.0, 0.5, 0.0]
    """
    return lightness.unsqueeze(-3) + chroma.unsqueeze(-3) * (pure(hue) - 0.5)


def to_lab(hue: Tensor, chroma: Tensor, luma: Tensor) -> Tensor:
    """Hue and chroma (B, H, W) at luma (B, 1, H, W), L*/100, to (a*, b*)/128, (B, 2, H, W).

    The published code adds the grey to a pixel that gives it the input's mean of R, G and B; here
    it is the grey that gives it the input's L*, found by bisection, so that a photo's own hue and
    chroma give its own a* and b*. What is not in sRGB at that L* stays outside.
    """
    colour = chroma.unsqueeze(1) * pure(hue)  # its minimum is 0: the grey is still missing
    high = grey_level(luma)
    low = high - chroma.unsqueeze(1)
    for _ in range(18):
        middle = (low + high) / 2
        over = lightness(colour + middle) > LAB.luma_scale * luma
        low, high = torch.where(over, low, middle), torch.where(over, middle, high)
    return LAB.split(colour + (low + high) / 2)[1]


def grey_level(luma: Tensor) -> Tensor:
    """The R = G = B in [0, 1] of grey with L*/100 = `luma`, (B, 1, H, W) in and out."""
    lab = torch.cat([LAB.luma_scale * luma, torch.zeros_like(luma.expand(-1, 2, -1, -1))], dim=1)
    return lab_to_rgb(lab, clip=False).mean(dim=1, keepdim=True)


def bin_of(value: Tensor, bins: int = BINS) -> Tensor:
    """The number of the bin of a hue or chroma in [0, 1]: int64, of the same shape."""
    return (value * bins).long().clamp(0, bins - 1)


def median_chroma(logits: Tensor) -> Tensor:
    """The centre of the bin in which half of the shares is reached: (B, K, ...) to (B, ...)."""
    bins = logits.shape[1]
    below = (logits.softmax(1).cumsum(1) < 0.5).sum(1).clamp(max=bins - 1)
    return (below + 0.5) / bins


def mean_hue(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Mean direction of hues, in turns, and resultant length R in [0, 1], of (B, K, ...).

    R is 1 where all hues agree, 0 where opposite ones, or all alike, are as likely.
    """
    bins = logits.shape[1]
    angles = 2 * math.pi * (torch.arange(bins, device=logits.device) + 0.5) / bins
    shares = logits.float().softmax(1)
    x = torch.einsum("bk...,k->b...", shares, angles.cos())
    y = torch.einsum("bk...,k->b...", shares, angles.sin())
    return torch.atan2(y, x) / (2 * math.pi) % 1, (x * x + y * y).sqrt()  # no hypot in ONNX


def fading(resultant: Tensor) -> Tensor:
    """The factor on chroma where hue is uncertain: min(R / 0.96, 1).

    The paper's z is the *sum* of shares times directions divided by the number K of bins, so that
    |z| = R/K is 1/32 at most, and its eta of .03 belongs to K = 32 alone: |z|/eta = R/.96. The
    paper prints max(|z|/eta, 1), which would never fade and never stay below 1: a misprint for min.
    """
    return (resultant / FADE).clamp(max=1)


def read(hue: Tensor, chroma: Tensor) -> tuple[Tensor, Tensor]:
    """Logits of hue and chroma (B, K, H, W) to the hue and the faded chroma that are shown."""
    direction, resultant = mean_hue(hue)
    return direction, median_chroma(chroma) * fading(resultant)
