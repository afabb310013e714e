"""What every page is asked: does it complain, does it stand alone, can it be read by all?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 120_000.0
"""Milliseconds that an answer may take, on a busy machine."""

SHOTS = Path(__file__).parents[2] / "shots"
"""Pictures of the pages, not tracked; to be looked at."""

DESKTOP: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 390, "height": 844}

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>The twin</title>
"""
"""What a page begins with that is a twin and nothing else."""


def own(url: str, address: str) -> bool:
    """Whether a request stays with the server at `address`, or with the page itself."""
    host = address.removeprefix("http://").split("/")[0]
    return url.startswith((f"http://{host}/", f"ws://{host}/", "data:", "blob:"))


def complaints(page: Page, address: str) -> list[str]:
    """A list that fills with the page's errors, failed requests, and requests to other hosts."""
    found: list[str] = []
    page.on("console", lambda line: line.type == "error" and found.append(line.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda ask: own(ask.url, address) or found.append(f"asks {ask.url}"))
    page.on("response", lambda got: got.status < 400 or found.append(f"{got.status} {got.url}"))
    return found


def violations(page: Page, part: str | None = None) -> list[str]:
    """Serious and critical findings of axe-core, each with the first element that has it.

    Of the whole page, or of the elements that the selector `part` names.
    """
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=part).response["violations"]
    return [
        f"{finding['id']}: {finding['help']}; {len(finding['nodes'])} times, first "
        f"{finding['nodes'][0]['html'][:200]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
    ]


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def said(page: Page) -> str:
    return page.locator("[role=status]").inner_text()


def opened(page: Page, folder: Path, text: str) -> list[str]:
    """Open a page of this text alone; the list fills with its complaints."""
    file = folder / "twin.html"
    file.write_text(HEAD + text, "utf-8")
    found = complaints(page, file.as_uri())
    page.goto(file.as_uri())
    found.remove(f"asks {file.as_uri()}")  # itself
    return found
