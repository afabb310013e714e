"""The graded assignment: full marks for its solution, few for an empty one, nothing given away."""

from __future__ import annotations

import re
from pathlib import Path

import grading
import nbformat
import pytest

AUTOMATIC = {"q1": 15, "q2": 15, "q3": 20, "q4": 10, "q5": 20, "q6": 10}  # q7, 10, is read

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("otter", reason="needs otter-grader (extra: assignment)")
    return grading.write(tmp_path_factory.mktemp("made") / "assignment", try_out=False)


def points(made: Path, submission: Path, folder: Path) -> dict[str, float]:
    found = grading.grade(made / "autograder" / "autograder.zip", submission, folder)
    return {name: score for name, score in found.items() if name in AUTOMATIC}


def test_the_solution_gets_full_marks(made: Path, tmp_path: Path) -> None:
    assert points(made, made / "autograder" / "rebalancing.ipynb", tmp_path) == AUTOMATIC


def test_hidden_inputs_cost_points_that_public_ones_do_not_tell(made: Path, tmp_path: Path) -> None:
    """A smoothing that repeats the last bin, and no smoothing, loss or measure at all."""
    book = nbformat.read(made / "student" / "rebalancing.ipynb", as_version=4)
    (cell,) = [cell for cell in book.cells if cell.source.startswith("def smooth(")]
    cell.source = (
        "def smooth(counts, sigma, reach):\n"
        "    from scipy.ndimage import gaussian_filter\n"
        "    table = gaussian_filter(counts / counts.sum(), sigma, mode='reflect', radius=reach)\n"
        "    return table / table.sum()"
    )
    nbformat.write(book, tmp_path / "rebalancing.ipynb")
    found = points(made, tmp_path / "rebalancing.ipynb", tmp_path)
    assert 0 < found.pop("q1") < AUTOMATIC["q1"]
    assert found == {name: 0 for name in AUTOMATIC if name != "q1"}


def test_students_get_neither_solutions_nor_hidden_inputs(made: Path) -> None:
    text = (made / "student" / "rebalancing.ipynb").read_text("utf-8")
    source = grading.SOURCE.read_text("utf-8")
    solutions = re.findall(r"^    # BEGIN SOLUTION\n(.*?)^    # END", source, re.S | re.M)
    lines = [line.strip() for part in solutions for line in part.splitlines()]
    assert len(lines) > 20
    assert [line for line in lines if len(line) > 25 and line in text] == []
    assert "gaussian_filter" in source
    for given_away in ("gaussian_filter", "HIDDEN", "A good answer"):
        assert given_away not in text
    assert all(f'grader.check(\\"{name}\\")' in text for name in AUTOMATIC)


def test_the_points_add_up_to_100() -> None:
    source = grading.SOURCE.read_text("utf-8")
    told = [int(points) for points in re.findall(r"^# \| \d \| .* \| (\d+) \|$", source, re.M)]
    given = [int(points) for points in re.findall(r" points=(\d+)", source)]
    assert told == given == [*AUTOMATIC.values(), 10]
    assert sum(told) == 100
