"""The studio, as a person uses it: its chapter in JupyterLab."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from colorlab.course.widgets.studio_photo import Look, StudioPhoto, open_photo, result_file
from colorlab.data.samples import sample_paths, sample_photos

from .jupyter import Lab, run_all
from .pages import DESKTOP, SHOTS, complaints, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # the chapter runs at its beginning

STUDIO = ".colorlab-studio:has(.choose)"  # the book's picture has no photo to choose


class Desk:
    """The studio in a page of JupyterLab, and what a person does and sees there."""

    def __init__(self, page: Page, found: list[str]) -> None:
        self.page, self.complaints = page, found
        self.root = page.locator(STUDIO)

    def find(self, selector: str, words: str | None = None) -> Locator:
        return self.root.locator(selector, has_text=words)

    def control(self, name: str) -> Locator:
        """A control beside the pictures, by its label."""
        return self.page.locator(".widget-inline-hbox", has_text=name).first

    def note(self, words: str) -> None:
        self.find(".note", words).wait_for()

    def picture(self, selector: str) -> np.ndarray:
        """What is shown, as uint8 (h, w, 3)."""
        read = """async (image) => {
          const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
          return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
        }"""
        data = base64.b64decode(self.find(selector).evaluate(read))
        return np.asarray(Image.open(io.BytesIO(data)))

    def until_shown(self, selector: str, want: np.ndarray) -> None:
        """Wait for a picture that differs from `want` by no more than JPEG does."""
        for _ in range(100):
            seen = self.picture(selector)
            if seen.shape == want.shape and abs(seen.astype(int) - want).mean() < 2:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{selector} shows another picture, {seen.shape}")

    @property
    def at(self) -> float:
        return float(self.find(".divider").get_attribute("aria-valuenow") or "nan")


@pytest.fixture(scope="module")
def desk(chromium: Browser, lab: Lab) -> Iterator[Desk]:
    context = chromium.new_context(viewport=DESKTOP, accept_downloads=True)
    page = context.new_page()
    found = complaints(page, lab.address)
    run_all(page, lab, "00_studio")
    page.locator(STUDIO).scroll_into_view_if_needed()
    yield Desk(page, found)
    context.close()


@pytest.fixture(scope="module")
def china() -> np.ndarray:
    return sample_photos("china")[0].rgb


@pytest.fixture(scope="module")
def large(china: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of 12 megapixels."""
    path = tmp_path_factory.mktemp("photos") / "holiday.jpg"
    image = Image.fromarray(china).resize((4000, 3000), Image.Resampling.BICUBIC)
    image.save(path, quality=92)
    return path


def test_the_divider_is_dragged(desk: Desk) -> None:
    desk.find(".stage").scroll_into_view_if_needed()
    box = desk.find(".stage").bounding_box()
    assert box is not None
    mouse, middle = desk.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, middle)
    mouse.down()
    for share in (0.75, 0.25):
        mouse.move(box["x"] + box["width"] * share, middle, steps=5)
        assert desk.at == pytest.approx(100 * share, abs=1)
        clip = desk.find(".above").evaluate("image => getComputedStyle(image).clipPath")
        assert float(clip.rsplit(" ", 1)[1].rstrip("%)")) == pytest.approx(100 * share, abs=1)
        line = desk.find(".divider").bounding_box()
        assert line is not None
        assert line["x"] - box["x"] == pytest.approx(box["width"] * share, abs=3)
    mouse.up()
    mouse.move(box["x"] + box["width"] / 2, middle)
    assert desk.at == pytest.approx(25, abs=1)  # let go


def test_the_divider_by_keyboard(desk: Desk) -> None:
    desk.find(".divider").focus()
    for keys, at in (
        (["Home"], 0),
        (["ArrowLeft"], 0),
        (["ArrowRight"] * 3, 3),
        (["PageUp"], 13),
        (["End"], 100),
        (["Shift+ArrowDown"], 90),
    ):
        for key in keys:
            desk.page.keyboard.press(key)
        assert desk.at == at
    said = desk.find(".divider").get_attribute("aria-valuetext")
    assert said == "90 % grey, the rest colorlab"


def test_a_photo_is_uploaded_compared_and_saved_whole(desk: Desk, large: Path) -> None:
    desk.find("input[type=file]").set_input_files(large)
    desk.note("holiday.jpg: 4000 × 3000 pixels. Shown at 1000 × 750")
    photo = open_photo(large)
    desk.until_shown(".above", photo.preview(Look()))
    colours = np.ptp(desk.picture(".above").astype(int), axis=2)
    assert colours.mean() > 5
    desk.until_shown(".below", photo.grey)

    desk.find("[data-kind=original]").click()
    assert desk.find("[data-kind=original]").get_attribute("aria-pressed") == "true"
    assert desk.find(".tag").first.inner_text() == "original"
    desk.until_shown(".below", photo.small)

    readout = desk.control("saturation").locator(".widget-readout")
    readout.fill("1.4")
    readout.press("Enter")
    desk.until_shown(".above", photo.preview(Look(saturation=1.4)))

    with desk.page.expect_download() as saved:
        desk.page.get_by_role("button", name="Make the full result").click()
    assert saved.value.suggested_filename == "holiday.jpg"
    _, want = result_file(photo.full(Look(saturation=1.4)), "holiday.jpg", "jpeg")
    assert Path(saved.value.path()).read_bytes() == want
    assert desk.find(".file a").inner_text().startswith("Save holiday.jpg (")
    readout.fill("1")
    readout.press("Enter")
    desk.find(".file a").wait_for(state="hidden")  # it was of another result


def test_a_second_model_is_held_against_the_first(desk: Desk) -> None:
    desk.control("second model").locator("select").select_option("dahl_lite0")
    desk.find(".tag", "dahl_lite0").wait_for()
    desk.control("sample").locator("select").select_option("coffee")
    desk.note("coffee.png: 600 × 400 pixels.")
    photo = open_photo(sample_paths("coffee")[0])
    desk.until_shown(".below", photo.preview(Look("dahl_lite0")))
    desk.control("second model").locator("select").select_option("none")
    desk.find("[data-kind=rival]").wait_for(state="hidden")


GIVE = """([selector, kind, base64, name]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  if (name) data.items.add(new File([bytes], name));
  const options = {bubbles: true, cancelable: true};
  document.querySelector(selector).dispatchEvent(kind === "paste"
    ? new ClipboardEvent("paste", {...options, clipboardData: data})
    : new DragEvent("drop", {...options, dataTransfer: data}));
}"""


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_photo_is_pasted_or_dropped_and_a_broken_one_refused(
    desk: Desk, china: np.ndarray, way: str
) -> None:
    file = io.BytesIO()
    Image.fromarray(china[:90]).save(file, "PNG")
    good = base64.b64encode(file.getvalue()).decode()
    bad = base64.b64encode(b"no picture").decode()
    desk.page.evaluate(GIVE, [STUDIO, way, good, "a.png"])
    desk.note("a.png: 640 × 90 pixels.")
    photo = StudioPhoto(open_photo(china[:90]).photo, "a.png")
    desk.until_shown(".above", photo.preview(Look()))
    desk.page.evaluate(GIVE, [STUDIO, way, bad, "b.png"])
    desk.note("b.png: not an image that can be read. The photo before it stays.")
    assert "failed" in (desk.find(".note").get_attribute("class") or "")
    desk.until_shown(".above", photo.preview(Look()))
    desk.page.evaluate(GIVE, [STUDIO, way, "", ""])
    desk.note("no picture in the clipboard" if way == "paste" else "That was no file")


def test_a_file_beyond_the_limit_is_not_sent(desk: Desk) -> None:
    desk.page.evaluate(
        """selector => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(201e6)], "x.tif"));
      document.querySelector(selector).dispatchEvent(new DragEvent("drop", {dataTransfer: data}));
    }""",
        STUDIO,
    )
    desk.note("x.tif has 201 MB; 200 MB is the most.")


def test_it_is_read_by_all_fits_a_narrow_page_and_logs_no_error(desk: Desk) -> None:
    desk.control("sample").locator("select").select_option("china")
    desk.control("second model").locator("select").select_option("efficientnet_lite0_rebalanced")
    desk.find(".tag", "rebalanced").wait_for()
    assert violations(desk.page, STUDIO) == []
    desk.page.screenshot(path=SHOTS / "lab_studio_desktop.png")
    desk.root.evaluate("root => { root.parentElement.style.width = '350px'; }")
    desk.root.screenshot(path=SHOTS / "lab_studio_narrow.png")
    over = desk.root.evaluate("root => root.scrollWidth - root.clientWidth")
    desk.root.evaluate("root => { root.parentElement.style.width = ''; }")
    assert over <= 0
    assert desk.complaints == []
