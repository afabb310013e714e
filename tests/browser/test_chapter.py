"""A chapter as JupyterLab shows it: goals, exercises and solutions, not their markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .jupyter import CHAPTERS, Lab
from .pages import SHOTS, complaints

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROLE = r"\{(?:cite|doc|eq|glue|numref|ref|term)\b|```\{|:::"  # of the book, and its directives

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_exercises_are_framed_and_solutions_folded(page: Page, lab: Lab) -> None:
    found = complaints(page, lab.address)
    page.set_default_timeout(90_000)
    page.goto(f"{lab.address}/lab/tree/07_convnet.ipynb")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
    chapter = page.locator(".jp-Notebook")
    for title in ("Goals", "Exercise 1", "Solution 1"):
        chapter.locator("aside, details", has_text=title).first.wait_for()
    assert "```{" not in chapter.inner_text()
    solution = chapter.locator("details", has_text="Solution 1")
    assert solution.get_attribute("open") is None
    solution.locator("summary").click()
    page.wait_for_timeout(500)  # it unfolds
    assert solution.get_attribute("open") is not None
    page.screenshot(path=SHOTS / "lab_chapter.png")
    assert found == []


@pytest.mark.parametrize("name", sorted(path.stem for path in CHAPTERS.glob("[0-9]*.ipynb")))
def test_no_role_is_read_raw_and_no_solution_lies_open(page: Page, lab: Lab, name: str) -> None:
    page.set_default_timeout(90_000)
    page.goto(f"{lab.address}/lab/tree/{name}.ipynb?reset")  # no tab but this one
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
    chapter = page.locator(".jp-Notebook")
    chapter.locator("aside", has_text="Goals").first.wait_for()  # its markup is made into a frame
    assert re.findall(ROLE, chapter.inner_text()) == []
    assert chapter.locator("details[open]").count() == 0


def test_lab_opens_the_index_and_lists_each_chapter_once(page: Page, lab: Lab) -> None:
    page.set_default_timeout(90_000)
    page.goto(f"{lab.address}/")
    index = page.locator(".jp-Notebook")
    index.get_by_role("heading", name="Colour from grey").wait_for()
    page.locator(".jp-DirListing-item", has_text="index.ipynb").wait_for()
    chapters = {path.name for path in CHAPTERS.glob("[0-9]*.ipynb")}
    listed = page.locator(".jp-DirListing-itemText").all_inner_texts()
    assert sorted(listed) == sorted([*chapters, "index.ipynb"])
    index.get_by_role("link", name="Which one is real?").wait_for()  # the last
    page.screenshot(path=SHOTS / "lab_index.png")
    index.get_by_role("link", name="Colour spaces").click()
    page.locator(".jp-Notebook aside:visible", has_text="Goals").first.wait_for()
