"""The formats that results are written in; pictures as bytes, and inside a URI."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Encoding = Literal["JPEG", "PNG"]


@dataclass(frozen=True)
class Format:
    """A format that results can be written in, by Pillow's writer of its name.

    `suffixes` begins with the one that results get; `options` are the writer's; `alpha` and `exif`
    say what the format can hold.
    """

    suffixes: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    alpha: bool = True
    exif: bool = True


FORMATS = {
    "jpeg": Format((".jpg", ".jpeg", ".jfif", ".jpe"), {"quality": 95}, alpha=False),
    "png": Format((".png",)),
    "webp": Format((".webp",), {"quality": 95}),
    "tiff": Format((".tif", ".tiff")),
    "bmp": Format((".bmp",), alpha=False, exif=False),
    "avif": Format((".avif",), {"quality": 90}),
    "jpeg2000": Format((".jp2",), exif=False),
}
"""All formats by name. A new one is a row here."""


def format_of(suffix: str) -> str | None:
    """The format of a file name's suffix, None for one that can't be written.

    >>> format_of(".JPG"), format_of(".psd")
    ('jpeg', None)
    """
    wanted = suffix.lower()
    return next((name for name, one in FORMATS.items() if wanted in one.suffixes), None)


def encode_picture(
    picture: NDArray[np.uint8], format: Encoding = "JPEG", quality: int = 80, **options: Any
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


def data_uri(picture: NDArray[np.uint8], format: Encoding = "JPEG", quality: int = 80) -> str:
    """The picture, as `encode_picture` writes it, in a URI that takes the place of a file."""
    data = base64.b64encode(encode_picture(picture, format, quality)).decode()
    return f"data:image/{format.lower()};base64,{data}"
