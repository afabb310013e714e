"""Every page of the built book, as a reader's browser shows it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from .pages import PHONE, SHOTS, complaints, own, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
NO_PAGES = ("genindex.html", "index.html", "search.html")  # index.html leads on to intro.html
PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path.name not in NO_PAGES
)
LOADED = """['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
  .filter(entry => entry.name.startsWith('http')).map(entry => entry.name)"""
HEAVIEST = 3_000_000
"""Bytes that a page may load before anything is touched, from a server that compresses text."""


def test_the_book_has_its_pages(book: str) -> None:
    chapters = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
    built = {Path(page).stem for page in PAGES}
    assert {"intro", "notation", "glossary", "bibliography", *chapters} <= built


@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_alone_fits_and_can_be_read_by_all(book: str, page: Page, name: str) -> None:
    found = complaints(page, book)
    page.goto(f"{book}/{name}", wait_until="networkidle")
    assert found == []
    loaded = {HTML / unquote(urlsplit(url).path).lstrip("/") for url in page.evaluate(LOADED)}
    assert sum(len(gzip.compress(file.read_bytes())) for file in loaded) < HEAVIEST
    # The human test's pictures get their source when it begins.
    script = "[...document.images].filter(i => i.src && !i.naturalWidth).map(i => i.src)"
    assert page.evaluate(script) == []

    shot = SHOTS / name.replace("/", "_").removesuffix(".html")
    page.screenshot(path=f"{shot}_desktop.png", full_page=True)
    assert violations(page) == []

    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    page.screenshot(path=f"{shot}_phone.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels wider than a phone"


def test_a_figure_opens_alone_where_it_can_be_enlarged(book: str, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{book}/notebooks/07_convnet.html", wait_until="networkidle")
    figure = page.locator(".cell_output img").first
    shown = figure.evaluate("image => image.clientWidth")
    figure.click()
    page.wait_for_url("**/_images/*")
    assert page.evaluate("document.images[0].naturalWidth") > 2 * shown
    page.go_back()
    page.locator(".cell_output a:has(img)").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/_images/*")


def test_every_internal_link_leads_somewhere(book: str, page: Page) -> None:
    anchors: dict[str, set[str]] = {}
    links: set[tuple[str, str, str]] = set()
    for name in PAGES:
        page.goto(f"{book}/{name}")
        anchors[name] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
        for link in page.evaluate("[...document.links].map(a => a.href)"):
            parts = urlsplit(link)
            if own(link, book):
                links.add((name, unquote(parts.path).lstrip("/") or "index.html", parts.fragment))
    dead = [
        f"{name}: {target}#{fragment}"
        for name, target, fragment in sorted(links)
        if not (HTML / target).is_file()
        or (fragment and target in anchors and unquote(fragment) not in anchors[target])
    ]
    assert links
    assert dead == []


def test_the_lambda_slider_moves_without_a_kernel(book: str, page: Page) -> None:
    page.goto(f"{book}/notebooks/03_color_statistics.html", wait_until="networkidle")
    twin = page.locator(".colorlab-twin").first
    read = "canvas => canvas.toDataURL()"
    before = [canvas.evaluate(read) for canvas in twin.locator("canvas").all()]
    slider = twin.locator("input[type=range]").first
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    after = [canvas.evaluate(read) for canvas in twin.locator("canvas").all()]
    assert before
    assert any(one != other for one, other in zip(before, after, strict=True))
