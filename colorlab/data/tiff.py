"""TIFF, by tifffile: every page, 1 to 32 bits, and how it was stored; writing the same."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from colorlab.data.metadata import (
    EXIF_IFD,
    GPS_IFD,
    STRUCTURE,
    Metadata,
    exif_bytes,
    parse_resources,
    part_of,
    resource_blocks,
    with_text_in_exif,
)
from colorlab.data.pixels import Photo, PhotoError, check_size, full_range
from colorlab.data.raster import QUALITY, finish, from_image

_KEPT_COMPRESSIONS = {1: None, 5: "lzw", 7: "jpeg", 8: "adobe_deflate", 32773: "packbits"}
_KEPT_COMPRESSIONS |= {32946: "adobe_deflate", 34925: "lzma", 50000: "zstd"}
_THUMBNAIL, _MASK = 1, 4
_BUFFER = 2**24  # bytes of strips or tiles read, or written, at a time: tifffile takes 256 MB
_DNG_VERSION = 50706


def is_tiff(head: bytes) -> bool:
    """Whether a file that begins so is a TIFF, or a BigTIFF."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read(file: BinaryIO, page: int | None, megapixels: float) -> Iterator[Photo]:
    """The pages of a file, or the one numbered `page`, from 0; thumbnails and masks are no pages.

    Raises PhotoError for a camera's raw file and a page of more than `megapixels`, and as tifffile
    and Pillow do for a damaged one.
    """
    with tifffile.TiffFile(file) as tiff:
        pages = [one.aspage() for one in tiff.pages]
        main = [one for one in pages if not one.subfiletype & (_THUMBNAIL | _MASK)]
        left_out = len(pages) - len(main)
        first = pages[0]
        if _DNG_VERSION in first.tags or first.photometric in (32803, 34892):
            raise PhotoError(
                "a camera's raw file: develop it into a 16-bit TIFF first, for example with "
                "darktable or RawTherapee"
            )
        main = main or [first]
        note = (f"{left_out} thumbnails or masks inside it were left out",) if left_out else ()
        for number in range(len(main)) if page is None else (page,):
            one = main[number]
            check_size(one.imagewidth, one.imagelength, megapixels)
            stored: dict[str, Any] = {"pages": len(main), "bigtiff": tiff.is_bigtiff}
            stored |= {"compression": int(one.compression), "predictor": one.predictor == 2}
            if one.is_tiled:
                stored["tile"] = (one.tilelength, one.tilewidth)
            photo = _page(one, file)
            yield replace(photo, format="tiff", stored=stored, notes=photo.notes + note)


def _page(page: tifffile.TiffPage, file: BinaryIO) -> Photo:
    metadata = _metadata(page, file)
    orientation = page.tags.valueof(274, 1)
    orientation = orientation if orientation in range(1, 9) else 1
    kind = int(page.photometric)
    if (kind == 6 and int(page.compression) != 7) or int(page.compression) in (2, 3, 4, 6):
        return _by_pillow(page, file, metadata)
    samples = page.asarray(buffersize=_BUFFER)
    if page.axes.startswith("S"):
        samples = np.moveaxis(samples, 0, -1)
    if samples.ndim not in (2, 3) or 0 in samples.shape:
        raise PhotoError(f"a valid TIFF, of a kind that is not supported: axes {page.axes}")
    space, colours = {0: ("gray", 1), 1: ("gray", 1), 2: ("rgb", 3), 3: ("rgb", 3)}.get(
        kind, ("rgb", 3)
    )
    notes: tuple[str, ...] = ()
    if kind == 3:
        table = np.asarray(page.colormap)
        table = table if table.max() > 255 else table * 257
        samples, bits = np.moveaxis(table[:, samples], 0, -1).astype(np.uint16), 16
        if (samples % 257 == 0).all() or (samples % 256 == 0).all():
            samples, bits = (samples >> 8).astype(np.uint8), 8
    else:
        bits = int(page.bitspersample)
    if kind == 5:
        space, colours = "cmyk", 4
    if kind in (8, 9):
        space, colours = "lab", 3
        samples, bits = _lab(samples, kind), 16
    alpha: NDArray[Any] | None = None
    if samples.ndim == 3:
        extra = [int(one) for one in page.extrasamples]
        if len(extra) and samples.shape[2] > colours:
            if extra[0] in (1, 2):
                alpha, _ = full_range(samples[..., colours], "its alpha", bits)
            else:
                notes += ("a channel without a meaning was left out",)
        samples = samples[..., 0] if colours == 1 else samples[..., :colours]
        if samples.ndim == 3 and samples.shape[2] != colours:
            raise PhotoError(f"a TIFF of {samples.shape[2]} channels is not supported")
    pixels, more = full_range(samples, "this TIFF", bits)
    if kind == 0:
        pixels = np.iinfo(pixels.dtype).max - pixels
    if alpha is not None and int(page.extrasamples[0]) == 1:
        pixels = _unmultiplied(pixels, alpha)
    return finish(pixels, alpha, space, None, metadata, orientation, notes=notes + more)


def _lab(samples: NDArray[Any], kind: int) -> NDArray[np.uint16]:
    """CIELab (8) or ICCLab (9) as ICC v4 has it at 16 bits."""
    wide = samples.astype(np.float64)
    if samples.dtype.itemsize == 1:
        offset = 128 if kind == 8 else 0
        light, chroma = wide[..., :1] * 257, (wide[..., 1:] + offset) % 256 * 257
    else:
        signed = (wide[..., 1:] + 32768) % 65536 if kind == 8 else wide[..., 1:]
        top = 1.0 if kind == 8 else 65535 / 65280
        light, chroma = wide[..., :1] * top, signed / 256 * 257
    return np.clip(np.concatenate([light, chroma], -1), 0, 65535).round().astype(np.uint16)


def _unmultiplied(pixels: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    top = np.iinfo(pixels.dtype).max
    share = np.maximum(alpha, 1).astype(np.float32)
    share = share if pixels.ndim == 2 else share[..., None]
    return np.rint(np.minimum(pixels * (top / share), top)).astype(pixels.dtype)


def _by_pillow(page: tifffile.TiffPage, file: BinaryIO, metadata: Metadata) -> Photo:
    """What tifffile does not decode: fax pages, subsampled YCbCr."""
    file.seek(0)
    with Image.open(file) as image:
        image.seek(page.index)
        return replace(from_image(image), metadata=metadata)


def _metadata(page: tifffile.TiffPage, file: BinaryIO) -> Metadata:
    exif = Image.Exif()
    file.seek(0)
    with suppress(Exception):
        exif.load_from_fp(file)
        exif._data.clear()
        exif._info = ImageFileDirectory_v2(exif.head)  # of this page, not of the first
        file.seek(page.offset)
        exif._info.load(file)
        part_of(exif, EXIF_IFD)
        part_of(exif, GPS_IFD)
    for tag in [tag for tag in exif if tag in STRUCTURE and tag not in (EXIF_IFD, GPS_IFD)]:
        del exif[tag]
    if str(exif.get(305, "")).startswith("tifffile"):
        del exif[305]
    value = page.tags.valueof
    resources: dict[int, bytes] = {}
    with suppress(Exception):
        resources = parse_resources(_bytes(value(34377)))
    if iptc := _bytes(value(33723)):
        resources[0x0404] = iptc
    dpi = None
    with suppress(Exception):
        unit = {2: 1.0, 3: 2.54}[int(value(296, 2))]
        pair = [number / per * unit for number, per in (value(282), value(283))]
        dpi = (round(pair[0], 3), round(pair[1], 3)) if min(pair) > 1 else None
    icc = page.iccprofile or b""
    return Metadata(exif_bytes(exif), _bytes(value(700)).rstrip(b"\0"), resources, dpi, {}, icc)


def _bytes(value: Any) -> bytes:
    if isinstance(value, tuple):  # longs, as some programs store IPTC
        return struct.pack(f"<{len(value)}I", *value).rstrip(b"\0")
    if isinstance(value, str):
        return value.encode()
    return bytes(value) if isinstance(value, bytes | np.ndarray) else b""


def write(pages: Iterable[Photo], path: Path, profile: bytes, quality: int | None) -> None:
    """Write pages as they come, each with the compression and tiling that it had, to a new file."""
    pages = iter(pages)
    first = next(pages)
    # A classic TIFF ends at 4 GB.
    big = bool(first.stored.get("bigtiff")) or first.rgb.nbytes * first.pages > 2**31
    directories: list[dict[int, dict[int, Any]]] = []
    with tifffile.TiffWriter(path, bigtiff=big, byteorder="<") as tiff:
        for photo in chain([first], pages):
            directories.append(_write_page(tiff, photo, profile, quality))
    if not big:
        _add_directories(path, directories)


def _write_page(
    tiff: tifffile.TiffWriter, photo: Photo, profile: bytes, quality: int | None
) -> dict[int, dict[int, Any]]:
    metadata = with_text_in_exif(photo.metadata)
    exif = metadata.exif_tags()
    parts = {tag: dict(part_of(exif, tag)) for tag in (EXIF_IFD, GPS_IFD) if part_of(exif, tag)}
    extra = [_tag(tag, value) for tag, value in exif.items() if tag not in {*STRUCTURE, 270, 305}]
    extra += [(tag - 1, 4, 1, 0, True) for tag in parts]  # renamed by `_add_directories`
    blobs = {700: metadata.xmp, 33723: metadata.iptc}
    others = {key: data for key, data in metadata.resources.items() if key != 0x0404}
    blobs[34377] = resource_blocks(others)
    extra += [(tag, 7, len(data), data, True) for tag, data in blobs.items() if data]
    compression = _KEPT_COMPRESSIONS.get(photo.stored.get("compression", 1), "adobe_deflate")
    if compression == "jpeg" and (photo.rgb.dtype != np.uint8 or photo.alpha is not None):
        compression = "adobe_deflate"
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    predicted = photo.stored.get("predictor") and compression in ("lzw", "adobe_deflate", "zstd")
    tiff.write(
        np.ascontiguousarray(pixels),
        photometric="rgb",
        planarconfig="contig",
        extrasamples=None if photo.alpha is None else ["unassalpha"],
        compression=compression,
        compressionargs={"level": quality or QUALITY["JPEG"]} if compression == "jpeg" else None,
        predictor=bool(predicted),
        tile=photo.stored.get("tile"),
        iccprofile=profile,
        resolution=metadata.dpi or (1, 1),
        resolutionunit=2 if metadata.dpi else 1,
        description=_text(exif.get(270, "")) or None,
        software=_text(exif.get(305, "")) or False,
        metadata=None,
        extratags=[tag for tag in extra if tag],
        maxworkers=2,
        buffersize=_BUFFER,
    )
    return parts


def _text(value: Any) -> bytes:
    text = value if isinstance(value, bytes) else str(value).encode()
    return text.strip(b"\0")


def _tag(tag: int, value: Any) -> tuple[Any, ...] | None:
    if isinstance(value, str):
        return tag, 2, 0, _text(value), True
    if isinstance(value, bytes):
        return tag, 7, len(value), value, True
    if isinstance(value, int) and 0 <= value < 2**32:
        return tag, 4, 1, value, True
    if isinstance(value, IFDRational) and value.denominator:
        return tag, 5, 1, (int(value.numerator), int(value.denominator)), True
    if isinstance(value, tuple) and all(isinstance(one, int) and 0 <= one < 2**32 for one in value):
        return tag, 4, len(value), value, True
    return None


def _add_directories(path: Path, parts: list[dict[int, dict[int, Any]]]) -> None:
    """EXIF and GPS appended, and pointed at.

    tifffile writes no such tags, so each page has one of the number below in its place.
    """
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for page, directories in zip(tiff.pages, parts, strict=True):
            for tag, tags in directories.items():
                ifd = ImageFileDirectory_v2(prefix=b"II")
                for key, value in tags.items():
                    with suppress(Exception):
                        ifd[key] = value
                file = tiff.filehandle
                at = file.size + file.size % 2
                data = ifd.tobytes(at)
                file.seek(at)
                file.write(data)
                file._size = at + len(data)
                entry = page.aspage().tags[tag - 1]
                entry.overwrite(at)
                file.seek(entry.offset)
                file.write(struct.pack("<H", tag))
