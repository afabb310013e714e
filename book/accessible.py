"""What axe-core finds on pages of the built book: `python book/accessible.py [PAGE ...]`.

It writes `accessibility.json`, and from it the table in `accessibility.md`.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from browser import chromium, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

BOOK = Path(__file__).resolve().parent
HTML = BOOK / "_build" / "html"
RECORD = BOOK / "accessibility.json"
STATEMENT = BOOK / "accessibility.md"
MARK = "<!-- axe -->"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
SCHEMES = ("light", "dark")
GRAVE = ("serious", "critical")
PATIENCE = 120_000.0  # milliseconds that a page may take
OPEN = """() => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  for (const part of document.querySelectorAll("button.toggle-button-hidden")) part.click();
}"""


def examine(page: Page, address: str, scheme: str) -> tuple[list[dict[str, Any]], int, str]:
    """Findings on a page with all that folds open, rules passed, and axe's version.

    Of WCAG 2.1, levels A and AA; `scheme` is "light" or "dark".
    """
    from axe_playwright_python.sync_playwright import Axe

    page.set_default_timeout(PATIENCE)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(address, wait_until="networkidle")
    page.evaluate(OPEN)
    page.wait_for_timeout(500)  # what fades in has its colours then
    options = {"runOnly": {"type": "tag", "values": list(TAGS)}}
    found = Axe().run(page, options=options).response
    findings = [
        {
            "rule": finding["id"],
            "impact": finding["impact"],
            "elements": len(finding["nodes"]),
            "first": finding["nodes"][0]["html"][:160],
        }
        for finding in found["violations"]
    ]
    return findings, len(found["passes"]), found["testEngine"]["version"]


def record(names: list[str]) -> dict[str, Any]:
    """Examine the named pages of the built book, all if none is named, in light and in dark."""
    paths = [path for path in HTML.rglob("*.html") if "_static" not in path.parts]
    known = sorted(str(path.relative_to(HTML)) for path in paths)
    unknown = set(names) - set(known)
    if unknown or not known:
        sys.exit(f"not in {HTML}: {', '.join(sorted(unknown)) or 'any page; make book first'}")
    pages: dict[str, Any] = {}
    version = ""
    with serve(HTML) as address, chromium() as browser:
        page = browser.new_page()
        for name in names or known:
            for scheme in SCHEMES:
                found, passes, version = examine(page, f"{address}/{name}", scheme)
                pages.setdefault(name, {})[scheme] = {"passes": passes, "findings": found}
                print(f"{name} ({scheme}): {passes} rules passed, {len(found)} failed", flush=True)
    today = datetime.date.today().isoformat()
    return {"axe": version, "date": today, "rules": list(TAGS), "pages": pages}


def table(record: dict[str, Any]) -> str:
    """The statement's figures, from the record."""
    lines = [
        f"axe-core {record['axe']} on {record['date']}, rules of {', '.join(record['rules'])}:\n",
        f"| page | rules passed: {', '.join(SCHEMES)} | findings |",
        "| --- | --- | --- |",
    ]
    for name, schemes in record["pages"].items():
        words = [
            f"{scheme}, {finding['impact']}: {finding['rule']} ({finding['elements']})"
            for scheme, found in schemes.items()
            for finding in found["findings"]
        ]
        passed = ", ".join(str(schemes[scheme]["passes"]) for scheme in SCHEMES)
        title = Path(name).stem.replace("_", " ")
        lines.append(f"| {title} | {passed} | {'; '.join(words) or 'none'} |")
    return "\n".join(lines)


def state(record: dict[str, Any]) -> str:
    """The statement's text with the table of a record between its marks."""
    before, _, after = STATEMENT.read_text("utf-8").split(MARK)
    return f"{before}{MARK}\n\n{table(record)}\n\n{MARK}{after}"


if __name__ == "__main__":
    found = record(sys.argv[1:])
    RECORD.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    STATEMENT.write_text(state(found), "utf-8")
