"""The weight sliders of the chapter on statistics, in JupyterLab, and the recolouring below it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .jupyter import Lab, run_all
from .pages import SHOTS, complaints

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _pictures(widget: Locator) -> list[str]:
    return widget.locator("img").evaluate_all("all => all.map(image => image.src)")


def _until(widget: Locator, holds: Callable[[list[str]], bool]) -> list[str]:
    """The pictures once they are as they should be: the words come a little earlier."""
    for _ in range(300):
        if holds(shown := _pictures(widget)):
            return shown
        widget.page.wait_for_timeout(100)
    raise AssertionError("the pictures are not what they should be")


def test_the_sliders_move_the_figures(page: Page, lab: Lab) -> None:
    found = complaints(page, lab.address)
    run_all(page, lab, "03_color_statistics")
    widgets = page.locator(".jp-OutputArea-output:has(.widget-slider):has([role=status])")
    widget, recolouring = widgets.first, widgets.last
    widget.scroll_into_view_if_needed()
    slider = widget.locator(".widget-slider", has_text="λ")
    readout, handle = slider.locator(".widget-readout"), slider.locator(".noUi-handle")
    assert readout.inner_text() == "0.90"
    words, pictures = widget.locator("[role=status]").inner_text(), _pictures(widget)
    assert words.startswith("Weights inside the sRGB gamut")
    assert len(pictures) == 4

    box = handle.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] + box["height"] / 2, steps=10)
    page.mouse.up()
    assert 0 < float(readout.inner_text()) < 0.9
    widget.locator("[role=status]", has_not_text=words).wait_for()
    # Map, profile and the photo's weights; the photo itself stays.
    moved = _until(widget, lambda shown: sum(map(operator.ne, shown, pictures)) == 3)
    assert len(moved) == 4
    page.screenshot(path=SHOTS / "lab_lambda.png")

    readout.fill("0.9")
    readout.press("Enter")
    widget.get_by_text(words).wait_for()
    _until(widget, lambda shown: shown == pictures)
    readout.fill("0")
    readout.press("Enter")
    widget.get_by_text("infinite weight").wait_for()

    before = _pictures(recolouring)
    assert len(before) == 1
    words = recolouring.locator("[role=status]").inner_text()
    for _ in range(8):  # towards vivid
        recolouring.locator(".noUi-handle").press("ArrowRight")
    recolouring.locator("[role=status]", has_not_text=words).wait_for()
    _until(recolouring, lambda shown: shown != before)
    assert found == []
