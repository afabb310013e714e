"""Pseudo-colour, and the best colour that lightness alone can tell.

Intensity slicing and intensity-to-colour transformations after R. Gonzalez and R. Woods, Digital
Image Processing, chapter 6 (section 6.3 in some editions; recalled, not re-read). They colour
intensities, not things: the lightness of the result isn't that of the photo.

The learned look-up gives each L* the mean a*, b* of training pixels that have it: in squared error
the best function of lightness alone, hence the row that a network has to beat.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from colorlab.classic.planes import Photo, join, lightness_of, split
from colorlab.data.files import write_whole


def slice_intensity(
    grey: NDArray[np.uint8], planes: Sequence[int], colours: Sequence[tuple[int, int, int]]
) -> Photo:
    """Give each interval of intensities one colour: uint8 (H, W) to uint8 (H, W, 3).

    `planes`, rising, cut 0..255 into one interval more than there are planes; an intensity equal to
    a plane belongs to the interval above it. Raises ValueError for planes that don't rise or for
    another number of colours.
    """
    if any(low >= high for low, high in pairwise(planes)):
        raise ValueError(f"planes must rise, got {list(planes)}")
    if len(colours) != len(planes) + 1:
        raise ValueError(f"{len(planes)} planes need {len(planes) + 1} colours, got {len(colours)}")
    table = np.array(colours, np.uint8)[np.searchsorted(planes, np.arange(256), side="right")]
    return table[grey]


def intensity_to_colour(
    grey: NDArray[np.uint8],
    frequency: tuple[float, float, float],
    phase: tuple[float, float, float],
) -> Photo:
    """Three sinusoids of intensity as R, G and B: uint8 (H, W) to uint8 (H, W, 3).

    A channel is |sin(frequency * f + phase)| of intensity f in [0, 1]; both in radians.
    """
    intensity = np.arange(256)[:, None] / 255
    table = np.abs(np.sin(np.array(frequency) * intensity + np.array(phase)))
    return np.round(255 * table).astype(np.uint8)[grey]


@dataclass(frozen=True)
class Lookup:
    """A table from L* to a*, b*: `ab` is float32 (bins, 2), its rows for L* evenly from 0 to 100.

    `variance` is E[Var(ab | L*)] of the pixels it was learned from, in a*b* units squared, summed
    over the two channels: the mean squared error of the table on just those pixels.
    """

    ab: NDArray[np.float32]
    variance: float

    def chroma(self, lightness: NDArray[np.float32]) -> NDArray[np.float32]:
        """a*, b* for L* in 0..100: (H, W) to (H, W, 2)."""
        return self.ab[_bin(lightness, len(self.ab))]

    def save(self, path: Path) -> None:
        """Write the table as .npy, whole or not at all; OSError where the folder can't be."""
        buffer = io.BytesIO()
        last = np.array([[self.variance, 0]])
        np.save(buffer, np.concatenate([self.ab, last]).astype(np.float64), allow_pickle=False)
        write_whole(path, buffer.getvalue())


def load_lookup(path: Path) -> Lookup:
    """Read what `Lookup.save` wrote. Raises ValueError for another file."""
    table = np.load(path, allow_pickle=False)
    if table.ndim != 2 or table.shape[0] < 3 or table.shape[1] != 2:
        raise ValueError(f"{path} holds no look-up table: shape {table.shape}")
    return Lookup(table[:-1].astype(np.float32), float(table[-1, 0]))


def _bin(lightness: NDArray[np.float32], bins: int) -> NDArray[np.intp]:
    return np.clip(np.rint(lightness * ((bins - 1) / 100)), 0, bins - 1).astype(np.intp)


def learn_lookup(photos: Iterable[Photo], bins: int = 256) -> Lookup:
    """The mean a*, b* of every L*, over all pixels of uint8 (H, W, 3) sRGB photos.

    A bin that no pixel fell into takes its colour from the bins beside it. Memory is constant in
    the number of photos. Raises ValueError for fewer than two bins or no photo.
    """
    if bins < 2:
        raise ValueError(f"bins must be at least 2, got {bins}")
    count = np.zeros(bins)
    total = np.zeros((bins, 2))
    squares = 0.0
    for photo in photos:
        lightness, ab = split(photo)
        index = _bin(lightness, bins).ravel()
        count += np.bincount(index, minlength=bins)
        for channel in range(2):
            values = ab[..., channel].ravel().astype(np.float64)
            total[:, channel] += np.bincount(index, values, bins)
            squares += float(values @ values)
    if not count.any():
        raise ValueError("learn_lookup needs at least one photo")
    seen = np.flatnonzero(count)
    mean = total[seen] / count[seen, None]
    ab = np.stack([np.interp(np.arange(bins), seen, mean[:, c]) for c in range(2)], axis=1)
    variance = (squares - (count[seen, None] * mean**2).sum()) / count.sum()
    return Lookup(ab.astype(np.float32), float(variance))


def colorize_by_lookup(photo: Photo, lookup: Lookup) -> Photo:
    """Colour a uint8 (H, W, 3) photo by its L* alone; its own colours, if any, are not used."""
    lightness = lightness_of(photo)
    return join(lightness, lookup.chroma(lightness))
