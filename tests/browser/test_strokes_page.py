"""The page on which strokes tell the colours: the same colours as in Python, by mouse and by keys.

Timings are printed and never asserted.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

import colorlab
from colorlab.classic.levin import colorize_by_strokes
from colorlab.classic.yatziv import colorize_by_blending
from colorlab.color import rgb_to_lab
from colorlab.data.hints import Hint, draw_hints, read_hints
from colorlab.data.samples import sample_photos
from colorlab.evaluate.metrics.delta_e import delta_e_2000

from .conftest import IN_BROWSER
from .pages import PATIENCE, PHONE, SHOTS, complaints, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = IN_BROWSER
STAGE = ".colorlab-strokes .stage"
STROKES = {  # by the colour's name: sRGB, and the line in shares of the sides
    "lake": ((40, 110, 200), ((0.62, 0.6), (0.85, 0.62))),
    "roof": ((200, 60, 40), ((0.3, 0.55), (0.42, 0.57))),
    "leaves": ((60, 140, 50), ((0.1, 0.93), (0.35, 0.95))),
}


def sample(name: str, width: int, height: int) -> np.ndarray:
    photo = Image.fromarray(sample_photos(name)[0].rgb)
    return np.asarray(photo.resize((width, height), Image.Resampling.BICUBIC))


def visit(page: Page, book: str, photo: np.ndarray | None = None) -> None:
    """The page, with a photo of its own or a sample, coloured by the network as it is."""
    page.goto(f"{book}/tell_it_the_colour.html")
    state(page, "ready")
    if photo is None:
        page.locator("button[data-sample^=china]").click()
    else:
        buffer = io.BytesIO()
        Image.fromarray(photo).save(buffer, "png")
        file: Any = {"name": "own.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
        page.set_input_files("[data-part=file]", file)
    state(page, "done")


def state(page: Page, *names: str) -> None:
    """Wait until the page is in one of the named states."""
    any_of = ",".join(f".colour-page[data-state={name}]" for name in names)
    page.wait_for_selector(any_of, timeout=PATIENCE)


def turn(page: Page) -> int:
    return int(page.locator(".colour-page").get_attribute("data-turn") or 0)


def after(page: Page, before: int) -> None:
    """Wait for the finest answer to what was asked after a turn."""
    page.wait_for_function(
        "before => { const {state, turn} = document.querySelector('.colour-page').dataset; "
        "return state === 'done' && Number(turn) > before; }",
        arg=before,
        timeout=PATIENCE,
    )
    page.wait_for_timeout(50)


def choose_method(page: Page, method: str) -> None:
    if not page.locator(f"input[value={method}]").is_checked():
        before = turn(page)
        page.locator(f"input[value={method}]").check()
        after(page, before)


def choose_colour(page: Page, rgb: tuple[int, int, int]) -> None:
    page.locator(".colorlab-strokes input[type=color]").evaluate(
        "(input, colour) => { input.value = colour; "
        "input.dispatchEvent(new Event('input', {bubbles: true})); }",
        "#" + bytes(rgb).hex(),
    )


def draw(page: Page, name: str) -> None:
    rgb, line = STROKES[name]
    choose_colour(page, rgb)
    page.locator(STAGE).scroll_into_view_if_needed()
    box = page.locator(STAGE).bounding_box()
    assert box is not None
    (x, y), *rest = ((box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in line)
    before = turn(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()
    after(page, before)
    took = page.locator(".colour-page").get_attribute("data-first")
    method = page.locator("input[name=method]:checked").get_attribute("value")
    print(f"\n{method}, {name}: {took} ms to the first answer", end="")


def shown(page: Page) -> np.ndarray:
    """The picture under the strokes, uint8 (H, W, 3)."""
    code = "canvas => canvas.toDataURL().split(',')[1]"
    data = base64.b64decode(page.locator(f"{STAGE} canvas.picture").evaluate(code))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def chroma_at(picture: np.ndarray, u: float, v: float) -> np.ndarray:
    """Mean a*, b* around a place that is given in shares of the sides."""
    x, y = int(u * picture.shape[1]), int(v * picture.shape[0])
    part = torch.from_numpy(picture[y - 2 : y + 3, x - 2 : x + 3].copy()).permute(2, 0, 1)
    found: np.ndarray = rgb_to_lab(part[None] / 255)[0, 1:].mean((1, 2)).numpy()
    return found


def download(page: Page, button: str) -> tuple[str, bytes]:
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator(button).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def result(page: Page) -> np.ndarray:
    name, data = download(page, "[data-part=save]")
    assert "_coloured." in name
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def load(page: Page, hints: list[dict[str, Any]]) -> None:
    before = turn(page)
    content = json.dumps({"hints": hints}).encode()
    file: Any = {"name": "s.json", "mimeType": "application/json", "buffer": content}
    page.locator(".colorlab-strokes input[accept*=json]").set_input_files(file)
    after(page, before)


def delta_e(one: np.ndarray, other: np.ndarray) -> float:
    """Mean Delta E 2000 of two photos, uint8 (H, W, 3)."""
    first, second = (
        rgb_to_lab(torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None] / 255)
        for photo in (one, other)
    )
    return float(delta_e_2000(first, second).mean())


def in_python(photo: np.ndarray, hints: list[Hint], method: str) -> np.ndarray:
    if method == "network":
        return colorlab.colorize(photo, hints=hints)
    marked, ab = draw_hints(hints, *photo.shape[:2])
    return {"levin": colorize_by_strokes, "yatziv": colorize_by_blending}[method](photo, marked, ab)


@pytest.mark.parametrize("method", ["network", "levin", "yatziv"])
def test_a_stroke_colours_its_region_and_undo_takes_it_back(
    book: str, page: Page, method: str
) -> None:
    """The strokes drawn, saved, and given to Python: the downloaded result is Python's."""
    found = complaints(page, book)
    photo = sample("china", 400, 267)  # as small as this, so that Python is quick too
    visit(page, book, photo)
    choose_method(page, method)
    before = shown(page)
    for name in STROKES:
        draw(page, name)
    picture = shown(page)
    # Beside the stroke on the lake, not on it: bluer than before, and blue.
    was, now = chroma_at(before, 0.75, 0.67), chroma_at(picture, 0.75, 0.67)
    assert now[1] < min(-8, was[1] - 4)
    _, saved = download(page, "[data-act=save]")
    (SHOTS / "strokes.json").write_bytes(saved)
    hints = read_hints(SHOTS / "strokes.json")
    apart = delta_e(result(page), in_python(photo, hints, method))
    print(f"\n{method}, {len(hints)} hints: Delta E 2000 {apart:.3f} from Python", end="")
    assert apart < 1
    assert delta_e(picture, before) > 2
    count = turn(page)
    for _ in STROKES:
        page.locator("[data-act=undo]").click()
    after(page, count + len(STROKES) - 1)
    assert delta_e(shown(page), before) < 0.01
    assert found == []


@pytest.mark.slow
def test_a_photo_above_a_megapixel_is_that_of_python(book: str, page: Page) -> None:
    """Solved on squares of two pixels, and carried up along the edges."""
    photo = sample("coffee", 1225, 817)
    visit(page, book, photo)
    choose_method(page, "yatziv")
    rows = [
        {"x": 700, "y": 500, "radius": 12, "rgb": [110, 70, 40]},
        {"x": 200, "y": 300, "radius": 9.5, "rgb": [150, 110, 60]},
        {"x": 1100, "y": 200, "radius": 20, "rgb": [128, 128, 128]},
    ]
    load(page, rows)
    hints = [Hint(row["x"], row["y"], row["radius"], tuple(row["rgb"])) for row in rows]  # type: ignore[arg-type]
    got = result(page)
    assert got.shape == photo.shape
    apart = delta_e(got[::3, ::3], in_python(photo, hints, "yatziv")[::3, ::3])
    took = page.locator(".colour-page").get_attribute("data-took")
    print(f"\na megapixel: Delta E 2000 {apart:.3f} from Python, {took} ms to the finest", end="")
    assert apart < 1


def test_by_keyboard_a_palette_and_no_colour_here(book: str, page: Page) -> None:
    visit(page, book)
    choose_method(page, "levin")
    note = page.locator("[data-part=note]")
    assert note.inner_text().startswith("Choose a colour and draw")
    assert page.locator("[data-part=save]").is_disabled(), "a grey photo is no result"
    page.wait_for_selector(".colorlab-strokes .palette button")
    page.locator(".colorlab-strokes .palette button").nth(1).press("Enter")
    stage, before = page.locator(STAGE), turn(page)
    stage.focus()
    stage.press("Shift+ArrowRight")
    stage.press("Enter")
    after(page, before)
    assert np.linalg.norm(chroma_at(shown(page), 0.5, 0.5)) > 5
    stage.press("Control+z")
    after(page, before + 1)
    assert np.linalg.norm(chroma_at(shown(page), 0.5, 0.5)) < 1
    stage.press("Control+Shift+z")
    after(page, before + 2)
    assert np.linalg.norm(chroma_at(shown(page), 0.5, 0.5)) > 5


def test_without_the_network_the_two_others_work(book: str, page: Page) -> None:
    page.route("**/decoder.onnx", lambda route: route.fulfill(status=404))
    page.goto(f"{book}/tell_it_the_colour.html")
    state(page, "failed")
    note = page.locator("[data-part=note]")
    assert note.inner_text() == "decoder.onnx did not come (404)"
    page.locator("input[value=yatziv]").evaluate("input => { input.checked = true; }")
    page.locator("button[data-sample^=coffee]").click()
    state(page, "done")
    draw(page, "lake")
    assert chroma_at(shown(page), 0.5, 0.5)[1] < -3


def test_how_it_looks(book: str, page: Page) -> None:
    """Pictures for `shots/`, wide and on a phone, where nothing sticks out."""
    visit(page, book)
    for name in STROKES:
        draw(page, name)
    page.mouse.move(5, 5)
    page.wait_for_selector(".colorlab-strokes .palette button")
    assert violations(page, ".colour-page") == []
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=SHOTS / "strokes_page.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    page.screenshot(path=SHOTS / "strokes_page_phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page, ".colour-page") == []
