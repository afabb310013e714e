"""The landing page and the index in JupyterLab: every chapter, once, with its own time."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import contents
import nbformat
import prose

ROOT = Path(__file__).parents[2]
INTRO = (ROOT / "book" / "intro.md").read_text("utf-8")


def test_every_chapter_stands_on_the_landing_page_with_its_time():
    chapters = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
    rows = contents.rows()
    assert sorted(rows) == chapters
    assert list(rows) == [name for part in contents.parts().values() for name in part]
    for name, (_, minutes, _) in rows.items():
        text = (ROOT / "notebooks" / f"{name}.py").read_text("utf-8")
        assert re.search(rf"^# Time: {minutes} minutes", text, re.MULTILINE), name
    hours = re.search(r"about (\d+) hours to read and run", INTRO)
    assert hours is not None
    total = sum(minutes for _, minutes, _ in rows.values()) / 60
    assert abs(int(hours[1]) - total) < 1, f"the chapters add up to {total:.1f} hours"


def test_the_index_is_that_of_the_landing_page():
    committed = nbformat.read(ROOT / "notebooks" / "index.ipynb", as_version=4)
    assert [cell.source for cell in committed.cells] == [
        cell.source for cell in contents.index().cells
    ], "run: python book/build.py index"
    text = "\n".join(cell.source for cell in committed.cells)
    for name in contents.rows():
        assert text.count(f"[{prose.title(name)}]({name}.ipynb)") == 1


def test_each_next_is_the_next_chapter():
    """Where a chapter names what comes next, it is what the book has next."""
    order = list(contents.rows())
    for name, following in pairwise(order):
        text = (ROOT / "notebooks" / f"{name}.py").read_text("utf-8")
        found = re.search(r"\((\w+)\.ipynb\)", text.rpartition("\n# Next: ")[2])
        assert found is not None, name
        assert found[1] == following, name
