"""Photo files to tensors: fast where that is safe, by Pillow elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.io import ImageReadMode

from colorlab.data.photo import read_photo

# The operator itself: since 0.29 torchvision.io.decode_jpeg warns at every call that it will be
# dropped one day. Where it is gone, Pillow does all the work, more slowly.
_decode_jpeg = getattr(torch.ops.image, "decode_jpeg", None)

_JPEG = b"\xff\xd8\xff"
_PROFILE = b"ICC_PROFILE\0"


def decode(path: Path) -> Tensor:
    """A photo file as uint8 RGB (3, H, W), upright, sRGB.

    JPEGs, nearly all there is in a dataset, go through torchvision's C++ decoder; it agrees with
    Pillow on grey, CMYK and rotated ones. The rest goes through Pillow: of torchvision's other
    decoders (0.29), PNG can crash the process on a damaged file and leaves 16 bits as they are,
    and WebP takes no notice of EXIF rotation.

    Raises PhotoError (a ValueError) naming the file and the reason where it can't be read.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        return _by_pillow(path)  # its error has the reason in words
    if _decode_jpeg is None or not _plain_jpeg(data):
        return _by_pillow(path)
    try:
        upright = True  # EXIF orientation is obeyed
        photo: Tensor = _decode_jpeg(torch.from_numpy(data), ImageReadMode.RGB.value, upright)
        return photo
    except RuntimeError:
        return _by_pillow(path)


def _plain_jpeg(data: NDArray[np.uint8]) -> bool:
    """Whether it is a JPEG in sRGB; torchvision would take no notice of another colour profile."""
    if data[:3].tobytes() != _JPEG:
        return False
    stored = data.tobytes()
    at = stored.find(_PROFILE)
    return at < 0 or b"sRGB" in stored[at : at + 4096]


def _by_pillow(path: Path) -> Tensor:
    return torch.from_numpy(read_photo(path).rgb).permute(2, 0, 1)
