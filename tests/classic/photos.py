"""Small pictures for the tests of the methods before networks."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from colorlab.classic.planes import lightness_of
from colorlab.color import lab_to_rgb
from colorlab.data import sample_photos


def sample(name: str, step: int = 1) -> NDArray[np.uint8]:
    """Every `step`-th pixel of a sample photo: uint8 (H, W, 3)."""
    return np.ascontiguousarray(sample_photos(name)[0].rgb[::step, ::step])


def without_colour(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The grey photo of the same L*, to a byte's rounding."""
    lightness = lightness_of(photo)
    lab = np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)])
    green = lab_to_rgb(torch.from_numpy(lab))[1].numpy()
    return np.repeat(np.rint(green * 255).astype(np.uint8)[..., None], 3, axis=2)
