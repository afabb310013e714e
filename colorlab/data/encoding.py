"""Pictures as the bytes of a file, and inside a URI, for widgets and pages without files."""

from __future__ import annotations

import base64
import io
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Format = Literal["JPEG", "PNG"]


def encode_picture(
    picture: NDArray[np.uint8], format: Format = "JPEG", quality: int = 80, **options: Any
) -> bytes:
    """uint8 (H, W, 3) as a file's bytes; `quality`, 1 to 95, is of JPEG, `options` are Pillow's.

    PNG is compressed little, for speed. Raises ValueError for another format.
    """
    if format not in ("JPEG", "PNG"):
        raise ValueError(f"no format {format!r}; there are: JPEG, PNG")
    own: dict[str, Any] = {"quality": quality} if format == "JPEG" else {"compress_level": 1}
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format, **own, **options)
    return buffer.getvalue()


def data_uri(picture: NDArray[np.uint8], format: Format = "JPEG", quality: int = 80) -> str:
    """The picture, as `encode_picture` writes it, in a URI that takes the place of a file."""
    data = base64.b64encode(encode_picture(picture, format, quality)).decode()
    return f"data:image/{format.lower()};base64,{data}"
