"""One photo file in, one photo file out: every mode, every orientation, whole or not at all."""

from __future__ import annotations
from dataclasses import dataclass
from pathlib import Path
import numpy as np
from PIL import Image, ImageOps
from numpy.typing import NDArray


@dataclass(frozen=True)
class Photo:
    rgb: NDArray[np.uint8]


def read_photo(path: Path) -> Photo:
    """Upright RGB of a file that Pillow can read."""
    with Image.open(path) as image:
        return Photo(np.array(ImageOps.exif_transpose(image).convert("RGB")))
