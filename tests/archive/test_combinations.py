"""Every kind of photo file, read and coloured, against ImageMagick and exiftool.

Both are programs of their own: apt-get install imagemagick libimage-exiftool-perl.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from colorlab.color import lightness
from colorlab.data import sample_photos
from colorlab.data.photo import read_photo
from colorlab.inference.colorize import colorize_file, load_model

from .combinations import CAPTION, DPI, OWNER, Kind, every_kind, profile, write

KINDS = every_kind()
CONVERT = next(filter(shutil.which, ("convert-im6.q16", "magick", "convert")), "convert")


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    """A part of a photo with light, dark and colours, (48, 64, 3)."""
    return np.ascontiguousarray(sample_photos("coffee")[0].rgb[40:232:4, 60:316:4])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


def read_by_imagemagick(path: Path, has_profile: bool, orientation: int = 1) -> NDArray[np.float32]:
    """sRGB in [0, 1], (H, W, 3), upright, transparency left out.

    The orientation is told: ImageMagick 6 does not find that of PNG and WebP.
    """
    srgb = path.parent / "srgb.icc"
    if not srgb.exists():
        srgb.write_bytes(profile("srgb", False) or b"")
    turned = ["-orient", {1: "TopLeft", 6: "RightTop"}[orientation]]
    command = [CONVERT, f"{path}[0]", *turned, "-auto-orient", "-alpha", "off"]
    command += ["-profile", str(srgb)] if has_profile else []
    command += ["-colorspace", "sRGB", "-type", "TrueColor", "-depth", "16"]
    size = [*command, "-format", "%w %h", "info:"]
    width, height = map(int, subprocess.run(size, capture_output=True, check=True).stdout.split())
    done = subprocess.run([*command, "rgb:-"], capture_output=True, check=True)
    pixels = np.frombuffer(done.stdout, "<u2").reshape(height, width, 3)
    return (pixels / np.float32(65535)).astype(np.float32)


def tones(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """L* of sRGB in [0, 1] or full-range integers, (H, W)."""
    top = 1.0 if rgb.dtype.kind == "f" else float(np.iinfo(rgb.dtype).max)
    image = torch.from_numpy((rgb / top).astype(np.float32)).permute(2, 0, 1)
    return lightness(image)[0].numpy()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_tones_are_those_that_imagemagick_reads(
    kind: Kind, picture: NDArray[np.uint8], folder: Path
) -> None:
    path = write(kind, picture, folder)
    ours = tones(read_photo(path).rgb)
    theirs = tones(read_by_imagemagick(path, kind.profile != "none", kind.orientation))
    assert ours.shape == theirs.shape == picture.shape[:2]
    assert abs(ours.mean() - theirs.mean()) < 1
    assert np.abs(ours - theirs).mean() < 1.5


@pytest.fixture(scope="module")
def results(picture: NDArray[np.uint8], folder: Path) -> dict[str, dict[str, Any]]:
    """All kinds coloured, and what exiftool says of the results, by file name."""
    network, out = load_model("efficientnet_lite0"), folder / "out"
    for kind in KINDS:
        path = write(kind, picture, folder)
        colorize_file(path, out / path.name, network)
    command = ["exiftool", "-json", "-n", "-r", "-G0:1", str(out)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {Path(one["SourceFile"]).name: one for one in told}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_coloured_file_keeps_what_it_had(
    kind: Kind, picture: NDArray[np.uint8], folder: Path, results: dict[str, dict[str, Any]]
) -> None:
    path = write(kind, picture, folder)
    result = folder / "out" / path.name
    before = tones(read_photo(path).rgb)
    after = read_photo(result).rgb
    assert np.ptp(after.astype(int), axis=2).mean() > 3, "it has colours"
    independent = tones(read_by_imagemagick(result, False))
    lossy = kind.format == "jpeg"
    # 8 bits a channel hold L* to 0.5 where the picture has 8 bits itself.
    assert np.abs(independent - before).max() < (6 if lossy else 0.9)
    assert np.abs(independent - before).mean() < (0.7 if lossy else 0.25)
    told = {key.split(":")[-1]: value for key, value in results[path.name].items()}
    if kind.format in ("png", "tiff"):
        bits = str(told.get("BitDepth") or told["BitsPerSample"]).split()[0]
        assert bits == ("16" if kind.deep else "8")
    assert told.get("Orientation", 1) == 1
    assert (told["ImageWidth"], told["ImageHeight"]) == picture.shape[1::-1]
    assert "machine's guess" in str(told.get("ImageHistory", ""))
    assert "colorlab" in str(told.get("Software", ""))
    assert "compositeWithTrainedAlgorithmicMedia" in str(told.get("DigitalSourceType", ""))
    if kind.described:
        assert told["ImageDescription"] == CAPTION
        assert told["Copyright"] == OWNER
        assert told["City"] == "Whitby"
        if kind.format in ("jpeg", "tiff"):
            assert told["XResolution"] == DPI
        if kind.format == "png":
            assert abs(told["PixelsPerUnitX"] * 0.0254 - DPI) < 1
