"""Photos to time with: the sample photos are few, their crops many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from colorlab.data.samples import sample_photos


def save_crops(paths: Sequence[Path], quality: int = 75) -> None:
    """Different 256x256 crops of sample photos into JPEGs; 75 is the quality of Places365-small."""
    samples = [sample.rgb for sample in sample_photos("coffee", "china", "flower", "motorcycle")]
    random = np.random.default_rng(0)
    for number, path in enumerate(paths):
        rgb = samples[number % len(samples)]
        top, left = (random.integers(length - 255) for length in rgb.shape[:2])
        Image.fromarray(rgb[top : top + 256, left : left + 256]).save(path, quality=quality)
