"""Every format but TIFF, by Pillow: files to photos, and photos to the bytes of a file."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, PngImagePlugin

import colorlab.data.tones as tones
from colorlab.data.metadata import (
    COLOR_SPACE,
    EXIF_IFD,
    INTEROP_IFD,
    ORIENTATION,
    Metadata,
    from_pillow,
    part_of,
    resource_blocks,
    short_exif,
    tidy,
    with_dpi_in_exif,
    with_text_in_exif,
)
from colorlab.data.pixels import Photo, as_rgb, check_size, full_range, is_grey, to_depth

_SPACES = {"L": "gray", "RGB": "rgb", "CMYK": "cmyk"}
Parts = list[bytes | memoryview]
"""A file's bytes, one part after the other: large ones are not copied to be put together."""

QUALITY = {"JPEG": 95, "WEBP": 95, "AVIF": 90}
"""What lossy formats are written with where no quality is asked for."""

_JPEG_SEGMENT = 65_533
_PNG_HEADER = 33  # the signature and IHDR


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored pixels (H, W) or (H, W, C) turned as EXIF's orientation, 1 to 8, says."""
    if orientation in (2, 3, 7, 8):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 6, 7):
        pixels = pixels[::-1]
    return pixels.swapaxes(0, 1) if orientation in (5, 6, 7, 8) else pixels


def finish(
    samples: NDArray[Any],
    alpha: NDArray[Any] | None,
    space: tones.Space,
    profile: bytes | None,
    metadata: Metadata,
    orientation: int,
    **more: Any,
) -> Photo:
    """The photo of full-range samples: sRGB, upright, its metadata brought up to date.

    The file's own profile is obeyed where it is for such samples, `profile` where it has none.
    """
    notes: tuple[str, ...] = more.pop("notes", ())
    if metadata.icc:
        if tones.profile_space(metadata.icc) == space:
            profile = metadata.icc
        else:
            notes += ("its colour profile is damaged or of another kind, and was not obeyed",)
    try:
        rgb = tones.to_srgb(samples, profile, space)
    except ValueError as error:
        notes += (f"{error} was not obeyed",)
        rgb = tones.to_srgb(samples, None, space)
    if is_grey(rgb):
        rgb = as_rgb(upright(rgb[..., 0], orientation))
    elif orientation > 1:
        rgb = np.ascontiguousarray(upright(rgb, orientation))
    if alpha is not None:
        alpha = np.ascontiguousarray(upright(alpha, orientation))
    if metadata.dpi and orientation > 4:
        metadata = replace(metadata, dpi=metadata.dpi[::-1])
    return Photo(rgb, alpha, metadata=tidy(metadata), notes=notes, **more)


def read(file: BinaryIO, page: int | None, megapixels: float) -> Iterator[Photo]:
    """The frames of a file, or the one numbered `page`, from 0.

    Raises PhotoError for a frame of more than `megapixels`, and as Pillow does.
    """
    with Image.open(file) as image:
        kind = {"mpo": "jpeg"}.get((image.format or "").lower(), (image.format or "").lower())
        frames = getattr(image, "n_frames", 1) if image.format != "MPO" else 1
        pages = frames if kind in ("gif", "webp", "png", "avif") else 1
        lossless = kind == "webp" and _lossless(file)
        notes: tuple[str, ...] = ()
        if frames > pages:
            notes += ("pictures inside it beside the first were left out",)
        if kind == "avif" and (bits := _avif_bits(file)) > 8:
            notes += (f"its {bits} bits a sample were read as 8",)
        image.seek(0)
        for number in range(pages) if page is None else (page,):
            image.seek(number)
            check_size(*image.size, megapixels)
            stored: dict[str, Any] = {"pages": pages}
            if kind == "webp":
                stored["lossless"] = lossless
            if pages > 1:
                image.load()
                stored |= {
                    key: image.info[key] for key in ("duration", "loop") if key in image.info
                }
            photo = from_image(*(_decoded(image, file) if pages == 1 else (image, None)))
            yield replace(photo, format=kind, stored=stored, notes=photo.notes + notes)


def _lossless(file: BinaryIO) -> bool:
    file.seek(0)
    data = file.read()
    return b"VP8L" in data and b"VP8 " not in data


_MARKER = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")  # others stand inside a JPEG's compressed data


def _complete(jpeg: bytes) -> bool:
    """Whether a JPEG has its end. What imagecodecs can't find it makes grey, without a word."""
    at = 2
    while found := _MARKER.search(jpeg, at):
        if jpeg[found.end() - 1] == 0xD9:
            return True
        at = found.end() + int.from_bytes(jpeg[found.end() : found.end() + 2], "big")
    return False


def _decoded(image: Image.Image, file: BinaryIO) -> tuple[Image.Image, NDArray[Any] | None]:
    """An open image and its pixels, if its file is of a plain kind; None leaves them to Pillow.

    imagecodecs decodes into the array itself; Pillow would take three times the memory, and makes
    8 bits of 16. Of a PNG the image is then one of a single pixel, with all the metadata.
    """
    file.seek(0)
    if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
        data = file.read()
        if _complete(data):
            samples = imagecodecs.jpeg8_decode(data)
            return image, samples if samples.shape[:2] == image.size[::-1] else None
    elif image.format == "PNG":
        data = file.read()
        chunks = _chunks(data)
        deep, sound = data[24] == 16, all(map(_sound, chunks))
        if deep and not sound:  # libpng would warn on the terminal, and make what it can of it
            raise OSError("a checksum is wrong")
        simple = data[24] >= 8 and data[25] != 3
        if simple and sound and not {b"tRNS", b"acTL"} & {kind for kind, _ in chunks}:
            samples = imagecodecs.png_decode(data)
            pixel = imagecodecs.png_encode(np.ascontiguousarray(samples[:1, :1]))
            return Image.open(io.BytesIO(b"".join(_with_chunks(pixel, chunks)))), samples
    elif image.format == "HEIF" and image.info.get("bit_depth", 8) > 8:
        import pillow_heif  # which has opened the image, with 8 bits

        bits = image.info["bit_depth"]
        samples = np.asarray(pillow_heif.open_heif(file, convert_hdr_to_8bit=False))
        return image, full_range(samples >> (16 - bits), "this image", bits)[0]
    return image, None


def _avif_bits(file: BinaryIO) -> int:
    """Bits a sample of an AVIF, by its property "pixi"; Pillow makes 8 of more."""
    file.seek(0)
    head = file.read(4096)
    at = head.find(b"pixi")
    return head[at + 9] if 0 <= at < len(head) - 9 else 8


def from_image(image: Image.Image, samples: NDArray[Any] | None = None) -> Photo:
    """A PIL image as a photo. `samples` are its pixels, uint8 or uint16, where they are known."""
    if samples is None:
        image.load()
    metadata = from_pillow(image)
    orientation = image.getexif().get(ORIENTATION, 1)
    orientation = orientation if orientation in range(1, 9) else 1
    alpha: NDArray[Any] | None = None
    notes: tuple[str, ...] = ()
    if samples is not None:
        if samples.ndim == 3 and samples.shape[2] in (2, 4):
            samples, alpha = samples[..., :-1], np.ascontiguousarray(samples[..., -1])
        if samples.ndim == 3 and samples.shape[2] == 1:
            samples = samples[..., 0]
        space = "gray" if samples.ndim == 2 else "rgb"
        samples, notes = full_range(samples, "this image")
    elif image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        small = image.mode == "I" and values.size and values.min() >= 0 and values.max() <= 255
        wide = np.uint8 if small else np.uint16
        if image.mode != "F" and values.size and 0 <= values.min() <= values.max() <= 65535:
            values = values.astype(wide)
        samples, notes = full_range(values, "this image")
        space = "gray"
    else:
        if image.has_transparency_data:
            alpha = np.asarray(image.convert("RGBA").getchannel("A"))
        plain = {"LA": "L", "La": "L", "1": "L", "PA": "RGB"}.get(image.mode, image.mode)
        plain = plain if plain in _SPACES else "RGB"
        space = _SPACES[plain]
        if plain == "CMYK" and tones.profile_space(metadata.icc) != "cmyk":
            plain, space = "RGB", "rgb"
        samples = np.array(image if image.mode == plain else image.convert(plain))
    profile = _described(image, space, metadata)
    return finish(
        samples, alpha, space, profile, metadata, orientation, notes=notes,
        format=(image.format or "").lower(),
    )  # fmt: skip


def _described(image: Image.Image, space: tones.Space, metadata: Metadata) -> bytes | None:
    """The profile that PNG's chunks or EXIF's colour space mean, where there is no ICC profile."""
    if metadata.icc or space not in ("gray", "rgb"):
        return None
    info = image.info
    nclx = info.get("nclx_profile") or {}  # HEIC's word for the same
    if code := info.get("cicp") or [
        nclx[key] for key in ("color_primaries", "transfer_characteristics") if key in nclx
    ]:
        primaries = tones.CICP_PRIMARIES.get(code[0])
        gamma = tones.CICP_CURVES.get(code[1])
        return tones.described(space, gamma, primaries) if primaries and gamma is not None else None
    if image.format == "PNG" and "srgb" in info:
        return None
    if image.format == "PNG" and info.get("gamma"):
        corners = tuple(info.get("chromaticity") or ())
        known = (corners[2:], corners[:2]) if len(corners) == 8 else ()
        return tones.described(space, 1 / info["gamma"], *known)
    exif = image.getexif()
    camera = part_of(exif, EXIF_IFD)
    index = str(camera.get(INTEROP_IFD) and exif.get_ifd(INTEROP_IFD).get(1, ""))
    if space == "rgb" and (camera.get(COLOR_SPACE) == 2 or index.startswith("R03")):
        return tones.adobe_rgb()
    return None


def _read_cicp(self: PngImagePlugin.PngStream, pos: int, length: int) -> bytes:
    """Pillow passes the chunk over."""
    assert self.fp is not None
    body: bytes = ImageFile._safe_read(self.fp, length)
    if length >= 4:
        self.im_info["cicp"] = tuple(body[:4])
    return body


if not hasattr(PngImagePlugin.PngStream, "chunk_cICP"):
    PngImagePlugin.PngStream.chunk_cICP = _read_cicp  # type: ignore[attr-defined]


def _options(photo: Photo, profile: bytes) -> dict[str, Any]:
    meta = photo.metadata
    return {"icc_profile": profile, "exif": meta.exif, "xmp": meta.xmp, "dpi": meta.dpi}


def _save(image: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **{key: value for key, value in options.items() if value})
    return file.getvalue()


def _image(photo: Photo, alpha: bool = True) -> Image.Image:
    rgb = to_depth(photo.rgb, np.uint8)
    if photo.alpha is not None and alpha:
        return Image.fromarray(np.dstack([rgb, to_depth(photo.alpha, np.uint8)]))
    return Image.fromarray(np.ascontiguousarray(rgb))


def jpeg(pages: Sequence[Photo], profile: bytes, quality: int | None) -> Parts:
    """A JPEG; what is longer than a segment of one can hold is shortened or left out."""
    (photo,) = pages
    photo = replace(photo, metadata=with_text_in_exif(photo.metadata))
    options = _options(photo, profile)
    if len(photo.metadata.exif) > _JPEG_SEGMENT:
        options["exif"] = short_exif(photo.metadata)
    if len(photo.metadata.xmp) > 65_000:
        options["xmp"] = b""
    blocks = b"Photoshop 3.0\0" + resource_blocks(photo.metadata.resources)
    if photo.metadata.resources and len(blocks) <= _JPEG_SEGMENT:
        options["extra"] = b"\xff\xed" + struct.pack(">H", len(blocks) + 2) + blocks
    options["comment"] = photo.metadata.text.get("Comment", "").encode()[:_JPEG_SEGMENT]
    if max(photo.rgb.shape[:2]) > 65_500:
        raise OSError("JPEG holds at most 65,500 pixels a side")
    head = _save(Image.new("RGB", (8, 8)), "JPEG", **options)
    rgb = np.ascontiguousarray(to_depth(photo.rgb, np.uint8))
    # Room that is not touched costs no memory; where it does not suffice, the codec makes its own.
    body = imagecodecs.jpeg8_encode(rgb, level=quality or QUALITY["JPEG"], out=rgb.nbytes)
    # Pillow writes the segments; the pixels come from the array itself, without a copy.
    return [head[: _first_table(head)], memoryview(body)[_first_table(body) :]]


def _first_table(jpeg: Any) -> int:
    """Where a JPEG's quantization tables begin, which follow its metadata."""
    at = 2
    while jpeg[at + 1] != 0xDB:
        at += 2 + int.from_bytes(bytes(jpeg[at + 2 : at + 4]), "big")
    return at


def png(pages: Sequence[Photo], profile: bytes, quality: int | None) -> Parts:
    """A PNG of 8 or 16 bits; of several frames an animated one, of 8 bits."""
    photo = pages[0]
    text = PngImagePlugin.PngInfo()
    if photo.metadata.xmp:
        text.add_itxt("XML:com.adobe.xmp", photo.metadata.xmp.decode("utf-8", "replace"))
    for key, value in photo.metadata.text.items():
        text.add_text(key[:79], value)
    options = _options(photo, profile) | {"pnginfo": text, "xmp": b""}
    if len(pages) > 1:
        return [_save(_image(photo), "PNG", **options, **_frames(pages))]
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    # As small as Pillow's, and faster; 16 bits a sample Pillow does not write at all.
    body = imagecodecs.png_encode(
        np.ascontiguousarray(pixels), strategy=imagecodecs.PNG.STRATEGY.FILTERED
    )
    return _with_chunks(body, _chunks(_save(Image.new("RGB", (1, 1)), "PNG", **options)))


def _with_chunks(png: bytes | bytearray, chunks: Sequence[tuple[bytes, memoryview]]) -> Parts:
    """A PNG with those of another's chunks that are not its pixels, after the header."""
    own = [chunk for kind, chunk in chunks if kind not in (b"IHDR", b"IDAT", b"IEND")]
    whole = memoryview(png)
    return [whole[:_PNG_HEADER], *own, whole[_PNG_HEADER:]]


def _chunks(data: bytes) -> list[tuple[bytes, memoryview]]:
    """A PNG's chunks and their kinds, as far as they are whole."""
    found, at, whole = [], 8, memoryview(data)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append((data[at + 4 : at + 8], whole[at : at + length + 12]))
        at += length + 12
    return found


def _sound(chunk: tuple[bytes, memoryview]) -> bool:
    """Whether a PNG's chunk has the checksum of its bytes."""
    return zlib.crc32(chunk[1][4:-4]) == int.from_bytes(chunk[1][-4:], "big")


def _frames(pages: Sequence[Photo]) -> dict[str, Any]:
    durations = [int(page.stored.get("duration", 100) or 0) for page in pages]
    more = [_image(page) for page in pages[1:]]
    timing = {"duration": durations, "loop": int(pages[0].stored.get("loop", 0))}
    return {"save_all": True, "append_images": more, **timing}


def webp(pages: Sequence[Photo], profile: bytes, quality: int | None) -> Parts:
    """A WebP, animated if there are several frames; lossless where the photo was.

    Its sRGB goes without a profile: that is what a WebP without one means by its specification.
    """
    photo = replace(pages[0], metadata=with_dpi_in_exif(with_text_in_exif(pages[0].metadata)))
    frames = _frames(pages) if len(pages) > 1 else {}
    lossless = bool(photo.stored.get("lossless")) and quality is None
    options = _options(photo, b"" if profile == tones.SRGB else profile)
    options |= {"dpi": None, "lossless": lossless}
    quality = quality or QUALITY["WEBP"]
    return [_save(_image(photo), "WEBP", quality=quality, **options, **frames)]


def avif(pages: Sequence[Photo], profile: bytes, quality: int | None) -> Parts:
    """An AVIF of 8 bits."""
    (photo,) = pages
    photo = replace(photo, metadata=with_dpi_in_exif(with_text_in_exif(photo.metadata)))
    options = _options(photo, profile) | {"dpi": None}
    return [_save(_image(photo), "AVIF", quality=quality or QUALITY["AVIF"], **options)]


def jp2(pages: Sequence[Photo], profile: bytes, quality: int | None) -> Parts:
    """A JPEG 2000, lossless unless a quality is asked for; without metadata."""
    (photo,) = pages
    layers = {"quality_mode": "dB", "quality_layers": [20 + 0.3 * (quality or 0)]}
    rate = layers | {"irreversible": True} if quality else {}
    return [_save(_image(photo), "JPEG2000", **rate)]


def plain(format: str, pages: Sequence[Photo], alpha: bool) -> Parts:
    """Any other format that Pillow writes: pixels, and dots an inch where it has a place."""
    (photo,) = pages
    return [_save(_image(photo, alpha), format, dpi=photo.metadata.dpi)]
