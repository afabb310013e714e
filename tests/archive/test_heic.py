"""HEIC: orientation, depth, profile and captions, and what is said where it can't be read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorlab.data import sample_photos
from colorlab.data.photo import PhotoError, read_pages, read_photo
from colorlab.inference.colorize import colorize_file, load_model
from colorlab.inference.files import find_sources


def test_without_the_extra_every_heic_of_a_folder_is_reported(tmp_path: Path) -> None:
    for name in ("a.heic", "b.HIF"):
        (tmp_path / name).write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    found = [source.path for source in find_sources([tmp_path])]
    assert [path.name for path in found] == ["a.heic", "b.HIF"]
    if find_spec("pillow_heif") is None:
        for path in found:
            with pytest.raises(PhotoError, match="HEIC needs pillow-heif"):
                read_photo(path)


def test_a_heic_is_read_upright_with_its_bits_and_captions(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    rgb = np.ascontiguousarray(sample_photos("chelsea")[0].rgb)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Harbour, 1931"
    turned, deep = tmp_path / "turned.heic", tmp_path / "deep.heic"
    Image.fromarray(rgb).save(turned, quality=95, exif=exif.tobytes())
    sixteen = (rgb.astype(np.uint16) * 257).tobytes()
    heif.from_bytes("RGB;16", rgb.shape[1::-1], sixteen).save(deep, quality=95)

    photo = read_photo(turned)
    assert np.abs(photo.rgb.astype(int) - np.rot90(rgb, -1)).mean() < 2
    assert photo.metadata.exif_tags()[0x010E] == "Harbour, 1931"
    assert photo.metadata.exif_tags()[0x0112] == 1

    (photo,) = read_pages(deep)
    assert photo.rgb.dtype == np.uint16
    assert len(np.unique(photo.rgb)) > 256
    assert np.abs(photo.rgb / 65535 - rgb / 255).mean() < 0.01
    colorize_file(deep, tmp_path / "deep.png", load_model("efficientnet_lite0"))
    assert next(read_pages(tmp_path / "deep.png")).rgb.dtype == np.uint16


def test_an_avif_of_ten_bits_says_that_it_is_read_as_eight() -> None:
    import imagecodecs

    rgb = np.ascontiguousarray(sample_photos("chelsea")[0].rgb[:64, :64])
    ten = bytes(imagecodecs.avif_encode(rgb.astype(np.uint16) * 4, bitspersample=10, level=90))
    assert read_photo(ten).notes == ("its 10 bits a sample were read as 8",)
    eight = bytes(imagecodecs.avif_encode(rgb, level=90))
    assert read_photo(eight).notes == ()
