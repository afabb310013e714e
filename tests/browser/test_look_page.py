"""The page that erases parts of a photo: its answers are the network's in Python.

Timings are printed and never asserted.
"""

from __future__ import annotations

import io
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d

from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.inference.predict import working_luma
from colorlab.models import create_model
from colorlab.models.live import LIKE_PHOTOS, at_lambda

from .conftest import IN_BROWSER
from .pages import PATIENCE, PHONE, SHOTS, complaints, violations
from .test_colour_page import manifest, state

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER
STAGE = ".colour-page .probe"
BOX = (0.25, 0.5, 0.75, 0.75)
"""Left, top, right and bottom in shares of the sides: whole pixels of what the network sees."""


@cache
def photo() -> np.ndarray:
    """A square: of the shapes the one that the network answers fastest."""
    cat = Image.fromarray(sample_photos("chelsea")[0].rgb)
    return np.asarray(cat.resize((224, 224), Image.Resampling.BICUBIC))


@cache
def answers(*boxes: tuple[float, float, float, float]) -> list[Tensor]:
    """What the network says of the whole photo, and without each box: a* and b* (2, 224, 224)."""
    network = at_lambda(create_model(manifest()["model"]).eval(), LIKE_PHOTOS)
    luma = working_luma(torch.from_numpy(photo().copy()).permute(2, 0, 1), LAB)
    inputs = [luma]
    for box in boxes:
        left, top, right, bottom = (round(224 * share) for share in box)
        inputs.append(luma.clone())
        inputs[-1][..., top:bottom, left:right] = luma.mean()
    with torch.inference_mode():
        return [128 * network(each)[0].float() for each in inputs]


def visit(page: Page, book: str) -> list[str]:
    """The page with its first photo; the list fills with its complaints."""
    found = complaints(page, book)
    page.goto(f"{book}/what_did_it_look_at.html")
    buffer = io.BytesIO()
    Image.fromarray(photo()).save(buffer, "png")
    file: Any = {"name": "own.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    page.set_input_files("[data-part=file]", file)
    state(page, "done", "failed")
    return found


def turn(page: Page) -> int:
    return int(page.locator(".colour-page").get_attribute("data-turn") or 0)


def numbers(page: Page) -> list[float]:
    """Those of the line that says what happened."""
    said = page.locator(".colour-page [data-part=note]").inner_text()
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", said)]


def drag(page: Page, box: tuple[float, float, float, float]) -> None:
    """Erase a box with the mouse, and wait for the answer."""
    page.locator(STAGE).scroll_into_view_if_needed()
    there = page.locator(STAGE).bounding_box()
    assert there
    (x, y), (u, v) = (
        (there["x"] + right * there["width"], there["y"] + down * there["height"])
        for right, down in (box[:2], box[2:])
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(u, v, steps=4)
    page.mouse.up()
    state(page, "done")


def shown(page: Page, part: str) -> str:
    picture: str = page.locator(f"[data-part={part}]").evaluate("c => c.toDataURL()")
    return picture


def test_an_erased_part_moves_colours_as_in_python(book: str, page: Page) -> None:
    found = visit(page, book)
    drag(page, BOX)
    whole, erased = answers(BOX)
    moved = (whole - erased).norm(dim=0)
    moved[112:168, 56:168] = torch.nan
    average, most = numbers(page)
    took = page.locator(".colour-page").get_attribute("data-took")
    print(f"\n{took} ms; moved by {average}, {most}; in Python {moved.nanmean():.1f}", end="")
    # The page's weights have 8 bits, and a drag ends on a pixel of the screen.
    assert average == pytest.approx(float(moved.nanmean()), rel=0.1, abs=0.1)
    assert most == pytest.approx(float(moved.nan_to_num().max()), rel=0.15)
    assert average > 0.5
    page.get_by_role("button", name="Put it back").click()
    state(page, "done")
    assert page.locator(STAGE).locator(".hole.gone").count() == 1
    assert page.locator("[data-part=most]").inner_text() == ""
    assert found == []


def test_nothing_is_fetched_before_a_photo_is_chosen(book: str, page: Page) -> None:
    sizes: list[int] = []
    page.on("response", lambda got: sizes.append(int(got.headers.get("content-length", 0))))
    page.goto(f"{book}/what_did_it_look_at.html", wait_until="networkidle")
    print(f"\nbefore a photo: {sum(sizes) / 1e6:.2f} MB", end="")
    assert 1e4 < sum(sizes) < 3e6


def test_keys_move_the_hole_and_resize_it(book: str, page: Page) -> None:
    found = visit(page, book)
    hole = page.locator(f"{STAGE} .hole")
    place = "e => ['left', 'top', 'width', 'height'].map(k => parseFloat(e.style[k]))"
    before, picture = hole.evaluate(place), shown(page, "photo")
    page.locator(STAGE).press("ArrowLeft")
    page.locator(STAGE).press("ArrowDown")
    assert hole.evaluate(place) == pytest.approx([before[0] - 2, before[1] + 2, *before[2:]])
    page.locator(STAGE).press("Shift+ArrowRight")
    assert hole.evaluate(place)[2] == pytest.approx(before[2] + 2)
    for _ in range(60):
        page.locator(STAGE).press("ArrowUp")
    assert hole.evaluate(place)[1] == 0
    state(page, "done")
    assert shown(page, "photo") != picture
    page.locator(STAGE).press("Delete")
    state(page, "done")
    assert page.locator(f"{STAGE} .hole.gone").count() == 1
    assert found == []
    assert violations(page, ".colour-page") == []


def heard(page: Page, least: int) -> int:
    """Wait until that many squares have been tried; how many have."""
    page.wait_for_function(
        "least => Number(document.querySelector('.colour-page').dataset.squares) >= least",
        arg=least,
        timeout=PATIENCE,
    )
    return int(page.locator(".colour-page").get_attribute("data-squares") or 0)


@pytest.mark.slow
def test_a_place_hears_from_the_squares_that_python_names(book: str, page: Page) -> None:
    visit(page, book)
    page.get_by_label("choose a place").check()
    assert heard(page, 49) == 49
    state(page, "done")
    page.locator(STAGE).press("ArrowRight")  # what is known already is there at once
    state(page, "done")
    own, far = numbers(page)
    squares = [(x / 7, y / 7, (x + 1) / 7, (y + 1) / 7) for y in range(7) for x in range(7)]
    whole, *erased = (avg_pool2d(answer, 8) for answer in answers(*squares))
    moved = torch.stack([(each - whole)[:, 14, 14].norm() for each in erased])
    column, row = torch.arange(49) % 7, torch.arange(49) // 7
    beyond = torch.maximum((column - 3).abs(), (row - 3).abs()) > 1
    assert own == pytest.approx(float(100 * moved[24] / moved.sum()), abs=5)
    assert far == pytest.approx(float(100 * moved[beyond].sum() / moved.sum()), abs=5)


def test_another_place_interrupts_and_erasing_does_too(book: str, page: Page) -> None:
    found = visit(page, book)
    page.get_by_label("choose a place").check()
    heard(page, 1)
    before = turn(page)
    page.locator(STAGE).click(position={"x": 30, "y": 40})
    page.wait_for_function(
        "before => Number(document.querySelector('.colour-page').dataset.turn) > before",
        arg=before,
        timeout=PATIENCE,
    )
    page.get_by_label("erase a part").check()
    state(page, "done")
    assert len(numbers(page)) == 2
    assert page.locator("[data-part=map-words]").inner_text() == "How far each colour moved."
    assert found == []


def test_a_finger_erases_on_a_phone_where_all_fits(book: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    found = visit(page, book)
    page.locator(STAGE).scroll_into_view_if_needed()
    there = page.locator(STAGE).bounding_box()
    assert there
    session, before = context.new_cdp_session(page), turn(page)
    path = [(0.1, 0.2), (0.3, 0.4), (0.6, 0.5)]
    for kind, (u, v) in zip(("touchStart", "touchMove", "touchMove"), path, strict=True):
        at = {"x": there["x"] + u * there["width"], "y": there["y"] + v * there["height"]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    state(page, "done")
    assert turn(page) > before
    width = page.locator(f"{STAGE} .hole").evaluate("e => parseFloat(e.style.width)")
    assert width == pytest.approx(50, abs=1.5)
    page.screenshot(path=SHOTS / "look_page_phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert found == []  # before axe, which asks for style sheets that are imported by others
    assert violations(page, ".colour-page") == []
    context.close()


def test_a_file_that_is_no_photo_is_answered_in_words(book: str, page: Page) -> None:
    page.goto(f"{book}/what_did_it_look_at.html")
    notes: Any = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"not a photo"}
    page.set_input_files("[data-part=file]", notes)
    state(page, "failed")
    note = page.locator(".colour-page [data-part=note]")
    assert note.inner_text().startswith("This file is not a photo that your browser can read")


def test_how_it_looks(book: str, page: Page) -> None:
    page.goto(f"{book}/what_did_it_look_at.html")
    page.locator("button[data-sample^=china]").click()
    state(page, "done")
    page.screenshot(path=SHOTS / "look_page_erase.png", full_page=True)
    page.get_by_label("choose a place").check()
    heard(page, 12)
    page.screenshot(path=SHOTS / "look_page_place.png", full_page=True)
