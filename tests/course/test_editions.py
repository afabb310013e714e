"""The notebooks for a class: solutions are left out, or opened, and nothing else is lost."""

from __future__ import annotations

import re
from pathlib import Path

import editions
import nbformat
import pytest

CHAPTERS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module", params=["student", "instructor"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    return editions.write(request.param, CHAPTERS, folder / request.param)


def test_each_edition_is_whole(written: list[Path]) -> None:
    names = sorted(path.name for path in CHAPTERS.glob("*.ipynb"))
    assert [path.name for path in written] == names
    for path in written:
        ours, edition = (nbformat.read(p, as_version=4) for p in (CHAPTERS / path.name, path))
        nbformat.validate(edition)
        code = [[c.source for c in book.cells if c.cell_type == "code"] for book in (ours, edition)]
        assert code[0] == code[1]
        headings = [
            [line for c in book.cells for line in re.findall(r"^#+ .*$", c.source, re.M)]
            for book in (ours, edition)
        ]
        assert headings[0] == headings[1]


def test_students_get_exercises_and_no_solution(written: list[Path]) -> None:
    for path in written:
        ours, edition = (nbformat.read(p, as_version=4) for p in (CHAPTERS / path.name, path))
        theirs = "\n".join(c.source for c in edition.cells if c.cell_type == "markdown")
        solutions = theirs.count("{admonition} Solution")
        exercises = theirs.count("{admonition} Exercise")
        before = "\n".join(c.source for c in ours.cells if c.cell_type == "markdown")
        assert exercises == before.count("{admonition} Exercise")
        assert ":class: dropdown" not in theirs
        if path.parent.name == "student":
            assert solutions == 0
            assert not any(c.get("outputs") for c in edition.cells)
        else:
            assert solutions == before.count("{admonition} Solution")


def test_a_solution_with_code_goes_whole() -> None:
    text = "before\n\n````{admonition} Solution 1\n:class: dropdown\n```python\nx\n```\n````\nafter"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    assert editions.student(book).cells[0].source == "before\n\n\nafter"
