"""The chapters: paired, deterministic, described, and built from what is committed."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import prose
import pytest

from colorlab.course import tables
from colorlab.train import records

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("build", ROOT / "book" / "build.py")
assert spec is not None
assert spec.loader is not None
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

CHAPTERS = build.chapters()
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def test_there_are_chapters_and_all_are_in_the_book():
    listed = set(re.findall(r"notebooks/(\w+)", (ROOT / "book" / "_toc.yml").read_text()))
    assert listed == {chapter.stem for chapter in CHAPTERS}


@each_chapter
def test_the_pair_is_in_sync(chapter):
    """The committed notebook has the cells, ids and tags that its .py file gives."""
    ours = build.notebook(chapter)
    committed = nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)
    assert [c.source for c in committed.cells] == [c.source for c in ours.cells]
    assert [c.id for c in committed.cells] == [c.id for c in ours.cells]
    tags = [[c.metadata.get("tags", []) for c in book.cells] for book in (committed, ours)]
    assert tags[0] == tags[1]
    assert committed.metadata == ours.metadata


@each_chapter
def test_prose_has_nothing_that_jupyterlab_shows_raw(chapter):
    """No role, in the source and in the notebook: neither is read by Sphinx alone."""
    for path in (chapter, chapter.with_suffix(".ipynb")):
        assert not re.search(r"\{(glue|cite|doc|ref|numref|eq|term)[:a-z]*\}`", path.read_text())


@each_chapter
def test_every_number_in_a_sentence_is_shown(chapter):
    """What `say` emits holds no name in braces: all of them were filled."""
    committed = nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)
    for cell in committed.cells:
        if cell.cell_type != "code" or not cell.source.startswith("say("):
            continue
        (output,) = cell.outputs
        shown = re.sub(r"\$[^$]+\$|`[^`]*`", "", output["data"]["text/markdown"])
        assert "{" not in shown
        assert shown != re.sub(r"\$[^$]+\$|`[^`]*`", "", cell.source)
        assert "remove-input" in cell.metadata["tags"]


@each_chapter
def test_links_say_what_they_lead_to(chapter):
    assert list(prose.mistakes(chapter.read_text())) == []


def test_a_changed_record_changes_the_sentence(tmp_path, monkeypatch):
    """The cells of the ConvNet's chapter that tell its recorded run, on another record."""
    cells = [cell.source for cell in build.notebook(ROOT / "notebooks" / "07_convnet.py").cells]
    (first,) = [k for k, source in enumerate(cells) if "recorded=recorded_score(" in source]
    shown = []
    monkeypatch.setattr(tables, "show_markdown", shown.append)

    def tell():
        scope = {"note": tables.note, "say": tables.say}
        for source in cells[first : first + 2]:
            exec(compile(source, "a cell", "exec"), scope)
        return shown.pop()

    before = tell()
    shutil.copytree(records.RUNS, tmp_path / "runs")
    monkeypatch.setattr(records, "RUNS", tmp_path / "runs")
    path = tmp_path / "runs" / "convnet_mse_seed0" / "scores.json"
    record = json.loads(path.read_text())
    assert f"error is {record['test']['mse_to_grey']:.3f} of grey's" in before
    record["test"]["mse_to_grey"] = 0.123
    path.write_text(json.dumps(record))
    assert "error is 0.123 of grey's" in tell()


def test_stale_links_are_found():
    text = "[Results](17_results.ipynb) of ([Dahl, 2015](https://tinyclouds.org/colorize/))"
    found = list(prose.mistakes(text + "\n# and (Nobody\n# et al., 2000); (Tan and Le, 2019)"))
    assert [line.split(":")[0] for line in found] == [
        "Results",
        "Dahl, 2015",
        "Nobody et al., 2000",
    ]


def test_every_source_is_cited_somewhere():
    published = ROOT / "colorlab" / "evaluate" / "literature.py"
    pages = [*CHAPTERS, *(ROOT / "book").glob("*.md"), published]
    texts = " ".join(
        " ".join(line.removeprefix("#").strip() for line in page.read_text().splitlines())
        for page in pages
    )
    never = [
        key
        for key in prose._sources()
        if key not in texts
        and prose.citation(key) not in texts
        and prose.citation(key).replace(", ", " (") + ")" not in texts
    ]
    assert never == []


@each_chapter
def test_the_notebook_was_executed_without_error(chapter):
    committed = nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(committed)
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    assert not [o for cell in code for o in cell.outputs if o.get("name") == "stderr"]


@each_chapter
def test_every_figure_has_an_alternative_text(chapter):
    committed = nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)
    figures = 0
    for cell in committed.cells:
        images = [
            output
            for output in cell.get("outputs", [])
            if {"image/png", "image/jpeg", "image/gif"} & set(output.get("data", {}))
        ]
        figures += len(images)
        assert len(images) <= 1, "one figure a cell, so that its text belongs to it"
        if images:
            assert len(cell.metadata["mystnb"]["image"]["alt"]) > 20
    assert figures >= 3


@each_chapter
def test_the_teaching_parts_are_there(chapter):
    text = chapter.read_text()
    assert text.count('tags=["parameters"]') == 1
    for part in ("Goals", "Time:", "## Exercises", "Solution", "## Summary", "check("):
        assert part in text, part


@each_chapter
def test_nothing_of_a_machine_is_in_the_outputs(chapter):
    text = chapter.with_suffix(".ipynb").read_text()
    assert not re.search(r'"(start_time|end_time|duration|iopub)', text)
    assert not re.search(r"/(home|root|tmp|work)/| at 0x[0-9a-f]+", text)


@each_chapter
def test_a_chapter_opens_with_few_imports(chapter):
    """At most six lines of imports in its first cell of code; others stand where they are used."""
    code = [cell for cell in build.notebook(chapter).cells if cell.cell_type == "code"]
    first = next(cell for cell in code if "parameters" not in cell.metadata.get("tags", []))
    imports = [
        n for n in ast.parse(first.source).body if isinstance(n, ast.Import | ast.ImportFrom)
    ]
    assert imports
    assert sum(node.end_lineno - node.lineno + 1 for node in imports) <= 6


@each_chapter
def test_cells_are_short(chapter):
    """At most 15 lines; one cell may be the lesson itself, and is tagged so. Prose is not code."""
    cells = [
        cell
        for cell in build.notebook(chapter).cells
        if cell.cell_type == "code" and not cell.source.startswith("say(")
    ]
    long = [
        cell.source
        for cell in cells
        if len(cell.source.splitlines()) > 15 and "lesson" not in cell.metadata.get("tags", [])
    ]
    assert not long, long[0]
    assert len([cell for cell in cells if "lesson" in cell.metadata.get("tags", [])]) <= 1


@each_chapter
def test_code_lines_fit_the_page(chapter):
    """At most 78 characters, where a page would cut them off or wrap them. Hidden cells may."""
    long = [
        line
        for cell in build.notebook(chapter).cells
        if cell.cell_type == "code"
        and not {"remove-input", "remove-cell"} & set(cell.metadata.get("tags", []))
        for line in cell.source.splitlines()
        if len(line) > 78
    ]
    assert long == []


def test_jupyterlab_folds_what_the_pages_fold(tmp_path):
    """It knows metadata of its own, not the tags."""
    chapter = tmp_path / "96_folds.py"
    tags = ("hide-input", "hide-cell", "remove-cell", "twin")
    cells = [nbformat.v4.new_code_cell("1", metadata={"tags": [tag]}) for tag in tags]
    jupytext.write(nbformat.v4.new_notebook(cells=cells), chapter, fmt="py:percent")
    folds = [cell.metadata.get("jupyter", {}) for cell in build.notebook(chapter).cells]
    both = {"source_hidden": True, "outputs_hidden": True}
    assert folds == [{"source_hidden": True}, both, both, {}]


def test_committed_notebooks_are_small():
    """All together at most 5 MB."""
    assert sum(book.stat().st_size for book in (ROOT / "notebooks").glob("*.ipynb")) <= 5e6


def test_twins_are_kept_for_the_pages(tmp_path):
    cell = nbformat.v4.new_code_cell(
        "from IPython.display import HTML\nHTML('<b>it moves</b>')", metadata={"tags": ["twin"]}
    )
    chapter = tmp_path / "97_twin.py"
    jupytext.write(nbformat.v4.new_notebook(cells=[cell]), chapter, fmt="py:percent")
    book = build.execute(chapter)
    assert "it moves" in book.cells[0].outputs[0]["data"]["text/html"]
    build.drop_twins(book)
    nbformat.validate(book)
    (output,) = book.cells[0].outputs
    assert output["data"] == {"text/plain": build.TWIN}


def test_a_failing_cell_is_named(tmp_path):
    chapter = tmp_path / "99_broken.py"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1 + 1"), nbformat.v4.new_code_cell("1 / 0")]
    )
    jupytext.write(notebook, chapter, fmt="py:percent")
    with pytest.raises(SystemExit, match=r"99_broken: cell 1 failed: ZeroDivisionError"):
        build.execute(chapter)


def test_what_changes_from_run_to_run_is_taken_out(tmp_path):
    chapter = tmp_path / "98_fine.py"
    source = "from ipywidgets import IntSlider\nIntSlider()"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("40 + 2"), nbformat.v4.new_code_cell(source)]
    )
    jupytext.write(notebook, chapter, fmt="py:percent")
    first, second = (build.execute(chapter) for _ in range(2))
    assert first == second
    assert first.cells[0].outputs[0]["data"]["text/plain"] == "42"
    assert first.cells[1].outputs == []


RECORDED = re.compile(r"^(check|score_table|commands|table\(\*preset_table)\(", re.MULTILINE)
"""Cells that show what is the same on every machine: records, and answers to exercises."""


@pytest.mark.slow
@each_chapter
def test_the_notebook_runs_again_under_nbval(chapter, tmp_path):
    """All cells run; those of `RECORDED` show what they show in the committed notebook.

    (`make book` runs every chapter too, under papermill with its own parameters.)
    """
    marked = nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)
    cells = [cell for cell in marked.cells if RECORDED.search(cell.source)]
    assert len(cells) >= 3
    for cell in cells:
        cell.metadata.tags = [*cell.metadata.get("tags", []), "nbval-check-output"]
    nbformat.write(marked, tmp_path / "marked.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env"]
    command += ["-p", "no:cacheprovider", "-c", os.devnull]
    command += ["--rootdir", str(tmp_path), str(tmp_path / "marked.ipynb")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
