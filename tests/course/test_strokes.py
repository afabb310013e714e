"""Colour by strokes: its logic, and the widget in the kernel; tests/browser has its page."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab

from colorlab.classic.levin import colorize_by_strokes
from colorlab.classic.yatziv import colorize_by_blending
from colorlab.data.hints import Hint, draw_hints, stroke
from colorlab.data.photo import Photo
from colorlab.data.samples import sample_paths, sample_photos
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model

pytest.importorskip("anywidget", reason="needs anywidget (extra: course)")

from colorlab.course.widgets import strokes_photo
from colorlab.course.widgets.strokes_photo import MOST_PLACES, StrokesPhoto
from colorlab.course.widgets.strokes_widget import StrokeCanvas, strokes
from colorlab.course.widgets.studio_photo import shrink

GREEN = (60, 140, 70)
SLEEVE = [(150, 440), (230, 450)]  # of the suit, in pixels of the photo


@pytest.fixture(scope="module")
def astronaut() -> StrokesPhoto:
    return StrokesPhoto(sample_photos("astronaut")[0], "astronaut.png")


@pytest.fixture(scope="module")
def small() -> StrokesPhoto:
    """Small enough for Levin to be quick, larger than where a rough answer is found."""
    return StrokesPhoto(Photo(shrink(sample_photos("china")[0].rgb, 240)), "china.png")


def chroma(picture: np.ndarray) -> np.ndarray:
    return rgb2lab(picture)[..., 1:]


def told_ab(rgb: tuple[int, int, int]) -> np.ndarray:
    return chroma(np.array([[rgb]], np.uint8))[0, 0]


def test_the_network_follows_a_stroke_as_the_command_does(astronaut: StrokesPhoto) -> None:
    hints = stroke(SLEEVE, 4, GREEN)
    before, after = (astronaut.preview(told, "network") for told in ([], hints))
    marked, _ = draw_hints(hints, 512, 512)
    lightness = rgb2lab(after)[..., 0]
    shown = marked & (lightness > 30)  # darker ones can't have that much chroma
    assert np.linalg.norm(chroma(after)[shown] - told_ab(GREEN), axis=1).mean() < 6
    moved = np.linalg.norm(chroma(after) - chroma(before), axis=2)
    assert moved[380:400, 130:200].mean() > 3 * moved[20:60, 250:400].mean()  # suit and wall
    command = colorize_rgb(astronaut.photo.rgb, load_model("colorlab"), hints=hints)
    full = astronaut.full(hints, "network").rgb
    assert abs(full.astype(int) - command).mean() < 0.5
    assert abs(full.astype(int) - after).max() == 0  # the photo has 0.3 megapixels itself


@pytest.mark.parametrize(
    ("way", "reference"), [("levin", colorize_by_strokes), ("yatziv", colorize_by_blending)]
)
def test_the_methods_before_networks_answer_roughly_then_finely(
    small: StrokesPhoto, way: str, reference: object
) -> None:
    hints = [
        *stroke([(20, 20), (200, 22)], 3, (90, 130, 200)),
        *stroke([(60, 100), (180, 110)], 3, (180, 90, 60)),
    ]
    marked, ab = draw_hints(hints, *small.small.shape[:2])
    assert callable(reference)
    want = reference(small.small, marked, ab)
    fine, rough = (small.preview(hints, way, rough) for rough in (False, True))
    assert abs(fine.astype(int) - want).max() <= 1
    assert np.linalg.norm(chroma(rough) - chroma(fine), axis=2).mean() < 6
    assert np.linalg.norm(chroma(fine), axis=2).mean() > 15
    assert abs(small.full(hints, way).rgb.astype(int) - want).max() <= 1


def test_levin_goes_on_from_its_last_answer(small: StrokesPhoto) -> None:
    photo = StrokesPhoto(small.photo, "china.png")
    sky, roof = [(20, 20), (200, 22)], [(60, 100), (180, 110)]
    told = [*stroke(sky, 3, (90, 130, 200)), *stroke(roof, 3, (180, 90, 60))]
    assert photo.quick(told, "network")
    assert not photo.quick(told, "levin")
    photo.preview(told, "levin")
    assert photo.quick(told, "levin")
    spreader = photo._levins[photo.small.shape[:2]].spreader
    first = spreader.iterations

    moved = [*stroke([(24, 24), (200, 26)], 3, (90, 130, 200)), *stroke(roof, 3, (180, 90, 60))]
    assert not photo.quick(moved, "levin")
    shown = photo.preview(moved, "levin")
    assert 0 < spreader.iterations < first
    anew = StrokesPhoto(small.photo, "china.png").preview(moved, "levin")
    assert np.linalg.norm(chroma(shown) - chroma(anew), axis=2).mean() < 0.5

    for number, roof_rgb in enumerate([(60, 140, 70), (200, 60, 160), (180, 90, 60)]):
        spreader.iterations = 0
        recoloured = [*stroke([(24, 24), (200, 26)], 3, (90, 130, 200)), *stroke(roof, 3, roof_rgb)]
        assert photo.quick(recoloured, "levin")
        shown = photo.preview(recoloured, "levin")
        assert (spreader.iterations == 0) == (number > 0)  # the reach is solved for once
        anew = StrokesPhoto(small.photo, "china.png").preview(recoloured, "levin")
        assert np.linalg.norm(chroma(shown) - chroma(anew), axis=2).mean() < 0.5


def test_where_nothing_is_told(small: StrokesPhoto) -> None:
    assert (small.preview([], "levin") == grey_photo(Photo(small.small))).all()
    with pytest.raises(ValueError, match="nothing is marked"):
        small.full([], "yatziv")
    with pytest.raises(ValueError, match="no way 'crayon' to spread; there are: network, levin"):
        small.preview([], "crayon")


def test_a_large_photo_is_shown_small_and_told_in_its_own_pixels() -> None:
    rgb = sample_photos("astronaut")[0].rgb
    large = np.array(Image.fromarray(rgb).resize((1500, 1500), Image.Resampling.BICUBIC))
    photo = StrokesPhoto(Photo(large), "large.png")
    assert 290_000 < photo.small.shape[0] * photo.small.shape[1] <= 301_000
    hints = stroke([(440, 1290), (670, 1320)], 12, GREEN)
    shown = photo.preview(hints, "yatziv")
    high, wide = shown.shape[:2]
    at = shown[round(1305 / 1500 * high), round(555 / 1500 * wide)]
    assert np.linalg.norm(told_ab(tuple(at)) - told_ab(GREEN)) < 8
    full = photo.full(hints, "network")
    assert full.rgb.shape == (1500, 1500, 3)
    small = photo.preview(hints, "network")
    assert abs(shrink(full.rgb, high).astype(int) - small).mean() < 1.5


def test_many_hints_are_thinned_and_still_told() -> None:
    side = torch.arange(60)
    places = torch.cartesian_prod(side, side)
    told = torch.where(places[:, :1] < 30, 0.5, -0.5).expand(-1, 2)
    kept, colours = strokes_photo._thinned(places, told)
    assert MOST_PLACES / 3 < len(kept) <= MOST_PLACES
    assert set(colours[:, 0].tolist()) == {0.5, -0.5}
    assert (torch.where(kept[:, :1] < 30, 0.5, -0.5) == colours[:, :1]).all()
    assert strokes_photo._thinned(places[:9], told[:9])[0].tolist() == places[:9].tolist()


@pytest.mark.parametrize("model", ["colorlab", "efficientnet_lite0"])
def test_likely_colours(model: str) -> None:
    photo = StrokesPhoto(sample_photos("astronaut")[0], "astronaut.png", model)
    answer = chroma(photo.preview([], "network"))
    strength = np.linalg.norm(answer, axis=2)
    strength[rgb2lab(photo.small)[..., 0] < 50] = 0  # the dark can't have every colour
    y, x = np.unravel_index(strength.argmax(), strength.shape)
    colours = photo.likely(float(x), float(y))
    assert len(colours) >= 5
    ab = [told_ab(colour) for colour in colours]
    assert np.linalg.norm(ab[0] - answer[y, x]) < 5
    assert min(np.linalg.norm(each) for each in ab) > 8  # none is grey
    assert all(np.linalg.norm(a - b) > 5 for k, a in enumerate(ab) for b in ab[:k])
    for x, y in ((-1, 0), (512, 512)):
        assert photo.likely(x, y)


def result(canvas: StrokeCanvas) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(canvas.view.result)))


def rows(points: list[tuple[float, float]], rgb: tuple[int, int, int]) -> list[dict[str, object]]:
    return [
        {"x": hint.x, "y": hint.y, "radius": 4, "rgb": list(rgb)} for hint in stroke(points, 4, rgb)
    ]


def test_the_widget_spreads_what_the_page_tells() -> None:
    canvas = strokes()
    assert canvas.sample.value == "astronaut"
    before = result(canvas)
    canvas.view.hints = rows(SLEEVE, GREEN)
    assert canvas.hints[0] == Hint(150, 440, 4, GREEN)
    assert np.linalg.norm(told_ab(tuple(result(canvas)[445, 190])) - told_ab(GREEN)) < 12
    canvas.view.hints = []
    assert (result(canvas) == before).all()

    good = canvas.view.result
    for wrong, words in (
        ([{"x": 1, "y": 1}], "a hint has either rgb or ab"),
        ([{"where": 1}], "a hint has x, y, radius, and rgb or ab"),
        ([{"x": 1, "y": 1, "rgb": [1, 2, 300]}], "rgb in 0..255"),
    ):
        canvas.view.hints = wrong
        assert canvas.view.state["failed"]
        assert words in canvas.view.state["note"]
        assert canvas.view.result == good
    canvas.make.click()
    assert canvas.view.state["failed"]
    assert not canvas.make.disabled


def test_the_widget_refines_and_takes_another_photo() -> None:
    canvas = strokes(shrink(sample_photos("china")[0].rgb, 240))
    canvas.way.value = "yatziv"
    assert "grey until a stroke" in canvas.view.state["note"]
    assert np.ptp(result(canvas).astype(int), axis=2).max() <= 2
    told = rows([(60, 100), (180, 110)], (180, 90, 60)) + rows([(20, 20)], (90, 130, 200))
    canvas.view.hints = told
    rough = canvas.view.result
    assert canvas.view.state["working"]
    assert canvas.view.state["note"].endswith("Refining …")
    canvas.wait()
    assert not canvas.view.state["working"]
    assert canvas.view.result != rough
    want = canvas.photo.preview(canvas.hints, "yatziv")
    assert abs(result(canvas).astype(int) - want).mean() < 2

    canvas.view.hints = told[:3]  # refining it is called off by what comes next
    canvas.sample.value = "coffee"
    assert canvas.view.hints == []
    assert (canvas.view.state["wide"], canvas.view.state["high"]) == (600, 400)
    canvas.wait()
    assert "coffee.png" in canvas.view.state["note"]
    canvas.path.value = "/nowhere/x.jpg"
    assert canvas.view.state["failed"]
    assert canvas.view.state["note"].endswith("no such file. The photo before it stays.")
    assert canvas.photo.name == "coffee.png"
    canvas.reference.value = "china"
    assert Image.open(io.BytesIO(canvas.view.reference)).size == (500, 334)
    canvas.reference.value = None
    assert canvas.view.reference == b""


def test_what_can_not_be_begun_with() -> None:
    with pytest.raises(ValueError, match="no such file"):
        strokes("/nowhere/x.jpg")
    with pytest.raises(ValueError, match="crayon"):
        strokes(sample_paths("coffee")[0], model="crayon")
