"""The index of the chapters in JupyterLab, from the book's landing page and table of contents."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import prose
import yaml
from nbformat import NotebookNode

BOOK = Path(__file__).resolve().parent
ROW = re.compile(r"^\| \{doc\}`notebooks/(\w+)` \| (.+) \| (\d+) min \| (.+) \|$", re.MULTILINE)
HEAD = "| chapter | question | time | you need |\n| --- | --- | --- | --- |"
ABOUT = """# Colour from grey

Open a chapter by its link; the order is that of reading. Each is run from its first cell to its
last (*Run*, *Run All Cells*), and has exercises: put your answer in place of `None`, run the cell,
and it says whether that is right, with a hint for common mistakes. Solutions are folded. What you
change stays in the notebook; `git checkout notebooks` brings the original back. *Next*, at the
end of each chapter and of this page, leads through the course.
"""


def rows() -> dict[str, tuple[str, int, str]]:
    """By chapter, as the landing page has it: its question, minutes, and what it needs."""
    text = (BOOK / "intro.md").read_text("utf-8")
    return {name: (asks, int(time), needs) for name, asks, time, needs in ROW.findall(text)}


def parts() -> dict[str, list[str]]:
    """Chapters by part, in the order of the book; parts without any are left out."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text("utf-8"))
    found = {
        part["caption"]: [
            entry["file"].removeprefix("notebooks/")
            for entry in part["chapters"]
            if entry["file"].startswith("notebooks/")
        ]
        for part in toc["parts"]
    }
    return {caption: chapters for caption, chapters in found.items() if chapters}


def index() -> NotebookNode:
    """The notebook that JupyterLab opens with: a part, a table; KeyError for a chapter unasked."""
    known = rows()
    texts = [ABOUT]
    for caption, chapters in parts().items():
        lines = [f"## {caption}\n", HEAD]
        for name in chapters:
            asks, minutes, needs = known[name]
            link = f"[{prose.title(name)}]({name}.ipynb)"
            lines.append(f"| {link} | {asks} | {minutes}\u00a0min | {needs} |")
        texts.append("\n".join(lines))
    texts.append(f"Next: [the first chapter]({next(iter(known))}.ipynb).")
    cells = [nbformat.v4.new_markdown_cell(text.strip()) for text in texts]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:02d}"
    return nbformat.v4.new_notebook(cells=cells)
