"""From the index to the last chapter by "Next" alone, in the book and in JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import contents
import pytest
import yaml

from .jupyter import Lab
from .pages import complaints

if TYPE_CHECKING:
    from playwright.sync_api import Page

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = list(contents.rows())


def test_next_leads_through_the_book(book: str, page: Page) -> None:
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text("utf-8"))
    pages = [toc["root"], *(one["file"] for part in toc["parts"] for one in part["chapters"])]
    found = complaints(page, book)
    page.goto(book)  # index.html leads on to the first page
    page.wait_for_url(f"{book}/{pages[0]}.html")
    walked = [pages[0]]
    while (following := page.locator("a.right-next")).count():
        assert len(walked) < len(pages), "Next goes in a circle"
        name = walked[-1].removeprefix("notebooks/")
        if name in CHAPTERS[:-1]:  # what the chapter itself calls next is the same
            own = page.locator("article p", has_text="Next: ").last.locator("a").first
            assert own.evaluate("a => a.href") == following.evaluate("a => a.href"), name
        following.click()
        page.wait_for_load_state()
        walked.append(page.url.removeprefix(f"{book}/").removesuffix(".html"))
    assert walked == pages
    assert found == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_next_leads_through_the_chapters_in_jupyterlab(page: Page, lab: Lab) -> None:
    """Each link opens the following chapter in a tab of its own, which is then in front."""
    page.set_default_timeout(120_000)
    page.goto(f"{lab.address}/lab/tree/index.ipynb?reset")
    page.locator(".jp-Notebook").get_by_role("heading", name="Colour from grey").wait_for()
    for chapter in CHAPTERS:
        page.locator(".jp-Notebook:visible p", has_text="Next: ").last.locator("a").first.click()
        page.locator(".lm-TabBar-tab.jp-mod-current", has_text=f"{chapter}.ipynb").wait_for()
        page.locator(".jp-Notebook:visible aside", has_text="Goals").first.wait_for()
