"""The lambda widget's twin in a real browser, against colorlab's own numbers."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colorlab.chroma_plots import LOW, gamut, weight_colors
from colorlab.rebalance import ColorPrior, default_prior
from colorlab.twin import coarse, encode, twin_html
from colorlab.weight_view import photo_bins, rare_bins

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>The twin</title>
"""


class Page:
    """The twin's page, and what a reader does to it and sees of it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.slider = driver.find_element("css selector", ".colorlab-twin input[type=range]")

    def press(self, *keys: str) -> None:
        self.slider.send_keys(*keys)

    def set(self, lam: float) -> None:
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
        self.driver.execute_script(script, self.slider, lam)

    @property
    def text(self) -> str:
        return str(self.driver.find_element("css selector", "[role=status]").text)

    def canvas(self, name: str) -> NDArray[np.uint8]:
        script = f"return document.querySelector('canvas.{name}').toDataURL('image/png')"
        png = self.driver.execute_script(script).partition(",")[2]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"))

    def numbers(self) -> list[float]:
        """Lowest and highest weight, then the four percentages, as shares."""
        words = re.findall(r"(\d+(?:\.\d+)?)(%?)", self.text.replace("(λ = 1)", ""))
        found = [float(n) / (100 if percent else 1) for n, percent in words]
        # "weigh more than 1" is no result.
        return found[:3] + found[4:]


@pytest.fixture
def page(driver: Any, tmp_path: Path) -> Page:
    file = tmp_path / "twin.html"
    file.write_text(HEAD + twin_html(default_prior()), "utf-8")
    driver.get(file.as_uri())
    return Page(driver)


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
def test_the_text_agrees_with_the_full_table(page: Page, lam: float) -> None:
    page.set(lam)
    lowest, highest, *shares = page.numbers()
    want_lowest, want_highest, *want_shares = expected(default_prior(), lam, "motorcycle")
    assert [lowest, highest] == pytest.approx([want_lowest, want_highest], rel=0.02)
    if lam < 1:  # else every weight is 1, and which side of it they round to says nothing
        # A count of pixels on one side of a threshold feels the coarser table most.
        assert shares[0] == pytest.approx(want_shares[0], abs=0.02)
    assert shares[1:] == pytest.approx(want_shares[1:], abs=0.01)


@pytest.mark.parametrize("lam", [0.1, 0.9])
def test_the_maps_have_the_colours_of_the_weights(page: Page, lam: float) -> None:
    page.set(lam)
    p = coarse(default_prior().smoothed())
    v = 1 / ((1 - lam) * p * p.size + lam)
    v /= (p * v).sum()
    inside = gamut().mask.reshape(128, 2, 128, 2).any((1, 3))

    # Cells drawn four by four pixels; the line of v = 1 reaches no further in than one of them.
    drawn = page.canvas("plane")[1::4, 1::4][::-1].swapaxes(0, 1).astype(int)
    part = slice((LOW + 128) // 2, (128 - LOW) // 2)
    wrong = np.abs(drawn - weight_colors(v[part, part])).max(-1) > 6
    assert wrong[inside[part, part]].mean() < 0.01

    small = photo_bins("motorcycle", 120)
    pixels = v[small.a // 2, small.b // 2]
    drawn = page.canvas("photo")[1::3, 1::3].astype(int)
    dots = np.zeros(pixels.shape, bool)
    dots[1::3, 1::3] = True
    dots &= pixels > 1
    assert (np.abs(drawn - weight_colors(pixels)).max(-1)[~dots] <= 6).all()
    assert (drawn[dots] == 0x22).all()


def test_the_keyboard_moves_maps_and_text(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    before = page.text, page.canvas("plane"), page.canvas("photo")
    page.driver.find_element("css selector", "body").send_keys(Keys.TAB)
    assert page.driver.switch_to.active_element == page.slider
    page.press(Keys.ARROW_LEFT)
    assert page.slider.get_attribute("value") == "0.89"
    assert page.slider.get_attribute("aria-valuetext") == "lambda 0.89"
    page.press(*[Keys.ARROW_LEFT] * 30)
    after = page.text, page.canvas("plane"), page.canvas("photo")
    assert before[0] != after[0]
    for old, new in zip(before[1:], after[1:], strict=True):
        assert (old != new).any(-1).mean() > 0.3


def test_lambda_zero_is_refused_in_words(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.press(Keys.HOME)
    empty = (coarse(default_prior().smoothed()) == 0).sum()
    assert f"{empty} of 16384 cells an infinite weight" in page.text
    page.press(Keys.ARROW_RIGHT)
    assert page.text.startswith("Weights inside")


def test_a_phone_needs_no_sideways_scrolling(page: Page) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wide = page.driver.execute_script("return document.documentElement.scrollWidth")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390


def test_the_page_fetches_nothing_and_logs_no_error(page: Page) -> None:
    fetched = page.driver.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
    )
    assert [name for name in fetched if not name.startswith("data:")] == []
    assert [entry for entry in page.driver.get_log("browser") if "favicon" not in str(entry)] == []


def test_two_twins_live_on_one_page(driver: Any, tmp_path: Path) -> None:
    file = tmp_path / "two.html"
    file.write_text(HEAD + 2 * twin_html(default_prior(), "coffee", 0.5), "utf-8")
    driver.get(file.as_uri())
    texts = [e.text for e in driver.find_elements("css selector", "[role=status]")]
    assert texts[0] == texts[1]
    assert texts[0].startswith("Weights inside")


def test_it_is_small_and_whole() -> None:
    text = twin_html(default_prior())
    assert len(text) < 100_000
    assert "{{" not in text
    assert "http" not in text


@pytest.mark.parametrize("lam", [-0.1, 1.1, float("nan")])
def test_it_refuses_an_impossible_lambda(lam: float) -> None:
    with pytest.raises(ValueError, match="lambda"):
        twin_html(default_prior(), lam=lam)


def test_probabilities_survive_their_coding() -> None:
    p = np.array([[0.0, 1.0, 2.0**-40, 1e-5, 0.3, 1e-30]])
    codes = encode(p)
    back = np.where(codes > 0, 2.0 ** (((codes - 1.0) / 65534 - 1) * 40), 0)
    np.testing.assert_allclose(back[0, :5], p[0, :5], rtol=3e-4)
    assert back[0, 5] == 2.0**-40
