"""The chapters for a class: without solutions for students, with open ones for who teaches.

`make student` and `make instructor` write them to `editions/` from the committed notebooks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

_SOLUTION = re.compile(r"^(`{3,})\{admonition\} (Solution [^\n]*)\n(.*?)^\1[ ]*$", re.M | re.S)


def student(book: NotebookNode) -> NotebookNode:
    """Without solutions and outputs: every cell is there to be run.

    Sentences with numbers and figures appear when it is.
    """
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = _SOLUTION.sub("", cell.source).strip()
        else:
            cell.outputs, cell.execution_count = [], None
    book.cells = [cell for cell in book.cells if cell.source]
    return book


def instructor(book: NotebookNode) -> NotebookNode:
    """With outputs, and with all solutions open."""
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = _SOLUTION.sub(_opened, cell.source)
    return book


def _opened(found: re.Match[str]) -> str:
    fence, title, body = found.groups()
    body = body.replace(":class: dropdown\n", "")
    return f"{fence}{{admonition}} {title}\n{body}{fence}"


EDITIONS: dict[str, Callable[[NotebookNode], NotebookNode]] = {
    "student": student,
    "instructor": instructor,
}


def write(edition: str, notebooks: Path, folder: Path) -> list[Path]:
    """Write an edition of all notebooks, the index among them, into `folder`; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for path in sorted(notebooks.glob("*.ipynb")):
        book = EDITIONS[edition](nbformat.read(path, as_version=4))
        nbformat.write(book, folder / path.name)
        paths.append(folder / path.name)
    return paths
