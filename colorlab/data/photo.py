"""One photo file in, one photo file out: every mode, every orientation, whole or not at all."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from colorlab.data.files import write_whole
from colorlab.data.formats import FORMATS, format_of


class PhotoError(ValueError):
    """A photo that cannot be read or written; the message is one sentence for the user."""


@dataclass(frozen=True)
class Photo:
    """A photo, upright, as sRGB.

    `rgb` is uint8 (H, W, 3); `alpha` is uint8 (H, W), or None for an opaque photo; `format` is
    what it was stored as, lower case ("jpeg"), or "" for an array; `exif` is kept for the result.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    format: str = ""
    exif: bytes = b""


def read_photo(source: str | Path | Image.Image | NDArray[np.generic]) -> Photo:
    """Read a file, a PIL image or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

    EXIF orientation is obeyed, an embedded colour profile converted to sRGB, 16-bit values are
    brought to 8 bits, floats in [0, 1] likewise. Of an animation the first frame is taken.
    Raises PhotoError, naming file and reason.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_image(source, "this image")
    path = Path(source)
    try:
        with warnings.catch_warnings():
            # Below Pillow's hard limit (179 megapixels) a large photo is welcome.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                return _from_image(image, str(path))
    except FileNotFoundError:
        raise PhotoError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise PhotoError(f"{path}: is a folder, not a photo") from None
    except PermissionError:
        raise PhotoError(f"{path}: not allowed to read it") from None
    except Image.DecompressionBombError:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise PhotoError(f"{path}: more than {limit} megapixels, refused as a trap") from None
    except UnidentifiedImageError:
        empty = path.is_file() and path.stat().st_size == 0
        reason = "the file is empty" if empty else "not an image that can be read"
        raise PhotoError(f"{path}: {reason}") from None
    except PhotoError:
        raise
    except Exception as error:  # Pillow's decoders raise a dozen kinds on a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PhotoError(f"{path}: broken image ({reason})") from None


def _from_array(array: NDArray[np.generic]) -> Photo:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise PhotoError(f"expected an array (H, W), (H, W, 3) or (H, W, 4), got {array.shape}")
    pixels = _to_uint8(array, "this array")
    alpha = pixels[..., 3] if pixels.shape[2] == 4 else None
    rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., :3]
    return Photo(np.ascontiguousarray(rgb), alpha)


def _to_uint8(values: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * 255
    low, high = float(values.min()), float(values.max())
    if np.issubdtype(values.dtype, np.floating) and low >= 0 and high <= 1:
        top = 1.0
    elif np.issubdtype(values.dtype, np.integer) and low >= 0 and high <= 65535:
        top = 65535.0
    else:
        raise PhotoError(f"{name}: values {low:g}..{high:g} are no 8-bit, 16-bit or 0..1 picture")
    return np.round(values.astype(np.float32) * (255 / top)).astype(np.uint8)


def _from_image(image: Image.Image, name: str) -> Photo:
    stored = {"mpo": "jpeg"}.get((image.format or "").lower(), (image.format or "").lower())
    image.load()
    image = ImageOps.exif_transpose(image)
    exif = image.getexif().tobytes() if image.getexif() else b""
    if image.mode == "F" or image.mode.startswith("I"):
        grey = _to_uint8(np.asarray(image), name)
        return Photo(np.repeat(grey[..., None], 3, axis=2), None, stored, exif)
    alpha = None
    if image.has_transparency_data:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    rgb = np.array(_to_srgb(image))
    return Photo(rgb, alpha, stored, exif)


def _to_srgb(image: Image.Image) -> Image.Image:
    """RGB by the embedded profile where there is one that is not sRGB itself."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile is no reason to refuse the photo
    return image.convert("RGB")


def write_photo(photo: Photo, path: str | Path, overwrite: bool = False) -> None:
    """Write whole or not at all, in the format of the suffix; alpha is kept where it can be.

    Raises PhotoError for an unknown suffix, a file that is there already (unless `overwrite`),
    or a place that cannot be written.
    """
    path = Path(path)
    name = format_of(path.suffix)
    if name is None:
        raise PhotoError(f"{path}: can't write {path.suffix or 'a file without suffix'}")
    if path.exists() and not overwrite:
        raise PhotoError(f"{path}: exists already (--force overwrites)")
    image = Image.fromarray(photo.rgb)
    if photo.alpha is not None and FORMATS[name].alpha:
        image.putalpha(Image.fromarray(photo.alpha))
    options = dict(FORMATS[name].options)
    if photo.exif and FORMATS[name].exif:
        options["exif"] = photo.exif
    file = io.BytesIO()
    try:
        image.save(file, format=name, **options)
        write_whole(path, file.getvalue())
    except KeyError:
        raise PhotoError(f"{path}: this Pillow can't write {name}") from None
    except OSError as error:
        raise PhotoError(f"{path}: can't write ({error.strerror or error})") from None
