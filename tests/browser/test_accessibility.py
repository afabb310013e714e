"""axe-core on pages with all that folds open, in light and in dark; the statement and its record.

(`test_book.py` asks every page, folded and in light.)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import accessible
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = (
    "intro.html",
    "notebooks/03_color_statistics.html",
    "notebooks/10_rebalancing.html",
)


@pytest.mark.parametrize("scheme", accessible.SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_an_open_page_can_be_read_by_all(book: str, page: Page, name: str, scheme: str) -> None:
    found, passes, _ = accessible.examine(page, f"{book}/{name}", scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("[...document.querySelectorAll('details')].every(d => d.open)")
    assert page.locator(".toggle-button-hidden").count() == 0
    assert passes > 10
    assert [one for one in found if one["impact"] in accessible.GRAVE] == []


def test_a_page_that_cannot_be_read_is_found(page: Page) -> None:
    text = "<html><body><img src='x.png'><p style='color: %23999'>pale</p></body></html>"
    found, _, _ = accessible.examine(page, f"data:text/html,{text}", "light")
    assert {"html-has-lang", "image-alt", "color-contrast"} <= {one["rule"] for one in found}


def test_the_statement_is_of_its_record() -> None:
    record = json.loads(accessible.RECORD.read_text("utf-8"))
    assert set(PAGES) <= set(record["pages"])
    assert accessible.STATEMENT.read_text("utf-8") == accessible.state(record)
    schemes = [scheme for page in record["pages"].values() for scheme in page.values()]
    findings = [finding for scheme in schemes for finding in scheme["findings"]]
    assert [one for one in findings if one["impact"] in accessible.GRAVE] == []
