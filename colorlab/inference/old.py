"""Old photographs: toning them before they are coloured, and simulated damage to learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from colorlab.data.aging import through_film
from colorlab.data.photo import Photo, in_8_bits
from colorlab.inference.colorize import colorize_rgb, grey_photo
from colorlab.inference.predict import SHORT_SIDE
from colorlab.models import Colorizer

Picture = NDArray[np.uint8]

MARGIN = 0.08
"""The share of each side that toning does not look at: mounts and torn edges lie there."""


def tone(rgb: Picture, low: float = 0.5, high: float = 99.5, margin: float = MARGIN) -> Picture:
    """A grey photo with the contrast of a fresh print: uint8 (H, W, 3) to uint8 (H, W, 3).

    Its luminance (CIE L*, so sepia goes) is stretched so that the percentiles `low` and `high` of
    what lies inside `margin` become black and white. A photo of one grey stays as it is.
    Raises ValueError for percentiles that are not in order or a margin of half the photo.
    """
    from skimage.exposure import rescale_intensity

    if not 0 <= low < high <= 100:
        raise ValueError(f"need percentiles 0 <= low < high <= 100, got {low} and {high}")
    if not 0 <= margin < 0.5:
        raise ValueError(f"the margin must be at least 0 and below 0.5, got {margin}")
    grey = grey_photo(Photo(rgb))[..., 0]
    height, width = grey.shape
    top, left = int(margin * height), int(margin * width)
    inside = grey[top : height - top, left : width - left]
    black, white = np.percentile(inside, [low, high])
    if white > black:
        stretched = rescale_intensity(grey, (black, white), (0, 255))
        grey = np.rint(stretched).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def without_grain(rgb: Picture, weight: float = 0.06) -> Picture:
    """A photo for the network to look at: small, grey, its grain smoothed and its edges kept.

    uint8 (H, W, 3) to uint8 (h, w, 3), the shorter side at most twice what the network works at.
    Total variation is lessened (Chambolle 2004, scikit-image), by more the larger `weight` is.
    """
    from skimage.restoration import denoise_tv_chambolle  # with it comes much of SciPy: 60 MB

    grey = Image.fromarray(grey_photo(Photo(rgb))[..., 0])
    shrink = 2 * SHORT_SIDE / min(grey.size)
    if shrink < 1:
        width, height = (max(1, round(side * shrink)) for side in grey.size)
        grey = grey.resize((width, height), Image.Resampling.BOX)
    smooth = denoise_tv_chambolle(np.asarray(grey) / 255, weight=weight)
    return np.repeat(np.rint(smooth * 255).astype(np.uint8)[..., None], 3, axis=2)


def colorize_old(
    rgb: NDArray[Any], model: Colorizer, *, out: NDArray[Any] | None = None
) -> Picture:
    """Colour an old photograph: toned, the network looking past the grain.

    uint8 or uint16 (H, W, 3) to uint8 (H, W, 3): what is toned has lost its fine steps long ago.
    The result has the toned photo's own luminance, grain and all, and its memory, not `out`.
    """
    toned = tone(in_8_bits(Photo(rgb)).rgb)
    return colorize_rgb(toned, model, seen=without_grain(toned), out=toned)


def simulate_fading(rgb: Picture, black: int = 90, white: int = 190) -> Picture:
    """What decades of light do, simulated: black turns grey, white turns dull; uint8 (H, W, 3)."""
    grey = grey_photo(Photo(rgb)).astype(np.float64)
    return np.rint(black + grey * ((white - black) / 255)).astype(np.uint8)


def simulate_film(rgb: Picture) -> Picture:
    """What orthochromatic film shows, simulated: red is black, blue white; uint8 (H, W, 3)."""
    pixels = torch.from_numpy(rgb).permute(2, 0, 1) / 255
    return np.rint(255 * through_film(pixels).permute(1, 2, 0).numpy()).astype(np.uint8)


def simulate_sepia(rgb: Picture) -> Picture:
    """A sepia print, simulated: dark brown to cream instead of black to white; uint8 (H, W, 3)."""
    grey = grey_photo(Photo(rgb)).astype(np.float64) / 255
    dark, light = np.array([43.0, 27.0, 14.0]), np.array([252.0, 240.0, 214.0])
    return np.rint(dark + grey * (light - dark)).astype(np.uint8)


def simulate_grain(rgb: Picture, sigma: float = 20.0, seed: int = 0) -> Picture:
    """Film grain, simulated: Gaussian noise of `sigma` (of 255) on the grey photo."""
    grey = grey_photo(Photo(rgb))[..., :1].astype(np.float64)
    noise = np.random.default_rng(seed).normal(0, sigma, grey.shape)
    noisy = np.rint(np.clip(grey + noise, 0, 255)).astype(np.uint8)
    return np.repeat(noisy, 3, axis=2)


def simulate_mount(rgb: Picture, share: float = 0.07, value: int = 245) -> Picture:
    """A pale cardboard mount, simulated, over the outer `share` of each side of the grey photo."""
    mounted = grey_photo(Photo(rgb)).copy()
    height, width = mounted.shape[:2]
    y, x = int(share * height), int(share * width)
    inside = mounted[y : height - y, x : width - x].copy()
    mounted[:] = value
    mounted[y : height - y, x : width - x] = inside
    return mounted


DAMAGES = {
    "faded": simulate_fading,
    "sepia": simulate_sepia,
    "grain": simulate_grain,
    "mount": simulate_mount,
}
"""The simulated damages by name."""
