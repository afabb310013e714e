"""Counting the chroma of photos, exactly and fast.

There are 2^24 8-bit colours. So photos are counted by colour, a pixel being one addition, and only
when the counts are wanted, mostly thousands of photos later, does each colour go to its bin. The
bin of each was computed once, in float64.
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
# colours of a photo, most of them near grey, then lie close together, in half as many cache lines.
# The factor is odd, so no two colours meet.
_FACTOR = np.uint32(2**32 - 255)
_LOW24 = np.uint32(0xFFFFFF)
_FORTY = np.uint64(40)
_FACTOR_AT_40 = np.uint64(_FACTOR) << _FORTY

_CHUNK = 1 << 16  # pixels at a time: a photo of 256x256 needs one call of each kind
_BLOCK = 1 << 20  # colours at a time on their way to their bins, so that little memory is needed
_MOST = 2**31 - 1  # pixels that may be counted by colour in int32


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

    It takes 64 MB, and `bin_table` another 32 MB once a process.
    """

    def __init__(self) -> None:
        self._binned = np.zeros(1 << 16, np.int64)
        # By colour, each where `slots` says.
        self._colors = np.zeros(1 << 24, np.int32)
        self._pixels = 0  # in `_colors`
        self._sums = torch.from_numpy(self._colors)
        # Fresh memory costs more than the arithmetic, so these are used again and again.
        self._bytes = np.zeros(3 * _CHUNK + 5, np.uint8)
        # Eight bytes from every third on: a pixel, and five bytes of others or nothing.
        self._eights = np.ndarray((_CHUNK,), "<u8", self._bytes, strides=(3,))
        self._index = np.empty(_CHUNK, np.uint64)
        self._slots = torch.from_numpy(self._index.view(np.int64))
        self._ones = torch.ones(_CHUNK, dtype=torch.int32)

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Count a photo, uint8 (H, W, 3); ValueError for another shape or type."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"expected uint8 RGB of shape (H, W, 3), got {rgb.dtype} {rgb.shape}")
        pixels = rgb.reshape(-1)
        for start in range(0, pixels.size, 3 * _CHUNK):
            part = pixels[start : start + 3 * _CHUNK]
            n = part.size // 3
            if self._pixels + n > _MOST:
                self._bin()
            self._pixels += n
            self._bytes[: part.size] = part
            # As `slots`: the product's upper 24 bits are those of the pixel alone, and are kept.
            index = self._index[:n]
            np.multiply(self._eights[:n], _FACTOR_AT_40, out=index)
            np.right_shift(index, _FORTY, out=index)
            self._sums.scatter_add_(0, self._slots[:n], self._ones[:n])

    def _bin(self) -> None:
        """Bring what is counted by colour to its bins; some hundredths of a second."""
        for start in range(0, len(self._colors), _BLOCK):
            counts = self._colors[start : start + _BLOCK]
            seen = np.flatnonzero(counts != 0)  # a third of the time that it takes without `!= 0`
            bins = bin_table()[start : start + _BLOCK][seen]
            # Sums in float64, exact up to 2^53.
            sums = np.bincount(bins, weights=counts[seen], minlength=len(self._binned))
            self._binned += sums.astype(np.int64)
            counts[seen] = 0
        self._pixels = 0

    @property
    def counts(self) -> NDArray[np.int64]:
        """The counts of all photos so far: int64 (256, 256), a* first.

        One L*a*b* unit a bin, bin 128 being 0. To be asked for seldom: it goes through all colours.
        """
        self._bin()
        return self._binned.reshape(256, 256).copy()

    def take(self) -> NDArray[np.int64]:
        """`counts`, and begin again at nothing."""
        counts = self.counts
        self._binned[:] = 0
        return counts


def count_colors(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The chroma counts of one photo: uint8 (H, W, 3) to int64 (256, 256), see `ColorCounter`."""
    counter = ColorCounter()
    counter.add(rgb)
    return counter.counts
