"""The studio: its logic on odd photos, and its controls; tests/browser has its page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.color import rgb2lab

from colorlab.data.photo import Photo, PhotoError
from colorlab.data.samples import sample_paths, sample_photos
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model
from colorlab.inference.old import colorize_old, simulate_fading, tone
from colorlab.models.live import at_lambda

pytest.importorskip("anywidget", reason="needs anywidget (extra: course)")

from colorlab.course.widgets.studio_photo import (
    Look,
    StudioPhoto,
    open_photo,
    result_file,
    shrink,
    trained_models,
)
from colorlab.course.widgets.studio_widget import Studio, Viewer, studio


@pytest.fixture(scope="module")
def china() -> np.ndarray:
    return sample_photos("china")[0].rgb


@pytest.fixture(scope="module")
def large(china: np.ndarray) -> np.ndarray:
    """Three megapixels: several bands of the full result, and a preview that is smaller."""
    return np.array(Image.fromarray(china).resize((2000, 1500), Image.Resampling.BICUBIC))


def stored(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return abs(one.astype(int) - other.astype(int))


@pytest.mark.parametrize(("old", "reference"), [(False, colorize_rgb), (True, colorize_old)])
def test_the_full_result_is_the_command_s(
    large: np.ndarray, old: bool, reference: Callable[..., np.ndarray]
) -> None:
    """In bands or at once: the same picture, up to rounding; and the preview is it, made small."""
    photo = StudioPhoto(Photo(simulate_fading(large) if old else large), "china.jpg")
    look, told = Look(old=old), list[float]()
    full = photo.full(look, told.append)
    want = reference(photo.photo.rgb, load_model(look.model))
    assert difference(full.rgb, want).max() <= 1
    assert len(told) >= 3
    assert told == sorted(told)
    assert told[-1] == 1
    preview = photo.preview(look)
    assert preview.shape == (750, 1000, 3)
    assert difference(preview, shrink(full.rgb)).mean() < 1


def test_saturation_multiplies_chroma(china: np.ndarray) -> None:
    photo = StudioPhoto(Photo(china), "china.jpg")
    once, half = (rgb2lab(photo.preview(Look(saturation=s))) for s in (1, 0.5))
    assert np.ptp(photo.preview(Look(saturation=0)).astype(int), axis=2).max() <= 1
    assert np.median(abs(half[..., 1:] - once[..., 1:] / 2)) < 0.5
    assert abs(half[..., 0] - once[..., 0]).mean() < 0.3
    twice = rgb2lab(photo.preview(Look(saturation=2)))
    assert np.linalg.norm(twice[..., 1:], axis=-1).mean() > 1.5 * (
        np.linalg.norm(once[..., 1:], axis=-1).mean()
    )


def test_strength_mixes_with_the_photo_s_own_grey(china: np.ndarray) -> None:
    faded = simulate_fading(china)
    photo = StudioPhoto(Photo(faded), "faded.png")
    grey = grey_photo(Photo(faded))
    look = {"old": True, "saturation": 1.5}
    assert difference(photo.preview(Look(strength=0, **look)), grey).max() <= 1
    whole = photo.preview(Look(strength=1, **look)).astype(int)
    half = photo.preview(Look(strength=0.5, **look))
    assert difference(half, (whole + grey) / 2).max() <= 1
    # Without colour but at full strength the old photo is toned.
    toned = photo.preview(Look(old=True, saturation=0))
    assert difference(toned, tone(faded)).max() <= 1


@settings(max_examples=12, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    saturation=st.floats(0, 2),
    strength=st.floats(0, 1),
    old=st.booleans(),
)
def test_any_size_and_look(
    height: int, width: int, saturation: float, strength: float, old: bool
) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    photo, look = StudioPhoto(Photo(rgb), "x"), Look("dahl_lite0", old, saturation, strength)
    full = photo.full(look).rgb
    assert full.shape == rgb.shape
    # Not enlarged and not made smaller, the preview is the result.
    assert difference(full, photo.preview(look)).max() <= 1


@pytest.mark.parametrize(
    "numbers", [{"saturation": -0.1}, {"saturation": 2.1}, {"strength": 1.01}, {"strength": -1}]
)
def test_looks_out_of_range_are_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be in \[0, "):
        Look(**numbers)  # type: ignore[arg-type]


def odd_photos() -> dict[str, tuple[bytes, tuple[int, int]]]:
    """Files of every sort, and the height and width that their photos have when upright."""
    rgb = Image.fromarray(sample_photos("coffee")[0].rgb).resize((90, 60))
    clear = rgb.convert("RGBA")
    clear.putalpha(100)
    turned = Image.Exif()
    turned[0x0112] = 6
    deep = Image.fromarray(np.linspace(0, 65535, 5400).reshape(60, 90).astype(np.uint16))
    frames = [rgb.convert("P"), rgb.convert("P").rotate(180)]
    return {
        "grey": (stored(rgb.convert("L"), "JPEG"), (60, 90)),
        "grey with alpha": (stored(clear.convert("LA"), "PNG"), (60, 90)),
        "16 bits": (stored(deep, "PNG"), (60, 90)),
        "one bit": (stored(rgb.convert("1"), "TIFF"), (60, 90)),
        "cmyk": (stored(rgb.convert("CMYK"), "JPEG"), (60, 90)),
        "palette": (stored(rgb.convert("P"), "PNG", transparency=3), (60, 90)),
        "animated": (stored(frames[0], "GIF", save_all=True, append_images=frames[1:]), (60, 90)),
        "alpha": (stored(clear, "WEBP"), (60, 90)),
        "turned": (stored(rgb, "JPEG", exif=turned), (90, 60)),
        "a pixel": (stored(rgb.resize((1, 1)), "BMP"), (1, 1)),
        "a strip": (stored(rgb.resize((4000, 2)), "PNG"), (2, 4000)),
        "a post": (stored(rgb.resize((1, 3000)), "PNG"), (3000, 1)),
    }


@pytest.mark.parametrize("kind", odd_photos())
def test_odd_photos_are_coloured_and_saved(kind: str) -> None:
    data, size = odd_photos()[kind]
    photo = open_photo(data, f"{kind}.tif")
    assert photo.name == f"{kind}.tif"
    assert max(photo.preview(Look()).shape) <= 1000
    full = photo.full(Look())
    for format, suffix in (("jpeg", ".jpg"), ("png", ".png")):
        name, file = result_file(full, photo.name, format)
        assert name == kind + suffix
        image = Image.open(io.BytesIO(file))
        assert (image.height, image.width) == size
    assert ("A" in image.getbands()) == (full.alpha is not None)
    assert image.getexif().get(0x0112, 1) == 1  # upright, and not to be turned again


def test_colour_is_told_from_a_cast(china: np.ndarray) -> None:
    assert StudioPhoto(Photo(china), "x").in_colour
    grey = grey_photo(Photo(china))
    assert not StudioPhoto(Photo(grey), "x").in_colour
    yellowed = np.clip(grey + np.array([8, 4, -8]), 0, 255).astype(np.uint8)
    assert not StudioPhoto(Photo(yellowed), "x").in_colour
    file = stored(Image.fromarray(grey), "JPEG", quality=60)
    assert not open_photo(file).in_colour


def giant() -> bytes:
    return stored(Image.new("1", (11_000, 10_000)), "PNG")


BROKEN = {
    "empty": (b"", "the file is empty"),
    "text": (b"Dear diary, " * 99, "not an image that can be read"),
    "cut off": (stored(Image.effect_noise((300, 300), 50), "JPEG")[:4000], "broken image"),
    "too large": (giant(), "110 megapixels, and the studio takes 100 at most"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_opened_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    data, reason = BROKEN[kind]
    with pytest.raises(PhotoError, match=rf"^my {kind}\.jpg: {reason}"):
        open_photo(data, f"my {kind}.jpg")
    (tmp_path / "x.jpg").write_bytes(data)
    with pytest.raises(PhotoError, match=rf"x\.jpg: {reason}"):
        open_photo(tmp_path / "x.jpg")


def test_paths_and_arrays_are_opened(china: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="no such file"):
        open_photo(tmp_path / "none.jpg")
    with pytest.raises(PhotoError, match="is a folder"):
        open_photo(tmp_path)
    assert open_photo(sample_paths("china")[0]).name == "china.jpg"
    assert open_photo(china[..., 0]).photo.rgb.shape == china.shape
    locked = china.copy()
    locked.flags.writeable = False
    photo = open_photo(locked)
    np.testing.assert_array_equal(photo.full(Look(strength=0)).rgb, grey_photo(Photo(china)))
    assert photo.preview(Look(old=True)).shape == china.shape


def test_only_trained_models_are_offered() -> None:
    assert "efficientnet_lite0" in trained_models()
    assert "efficientnet_b7" not in trained_models()


# The controls.


@pytest.fixture
def desk() -> Iterator[Studio]:
    made = studio("chelsea")
    yield made
    made.box.close()


def upload(viewer: Viewer, data: bytes, name: str, part: int = 1 << 20) -> None:
    """What the page does with a chosen file."""
    for at in range(0, max(1, len(data)), part):
        head = {"upload": name, "at": at, "size": len(data), "name": name}
        viewer.receive(head, [memoryview(data)[at : at + part]] if data else [])


def shown(jpeg: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(jpeg)))


def test_it_begins_with_a_coloured_photo(desk: Studio) -> None:
    photo = open_photo(sample_paths("chelsea")[0])
    viewer = desk.viewer
    assert viewer.state["note"] == "chelsea.png: 451 × 300 pixels."
    assert desk.sample.value == "chelsea"
    assert difference(shown(viewer.result), photo.preview(Look())).mean() < 2
    assert difference(shown(viewer.grey), photo.grey).mean() < 2
    assert difference(shown(viewer.original), photo.small).mean() < 2
    assert viewer.rival == b""


def test_each_control_changes_the_result(desk: Studio) -> None:
    for control, value in (
        (desk.saturation, 1.4),
        (desk.strength, 0.6),
        (desk.old, True),
        (desk.model, "dahl_lite0"),
    ):
        before = desk.viewer.result
        control.value = value
        assert desk.viewer.result != before
    assert desk.look == Look("dahl_lite0", True, 1.4, 0.6)
    want = open_photo(sample_paths("chelsea")[0]).preview(desk.look)
    assert difference(shown(desk.viewer.result), want).mean() < 2
    assert desk.viewer.state["result"] == "dahl_lite0"
    desk.rival.value = "efficientnet_lite0"
    assert desk.viewer.state["rival"] == "efficientnet_lite0"
    assert difference(shown(desk.viewer.rival), want).mean() > 2
    desk.rival.label = "none"
    assert desk.viewer.rival == b""


def test_lambda_is_offered_where_a_model_takes_it(desk: Studio) -> None:
    assert desk.lam.layout.display != "none"
    desk.model.value = "efficientnet_lite0"
    assert desk.lam.layout.display == "none"
    desk.model.value = "efficientnet_lite0_live"
    assert desk.lam.layout.display != "none"
    before = desk.viewer.result
    desk.lam.index = 30
    assert desk.viewer.result != before
    live = at_lambda(load_model("efficientnet_lite0_live"), desk.lam.value)
    assert desk.lam.value < 0.9
    made = open_photo(sample_paths("chelsea")[0]).full(desk.look).rgb
    assert difference(made, colorize_rgb(sample_photos("chelsea")[0].rgb, live)).max() <= 1
    with pytest.raises(ValueError, match=r"lam must be in \[0\.1, 1\]"):
        Look(lam=0.05)


def test_an_upload_comes_in_parts(desk: Studio, large: np.ndarray) -> None:
    data = stored(Image.fromarray(large), "PNG")
    assert len(data) > 2 << 20
    upload(desk.viewer, data, "large.png")
    assert desk.viewer.state["note"].startswith("large.png: 2000 × 1500 pixels. Shown at 1000 ×")
    assert desk.sample.value is None
    np.testing.assert_array_equal(desk.photo.photo.rgb, large)


def test_the_newest_upload_wins(desk: Studio, china: np.ndarray) -> None:
    one, other = (stored(Image.fromarray(china[:n]), "PNG") for n in (100, 200))
    head = {"upload": "1", "at": 0, "size": len(one), "name": "one.png"}
    desk.viewer.receive(head, [one[:1000]])
    upload(desk.viewer, other, "other.png")
    desk.viewer.receive(head | {"at": 1000}, [one[1000:]])
    assert desk.viewer.state["note"].startswith("other.png: 640 × 200")


@pytest.mark.parametrize("kind", BROKEN)
def test_a_bad_upload_leaves_the_last_good_photo(desk: Studio, kind: str) -> None:
    before = desk.photo, desk.viewer.grey, desk.viewer.result, desk.viewer.original
    data, reason = BROKEN[kind]
    upload(desk.viewer, data, "bad.jpg")
    state = desk.viewer.state
    assert state["failed"]
    assert state["note"].startswith(f"That did not work: bad.jpg: {reason}")
    assert state["note"].endswith("The photo before it stays.")
    assert before == (desk.photo, desk.viewer.grey, desk.viewer.result, desk.viewer.original)
    desk.saturation.value = 1.2  # it can still be worked on
    assert desk.viewer.state["note"].startswith("chelsea.png")
    assert not desk.viewer.state["failed"]


def test_samples_and_paths(desk: Studio, china: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(grey_photo(Photo(china))).save(tmp_path / "a b.png")
    desk.path.value = f' "{tmp_path}/a b.png" '
    assert desk.viewer.state["note"].startswith("a b.png")
    assert desk.viewer.original == b""  # there is no colour to compare with
    assert desk.sample.value is None
    desk.sample.value = "coffee"
    assert desk.viewer.state["note"].startswith("coffee.png")
    assert desk.viewer.original
    assert desk.path.value == ""
    desk.path.value = str(tmp_path / "none.png")
    assert "no such file" in desk.viewer.state["note"]
    assert desk.sample.value == "coffee"


def test_the_full_result_is_made_when_asked(desk: Studio, large: np.ndarray) -> None:
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    desk.viewer.send = lambda content, buffers: sent.append((content, buffers))
    bar: list[float] = []
    desk.progress.observe(lambda change: bar.append(change["new"]), names="value")
    upload(desk.viewer, stored(Image.fromarray(large), "JPEG", quality=95), "holiday.JPG")
    desk.saturation.value = 1.3
    assert sent == []
    assert desk.format.value == "jpeg"
    desk.make.click()
    ((content, (data,)),) = sent
    assert content == {"kind": "file", "name": "holiday.jpg"}
    assert shown(data).shape == large.shape
    assert difference(shrink(shown(data)), shown(desk.viewer.result)).mean() < 2
    assert len(bar) >= 3
    assert bar == sorted(bar)
    assert not desk.make.disabled
    desk.format.value = "png"
    desk.make.click()
    assert sent[1][0]["name"] == "holiday.png"
    assert difference(shown(sent[1][1][0]), desk.photo.full(desk.look).rgb).max() == 0


def test_what_it_cannot_begin_with_is_refused() -> None:
    with pytest.raises(PhotoError, match="no such file"):
        studio("nobody")
    with pytest.raises(
        ValueError, match=r"no trained model 'best'; there are: .*efficientnet_lite0"
    ):
        studio("chelsea", model="best")
