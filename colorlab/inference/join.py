"""A photo's own luminance joined with other chroma, pixel by pixel, at full resolution."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from colorlab.color import (
    ColorSpace,
    lab_to_linear,
    lightness,
    linear_to_srgb,
    rgb_to_lab,
    share_in_gamut,
)

BAND_PIXELS = 32_768
"""Full-resolution work goes through this many pixels at a time: they stay in the cache."""

_BANDS = 16  # a thread's piece of work

_OUTSIDE = 2e-4  # in linear light: less than a tenth of an L* even in black


def to_pixels(rgb: NDArray[Any]) -> Tensor:
    """A picture, uint8 or uint16 (H, W, 3), as a tensor (3, H, W).

    A view; of read-only memory, which torch can't share, a copy.
    """
    return torch.from_numpy(rgb if rgb.flags.writeable else rgb.copy()).permute(2, 0, 1)


def join_luminance(
    pixels: Tensor, chroma: Tensor, space: ColorSpace, out: Tensor | None = None
) -> Tensor:
    """The photo's luminance with other chroma: (3, H, W) and (2, h, w) to (H, W, 3).

    `pixels` are uint8 or uint16, the result alike; chroma is in the units of `space` and enlarged
    bicubically. CIE L* stays, whatever the space: colours outside the sRGB gamut lose chroma at
    constant L* and hue. Bands of rows small enough for the processor's cache are spread over
    threads. The result is written into `out` where that is given; it may be the memory of
    `pixels`.
    """
    _, height, width = pixels.shape
    chroma = chroma.to("cpu", torch.float32)[None]
    # Columns are enlarged once, at the small height; rows band by band.
    chroma = interpolate(chroma, (chroma.shape[2], width), mode="bicubic")[0]
    weights = _row_weights(chroma.shape[1], height)
    # Torch assigns by index to signed 16 bits only.
    dtype = torch.uint8 if pixels.dtype == torch.uint8 else torch.int16
    if out is None:
        out = torch.empty((height, width, 3), dtype=pixels.dtype)
    joined = out.view(dtype)
    rows = max(1, BAND_PIXELS // width)
    top = 255 if pixels.dtype == torch.uint8 else 65535
    # A grey photo has one channel in memory, seen three times.
    seen = pixels[:1] if pixels.stride(0) == 0 else pixels

    @torch.inference_mode()
    def join(strip: int) -> None:
        outside: list[tuple[Tensor, Tensor]] = []
        end = min(strip + rows * _BANDS, height)
        for first in range(strip, end, rows):
            last = min(first + rows, end)
            rgb = seen[:, first:last].float().div_(top)
            lab = _lab(rgb, _enlarge_rows(chroma, weights, first, last), space)
            linear = lab_to_linear(lab)
            joined[first:last] = _stored(linear, dtype).permute(1, 2, 0)
            beyond = linear.sub_(0.5).abs_().amax(0) > 0.5 + _OUTSIDE
            where = beyond.flatten().nonzero()[:, 0]
            outside.append((where + first * width, lab.flatten(1)[:, where]))
        # All of a strip's at once: they are few, and small operations cost as much as large ones.
        where, lab = (torch.cat(parts, dim=-1) for parts in zip(*outside, strict=True))
        if len(where):
            lab[1:] *= share_in_gamut(lab)
            shown = _stored(lab_to_linear(lab[..., None]), dtype)[..., 0].T
            joined[where // width, where % width] = shown

    threads = torch.get_num_threads()
    # Each thread does its small operations alone: waiting for others costs more than it saves.
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        list(pool.map(join, range(0, height, rows * _BANDS)))
    torch.set_num_threads(threads)  # the initializer also set what later threads would begin with
    return out


def _stored(linear: Tensor, dtype: torch.dtype) -> Tensor:
    """Linear RGB (3, H, W) as sRGB, uint8 or uint16, the latter in the memory of int16."""
    rgb = linear_to_srgb(linear).clamp_(0, 1)
    if dtype == torch.uint8:
        return rgb.mul_(255).round_().to(dtype)
    return rgb.mul_(65535).round_().to(torch.int32).to(dtype)


def _lab(rgb: Tensor, chroma: Tensor, space: ColorSpace) -> Tensor:
    """The L* of sRGB (3 or 1, H, W) in [0, 1] with the colours of chroma (2, H, W)."""
    grey = rgb.expand(3, -1, -1)
    if space.name == "lab":
        scale = chroma.new_tensor(space.chroma_scale).view(2, 1, 1)
        return torch.cat([lightness(grey), chroma * scale])
    # YUV's colours, on the photo's L* instead of that luma's.
    lab = rgb_to_lab(space.merge(space.luma(grey), chroma))
    lab[:1] = lightness(grey)
    return lab


def _row_weights(small: int, height: int) -> Tensor:
    """How rows are enlarged, as torch's bicubic does: (height, 4) weights of `_row_taps`."""
    at = (torch.arange(height, dtype=torch.float64) + 0.5) * (small / height) - 0.5
    part = at - at.floor()
    a = -0.75
    near = [((a + 2) * x - (a + 3)) * x * x + 1 for x in (part, 1 - part)]
    far = [((a * x - 5 * a) * x + 8 * a) * x - 4 * a for x in (part + 1, 2 - part)]
    weights = torch.stack([far[0], near[0], near[1], far[1]], dim=1)
    return torch.cat([at.floor()[:, None], weights], dim=1)


def _enlarge_rows(chroma: Tensor, weights: Tensor, top: int, bottom: int) -> Tensor:
    """Rows top..bottom of (2, h, W) enlarged to (2, height, W)."""
    last = chroma.shape[1] - 1
    taps = (weights[top:bottom, :1].long() + torch.arange(-1, 3)).clamp(0, last)
    first, end = int(taps.min()), int(taps.max()) + 1
    matrix = torch.zeros(bottom - top, end - first)
    matrix.scatter_add_(1, taps - first, weights[top:bottom, 1:].float())
    return matrix @ chroma[:, first:end]
