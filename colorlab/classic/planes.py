"""A photo taken apart into lightness and chroma, and put together again, in numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from colorlab.color import lab_to_rgb, lightness, reduce_to_gamut, rgb_to_lab

Photo = NDArray[np.uint8]
"""(H, W, 3), sRGB."""
Floats = NDArray[np.float32]

_BAND = 1 << 20  # pixels at a time: a 12-megapixel photo needs no more memory than its arrays


def check_photo(photo: Photo, name: str = "photo") -> None:
    """Raise ValueError unless `photo` is uint8 (H, W, 3) with a pixel in it."""
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.size == 0:
        raise ValueError(f"{name} must have shape (H, W, 3), got {photo.shape}")
    if photo.dtype != np.uint8:
        raise ValueError(f"{name} must be uint8, got {photo.dtype}")


def _bands(height: int, width: int) -> list[slice]:
    rows = max(1, _BAND // max(width, 1))
    return [slice(top, top + rows) for top in range(0, height, rows)]


def _tensor(rows: Photo) -> torch.Tensor:
    return torch.from_numpy(np.array(rows)).permute(2, 0, 1).float() / 255


def lightness_of(photo: Photo) -> Floats:
    """CIE L* in 0..100 of a uint8 (H, W, 3) sRGB photo: (H, W). ValueError for another shape."""
    check_photo(photo)
    bands = _bands(*photo.shape[:2])
    return np.concatenate([lightness(_tensor(photo[band]))[0].numpy() for band in bands])


def split(photo: Photo) -> tuple[Floats, Floats]:
    """CIE L* in 0..100, (H, W), and a*, b*, (H, W, 2), of a uint8 (H, W, 3) sRGB photo."""
    check_photo(photo)
    lab = np.concatenate(
        [
            rgb_to_lab(_tensor(photo[band])).permute(1, 2, 0).numpy()
            for band in _bands(*photo.shape[:2])
        ]
    )
    return np.ascontiguousarray(lab[..., 0]), np.ascontiguousarray(lab[..., 1:])


def join(lightness: Floats, ab: NDArray[np.floating]) -> Photo:
    """A uint8 (H, W, 3) sRGB photo of L* (H, W) in 0..100 and a*, b* (H, W, 2).

    Colours out of gamut lose chroma at constant L* and hue; L* is off by the rounding to bytes,
    less than 0.5. Raises ValueError for shapes that don't belong together.
    """
    if ab.shape != (*lightness.shape, 2):
        raise ValueError(f"chroma must have shape {(*lightness.shape, 2)}, got {ab.shape}")
    photo = np.empty((*lightness.shape, 3), np.uint8)
    for band in _bands(*lightness.shape):
        lab = np.concatenate([lightness[band][None], np.moveaxis(ab[band], -1, 0)])
        rgb = lab_to_rgb(reduce_to_gamut(torch.from_numpy(lab.astype(np.float32))))
        photo[band] = (rgb * 255).round_().to(torch.uint8).permute(1, 2, 0).numpy()
    return photo


def with_own_lightness(photo: Photo, recolor: Callable[[Photo], Photo]) -> Photo:
    """What `recolor` makes of `photo`, with the photo's own L*: only the chroma is the method's."""
    return join(lightness_of(photo), split(recolor(photo))[1])
