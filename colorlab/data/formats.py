"""The formats that results are written in; pictures as bytes, and inside a URI."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import colorlab.data.raster as raster
import colorlab.data.tiff as tiff
from colorlab.data.pixels import Photo

Encoding = Literal["JPEG", "PNG"]
Write = Callable[[Iterable[Photo], Path, bytes, int | None], None]
"""Photos to a new file, with the profile to embed and a quality, 1 to 100 or None for its own."""


def _bytes_by(
    encode: Callable[[Sequence[Photo], bytes, int | None], raster.Parts],
) -> Write:
    def write(pages: Iterable[Photo], path: Path, profile: bytes, quality: int | None) -> None:
        with path.open("wb") as file:
            file.writelines(encode(list(pages), profile, quality))

    return write


@dataclass(frozen=True)
class Format:
    """A format that results can be written in.

    `suffixes` begins with the one that results get. `write` is None for Pillow's writer of the
    row's name. The rest is what the format can hold: kinds of metadata as `Metadata.kinds` has
    them, and "profile" for colour profiles; bits a sample; transparency; several pages.
    """

    suffixes: tuple[str, ...]
    write: Write | None = None
    keeps: tuple[str, ...] = ()
    depth: int = 8
    alpha: bool = True
    pages: bool = False


_NO_IPTC = ("EXIF", "XMP", "dpi", "text", "profile")
_ALL = (*_NO_IPTC, "IPTC")

FORMATS = {
    "jpeg": Format((".jpg", ".jpeg", ".jfif", ".jpe"), _bytes_by(raster.jpeg), _ALL, alpha=False),
    "png": Format((".png", ".apng"), _bytes_by(raster.png), _NO_IPTC, depth=16, pages=True),
    "webp": Format((".webp",), _bytes_by(raster.webp), _NO_IPTC, pages=True),
    "tiff": Format((".tif", ".tiff"), tiff.write, _ALL, depth=16, pages=True),
    "bmp": Format((".bmp",), None, ("dpi",), alpha=False),
    "avif": Format((".avif",), _bytes_by(raster.avif), _NO_IPTC),
    "jpeg2000": Format((".jp2",), _bytes_by(raster.jp2)),
}
"""All formats by name. A new one is a row here."""


FILMS = {
    **dict.fromkeys((".mp4", ".m4v"), "mp4"),
    ".mov": "mov",
    ".mkv": "matroska",
    **dict.fromkeys((".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".vob", ".ts", ".m2ts", ".mts")),
    **dict.fromkeys((".wmv", ".flv", ".ogv", ".3gp", ".dv", ".mxf")),
}
"""The suffixes of films, each with the container that results are written in, None for none."""


def losses(name: str, photo: Photo) -> list[str]:
    """What of a photo the named format does not hold, in words."""
    row, meta = FORMATS[name], photo.metadata
    lost = [kind for kind in meta.kinds() if kind not in row.keeps]
    words = [f"{name} holds no {', '.join(lost)}"] if lost else []
    if photo.rgb.dtype.itemsize * 8 > row.depth:
        words.append(f"{name} holds 8 bits a sample, not 16")
    if photo.alpha is not None and not row.alpha:
        words.append(f"{name} holds no transparency")
    if name == "jpeg":
        long = [
            kind for kind, data in (("EXIF", meta.exif), ("XMP", meta.xmp)) if len(data) > 65_000
        ]
        words += (
            [f"{', '.join(long)} longer than JPEG can hold: shortened or left out"] if long else []
        )
    return words


def write_format(
    name: str, pages: Iterable[Photo], path: Path, profile: bytes, quality: int | None
) -> None:
    """Write photos to a new file. Raises OSError or ValueError for what the format can't hold."""
    row = FORMATS[name]
    if row.write is None:
        path.write_bytes(b"".join(raster.plain(name.upper(), list(pages), row.alpha)))
    else:
        row.write(pages, path, profile, quality)


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
