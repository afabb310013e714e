"""The causal mask in a browser: its rules are the network's, and it moves by mouse, keys, touch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from colorlab.course.figures.causality import decoder_parts, influence
from colorlab.course.widgets import causal_mask
from colorlab.course.widgets.parts import static_file
from colorlab.models.axial import Size
from colorlab.models.coltran import CoarseColorizer

from .pages import DESKTOP, HEAD, PHONE, SHOTS, numbers, opened, said, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIDE = 5


class Unshifted(CoarseColorizer):
    down = right = staticmethod(lambda x: x)


@pytest.mark.parametrize("kind", [CoarseColorizer, Unshifted], ids=["shifted", "not"])
def test_the_rules_are_the_network_s(
    page: Page, tmp_path: Path, kind: type[CoarseColorizer]
) -> None:
    (tmp_path / "twin.html").write_text(HEAD, "utf-8")
    page.goto((tmp_path / "twin.html").as_uri())
    text = static_file("causal_mask.js")
    page.add_script_tag(content=re.sub(r"^(import .*\n|export )", "", text, flags=re.MULTILINE))
    torch.manual_seed(0)
    parts = decoder_parts(kind(Size(SIDE, 16), 1, 1, 1).eval())
    places = np.indices((SIDE,) * 4).reshape(4, -1).T.tolist()
    ask = """([part, shifted, places]) =>
        places.map(([y, x, v, u]) => reaches(part, shifted, [y, x], [v, u]))"""
    for name, part in parts.items():
        ours = page.evaluate(ask, [name, kind is CoarseColorizer, places])
        assert ours == influence(part, SIDE, 16).flatten().tolist(), name


def row_and_column(page: Page) -> str | None:
    return page.get_by_label("The pixel to be drawn").get_attribute("aria-valuetext")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_moves_by_mouse_and_by_keys(page: Page, tmp_path: Path, size: dict) -> None:
    page.set_viewport_size(size)
    found = opened(page, tmp_path, causal_mask(at=(7, 5)))
    assert numbers(said(page)) == [7, 5, 117]
    assert "all of them, and of no other" in said(page)
    handle = page.get_by_label("The pixel to be drawn")
    handle.press("ArrowUp")
    handle.press("ArrowRight")
    assert row_and_column(page) == "row 6, column 6"
    handle.press("Shift+ArrowLeft")
    assert row_and_column(page) == "row 6, column 0"
    handle.hover()  # scrolls there
    box = page.locator("canvas").bounding_box()
    assert box
    cell = box["width"] / 16
    page.mouse.down()
    page.mouse.move(box["x"] + 10.5 * cell, box["y"] + 3.5 * cell, steps=3)
    page.mouse.up()
    assert row_and_column(page) == "row 3, column 10"
    page.mouse.click(box["x"] + 5.5 * cell, box["y"] + 7.5 * cell)
    assert row_and_column(page) == "row 7, column 5"
    colour = """at => [...document.querySelector("canvas").getContext("2d")
        .getImageData(...at, 1, 1).data.slice(0, 3)]"""
    above = [40 * 3 + 5, 40 * 2 + 5]
    assert len(set(page.evaluate(colour, above))) > 1
    page.get_by_label("told by").select_option("inner")
    assert numbers(said(page)) == [7, 5, 117, 5]
    assert len(set(page.evaluate(colour, above))) == 1  # grey: it tells nothing now
    page.get_by_label("told by").select_option("all")
    page.get_by_label("shifted").uncheck()
    assert numbers(said(page)) == [7, 5, 117, 128, 11]
    assert "its own among them" in said(page)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"causal_mask_{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert found == []
    assert violations(page) == []


def test_a_finger_drags_it_and_taps(chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    opened(page, tmp_path, causal_mask())
    box = page.locator("canvas").bounding_box()
    assert box
    cell = box["width"] / 16
    page.touchscreen.tap(box["x"] + 2.5 * cell, box["y"] + 12.5 * cell)
    assert row_and_column(page) == "row 12, column 2"
    session = context.new_cdp_session(page)
    path = [(2, 12), (4, 10), (9, 8)]
    for kind, (x, y) in zip(("touchStart", "touchMove", "touchMove"), path, strict=True):
        at = {"x": box["x"] + (x + 0.5) * cell, "y": box["y"] + (y + 0.5) * cell}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert row_and_column(page) == "row 8, column 9"
    context.close()
