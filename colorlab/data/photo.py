"""One photo file in, one photo file out: every mode, every orientation, whole or not at all."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

import colorlab.data.raster as raster
import colorlab.data.tiff as tiff
import colorlab.data.tones as tones
from colorlab.data.files import whole_file
from colorlab.data.formats import FORMATS, format_of, losses, write_format
from colorlab.data.pixels import Photo, PhotoError, from_array, is_grey, to_depth

__all__ = ["Photo", "PhotoError", "in_8_bits", "read_pages", "read_photo", "write_photo"]

MEGAPIXELS = 178.0
"""Larger photos are refused unless a caller allows more: they may be made to fill memory."""

_RAW = {".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".pef", ".raf", ".rw2", ".srw"}

# Readers log what is wrong with a damaged file; without a handler that would go to stderr.
for reader in ("PIL", "tifffile"):
    logging.getLogger(reader).addHandler(logging.NullHandler())

with suppress(ImportError):  # the extra "heic"
    import pillow_heif

    pillow_heif.register_heif_opener()


def read_photo(source: Any, megapixels: float = MEGAPIXELS) -> Photo:
    """Read a photo as 8-bit sRGB, of several pages the first.

    `source`: a file's path, bytes or file object; a PIL image; an array (H, W), (H, W, 1),
    (H, W, 3) or (H, W, 4) as `from_array` takes it; a torch tensor likewise or (3, H, W).
    EXIF orientation is obeyed, and whatever the file says about its colours. Raises PhotoError,
    naming file and reason.
    """
    return in_8_bits(next(_photos(source, 0, megapixels)))


def in_8_bits(photo: Photo) -> Photo:
    """The photo with uint8 pixels, each channel in a place of its own."""
    rgb = to_depth(photo.rgb, np.uint8)
    alpha = None if photo.alpha is None else to_depth(photo.alpha, np.uint8)
    return replace(photo, rgb=np.ascontiguousarray(rgb), alpha=alpha)


def read_pages(
    source: Any, page: int | None = None, megapixels: float = MEGAPIXELS
) -> Iterator[Photo]:
    """The pages or frames of a photo, one after the other, or only number `page`, from 1.

    8 bits stay 8 bits, anything wider comes as 16. `source` and errors are those of `read_photo`;
    a page that is not there is a PhotoError too.
    """
    if page is not None and page < 1:
        raise PhotoError(f"pages are numbered from 1, got {page}")
    return _photos(source, None if page is None else page - 1, megapixels)


def _photos(source: Any, page: int | None, megapixels: float) -> Iterator[Photo]:
    if hasattr(source, "detach") and hasattr(source, "cpu"):  # a tensor, without importing torch
        source = source.detach().cpu().numpy()
        if source.ndim == 3 and source.shape[0] in (1, 3, 4) and source.shape[2] not in (1, 3, 4):
            source = np.moveaxis(source, 0, -1)
    if isinstance(source, np.ndarray):
        yield from_array(source)
    elif isinstance(source, Image.Image):
        with _in_words("this image"):
            yield raster.from_image(source)
    elif isinstance(source, bytes | bytearray | memoryview):
        yield from _from_file(io.BytesIO(source), "this photo", page, megapixels)
    elif hasattr(source, "read"):
        yield from _from_file(io.BytesIO(source.read()), "this photo", page, megapixels)
    elif isinstance(source, str | Path):
        path = Path(source)
        if path.suffix.lower() in _RAW:
            raise PhotoError(
                f"{path}: a camera's raw file; develop it into a 16-bit TIFF first, for example "
                "with darktable or RawTherapee"
            )
        with _in_words(str(path)), path.open("rb") as file:
            yield from _from_file(file, str(path), page, megapixels)
    else:
        raise PhotoError(f"expected a photo's path, bytes, image or array, got {type(source)}")


def _from_file(file: BinaryIO, name: str, page: int | None, megapixels: float) -> Iterator[Photo]:
    with _in_words(name):
        head = file.read(16)
        file.seek(0)
        if not head:
            raise PhotoError("the file is empty")
        photos = (tiff if tiff.is_tiff(head) else raster).read(file, page, megapixels)
        while True:
            try:
                photo = next(photos)
            except StopIteration:
                return
            except (IndexError, EOFError) as error:
                if page:
                    raise PhotoError(f"there is no page {page + 1}") from None
                raise error
            yield photo


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Whatever reading raises as a PhotoError that begins with the photo's name."""
    limit = Image.MAX_IMAGE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders' own, of damaged files
            Image.MAX_IMAGE_PIXELS = None  # `check_size` has its own limit
            yield
    except PhotoError as error:
        words = str(error)
        raise error if words.startswith(name) else PhotoError(f"{name}: {words}") from None
    except FileNotFoundError:
        raise PhotoError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise PhotoError(f"{name}: is a folder, not a photo") from None
    except PermissionError:
        raise PhotoError(f"{name}: not allowed to read it") from None
    except UnidentifiedImageError:
        raise PhotoError(f"{name}: not an image that can be read{_hint(name)}") from None
    except (GeneratorExit, KeyboardInterrupt):
        raise
    except Exception as error:  # decoders raise a dozen kinds on a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PhotoError(f"{name}: broken image ({reason})") from None
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _hint(name: str) -> str:
    if Path(name).suffix.lower() in (".heic", ".heif", ".hif"):
        return '; HEIC needs pillow-heif: pip install "colorlab-course[heic]"'
    return ""


def write_photo(
    photo: Photo | Iterable[Photo],
    path: str | Path,
    overwrite: bool = False,
    quality: int | None = None,
    profile: str = "srgb",
) -> list[str]:
    """Write a photo, or pages, whole or not at all, in the format of the suffix.

    Returns sentences about what the format can't hold. `profile` "keep" converts the pixels back
    to the profile they had, where that is one of RGB. Raises PhotoError for an unknown suffix, a
    file that is there already (unless `overwrite`), or a place that cannot be written.
    """
    path = Path(path)
    name = format_of(path.suffix)
    if name is None:
        raise PhotoError(f"{path}: can't write {path.suffix or 'a file without suffix'}")
    if path.exists() and not overwrite:
        raise PhotoError(f"{path}: exists already, and was not to be overwritten")
    pages = iter([photo] if isinstance(photo, Photo) else photo)
    first = next(pages)
    words = losses(name, first)
    if not FORMATS[name].pages:
        if first.pages > 1 and not isinstance(photo, Photo):
            words.append(f"{name} holds one page; {first.pages - 1} further ones were left out")
        pages = iter(())
    embedded = tones.SRGB
    convert = profile == "keep" and first.metadata.icc and "profile" in FORMATS[name].keeps
    if convert:
        if tones.profile_space(first.metadata.icc) == "rgb":
            embedded = first.metadata.icc
        else:
            words.append("its profile is not of RGB; sRGB is embedded instead")
            convert = b""
    everything: Iterator[Photo] = chain([first], pages)
    if convert:
        everything = (_under(one, embedded) for one in everything)
    try:
        with whole_file(path) as part:
            write_format(name, everything, part, embedded, quality)
    except KeyError:
        raise PhotoError(f"{path}: this Pillow can't write {name}") from None
    except OSError as error:
        raise PhotoError(f"{path}: can't write ({error.strerror or error})") from None
    return words


def _under(photo: Photo, profile: bytes) -> Photo:
    rgb = np.array(photo.rgb) if is_grey(photo.rgb) else photo.rgb
    return replace(photo, rgb=tones.convert(rgb, tones.SRGB, profile))
