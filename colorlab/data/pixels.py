"""What a photo is in memory, and how samples of any kind become its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.data.metadata import Metadata

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class PhotoError(ValueError):
    """A photo that cannot be read or written; the message is one sentence for the user."""


@dataclass(frozen=True)
class Photo:
    """A photo, upright, as sRGB.

    `rgb` is uint8 or uint16 (H, W, 3), full range; `alpha`, of the same type, is (H, W), or None
    for an opaque photo. `format` is what it was stored as, lower case ("jpeg"), or "" for an
    array; `stored` is how: TIFF's "compression", "predictor" and "tile", "lossless" of WebP,
    "duration" and "loop" of frames, "pages", the number of pages or frames. `notes` are
    sentences about what was left out or is doubtful.
    """

    rgb: NDArray[Any]
    alpha: NDArray[Any] | None = None
    format: str = ""
    metadata: Metadata = Metadata()
    stored: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        """How many pages or frames its file has."""
        return int(self.stored.get("pages", 1))


def check_size(width: int, height: int, megapixels: float) -> None:
    """PhotoError for a picture that may have been made to fill memory."""
    if width * height > megapixels * 1e6:
        raise PhotoError(f"more than {megapixels:g} megapixels, refused as a trap")


def as_rgb(grey: NDArray[Any]) -> NDArray[Any]:
    """(H, W) as (H, W, 3) whose channels are the same memory, so at a third of the cost."""
    grey = np.ascontiguousarray(grey)
    strides = (*grey.strides, 0)
    return np.lib.stride_tricks.as_strided(grey, (*grey.shape, 3), strides)


def is_grey(rgb: NDArray[Any]) -> bool:
    """Whether a picture (H, W, 3) is one of `as_rgb`."""
    return rgb.shape[2] == 3 and rgb.strides[2] == 0


def to_depth(pixels: NDArray[Any], dtype: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """Full-range uint8 or uint16 as either; exact from 8 to 16 bits and back."""
    if pixels.dtype == dtype:
        return pixels
    if pixels.ndim == 3 and is_grey(pixels):
        return as_rgb(to_depth(pixels[..., 0], dtype))
    if dtype == np.uint16:
        return pixels * np.uint16(257)
    result = np.empty(pixels.shape, np.uint8)
    rows = max(1, 2**20 // max(1, pixels[0].size))
    for top in range(0, len(pixels), rows):
        band = pixels[top : top + rows].astype(np.uint32)
        result[top : top + rows] = (band * 255 + 32768) >> 16  # v / 257, rounded
    return result


def full_range(
    samples: NDArray[Any], name: str, bits: int | None = None
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Samples of a file as full-range uint8 (up to 8 bits) or uint16, and notes about them.

    `bits` of unsigned samples are those of the file, where white is 2**bits - 1. Of signed
    samples 0 is black, or, where some are negative, their least value. Floats are in [0, 1].
    Raises PhotoError for floats outside it.
    """
    kind, size = samples.dtype.kind, 8 * samples.dtype.itemsize
    if kind == "b":
        return samples.astype(np.uint8) * np.uint8(255), ()
    if kind == "f":
        return _from_floats(samples, name), ()
    low, high = (int(samples.min()), int(samples.max())) if samples.size else (0, 0)
    notes: tuple[str, ...] = ()
    white, black = 2 ** (bits or size) - 1, 0
    if kind == "i":
        black = -(2 ** (size - 1)) if low < 0 else 0
        white = 2 ** (size - 1) - 1
    elif white > 255 and 0 < high < white // 8:
        notes = (f"its brightest sample is {high} of {white}, so it comes out dark",)
    wide = size if kind == "i" else bits or size
    target = np.uint8 if wide <= 8 else np.uint16
    if black == 0 and white == np.iinfo(target).max:
        return samples.astype(target, copy=False), notes
    top = float(np.iinfo(target).max)
    scaled = (np.minimum(samples, white) - float(black)) * (top / (white - black))
    return np.rint(scaled).astype(target), notes


def _from_floats(samples: NDArray[Any], name: str) -> NDArray[np.uint16]:
    low, high = (float(samples.min()), float(samples.max())) if samples.size else (0.0, 0.0)
    # Not the other way round: NaN is within nothing.
    if not (low >= -1e-3 and high <= 1 + 1e-3):
        raise PhotoError(f"{name}: floating-point values are {low:g}..{high:g}, not 0..1")
    return np.rint(np.clip(samples, 0, 1).astype(np.float32) * 65535).astype(np.uint16)


def from_array(array: NDArray[Any], name: str = "this array") -> Photo:
    """An array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of sRGB values as a photo.

    bool; integers of any width holding 0..255; uint16 beyond that; floats in [0, 1].
    Raises PhotoError for other shapes and values.
    """
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise PhotoError(f"expected an array (H, W), (H, W, 3) or (H, W, 4), got {array.shape}")
    pixels = _array_pixels(array, name)
    alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
    rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., :3]
    return Photo(np.ascontiguousarray(rgb), alpha)


def _array_pixels(array: NDArray[Any], name: str) -> NDArray[Any]:
    low, high = array.min(), array.max()
    if array.dtype == np.bool_:
        return full_range(array, name)[0]
    if array.dtype.kind in "ui" and 0 <= low <= high <= 65535:
        return array.astype(np.uint8 if high <= 255 else np.uint16, copy=False)
    if array.dtype.kind == "f" and low >= -1e-3 and high <= 1 + 1e-3:
        return _from_floats(array, name)
    raise PhotoError(f"{name}: values {low:g}..{high:g} are no 8-bit, 16-bit or 0..1 picture")
