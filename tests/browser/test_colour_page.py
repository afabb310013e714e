"""The page that colours a photo in the reader's browser: the same colours as in Python, offline.

Timings are printed and never asserted.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

import colorlab
from colorlab.color import rgb_to_lab
from colorlab.data.photo import Photo
from colorlab.data.samples import sample_names, sample_photos
from colorlab.evaluate.metrics.delta_e import delta_e_2000
from colorlab.inference.colorize import grey_photo
from colorlab.models import read_card
from colorlab.models.live import lambda_for, vividness

from .conftest import FOLDER, IN_BROWSER
from .pages import PATIENCE, PHONE, SHOTS, complaints, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = IN_BROWSER


def manifest() -> dict[str, Any]:
    """What the book was built with."""
    facts: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text())
    return facts


LAMBDAS = (1.0, 0.5, 0.1)


def visit(page: Page, book: str) -> None:
    page.goto(f"{book}/colour_your_own.html")
    state(page, "ready")


def state(page: Page, *names: str) -> None:
    """Wait until the page is in one of the named states."""
    any_of = ",".join(f".colour-page[data-state={name}]" for name in names)
    page.wait_for_selector(any_of, timeout=PATIENCE)


def choose(page: Page, name: str, file: bytes, kind: str = "image/png") -> None:
    chosen: Any = {"name": name, "mimeType": kind, "buffer": file}
    page.set_input_files("[data-part=file]", chosen)
    state(page, "done", "failed")


def set_lambda(page: Page, lam: float) -> float:
    """Move the slider to the step nearest to that lambda; returns that step's."""
    place = round(50 * vividness(lam)) / 50
    if place != float(page.locator("[data-part=lambda]").input_value()):
        page.locator("[data-part=lambda]").fill(str(place))
    page.wait_for_selector(f".colour-page[data-lam='{lambda_for(place):g}']", timeout=PATIENCE)
    return lambda_for(place)


def download(page: Page) -> tuple[str, Image.Image]:
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("[data-part=save]").click()
    path = Path(waiting.value.path())
    return waiting.value.suggested_filename, Image.open(io.BytesIO(path.read_bytes()))


def encoded(pixels: np.ndarray, format: str = "png", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def delta_e(one: np.ndarray, other: np.ndarray) -> float:
    """Mean Delta E 2000 of two photos, uint8 (H, W, 3)."""
    first, second = (
        rgb_to_lab(torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None] / 255)
        for photo in (one, other)
    )
    return float(delta_e_2000(first, second).mean())


@pytest.mark.slow
def test_colours_are_those_of_python(
    book: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every sample photo at every lambda, against `colorlab.colorize` in float32 and as it comes.

    On processors that multiply bfloat16, Python itself is up to 1 from its own float32.
    """
    model = manifest()["model"]
    card = read_card(model)
    assert card is not None
    assert manifest()["head"] == card["sha256"], "built with another head: make book"
    visit(page, book)
    apart: dict[float, list[tuple[float, float]]] = {lam: [] for lam in LAMBDAS}
    for name in sample_names():
        photo = sample_photos(name)[0].rgb
        page.evaluate("document.querySelector('.colour-page').dataset.state = 'asked'")
        choose(page, f"{name}.png", encoded(photo))
        for lam in LAMBDAS:
            lam_there = set_lambda(page, lam)
            called, file = download(page)
            assert called == f"{name}_coloured.png"
            got = np.asarray(file.convert("RGB"))
            as_it_comes = delta_e(got, colorlab.colorize(photo, model, lam_there))
            with monkeypatch.context() as patch:
                patch.setattr("colorlab.models.fast.multiplies_bf16", lambda device: False)
                exact = delta_e(got, colorlab.colorize(photo, model, lam_there))
            apart[lam].append((exact, as_it_comes))
            print(f"\n{name}, lambda {lam:g}: Delta E 2000 {exact:.2f}, {as_it_comes:.2f}", end="")
            assert exact < 1
            # Far enough from grey that the agreement says something.
            assert delta_e(got, grey_photo(Photo(photo))) > 1.5
    for lam, pairs in apart.items():
        exact, as_it_comes = np.mean(pairs, axis=0)
        print(f"\nall, lambda {lam:g}: mean Delta E 2000 {exact:.2f}, {as_it_comes:.2f}", end="")
        assert as_it_comes < 1


def test_a_sample_lambda_and_divider_by_keyboard(book: str, page: Page) -> None:
    found = complaints(page, book)
    visit(page, book)
    page.locator("button[data-sample^=chelsea]").press("Enter")
    state(page, "done")
    root, divider = page.locator(".colour-page"), page.locator(".colour-page .divider")
    divider.press("End")
    assert divider.get_attribute("aria-valuenow") == "100"
    divider.press("PageDown")
    assert divider.get_attribute("aria-valuetext") == "90 % grey, the rest coloured"
    page.locator("[data-part=lambda]").press("ArrowRight")
    lam = lambda_for(0.02)
    page.wait_for_selector(f".colour-page[data-lam='{lam:g}']", timeout=PATIENCE)
    assert page.locator("[data-part=reading]").inner_text() == f"λ = {lam:.3g}"
    print(f"\non {root.get_attribute('data-backend')}: {root.get_attribute('data-took')} ms a step")
    assert found == []
    assert violations(page, ".colour-page") == []


@pytest.mark.slow
def test_a_large_photo_and_a_page_that_keeps_answering(book: str, page: Page) -> None:
    """12 megapixels, held upright by its EXIF orientation alone."""
    visit(page, book)
    china = Image.fromarray(sample_photos("china")[0].rgb).resize((4000, 3000))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    # The longest time in which the page could not have answered a click.
    page.evaluate(
        """() => { let last = performance.now(); window.pause = 0;
        setInterval(() => { const now = performance.now();
          window.pause = Math.max(window.pause, now - last); last = now; }, 10); }"""
    )
    started = page.evaluate("performance.now()")
    choose(page, "large.jpg", encoded(np.asarray(china), "jpeg", exif=exif), "image/jpeg")
    taken, pause = page.evaluate(f"[performance.now() - {started}, window.pause]")
    print(f"\n12 megapixels: {taken:.0f} ms to the first colour, longest pause {pause:.0f} ms")
    assert pause < taken / 3
    called, got = download(page)
    assert called == "large_coloured.jpg"
    assert got.size == (3000, 4000)
    stage = page.locator(".colour-page .stage").bounding_box()
    assert stage is not None
    assert stage["width"] / stage["height"] == pytest.approx(3 / 4, rel=0.02)


def test_a_file_that_is_no_photo_is_answered_in_words(book: str, page: Page) -> None:
    visit(page, book)
    for name, file in (("notes.jpg", b"not a photo"), ("empty.png", b"")):
        choose(page, name, file)
        note = page.locator(".colour-page [data-part=note]")
        assert note.inner_text().startswith("This file is not a photo that your browser can read")
        assert "failed" in (note.get_attribute("class") or "")
        page.evaluate("document.querySelector('.colour-page').dataset.state = 'asked'")
    choose(page, "cat.png", encoded(sample_photos("chelsea")[0].rgb))
    assert page.locator(".colour-page").get_attribute("data-state") == "done"
    assert page.locator("[data-part=note].failed").count() == 0


def test_alpha_stays_and_a_single_pixel_is_a_photo(book: str, page: Page) -> None:
    visit(page, book)
    coffee = sample_photos("coffee")[0].rgb[::4, ::4]
    alpha = np.full((*coffee.shape[:2], 1), 255, np.uint8)
    alpha[:50] = 128
    choose(page, "cut.png", encoded(np.dstack([coffee, alpha])))
    _, got = download(page)
    assert got.mode == "RGBA"
    assert (np.asarray(got)[..., 3] == alpha[..., 0]).all()
    page.evaluate("document.querySelector('.colour-page').dataset.state = 'asked'")
    choose(page, "dot.png", encoded(np.full((1, 1, 3), 90, np.uint8)))
    assert download(page)[1].size == (1, 1)


def test_a_missing_file_is_said_in_words(book: str, page: Page) -> None:
    page.route("**/decoder.onnx", lambda route: route.fulfill(status=404))
    page.goto(f"{book}/colour_your_own.html")
    state(page, "failed")
    said = page.locator(".colour-page [data-part=note]").inner_text()
    assert said == "decoder.onnx did not come (404)"
    page.unroute("**/decoder.onnx")
    choose(page, "cat.png", encoded(sample_photos("chelsea")[0].rgb))
    assert "did not come" not in page.locator(".colour-page [data-part=note]").inner_text()


def test_what_a_reader_fetches_is_small(book: str, page: Page) -> None:
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    sizes: list[int] = []
    page.on("response", lambda got: sizes.append(int(got.headers.get("content-length", 0))))
    visit(page, book)
    print(f"\nthe page's files: {total / 1e6:.1f} MB, of which fetched {sum(sizes) / 1e6:.1f} MB")
    assert 5e6 < sum(sizes) < total < 20e6


def test_how_it_looks(book: str, page: Page) -> None:
    """Pictures for `shots/`, wide at three lambdas and on a phone, where nothing sticks out."""
    visit(page, book)
    page.locator("button[data-sample^=china]").click()
    state(page, "done")
    for lam in LAMBDAS:
        set_lambda(page, lam)
        page.wait_for_timeout(100)
        page.screenshot(path=SHOTS / f"colour_page_{lam:g}.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    page.screenshot(path=SHOTS / "colour_page_phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page, ".colour-page") == []
