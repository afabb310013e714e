"""What a network answers for a whole photo: panoramas in windows, mounts left out."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from colorlab.color import ColorSpace
from colorlab.models import STRIDE, Colorizer
from colorlab.models.fast import autocast

SHORT_SIDE = 224
"""The network sees a photo with its shorter side this long: the size of the paper."""

MAX_ASPECT = 4
"""Of a longer photo the network sees windows, one after the other."""

MAX_PANORAMA = 64
"""Still longer ones are squeezed to this aspect, to bound memory."""

WINDOW = 2 * SHORT_SIDE
"""A window's length; each overlaps the next by half."""

_BAND_PIXELS = 2**22

Box = tuple[int, int, int, int]
"""Top, left, bottom and right of a part of a photo, in pixels."""


def working_size(height: int, width: int, aspect: float = MAX_ASPECT) -> tuple[int, int]:
    """The network's (height, width): short side 224, aspect kept to a multiple of 32."""
    short = min(height, width)
    sides = (SHORT_SIDE * min(side / short, aspect) for side in (height, width))
    high, wide = (max(STRIDE, round(side / STRIDE) * STRIDE) for side in sides)
    return high, wide


def working_luma(pixels: Tensor, space: ColorSpace, aspect: float = MAX_ASPECT) -> Tensor:
    """RGB (3, H, W), uint8 or uint16, to what a network is given of it, luma (1, 1, h, w)."""
    height, width = pixels.shape[1:]
    high, wide = working_size(height, width, aspect)
    # Torch's antialiased resize of uint8 RGB is vectorised; of one float channel it is not. It
    # makes rows shorter, rounds, and then columns: bands of rows change nothing but the memory.
    rows = max(1, _BAND_PIXELS // width)
    shorter = torch.empty((3, height, wide), dtype=torch.uint8)
    for top in range(0, height, rows):
        band = pixels[:, top : top + rows]
        shorter[:, top : top + rows] = _shrunk(band, band.shape[1], wide)
    return space.luma(_shrunk(shorter, high, wide)[None].float() / 255)


def _shrunk(pixels: Tensor, height: int, width: int) -> Tensor:
    size = (height, width)
    return interpolate(_eight_bits(pixels)[None], size, mode="bilinear", antialias=True)[0]


def _eight_bits(pixels: Tensor) -> Tensor:
    if pixels.dtype == torch.uint8:
        return pixels
    array = pixels.numpy()
    if pixels.stride(0) == 0:  # a grey photo, one channel in memory
        return torch.from_numpy((array[0] >> 8).astype(np.uint8)).expand(3, -1, -1)
    return torch.from_numpy((array >> 8).astype(np.uint8))


def predict_chroma(pixels: Tensor, model: Colorizer) -> Tensor:
    """RGB (3, H, W), uint8 or uint16, to the network's chroma (2, h, w) at its working size.

    In bfloat16 where the processor has it: chroma moves by 0.6 of an L*a*b* unit on average.
    """
    height, width = pixels.shape[1:]
    if max(height, width) <= MAX_ASPECT * min(height, width):
        return _answer(working_luma(pixels, model.space), model)[0]
    luma = working_luma(pixels, model.space, MAX_PANORAMA)
    if height > width:
        return _in_windows(luma.mT, model, turned=True).mT
    return _in_windows(luma, model, turned=False)


def _answer(luma: Tensor, model: Colorizer) -> Tensor:
    device = next(model.parameters()).device
    with autocast(device):
        return model(luma.to(device))


def _in_windows(luma: Tensor, model: Colorizer, turned: bool) -> Tensor:
    """Chroma (2, h, w) of luma (1, 1, h, w), seen by the network through overlapping windows.

    Where two overlap, one's share falls as the other's rises. If `turned`, the photo stands
    upright and its luma was transposed; the network sees it as it stands.
    """
    length = luma.shape[3]
    starts = [*range(0, length - WINDOW, WINDOW // 2), length - WINDOW]
    ramp = (torch.arange(WINDOW) + 0.5) / (WINDOW // 2)
    share = torch.minimum(ramp, 2 - ramp).clamp(min=1e-3)
    total = torch.zeros(2, luma.shape[2], length)
    shares = torch.zeros(length)
    for start in starts:
        window = luma[..., start : start + WINDOW]
        chroma = _answer(window.mT, model).mT if turned else _answer(window, model)
        total[..., start : start + WINDOW] += chroma[0].to("cpu", torch.float32) * share
        shares[start : start + WINDOW] += share
    return total / shares


_TONES = 5 / 255  # a mount's own variation
_THIN, _EDGE = 0.015, 0.35


def find_mount(pixels: Tensor) -> Box | None:
    """The picture inside a plain mount or border, None where there is none.

    A mount goes all around, is of one tone within 5 of 255 steps, where need be after its grain is
    averaged away, is at least 1.5 % wide, and ends in straight edges: along each, a good part of
    what lies just inside has another tone.
    """
    height, width = pixels.shape[1:]
    if min(height, width) < 64:
        return None
    step = max(1, min(height, width) // 400)
    small = pixels[1, ::step, ::step]
    tones = small.to(torch.int32).float() / (255 if pixels.dtype == torch.uint8 else 65535)
    found = _plain_border(tones)
    if found is None:
        even = avg_pool2d(tones[None, None], 5, 1, 2, count_include_pad=False)[0, 0]
        found = _plain_border(even)
        if found:  # the picture reaches two pixels farther in such means
            found = found[0] + 2, found[1] + 2, found[2] - 2, found[3] - 2
    if found is None:
        return None
    top, left, bottom, right = found
    return top * step, left * step, min(height, bottom * step), min(width, right * step)


def _plain_border(tones: Tensor) -> Box | None:
    """`find_mount` of tones (H, W) in [0, 1]."""
    border = torch.cat([tones[0], tones[-1], tones[:, 0], tones[:, -1]])
    plain = (tones - border.median()).abs() <= _TONES
    rows, columns = plain.float().mean(1) > 0.98, plain.float().mean(0) > 0.98
    inside_y, inside_x = (~rows).nonzero()[:, 0], (~columns).nonzero()[:, 0]
    if not len(inside_y) or not len(inside_x):
        return None
    top, bottom = int(inside_y[0]), int(inside_y[-1]) + 1
    left, right = int(inside_x[0]), int(inside_x[-1]) + 1
    high, wide = tones.shape
    thin = max(2.0, _THIN * min(high, wide))
    if min(top, left, high - bottom, wide - right) < thin or min(bottom - top, right - left) < 32:
        return None
    part = ~plain[top:bottom, left:right]
    edges = (part[:3].any(0), part[-3:].any(0), part[:, :3].any(1), part[:, -3:].any(1))
    if min(edge.float().mean() for edge in edges) < _EDGE:
        return None
    return top, left, bottom, right
