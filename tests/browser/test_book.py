"""Every page of the built book, as a reader's browser shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
SHOTS = ROOT / "shots"
NO_PAGES = ("genindex.html", "index.html", "search.html")  # index.html leads on to intro.html
PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path.name not in NO_PAGES
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page that has no other cookies, cache or storage."""
    context = chromium.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_the_book_has_its_pages(book: str) -> None:
    chapters = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
    built = {Path(page).stem for page in PAGES}
    assert {"intro", "notation", "glossary", "bibliography", *chapters} <= built


@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_alone_fits_and_can_be_read_by_all(book: str, page: Page, name: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda line: line.type == "error" and complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda ask: _own(ask.url, book) or complaints.append(f"asks {ask.url}"))
    page.on("response", lambda got: got.ok or complaints.append(f"{got.status} {got.url}"))
    page.goto(f"{book}/{name}", wait_until="networkidle")
    assert complaints == []
    broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
    assert broken == []

    shot = SHOTS / name.replace("/", "_").removesuffix(".html")
    page.screenshot(path=f"{shot}_desktop.png", full_page=True)
    assert _violations(page) == []

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.wait_for_timeout(300)
    page.screenshot(path=f"{shot}_phone.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels wider than a phone"


def _own(url: str, book: str) -> bool:
    return url.startswith((f"{book}/", "data:", "blob:"))


KNOWN = {"aria-required-children": "citation-list"}
"""What docutils itself writes so, for a bibliography: the rule, and the element's class."""


def _violations(page: Page) -> list[str]:
    """Serious and critical findings of axe-core, each with the first element that has it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{finding['id']}: {finding['help']}; {len(finding['nodes'])} times, first "
        f"{finding['nodes'][0]['html'][:200]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
        and KNOWN.get(finding["id"], "no such class") not in finding["nodes"][0]["html"]
    ]


def test_every_internal_link_leads_somewhere(book: str, page: Page) -> None:
    anchors: dict[str, set[str]] = {}
    links: set[tuple[str, str, str]] = set()
    for name in PAGES:
        page.goto(f"{book}/{name}")
        anchors[name] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
        for link in page.evaluate("[...document.links].map(a => a.href)"):
            parts = urlsplit(link)
            if _own(link, book):
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
