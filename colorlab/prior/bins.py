"""One-unit L*a*b* bins of chroma: of scaled chroma, and, by table, of 8-bit photos.

There are 2^24 8-bit colours, and 22,679 bins that they fall into. So the bin of each colour is
computed once, in float64, and a photo is counted, exactly and fast, by looking its pixels up.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab import color

# A colour r + 256 g + 65536 b times this, modulo 2^24, is r + 256 (g - r) + 65536 (b - g): the
# colours of a photo, most of them near grey, then lie close together, in half as many cache lines.
# The factor is odd, so no two colours meet.
_FACTOR = np.uint32(2**32 - 255)
_LOW24 = np.uint32(0xFFFFFF)

_CHUNK = 1 << 18  # pixels at a time: four photos of 256x256
_BLOCK = 1 << 20  # table entries at a time, so that little memory is needed


def chroma_bins(chroma: Tensor) -> Tensor:
    """Scaled L*a*b* chroma to its bins: (..., 2, H, W) in [-1, 1] to int64 in 0..255, same shape.

    One bin a unit of a* or b*, the nearest (halves to the even one); bin 128 is 0, and the ends
    hold what lies beyond.

    >>> chroma_bins(torch.tensor([-1.0, 0.0, 0.5])).tolist()
    [0, 128, 192]
    """
    return ((chroma * 128).round() + 128).clamp(0, 255).long()


def bin_table() -> NDArray[np.int16]:
    """The bin of every 8-bit sRGB colour: int16 (2^24,), 32 MB, made once a process.

    The entry at `slots(r + 256 g + 65536 b)` is the bin's position in `srgb_bins()`. Making the
    table takes about a second, so no file of it is kept.
    """
    return _tables()[0]


def srgb_bins() -> NDArray[np.int64]:
    """The bins that 8-bit sRGB reaches: int64 (22679,), ascending.

    Each is 256 (a + 128) + (b + 128), with a* and b* rounded to whole numbers (halves to the even
    one), as `color.rgb_to_lab` has them in float64. scikit-image, which rounds two constants of
    L*a*b*, puts 12 of the 2^24 colours into a neighbouring bin.
    """
    return _tables()[1]


@cache
def _tables() -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    # `color.rgb_to_lab` of all colours takes three times as long, and ten times beside other work.
    linear = color.srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255).numpy()
    mix = np.array(color._XYZ_FROM_RGB) / np.array(color._D65)[:, None]
    green_red = mix[:, 1, None, None] * linear[:, None] + mix[:, 0, None, None] * linear
    table = np.empty(1 << 24, np.uint16)
    colors = np.arange(1 << 16, dtype=np.uint32)
    for blue in range(256):
        t = green_red + (mix[:, 2] * linear[blue])[:, None, None]  # (3 of XYZ, 256, 256)
        f = np.cbrt(t)
        dark = t <= color._EPSILON
        f[dark] = color._SLOPE * t[dark] + color._OFFSET
        a = np.rint(500 * (f[0] - f[1]))
        b = np.rint(200 * (f[1] - f[2]))
        bins = 256 * (a + 128) + (b + 128)  # sRGB has |a*|, |b*| < 128
        table[slots(colors + (blue << 16))] = bins.reshape(-1)

    reached = np.zeros(1 << 16, bool)
    for start in range(0, len(table), _BLOCK):
        reached[table[start : start + _BLOCK]] = True
    positions = (np.cumsum(reached) - 1).astype(np.int16)  # fewer than 2^15 are reached
    places = table.view(np.int16)
    for start in range(0, len(table), _BLOCK):
        places[start : start + _BLOCK] = positions[table[start : start + _BLOCK]]
    return places, np.flatnonzero(reached)


def slots(colors: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Where `bin_table` has each colour r + 256 g + 65536 b (the upper 8 bits are ignored)."""
    return (colors * _FACTOR) & _LOW24


class ColorCounter:
    """Adds up how many pixels of each chroma are in photos."""

    def __init__(self) -> None:
        self._table = torch.from_numpy(bin_table())
        self._sums = torch.zeros(len(srgb_bins()), dtype=torch.int64)
        self._held = 0  # pixels in `_bytes`, not yet counted
        # Fresh memory costs more than the arithmetic, so these are used again and again.
        self._bytes = np.zeros(3 * _CHUNK + 1, np.uint8)
        # Four bytes from every third on: a pixel, and a byte of the next one or of anything.
        self._fours = np.ndarray((_CHUNK,), "<u4", self._bytes, strides=(3,))
        self._index = np.empty(_CHUNK, np.uint32)
        self._slots = torch.from_numpy(self._index.view(np.int32))
        self._places = torch.empty(_CHUNK, dtype=torch.int16)

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Count a photo, uint8 (H, W, 3); ValueError for another shape or type."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"expected uint8 RGB of shape (H, W, 3), got {rgb.dtype} {rgb.shape}")
        pixels = rgb.reshape(-1)
        while pixels.size:
            at = 3 * self._held
            part = pixels[: 3 * _CHUNK - at]
            self._bytes[at : at + part.size] = part
            self._held += part.size // 3
            pixels = pixels[part.size :]
            if self._held == _CHUNK:
                self._count()

    def _count(self) -> None:
        """Count the pixels held."""
        index, places = self._index[: self._held], self._places[: self._held]
        # As `slots`, without fresh memory.
        np.multiply(self._fours[: self._held], _FACTOR, out=index)
        np.bitwise_and(index, _LOW24, out=index)
        torch.index_select(self._table, 0, self._slots[: self._held], out=places)
        self._sums += torch.bincount(places, minlength=len(self._sums))
        self._held = 0

    @property
    def counts(self) -> NDArray[np.int64]:
        """The counts of all photos so far: int64 (256, 256), a* first.

        One L*a*b* unit a bin, bin 128 being 0.
        """
        self._count()
        counts = np.zeros(1 << 16, np.int64)
        counts[srgb_bins()] = self._sums.numpy()
        return counts.reshape(256, 256)

    def take(self) -> NDArray[np.int64]:
        """`counts`, and begin again at nothing."""
        counts = self.counts
        self._sums.zero_()
        return counts
