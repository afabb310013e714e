"""Large photos: the memory of one picture, and the same pixels as without saving any."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

import colorlab.inference.predict as predict
from colorlab.data import sample_photos
from colorlab.data.photo import PhotoError, read_photo
from colorlab.data.tones import SRGB, convert, to_srgb
from colorlab.inference.colorize import colorize_rgb, load_model
from colorlab.inference.old import simulate_mount
from colorlab.models import Colorizer

GROWTH = """
import resource, sys
from pathlib import Path
from colorlab.inference.colorize import colorize_file, load_model
network = load_model("efficientnet_lite0")
for name in ("small.tif", "small.jpg", "large.tif", "large.jpg"):
    source = Path(sys.argv[1], name)
    colorize_file(source, source.with_name("out_" + name), network)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.fixture(scope="module")
def model() -> Colorizer:
    return load_model("efficientnet_lite0")


@pytest.fixture(scope="module")
def photo() -> NDArray[np.uint8]:
    return np.ascontiguousarray(sample_photos("china")[0].rgb)


@pytest.mark.parametrize("mounted", [False, True])
@pytest.mark.parametrize("step", [np.uint8(1), np.uint16(257)])
def test_a_result_may_take_the_photos_own_memory(
    model: Colorizer, photo: NDArray[np.uint8], step: np.uint16, mounted: bool
) -> None:
    given = (simulate_mount(photo) if mounted else photo) * step
    kept, expected = given.copy(), colorize_rgb(given, model)
    np.testing.assert_array_equal(given, kept)
    result = colorize_rgb(given, model, out=given)
    assert np.shares_memory(result, given)
    np.testing.assert_array_equal(given, expected)


def test_the_network_sees_the_same_in_bands(
    model: Colorizer, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = colorize_rgb(photo, model)
    monkeypatch.setattr(predict, "_BAND_PIXELS", 5000)
    np.testing.assert_array_equal(colorize_rgb(photo, model), expected)


def test_a_profile_is_obeyed_in_place(photo: NDArray[np.uint8]) -> None:
    adobe = bytes(imagecodecs.cms_profile("adobergb"))
    expected = convert(photo, adobe, SRGB)
    given = photo.copy()
    assert np.shares_memory(to_srgb(given, adobe, "rgb"), given)
    np.testing.assert_array_equal(given, expected)


@pytest.mark.skipif(sys.platform != "linux", reason="kB are Linux's unit of it")
def test_memory_grows_by_one_picture(photo: NDArray[np.uint8], tmp_path: Path) -> None:
    large = np.tile(photo, (8, 8, 1))  # 17 megapixels
    for name, pixels in (("small", photo), ("large", large)):
        tifffile.imwrite(tmp_path / f"{name}.tif", pixels, photometric="rgb", tile=(256, 256))
        Image.fromarray(pixels).save(tmp_path / f"{name}.jpg")
    command = [sys.executable, "-c", GROWTH, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    _, small, tiff, both = map(int, done.stdout.split())
    # The picture, what the codec holds, and bands; a second copy would not fit.
    assert tiff - small < 1.9 * large.nbytes
    assert both - small < 1.9 * large.nbytes


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"mode": "L"}],
    ids=str,
)
def test_jpeg_is_decoded_as_by_pillow(
    photo: NDArray[np.uint8], tmp_path: Path, options: dict[str, object]
) -> None:
    path, options = tmp_path / "photo.jpg", dict(options)
    image = Image.fromarray(photo).convert(str(options.pop("mode", "RGB")))
    image.save(path, quality=85, **options)
    with Image.open(path) as by_pillow:
        expected = np.asarray(by_pillow.convert("RGB"))
    np.testing.assert_array_equal(read_photo(path).rgb, expected)
    data = path.read_bytes()
    with pytest.raises(PhotoError, match="truncated"):  # the codec would make the rest grey
        read_photo(data[: len(data) // 3])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_png_is_decoded_as_by_pillow(photo: NDArray[np.uint8], tmp_path: Path, mode: str) -> None:
    path = tmp_path / "photo.png"
    image = Image.fromarray(photo).convert(mode)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 3, "Harbour"
    image.save(path, exif=exif, dpi=(300, 300))
    got = read_photo(path)
    np.testing.assert_array_equal(got.rgb, np.asarray(image.convert("RGB"))[::-1, ::-1])
    assert got.metadata.dpi == (300, 300)
    assert got.metadata.exif_tags()[0x010E] == "Harbour"
    with pytest.raises(PhotoError):
        read_photo(path.read_bytes()[: path.stat().st_size // 2])
