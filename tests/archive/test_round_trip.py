"""A folder of scans through the command: what comes out is what went in, but for the colours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import torch
from numpy.typing import NDArray
from PIL import Image

from colorlab.color import lightness
from colorlab.data import sample_photos
from colorlab.data.photo import Photo, read_pages, write_photo
from colorlab.inference.colorize import colorize_rgb, load_model

CAPTION = "Harbour, 1931"
EXACT = ["box/sheet.tif", "box/deep.tif", "box/inner/grey.png", "deep.png", "lossless.webp"]
LOSSY = ["box/photo.jpg", "lossy.webp"]
SOURCES = ["astronaut", "chelsea", "coffee", "china", "flower", "rocket"]


def tones(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """L* of full-range integers (H, W, 3): (H, W)."""
    share = rgb / float(np.iinfo(rgb.dtype).max)
    return lightness(torch.from_numpy(share).permute(2, 0, 1))[0].numpy()


def _write_tiff(path: Path, pages: list[NDArray[Any]], **options: Any) -> None:
    with tifffile.TiffWriter(path) as tiff:
        for page in pages:
            tiff.write(
                page,
                photometric="rgb" if page.ndim == 3 else "minisblack",
                resolution=(600, 600),
                resolutionunit=2,
                description=CAPTION,
                metadata=None,
                **options,
            )


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of several formats and depths, in folders inside folders, with captions and dpi."""
    folder = tmp_path_factory.mktemp("scans")
    (folder / "box" / "inner").mkdir(parents=True)
    photos = {name: np.ascontiguousarray(sample_photos(name)[0].rgb) for name in SOURCES[:4]}
    first, second, third, fourth = photos.values()
    grain = np.random.default_rng(0).integers(0, 257, (*third.shape[:2], 1)).astype(np.uint16)
    deep = np.minimum(third.astype(np.uint16) * 257 + grain, 65535)  # every bit is in use
    _write_tiff(folder / "box/sheet.tif", [first, second[..., 1]], compression="lzw")
    _write_tiff(folder / "box/deep.tif", [deep, deep[..., 0]], tile=(64, 64))
    exif = Image.Exif()
    exif[0x010E] = CAPTION
    said = {"exif": exif, "dpi": (600, 600)}
    Image.fromarray(second[..., 1]).save(folder / "box/inner/grey.png", **said)
    write_photo(Photo(deep), folder / "deep.png")
    Image.fromarray(first).save(folder / "lossless.webp", lossless=True, exif=exif)
    Image.fromarray(fourth).save(folder / "box/photo.jpg", quality=95, **said)
    Image.fromarray(third).save(folder / "lossy.webp", quality=95, exif=exif)
    return folder


@pytest.fixture(scope="module")
def results(scans: Path) -> Path:
    """What the command makes of them."""
    out = scans.parent / f"{scans.name}_out"
    command = [
        str(Path(sys.executable).parent / "colorlab"),
        "colorize",
        str(scans),
        "-o",
        str(out),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), "and nothing is said to be lost"
    return out


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_tree_of_names_is_kept(scans: Path, results: Path) -> None:
    assert _names(results) == _names(scans) == sorted([*EXACT, *LOSSY])


@pytest.mark.parametrize("name", [*EXACT, *LOSSY])
def test_pages_depth_resolution_and_captions_are_kept(
    scans: Path, results: Path, name: str
) -> None:
    before, after = list(read_pages(scans / name)), list(read_pages(results / name))
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert (old.rgb.shape, old.rgb.dtype) == (new.rgb.shape, new.rgb.dtype)
        assert old.metadata.exif_tags().get(0x010E) == new.metadata.exif_tags().get(0x010E)
        assert old.metadata.dpi == new.metadata.dpi or name == "lossless.webp"
        for key in ("compression", "tile", "lossless"):
            assert old.stored.get(key) == new.stored.get(key)
        assert np.ptp(new.rgb.astype(int), axis=2).mean() > 2 * np.iinfo(new.rgb.dtype).max / 255


@pytest.mark.parametrize("name", EXACT)
def test_every_pixel_keeps_its_luminance(scans: Path, results: Path, name: str) -> None:
    for old, new in zip(read_pages(scans / name), read_pages(results / name), strict=True):
        assert np.abs(tones(new.rgb) - tones(old.rgb)).max() <= 0.5


@pytest.mark.parametrize("name", LOSSY)
def test_a_lossy_format_keeps_luminance_nearly(scans: Path, results: Path, name: str) -> None:
    old, new = (next(read_pages(folder / name)) for folder in (scans, results))
    assert np.abs(tones(new.rgb) - tones(old.rgb)).mean() < 0.6


def test_no_jpeg_holds_tones_to_half_a_unit_not_even_of_a_grey_photo(tmp_path: Path) -> None:
    """Why lossy formats are held to less: their own rounding, at the highest quality there is."""
    for photo in sample_photos("astronaut", "coffee"):
        grey = np.repeat(photo.rgb[..., 1:2], 3, axis=2)
        write_photo(Photo(grey), tmp_path / "grey.jpg", overwrite=True, quality=100)
        again = next(read_pages(tmp_path / "grey.jpg")).rgb
        assert np.abs(tones(again) - tones(grey)).max() > 0.5


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_no_tone_of_any_photo_moves_by_half_a_unit(dtype: type[Any]) -> None:
    """All the photos' tones under strong and absurd colours too: noise is coloured by noise."""
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    noise[:, :200] //= 16  # in the dark, where a step of 8 bits and the gamut are coarsest
    network = load_model("efficientnet_lite0")
    step = np.uint16(257) if dtype == np.uint16 else np.uint8(1)
    for rgb in (noise, *(photo.rgb for photo in sample_photos(*SOURCES))):
        given = np.ascontiguousarray(rgb) * step
        moved = np.abs(tones(colorize_rgb(given, network)) - tones(given))
        assert moved.max() <= (0.5 if dtype == np.uint8 else 0.25)
