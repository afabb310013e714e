"""Twins of widgets on a page without a kernel; the weight sliders' against colorlab's numbers."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colorlab.course.figures.chroma import LOW, gamut, weight_colors
from colorlab.course.widgets import divider_twin, weight_twin
from colorlab.course.widgets.weight_widget import coarse, photo_bins, rare_bins
from colorlab.data.samples import sample_photos
from colorlab.prior.prior import ColorPrior, default_prior

from .pages import HEAD, PHONE, complaints

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Twin:
    """The twin's page, and what a reader does to it and sees of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.slider = page.locator(".colorlab-twin input[type=range]")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.slider.press(key)

    @property
    def text(self) -> str:
        return self.page.locator("[role=status]").inner_text()

    def canvas(self, name: str) -> NDArray[np.uint8]:
        url = self.page.locator(f"canvas.{name}").evaluate("c => c.toDataURL('image/png')")
        png = base64.b64decode(url.partition(",")[2])
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def numbers(self) -> list[float]:
        """Lowest and highest weight, then the four percentages, as shares."""
        words = re.findall(r"(\d+(?:\.\d+)?)(%?)", self.text.replace("(λ = 1)", ""))
        found = [float(n) / (100 if percent else 1) for n, percent in words]
        # "weigh more than 1" is no result.
        return found[:3] + found[4:]


@pytest.fixture
def twin(page: Page, tmp_path: Path) -> Twin:
    file = tmp_path / "twin.html"
    file.write_text(HEAD + weight_twin(default_prior()), "utf-8")
    page.goto(file.as_uri())
    return Twin(page)


def expected(prior: ColorPrior, lam: float, photo: str) -> list[float]:
    """What the twin says, worked out on the full table of 256 x 256 bins."""
    v, small = prior.weights(lam), photo_bins(photo, 120)
    pixels = v[small.a, small.b]
    rare = rare_bins(prior.smoothed())[small.a, small.b]
    loss, plain = pixels * small.squared_chroma, small.squared_chroma
    inside = v[gamut().mask]
    return [
        *(inside.min(), inside.max(), (pixels > 1).mean(), rare.mean()),
        *(loss[rare].sum() / loss.sum(), plain[rare].sum() / plain.sum()),
    ]


@pytest.mark.parametrize("lam", [0.01, 0.1, 0.5, 0.9, 1.0])
def test_the_text_agrees_with_the_full_table(twin: Twin, lam: float) -> None:
    twin.slider.fill(str(lam))
    lowest, highest, *shares = twin.numbers()
    want_lowest, want_highest, *want_shares = expected(default_prior(), lam, "motorcycle")
    assert [lowest, highest] == pytest.approx([want_lowest, want_highest], rel=0.02)
    if lam < 1:  # else every weight is 1, and which side of it they round to says nothing
        # A count of pixels on one side of a threshold feels the coarser table most.
        assert shares[0] == pytest.approx(want_shares[0], abs=0.02)
    assert shares[1:] == pytest.approx(want_shares[1:], abs=0.01)


@pytest.mark.parametrize("lam", [0.1, 0.9])
def test_the_maps_have_the_colours_of_the_weights(twin: Twin, lam: float) -> None:
    twin.slider.fill(str(lam))
    p = coarse(default_prior().smoothed())
    v = 1 / ((1 - lam) * p * p.size + lam)
    v /= (p * v).sum()
    inside = gamut().mask.reshape(128, 2, 128, 2).any((1, 3))

    # Cells drawn four by four pixels; the line of v = 1 reaches no further in than one of them.
    drawn = twin.canvas("plane")[1::4, 1::4][::-1].swapaxes(0, 1).astype(int)
    part = slice((LOW + 128) // 2, (128 - LOW) // 2)
    wrong = np.abs(drawn - weight_colors(v[part, part])).max(-1) > 6
    assert wrong[inside[part, part]].mean() < 0.01

    small = photo_bins("motorcycle", 120)
    pixels = v[small.a // 2, small.b // 2]
    drawn = twin.canvas("photo")[1::3, 1::3].astype(int)
    dots = np.zeros(pixels.shape, bool)
    dots[1::3, 1::3] = True
    dots &= pixels > 1
    assert (np.abs(drawn - weight_colors(pixels)).max(-1)[~dots] <= 6).all()
    assert (drawn[dots] == 0x22).all()


def test_the_keyboard_moves_maps_and_text(twin: Twin) -> None:
    before = twin.text, twin.canvas("plane"), twin.canvas("photo")
    twin.page.keyboard.press("Tab")
    assert twin.slider.evaluate("slider => slider === document.activeElement")
    twin.press("ArrowLeft")
    assert twin.slider.input_value() == "0.89"
    assert twin.slider.get_attribute("aria-valuetext") == "lambda 0.89"
    twin.press(*["ArrowLeft"] * 30)
    after = twin.text, twin.canvas("plane"), twin.canvas("photo")
    assert before[0] != after[0]
    for old, new in zip(before[1:], after[1:], strict=True):
        assert (old != new).any(-1).mean() > 0.3


def test_lambda_zero_is_refused_in_words(twin: Twin) -> None:
    twin.press("Home")
    empty = (coarse(default_prior().smoothed()) == 0).sum()
    assert f"{empty} of 16384 cells an infinite weight" in twin.text
    twin.press("ArrowRight")
    assert twin.text.startswith("Weights inside")


def test_a_phone_needs_no_sideways_scrolling(twin: Twin) -> None:
    twin.page.set_viewport_size(PHONE)
    wide = twin.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]


def test_two_twins_live_on_one_page_that_asks_for_nothing(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "two.html"
    file.write_text(HEAD + 2 * weight_twin(default_prior(), "coffee", 0.5), "utf-8")
    found = complaints(page, file.as_uri())
    page.goto(file.as_uri())
    texts = page.locator("[role=status]").all_inner_texts()
    assert texts[0] == texts[1]
    assert texts[0].startswith("Weights inside")
    assert found == [f"asks {file.as_uri()}"]  # itself


def test_the_studio_s_divider_moves_without_a_kernel(page: Page, tmp_path: Path) -> None:
    china = sample_photos("china")[0].rgb
    text = divider_twin(china, 255 - china, ("plain", "<b>inverted</b>"))
    file = tmp_path / "twin.html"
    file.write_text(HEAD + text, "utf-8")
    found = complaints(page, file.as_uri())
    page.goto(file.as_uri())
    for key in ("Home", "PageUp"):
        page.locator(".divider").press(key)
    said = page.locator(".divider").get_attribute("aria-valuetext")
    assert said == "10 % plain, the rest <b>inverted</b>"
    above = page.locator(".above")
    assert above.evaluate("i => getComputedStyle(i).clipPath") == "inset(0px 0px 0px 10%)"
    assert above.evaluate("i => i.naturalWidth") == 640
    assert found == [f"asks {file.as_uri()}"]  # itself
    with pytest.raises(ValueError, match="differ in size"):
        divider_twin(china, china[1:], ("one", "two"))
