"""Chromium, driven by Playwright; the built book and JupyterLab, each on a server of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import PROGRAMS, serve

from .jupyter import Lab, jupyter_lab
from .pages import DESKTOP

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
FOLDER = HTML / "_static" / "colour"

IN_BROWSER = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="built without Node: make book"),
    pytest.mark.timeout(600),
]
"""Marks of the tests of pages that compute in the browser."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium without a window, one for all tests."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (extra: test)")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs Chromium (on Debian: apt install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page that has no other cookies, cache or storage."""
    context = chromium.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def book() -> Iterator[str]:
    """The address of the built book."""
    if not (HTML / "index.html").is_file():
        pytest.skip("the book is not built: make book")
    with serve(HTML) as address:
        yield address


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a copy of the chapters."""
    pytest.importorskip("jupyterlab", reason="needs jupyterlab (extra: course)")
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab
