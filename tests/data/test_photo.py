"""Photo files: every mode and orientation in, nothing half-written out."""

from __future__ import annotations

import contextlib
import io
import tempfile

import numpy as np
import pytest
import skimage.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image, ImageCms

from colorlab.data.formats import FORMATS
from colorlab.data.photo import Photo, PhotoError, read_pages, read_photo, write_photo
from colorlab.data.samples import sample_photos


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return sample_photos("coffee")[0].rgb[::4, ::4].copy()


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "CMYK", "YCbCr", "LAB", "HSV"])
def test_every_mode_reads_as_rgb(mode, coffee):
    image = Image.fromarray(coffee).convert(mode)
    photo = read_photo(image)
    assert photo.rgb.shape == coffee.shape
    assert photo.alpha is None
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(photo.rgb - expected).max() == 0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_alpha_is_kept_apart(mode, coffee):
    alpha = np.linspace(0, 255, coffee.shape[1], dtype=np.uint8)[None].repeat(len(coffee), 0)
    image = Image.fromarray(coffee).convert(mode[:-1])
    image.putalpha(Image.fromarray(alpha))
    photo = read_photo(image)
    assert np.array_equal(photo.alpha, alpha)


def test_sixteen_bits(tmp_path, coffee):
    grey = coffee[..., 0].astype(np.uint16) * 257
    skimage.io.imsave(tmp_path / "deep.png", grey, check_contrast=False)
    assert np.array_equal(read_photo(tmp_path / "deep.png").rgb[..., 1], coffee[..., 0])
    assert np.array_equal(read_photo(grey).rgb[..., 2], coffee[..., 0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_obeyed(orientation, coffee, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(coffee)
    flip = Image.Transpose
    as_stored = {2: flip.FLIP_LEFT_RIGHT, 3: flip.ROTATE_180, 4: flip.FLIP_TOP_BOTTOM}
    as_stored |= {5: flip.TRANSPOSE, 6: flip.ROTATE_90, 7: flip.TRANSVERSE, 8: flip.ROTATE_270}
    if orientation > 1:
        stored = stored.transpose(as_stored[orientation])
    stored.save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(read_photo(tmp_path / "turned.png").rgb, coffee)


def test_a_colour_profile_is_converted(coffee, tmp_path):
    """The same numbers mean other colours under a linear profile: they are converted, not kept."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    lab_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.fromarray(coffee)
    image.save(tmp_path / "srgb.png", icc_profile=srgb)
    assert np.array_equal(read_photo(tmp_path / "srgb.png").rgb, coffee)
    for name, bad in (("lab", lab_profile), ("xyz", profile), ("junk", b"no profile")):
        image.save(tmp_path / f"{name}.png", icc_profile=bad)
        assert read_photo(tmp_path / f"{name}.png").rgb.shape == coffee.shape


@given(npst.arrays(np.uint8, st.tuples(*[st.integers(1, 9)] * 2, st.sampled_from([1, 3, 4]))))
@settings(deadline=None)
def test_arrays_of_any_size_are_photos(array):
    photo = read_photo(array)
    assert photo.rgb.shape == (*array.shape[:2], 3)
    assert (photo.alpha is not None) == (array.shape[2] == 4)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros(5), "expected an array"),
        (np.zeros((4, 4, 2)), "expected an array"),
        (np.zeros((0, 4, 3)), "expected an array"),
        (np.full((4, 4), -1.0), "no 8-bit, 16-bit or 0..1 picture"),
        (np.full((4, 4), np.nan), "no 8-bit"),
    ],
)
def test_other_arrays_are_refused(array, reason):
    with pytest.raises(PhotoError, match=reason):
        read_photo(array)


def jpeg(coffee: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(coffee).save(buffer, "jpeg")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.jpg", None, "no such file"),
        ("empty.jpg", b"", "the file is empty"),
        ("text.jpg", b"this is no picture", "not an image"),
        ("svg.png", b"<svg></svg>", "not an image"),
    ],
)
def test_bad_files_have_a_reason(name, content, reason, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PhotoError, match=f"{name}: {reason}"):
        read_photo(tmp_path / name)


def test_truncated_and_damaged_jpegs(tmp_path, coffee):
    whole = jpeg(coffee)
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PhotoError, match="broken image"):
        read_photo(tmp_path / "half.jpg")


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_damaged_files_are_read_or_refused_in_words(damage):
    """No other exception escapes, whatever the bytes."""
    damaged = bytearray(jpeg(sample_photos("coffee")[0].rgb[::16, ::16].copy()))
    for place, byte in damage:
        damaged[place % len(damaged)] = byte
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(damaged)
        file.flush()
        with contextlib.suppress(PhotoError):
            assert read_photo(file.name).rgb.ndim == 3


def test_a_decompression_bomb_is_refused(tmp_path):
    Image.new("1", (14_000, 14_000)).save(tmp_path / "bomb.png")
    with pytest.raises(PhotoError, match="megapixels"):
        read_photo(tmp_path / "bomb.png")


def test_a_folder_is_no_photo(tmp_path):
    with pytest.raises(PhotoError, match="is a folder"):
        read_photo(tmp_path)


LOSSY = ("jpeg", "webp", "avif")


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_can_be_read(name, coffee, tmp_path):
    alpha = np.full(coffee.shape[:2], 128, np.uint8)
    path = tmp_path / f"out{FORMATS[name].suffixes[0]}"
    write_photo(Photo(coffee, alpha), path)
    back = read_photo(path)
    assert back.format == name
    assert np.abs(back.rgb.astype(int) - coffee).mean() < (6 if name in LOSSY else 1e-9)
    assert (back.alpha is not None) == FORMATS[name].alpha


def test_nothing_is_overwritten_unasked(coffee, tmp_path):
    path = tmp_path / "out.png"
    write_photo(Photo(coffee), path)
    before = path.read_bytes()
    with pytest.raises(PhotoError, match="exists already"):
        write_photo(Photo(255 - coffee), path)
    assert path.read_bytes() == before
    write_photo(Photo(255 - coffee), path, overwrite=True)
    assert path.read_bytes() != before


def test_a_failed_write_leaves_nothing(coffee, tmp_path):
    too_large = Photo(np.zeros((1, 70_000, 3), np.uint8))  # JPEG ends at 65,535
    with pytest.raises(PhotoError, match="can't write"):
        write_photo(too_large, tmp_path / "out.jpg")
    with pytest.raises(PhotoError, match=r"can't write \.xyz"):
        write_photo(Photo(coffee), tmp_path / "out.xyz")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PhotoError, match="can't write"):
        write_photo(Photo(coffee), tmp_path / "file" / "out.jpg")


def test_a_name_as_long_as_names_can_be(coffee, tmp_path):
    path = tmp_path / ("a" * 251 + ".png")
    write_photo(Photo(coffee), path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_bytes_in_metadata_are_not_taken_for_jpeg_s_own(coffee, tmp_path):
    """FF DB begins a JPEG's tables, and may stand in a caption as well."""
    exif = Image.Exif()
    exif[0x010E] = b"\xff\xdb\xff\xda"
    Image.fromarray(coffee).save(tmp_path / "in.jpg", exif=exif)
    write_photo(read_photo(tmp_path / "in.jpg"), tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as result:
        result.load()
        assert result.size == coffee.shape[1::-1]


def test_every_frame_and_page_must_be_of_a_sane_size(coffee, tmp_path):
    Image.fromarray(coffee).save(tmp_path / "a.tif")
    with pytest.raises(PhotoError, match=r"more than 0\.001 megapixels"):
        read_photo(tmp_path / "a.tif", megapixels=0.001)
    # The second frame's descriptor says 90x90 instead of 8x8.
    frames = [Image.fromarray(coffee[y : y + 8, :8]) for y in (0, 40)]
    frames[0].save(tmp_path / "b.gif", save_all=True, append_images=frames[1:])
    head, mark, tail = (tmp_path / "b.gif").read_bytes().rpartition(b",\0\0\0\0\x08\0\x08\0")
    assert mark
    (tmp_path / "b.gif").write_bytes(head + b",\0\0\0\0\x5a\0\x5a\0" + tail)
    assert read_photo(tmp_path / "b.gif", megapixels=0.001).rgb.shape == (8, 8, 3)
    with pytest.raises(PhotoError, match="megapixels"):
        list(read_pages(tmp_path / "b.gif", megapixels=0.001))
