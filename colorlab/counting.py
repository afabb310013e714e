"""Counting the chroma of photos, exactly and fast.

An 8-bit photo has at most 2^24 colours, so the bin of each is computed once, in float64, and
every pixel of every photo is then one look-up.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

# sRGB to XYZ over the D65 white, and the constants of L*a*b*, all as scikit-image rounds them:
# its bins are the reference.
_WHITE = np.array([0.95047, 1.0, 1.08883])
_XYZ_FROM_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_DARK, _SLOPE, _OFFSET = 0.008856, 7.787, 16 / 116

# A colour r + 256 g + 65536 b times this, modulo 2^24, is r + 256 (g - r) + 65536 (b - g): the
# colours of a photo, most of them near grey, then lie close together, in a third of the cache
# lines. The factor is odd, so no two colours meet.
_FACTOR = np.uint32(2**32 - 255)
_LOW24 = np.uint32(0xFFFFFF)

_CHUNK = 1 << 16  # pixels at a time: the buffers stay in the cache


@cache
def bin_table() -> NDArray[np.uint16]:
    """The bin of every 8-bit sRGB colour: uint16 (2^24,), 32 MB, made once a process.

    The entry at `slots(r + 256 g + 65536 b)` holds 256 (a + 128) + (b + 128), a* and b* rounded
    to whole numbers (halves to the even one). Making it takes well under a second, so no file of
    it is kept.
    """
    level = np.arange(256) / 255
    linear = np.where(level > 0.04045, ((level + 0.055) / 1.055) ** 2.4, level / 12.92)
    mix = _XYZ_FROM_RGB / _WHITE[:, None]
    green_red = mix[:, 1, None, None] * linear[:, None] + mix[:, 0, None, None] * linear
    table = np.empty(1 << 24, np.uint16)
    colors = np.arange(1 << 16, dtype=np.uint32)
    for blue in range(256):
        t = green_red + (mix[:, 2] * linear[blue])[:, None, None]  # (3 of XYZ, 256, 256)
        f = np.cbrt(t)
        dark = t <= _DARK
        f[dark] = _SLOPE * t[dark] + _OFFSET
        a = np.rint(500 * (f[0] - f[1]))
        b = np.rint(200 * (f[1] - f[2]))
        bins = 256 * (a + 128) + (b + 128)  # sRGB has |a*|, |b*| < 128
        table[slots(colors + (blue << 16))] = bins.reshape(-1)
    return table


def slots(colors: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Where `bin_table` has each colour r + 256 g + 65536 b (the upper 8 bits are ignored)."""
    return (colors * _FACTOR) & _LOW24


class ColorCounter:
    """Adds up how many pixels of each chroma are in photos.

    `counts` is int64 (256, 256), a* first, one L*a*b* unit a bin, bin 128 being 0.
    """

    def __init__(self) -> None:
        self.counts = np.zeros((256, 256), np.int64)
        self._sums = torch.from_numpy(self.counts).view(-1)
        self._table = torch.from_numpy(bin_table().view(np.int16))
        # Fresh memory costs more than the arithmetic, so these are used again and again.
        self._index = np.empty(_CHUNK, np.uint32)
        self._short = torch.empty(_CHUNK, dtype=torch.int16)
        self._bins = torch.empty(_CHUNK, dtype=torch.int64)
        self._ones = torch.ones(_CHUNK, dtype=torch.int64)

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Count a photo, uint8 (H, W, 3); ValueError for another shape or type."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"expected uint8 RGB of shape (H, W, 3), got {rgb.dtype} {rgb.shape}")
        pixels = np.ascontiguousarray(rgb).reshape(-1)
        n = pixels.size // 3
        if n == 0:
            return
        # Four bytes from every third: a pixel and one byte of the next. The last has no next.
        colors = np.ndarray((n - 1,), "<u4", pixels, strides=(3,))
        last = int.from_bytes(pixels[-3:].tobytes(), "little")
        for start in range(0, n, _CHUNK):
            index = self._index[: min(_CHUNK, n - start)]
            part = colors[start : start + _CHUNK]
            # As `slots`, without fresh memory.
            np.multiply(part, _FACTOR, out=index[: len(part)])
            if len(part) < len(index):
                index[-1] = last * int(_FACTOR) & 0xFFFFFF
            np.bitwise_and(index, _LOW24, out=index)
            self._count(index)

    def _count(self, index: NDArray[np.uint32]) -> None:
        n = len(index)
        slot = torch.from_numpy(index.view(np.int32))
        torch.index_select(self._table, 0, slot, out=self._short[:n])
        np.copyto(self._bins.numpy()[:n], self._short.numpy().view(np.uint16)[:n])
        self._sums.scatter_add_(0, self._bins[:n], self._ones[:n])


def count_colors(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The chroma counts of one photo: uint8 (H, W, 3) to int64 (256, 256), see `ColorCounter`."""
    counter = ColorCounter()
    counter.add(rgb)
    return counter.counts
