"""The training scrubber in a browser: by mouse, keys and finger, on a page and in JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import numpy as np
import pytest

from colorlab.course.widgets import scrubber

from .jupyter import Lab, run_all
from .pages import DESKTOP, PHONE, SHOTS, opened, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STEPS = (100, 200, 300, 400, 500)


def text() -> str:
    """Two tracks of four photos: at checkpoint k the one has red 50 k, the other blue 50 k."""
    plain = np.zeros((64, 64, 3), np.uint8)
    tracks = {
        name: [[plain + 50 * k * np.eye(3, dtype=np.uint8)[channel]] * 4 for k in range(5)]
        for name, channel in (("with a judge", 0), ("without", 2))
    }
    curves = {
        "with a judge": (STEPS, [1.0, 1.3, 0.9, 1.5, 1.1]),
        "without": (STEPS, [1.0, 0.9, 0.85, 0.82, 0.8]),
    }
    return scrubber(STEPS, tracks, curves, "abcd", {"the truth": [plain + 90] * 4})


def step(page: Page) -> str:
    return page.locator("[data-twin=scrubber] output").first.inner_text()


def colours(page: Page) -> list[list[int]]:
    """The first pixel of each strip, as it is drawn."""
    return page.locator("[data-twin=scrubber] img").evaluate_all(
        """images => Promise.all(images.map(async image => {
          await image.decode();
          const context = document.createElement("canvas").getContext("2d");
          context.drawImage(image, 0, 0);
          return [...context.getImageData(9, 9, 1, 1).data].slice(0, 3);
        }))"""
    )


def shows(page: Page, number: int) -> None:
    """Checkpoint `number` everywhere: value, words, pictures, and the cursor on the chart."""
    assert step(page) == f"{STEPS[number]}"
    assert (
        f"Step {STEPS[number]} of 500."
        in page.locator("[data-twin=scrubber] [role=status]").first.inner_text()
    )
    wanted = [[50 * number, 0, 0], [0, 0, 50 * number], [90, 90, 90]]
    np.testing.assert_allclose(colours(page), wanted, atol=4)
    left = page.locator(".cursor").evaluate("cursor => cursor.style.left")
    assert left == f"{25 * number}%"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_moves_by_mouse_and_by_keys(page: Page, tmp_path: Path, size: dict) -> None:
    page.set_viewport_size(size)
    found = opened(page, tmp_path, text())
    shows(page, 4)
    slider = page.get_by_role("slider")
    slider.press("ArrowLeft")
    shows(page, 3)
    slider.press("Home")
    shows(page, 0)
    slider.press("ArrowDown")  # there is no earlier one
    shows(page, 0)
    slider.press("Shift+ArrowRight")
    shows(page, 4)
    chart = page.locator(".chart .stage")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.click(box["x"] + 0.28 * box["width"], middle)
    shows(page, 1)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=3)
    shows(page, 3)
    page.mouse.up()
    page.mouse.move(box["x"], middle)  # let go of, it stays
    shows(page, 3)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"scrubber_{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(page) == []
    assert found == []


def test_it_plays_to_the_end_and_stops_where_it_is_stopped(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, text())
    page.get_by_role("button", name="Play").click()
    assert step(page) == "100"
    page.wait_for_function("document.querySelector('output').textContent === '300'")
    page.get_by_role("button", name="Pause").click()
    stopped = step(page)
    page.wait_for_timeout(900)
    assert step(page) == stopped
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('output').textContent === '500'")
    page.get_by_role("button", name="Play").wait_for()


def test_a_finger_taps_and_drags(chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    opened(page, tmp_path, text())
    box = page.locator(".chart .stage").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 0.26 * box["width"], box["y"] + 20)
    shows(page, 1)
    box = page.get_by_role("slider").bounding_box()
    assert box
    session = context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    for kind, share in (("touchStart", 0.25), ("touchMove", 0.4), ("touchMove", 0.75)):
        at = {"x": box["x"] + share * box["width"], "y": y}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("document.querySelector('output').textContent === '400'")
    shows(page, 3)
    context.close()


def test_two_on_a_page_move_apart(page: Page, tmp_path: Path) -> None:
    found = opened(page, tmp_path, text() + text())
    page.wait_for_function("document.querySelectorAll('[data-alive]').length === 2")
    page.get_by_role("slider").first.press("Home")
    assert page.locator("output").all_inner_texts() == ["100", "500"]
    assert found == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_moves_in_jupyterlab(page: Page, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "scrubber.html").write_text(text(), "utf-8")
    show = f"from IPython.display import HTML\nHTML(filename={str(tmp_path / 'scrubber.html')!r})"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    # `run_all` waits for a running cell, and the figure's is over too soon to be seen.
    cells = [nbformat.v4.new_code_cell(code) for code in ("import time\ntime.sleep(2)", show)]
    book = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(book, lab.chapters / "scrubber.ipynb")
    run_all(page, lab, "scrubber")
    shows(page, 4)
    page.get_by_role("slider").press("ArrowLeft")
    shows(page, 3)
    assert page.locator(".jp-Notebook.jp-mod-editMode").count() == 0  # the key moved no cell
    box = page.locator(".chart .stage").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.26 * box["width"], box["y"] + 20)
    shows(page, 1)
    assert violations(page, "[data-twin=scrubber]") == []
    page.screenshot(path=SHOTS / "scrubber_lab.png")
