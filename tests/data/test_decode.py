"""Every kind of photo file that turns up in a folder, against Pillow alone and known colours."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from colorlab.data.decode import decode
from colorlab.data.photo import PhotoError, read_photo
from colorlab.data.samples import sample_photos

(ASTRONAUT,) = sample_photos("astronaut")
RGB = np.ascontiguousarray(ASTRONAUT.rgb[100:300:2, 100:260:2])  # (100, 80, 3)
GREY = np.asarray(Image.fromarray(RGB).convert("L"))


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png16(pixels: NDArray[np.uint16], colour_type: int) -> bytes:
    """A 16-bit PNG, (H, W) or (H, W, 3), after the PNG specification; Pillow writes no RGB one."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(
        b"IEND", b""
    )  # fmt: skip


def test_lossless_files_come_back_exactly(tmp_path: Path) -> None:
    image = Image.fromarray(RGB)
    transparent = image.copy()
    transparent.putalpha(Image.fromarray(GREY))
    palette = image.quantize(64)
    repeated = np.repeat(GREY[..., None], 3, axis=2)
    files: dict[str, tuple[bytes, NDArray[np.uint8]]] = {
        "rgb.png": (saved(image, "PNG"), RGB),
        "rgb.webp": (saved(image, "WEBP", lossless=True), RGB),
        "rgb.bmp": (saved(image, "BMP"), RGB),
        "rgb.tif": (saved(image, "TIFF"), RGB),
        "rgb.ppm": (saved(image, "PPM"), RGB),
        "rgba.png": (saved(transparent, "PNG"), RGB),
        "grey.png": (saved(image.convert("L"), "PNG"), repeated),
        "grey_alpha.png": (saved(image.convert("LA"), "PNG"), repeated),
        "palette.png": (saved(palette, "PNG"), np.asarray(palette.convert("RGB"))),
        "palette.gif": (saved(palette, "GIF"), np.asarray(palette.convert("RGB"))),
        "grey16.png": (png16(GREY.astype(np.uint16) * 257, 0), repeated),
        "rgb16.png": (png16(RGB.astype(np.uint16) * 257, 2), RGB),
        "animated.webp": (
            saved(image, "WEBP", lossless=True, save_all=True, append_images=[image.rotate(90)]),
            RGB,
        ),
        "a jpeg in name only.jpg": (saved(image, "PNG"), RGB),
    }
    for name, (data, expected) in files.items():
        (tmp_path / name).write_bytes(data)
        photo = decode(tmp_path / name)
        assert photo.dtype == torch.uint8, name
        assert np.array_equal(photo.permute(1, 2, 0).numpy(), expected), name


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_agree_with_pillow(
    mode: str, orientation: int, progressive: bool, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x112] = orientation
    file = tmp_path / "photo.jpg"
    image = Image.fromarray(RGB).convert(mode)
    file.write_bytes(saved(image, "JPEG", quality=90, exif=exif, progressive=progressive))
    photo = decode(file).permute(1, 2, 0).numpy()
    assert photo.shape == ((100, 80, 3) if orientation < 5 else (80, 100, 3))
    # The two may be built with libjpegs that round differently.
    assert np.abs(photo.astype(int) - read_photo(file).rgb).max() <= 2


def test_webp_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6  # the camera was held clockwise by a quarter turn
    file = tmp_path / "turned.webp"
    file.write_bytes(saved(Image.fromarray(RGB), "WEBP", lossless=True, exif=exif))
    assert np.array_equal(decode(file).permute(1, 2, 0).numpy(), np.rot90(RGB, -1))


def test_a_colour_profile_is_obeyed(tmp_path: Path) -> None:
    """The rocket is Adobe RGB; an sRGB profile must change nothing."""
    (rocket,) = sample_photos("rocket")
    stored = np.asarray(Image.open(rocket.path)).astype(int)
    spread = [int((rgb.max(axis=2) - rgb.min(axis=2)).mean()) for rgb in (stored, rocket.rgb)]
    assert spread[1] > spread[0]  # the same numbers mean stronger colours in the larger space

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.fromarray(RGB)
    for name, options in {"plain.jpg": {}, "srgb.jpg": {"icc_profile": profile}}.items():
        (tmp_path / name).write_bytes(saved(image, "JPEG", quality=90, **options))
    assert torch.equal(decode(tmp_path / "plain.jpg"), decode(tmp_path / "srgb.jpg"))


def test_unreadable_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    jpeg = saved(Image.fromarray(RGB), "JPEG")
    png = saved(Image.fromarray(RGB), "PNG")
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 0xFF  # torchvision's PNG decoder crashes on such a file
    files = {
        "empty.jpg": b"",
        "text.jpg": b"not a photo",
        "half.jpg": jpeg[: len(jpeg) // 2],
        "header.jpg": jpeg[:20],
        "half.png": png[: len(png) // 2],
        "flipped.png": bytes(flipped),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PhotoError, match=name):
            decode(tmp_path / name)
    (tmp_path / "folder.jpg").mkdir()
    for name in ("folder.jpg", "missing.jpg"):
        with pytest.raises(PhotoError, match=name):
            decode(tmp_path / name)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    """No damaged file crashes, or comes out as anything but a uint8 RGB tensor or a PhotoError."""
    format = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP"]))
    stored = bytearray(saved(Image.fromarray(RGB[:24, :24]), format))
    for at in data.draw(st.lists(st.integers(0, len(stored) - 1), max_size=8)):
        stored[at] = data.draw(st.integers(0, 255))
    file = tmp_path / "damaged.jpg"
    file.write_bytes(stored[: data.draw(st.integers(0, len(stored)))])
    try:
        photo = decode(file)
    except PhotoError:
        return
    assert photo.dtype == torch.uint8
    assert photo.ndim == 3
    assert photo.shape[0] == 3
