"""Colour by strokes, as a person uses it: the widget in JupyterLab, and the canvas on a phone."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np
import pytest
from PIL import Image

from colorlab.course.widgets.parts import static_file
from colorlab.data.formats import data_uri
from colorlab.data.hints import read_hints, stroke
from colorlab.data.samples import sample_photos

from .jupyter import Lab, run_all
from .pages import DESKTOP, PHONE, SHOTS, complaints, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CELL = """
from colorlab.course.widgets import strokes

board = strokes("astronaut")
board.view.hints = [{"x": 60, "y": 60, "radius": 5, "rgb": [60, 90, 160]}]
board
"""
SLEEVE = [(150, 440), (230, 450)]  # in pixels of the photo
GREEN = "#3c8c46"


class Easel:
    """The canvas on a page, and what a person does and sees there."""

    def __init__(self, page: Page, found: list[str]) -> None:
        self.page, self.complaints = page, found
        self.root = page.locator(".colorlab-strokes")
        self.stage = self.root.locator(".stage")

    def act(self, name: str) -> Locator:
        return self.root.locator(f"[data-act={name}]")

    def control(self, name: str) -> Locator:
        return self.page.locator(".widget-inline-hbox", has_text=name).locator("select")

    def draw(self, points: list[tuple[float, float]], side: int = 512) -> None:
        """Draw with the mouse through points in pixels of the photo."""
        self.stage.scroll_into_view_if_needed()
        box = self.stage.bounding_box()
        assert box is not None
        for number, (x, y) in enumerate(points):
            at = box["x"] + x / side * box["width"], box["y"] + y / side * box["height"]
            self.page.mouse.move(*at, steps=6)
            if number == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def picture(self) -> np.ndarray:
        """What is shown under the strokes, int (h, w, 3)."""
        uri = self.root.locator(".picture").evaluate("canvas => canvas.toDataURL()")
        data = base64.b64decode(uri.split(",")[1])
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)

    def until(self, like: np.ndarray | None = None, unlike: np.ndarray | None = None) -> np.ndarray:
        """Wait for an answer that is like or unlike a picture."""
        for _ in range(100):
            seen = self.picture()
            busy = self.stage.get_attribute("aria-busy") == "true"
            same = abs(seen - (like if like is not None else unlike)).mean() < 0.05
            if not busy and same == (like is not None):
                return seen
            self.page.wait_for_timeout(100)
        raise AssertionError("the picture is not what it should be")

    def colour(self, value: str) -> None:
        self.root.locator("input[type=color]").fill(value)


@pytest.fixture(scope="module")
def easel(chromium: Browser, lab: Lab) -> Iterator[Easel]:
    cell: Any = nbformat.v4.new_code_cell(CELL)  # type: ignore[no-untyped-call]
    book: Any = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, lab.chapters / "strokes.ipynb")  # type: ignore[no-untyped-call]
    context = chromium.new_context(viewport=DESKTOP, accept_downloads=True)
    page = context.new_page()
    found = complaints(page, lab.address)
    run_all(page, lab, "strokes")
    easel = Easel(page, found)
    easel.act("undo").wait_for()
    page.wait_for_function("document.querySelector('.colorlab-strokes .picture').width === 512")
    told = easel.picture()
    easel.act("clear").click()  # what the kernel had told is on the canvas, as a stroke
    easel.until(unlike=told)
    yield easel
    context.close()


def greenness(picture: np.ndarray) -> float:
    """How much green outweighs red, where the stroke goes."""
    part = picture[438:452, 160:220]
    return float((part[..., 1] - part[..., 0]).mean())


def test_the_region_takes_a_stroke_s_colour_and_undo_takes_it_back(easel: Easel) -> None:
    before = easel.picture()
    easel.colour(GREEN)
    easel.draw(SLEEVE)
    after = easel.until(unlike=before)
    assert greenness(after) > greenness(before) + 15
    assert greenness(after) > 5
    SHOTS.mkdir(exist_ok=True)
    easel.page.screenshot(path=SHOTS / "lab_strokes.png")
    easel.act("undo").click()
    easel.until(like=before)
    easel.act("redo").click()
    easel.until(like=after)
    easel.stage.focus()
    easel.page.keyboard.press("Control+z")
    easel.until(like=before)


def test_by_keyboard_alone(easel: Easel) -> None:
    before = easel.picture()
    easel.stage.focus()
    for _ in range(20):
        easel.page.keyboard.press("Shift+ArrowDown")
    for _ in range(4):
        easel.page.keyboard.press("Shift+ArrowUp")
    easel.page.keyboard.press("Enter")
    dab = easel.until(unlike=before)
    easel.page.keyboard.down(" ")
    for _ in range(3):
        easel.page.keyboard.press("Shift+ArrowLeft")
    easel.page.keyboard.up(" ")
    easel.until(unlike=dab)
    easel.page.keyboard.press("Control+z")
    easel.until(like=dab)
    easel.page.keyboard.press("Control+Shift+Z")
    easel.until(unlike=dab)
    easel.act("clear").click()
    easel.until(like=before)


def test_a_touched_place_offers_likely_colours(easel: Easel) -> None:
    box = easel.stage.bounding_box()
    assert box is not None
    easel.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.85 * box["height"])
    swatches = easel.root.locator(".palette button")
    easel.page.wait_for_function(
        "document.querySelectorAll('.colorlab-strokes .palette button').length >= 5"
    )
    swatches.nth(2).click()
    assert swatches.nth(2).get_attribute("aria-pressed") == "true"
    easel.control("reference").select_option("coffee")
    reference = easel.root.locator(".reference canvas")
    reference.wait_for()
    area = reference.bounding_box()
    assert area is not None
    reference.click(position={"x": 0.3 * area["width"], "y": 0.6 * area["height"]})  # a red saucer
    easel.root.locator(".note", has_text="colour of that place: dark red").wait_for()
    easel.control("reference").select_option("none")
    reference.wait_for(state="hidden")


def test_strokes_are_saved_loaded_and_spread_by_others(easel: Easel, tmp_path: Path) -> None:
    before = easel.picture()
    easel.colour(GREEN)
    easel.draw(SLEEVE)
    after = easel.until(unlike=before)
    with easel.page.expect_download() as saved:
        easel.act("save").click()
    path = tmp_path / "strokes.json"
    saved.value.save_as(path)
    hints = read_hints(path)
    assert {hint.rgb for hint in hints} == {(60, 140, 70)}
    assert hints[0].x == pytest.approx(150, abs=1.5)
    assert hints[-1].y == pytest.approx(450, abs=1.5)
    easel.act("clear").click()
    easel.until(like=before)
    easel.root.locator("input.told").set_input_files(path)
    easel.until(like=after)
    broken = tmp_path / "broken.json"
    broken.write_text('{"hints": [{"x": 1}]}')
    easel.root.locator("input.told").set_input_files(broken)
    easel.root.locator(".note.failed", has_text="hint 1 lacks x, y, radius or a colour").wait_for()

    easel.control("who spreads").select_option("Yatziv-Sapiro 2006")
    whole = easel.until(unlike=after)
    assert greenness(whole) > 10
    assert (whole[..., 1] - whole[..., 0]).mean() > 10  # one colour, and it goes everywhere
    with easel.page.expect_download() as made:
        easel.page.get_by_role("button", name="Make the full result").click()
    assert made.value.suggested_filename == "astronaut.png"
    full = np.asarray(Image.open(made.value.path())).astype(int)
    assert abs(full - whole).mean() < 2  # the one is JPEG, the other is not
    assert violations(easel.page, ".colorlab-strokes") == []
    assert easel.complaints == []


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Easel]:
    """The canvas alone, on a page without a kernel; its host only writes down what it hears."""
    context = chromium.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(
        '<!doctype html><html lang="en"><title>x</title><meta name="viewport" '
        f'content="width=device-width"><style>{static_file("strokes_canvas.css")}</style>'
        '<body style="margin: 8px"><main><section></section></main>'
    )
    for name in ("strokes_hints.js", "strokes_canvas.js"):
        page.add_script_tag(content=static_file(name))
    page.evaluate(
        """async (uri) => {
          const image = new Image();
          image.src = uri;
          await image.decode();
          window.heard = [];
          window.canvas = strokesCanvas(document.querySelector("section"), {
            onChange: (strokes, kind) => heard.push([kind, strokes.length]),
            onPick: (x, y) => { window.picked = [x, y]; },
          });
          canvas.setPhoto(image, 1000, 1000);
          canvas.setPalette([[207, 150, 124], [125, 167, 203], [30, 83, 145], [60, 140, 70]]);
        }""",
        data_uri(sample_photos("astronaut")[0].rgb, quality=80),
    )
    yield Easel(page, errors)
    context.close()


def test_on_a_phone_by_touch(phone: Easel) -> None:
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = phone.stage.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    assert page.evaluate("heard") == [["draw", 1]]
    assert page.evaluate("picked") == pytest.approx([250, 750], abs=2)
    phone.act("grey").tap()
    phone.draw([(500, 300), (700, 320)], 1000)
    assert page.evaluate("canvas.strokes().map(each => each.rgb)") == [[207, 150, 124], None]
    over = "document.querySelector('.over')"
    painted = f"{over}.getContext('2d').getImageData(0, 0, 999, 999).data.some(Boolean)"
    page.mouse.move(1, 1)
    assert page.evaluate(painted)
    phone.root.locator(".shown input").uncheck()
    assert not page.evaluate(painted)
    phone.root.locator(".shown input").check()
    page.screenshot(path=SHOTS / "phone_strokes.png", full_page=True)
    assert violations(page) == []
    assert phone.complaints == []


def test_strokes_become_the_hints_that_python_makes(phone: Easel, tmp_path: Path) -> None:
    points = [(100.0, 100.0), (180.0, 130.0), (181.0, 300.0)]
    told = [{"points": points, "radius": 9, "rgb": [60, 140, 70]}]
    told.append({"points": [(400.0, 400.0)], "radius": 2, "rgb": None})
    there_and_back = """(strokes) => {
      const hints = hintsOf(strokes);
      return [hints, hintsOf(strokesOf(hints)), strokesOf(hints)];
    }"""
    hints, again, strokes = phone.page.evaluate(there_and_back, told)
    assert again == hints
    assert [each["rgb"] for each in strokes] == [[60, 140, 70], None]
    path = tmp_path / "hints.json"
    path.write_text(json.dumps({"hints": hints}))
    want = [*stroke(points, 9, (60, 140, 70)), *stroke([(400, 400)], 2, (128, 128, 128))]
    read = read_hints(path)
    assert [hint.rgb for hint in read] == [hint.rgb for hint in want]
    assert [(hint.x, hint.y) for hint in read] == [
        (pytest.approx(hint.x, abs=0.06), pytest.approx(hint.y, abs=0.06)) for hint in want
    ]
    by_ab = phone.page.evaluate("strokesOf([{x: 1, y: 2, radius: 3, ab: [40, -20]}])")
    assert by_ab == [
        {"points": [[1, 2]], "radius": 3, "rgb": pytest.approx([191, 122, 182], abs=9)}
    ]
    for wrong in ("7", "[7]", "[null]", '[{"x": 1, "y": 2, "rgb": [1, 2, 256]}]'):
        assert phone.page.evaluate(
            f"(() => {{ try {{ strokesOf({wrong}) }} catch (e) {{ return e.message }} }})()"
        )
