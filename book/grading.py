"""The graded assignment: `make assignment` writes what students get, and what grades it.

Its source is `book/assignment/rebalancing.py`: a question begins with the cell that has its name
and points, and its cells are tagged `solution` and `test`. A submission is graded by
`otter run -a AUTOGRADER.zip SUBMISSION.ipynb`, which runs the student's code as whoever calls it;
in a class, use a container (`otter grade`) or an account that owns nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

SOURCE = Path(__file__).resolve().parent / "assignment" / "rebalancing.py"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def otter() -> str:
    """The grader's program; ends this one where it is not installed."""
    program = shutil.which("otter", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("the assignment needs otter-grader: pip install 'otter-grader>=6.1.6'")
    return program


def write(folder: Path, try_out: bool = True) -> Path:
    """`student/` and `autograder/` in `folder`, which is emptied; `try_out` grades the solution."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    book = jupytext.read(SOURCE)
    book.cells = marked(book.cells)
    book.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number:02d}"
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, f"{SOURCE.stem}.ipynb")
        nbformat.write(book, source)
        command = [otter(), "assign", "--no-pdfs", str(source), str(folder)]
        command += [] if try_out else ["--no-run-tests"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"otter assign failed: {done.stdout}{done.stderr}")
    (zipped,) = (folder / "autograder").glob("*.zip")
    zipped.rename(folder / "autograder" / "autograder.zip")  # its name is that of the moment
    return folder


def marked(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The source's cells between the raw ones by which Otter Assign knows what they are."""
    found: list[NotebookNode] = []
    within: list[str] = []  # the question, and the part of it, that are not ended yet

    def end(depth: int) -> None:
        while len(within) > depth:
            found.append(nbformat.v4.new_raw_cell(f"# END {within.pop()}"))

    for cell in cells:
        facts, tags = cell.metadata, cell.metadata.get("tags", [])
        if "question" in facts:
            end(0)
            told = {"name": facts.question, "points": facts.points, "manual": facts.get("manual")}
            lines = [f"{key}: {str(told[key]).lower()}" for key in told if told[key] is not None]
            found.append(nbformat.v4.new_raw_cell("\n".join(["# BEGIN QUESTION", *lines])))
            within.append("QUESTION")
        part = "SOLUTION" if "solution" in tags else "TESTS" if "test" in tags else None
        if part and part not in within:
            end(1)
            found.append(nbformat.v4.new_raw_cell(f"# BEGIN {part}"))
            within.append(part)
        cell.metadata = nbformat.from_dict({})
        found.append(cell)
    end(0)
    return found


def grade(zipped: Path, submission: Path, folder: Path) -> dict[str, float]:
    """The points of a submission by question; what Otter writes stays in `folder`."""
    command = [otter(), "run", "--no-logo", "-a", str(zipped), "-o", str(folder), str(submission)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"otter run failed: {done.stdout}{done.stderr}")
    results = json.loads((folder / "results.json").read_text("utf-8"))
    return {test["name"]: test["score"] for test in results["tests"] if "score" in test}
