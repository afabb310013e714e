"""Build the course: `build.py book` makes the pages, `build.py pair` the committed notebooks.

`build.py student` and `build.py instructor` make the notebooks for a class from these;
`build.py assignment` the graded one, `pdf`, `epub` and `slides` the course to take away.

A chapter is its percent-format `.py` file; both commands execute it with papermill. `pair` writes
the result beside it as `.ipynb`; `book` into `book/notebooks/` (not tracked), where Jupyter Book
takes it from without executing anything again.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import colour_page
import contents
import editions
import grading
import jupytext
import nbformat
import papermill
import slides
import take_away
from nbformat import NotebookNode

BOOK = Path(__file__).resolve().parent
CHAPTERS = BOOK.parent / "notebooks"
EXECUTED = BOOK / "notebooks"
EDITIONS = BOOK.parent / "editions"
HTML = BOOK / "_build" / "html"
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
TWIN = "Run this cell, or see the page of the book, for what it shows."
WIDGET = "application/vnd.jupyter.widget-view+json"


def chapters() -> list[Path]:
    """The chapters' `.py` files in order."""
    return sorted(CHAPTERS.glob("[0-9][0-9]_*.py"))


def notebook(chapter: Path) -> NotebookNode:
    """A chapter as a notebook without outputs; cell ids and metadata are the same every time."""
    book = jupytext.read(chapter)
    book.nbformat, book.nbformat_minor = 4, 5
    book.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number:02d}"
        # JupyterLab folds by metadata of its own, not by the tags that MyST knows.
        tags = cell.metadata.get("tags", [])
        if "hide-input" in tags or "remove-input" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}
        elif "hide-cell" in tags or "remove-cell" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    return book


def execute(chapter: Path) -> NotebookNode:
    """Run a chapter with its own parameters; ends the program where a cell fails."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.ipynb"), Path(folder, "after.ipynb")
        nbformat.write(notebook(chapter), before)
        try:
            papermill.execute_notebook(
                str(before),
                str(after),
                cwd=str(CHAPTERS),
                progress_bar=False,
                extra_arguments=["--log-level=CRITICAL"],  # of the kernel, not of the cells
            )
        except papermill.PapermillExecutionError as error:
            sys.exit(
                f"{chapter.stem}: cell {error.cell_index} failed: {error.ename}: {error.evalue}\n"
                f"\n{error.source}\n\n" + "\n".join(error.traceback)
            )
        return clean(nbformat.read(after, as_version=4))


def clean(book: NotebookNode) -> NotebookNode:
    """Take out what changes from run to run or is of no use without a kernel."""
    book.metadata["language_info"] = {"name": "python"}  # else: which Python ran it
    book.metadata.pop("papermill", None)
    book.metadata.pop("widgets", None)  # a slider without a kernel cannot call Python
    for cell in book.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type != "code":
            continue
        cell.outputs = [o for o in cell.outputs if WIDGET not in o.get("data", {})]
        for output in cell.outputs:
            # MyST-NB reads a figure's alternative text from its cell, not from its output.
            for kind in ("image/png", "image/jpeg", "image/gif"):
                alt = output.get("metadata", {}).get(kind, {}).get("alt")
                if alt:
                    cell.metadata["mystnb"] = {"image": {"alt": alt}}
    return book


def drop_twins(book: NotebookNode, *others: str) -> None:
    """Put a note in place of what cells tagged `twin`, or one of the `others`, show."""
    for cell in book.cells:
        if {"twin", *others} & set(cell.metadata.get("tags", [])):
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/plain": TWIN})]


def execute_all(
    folder: Path,
    only: list[str] | None = None,
    finish: Callable[[NotebookNode], None] = lambda book: None,
) -> None:
    """Execute every chapter, or those that `only` names, into `folder`; a line of progress each.

    `finish` may change a notebook before it is written.
    """
    folder.mkdir(exist_ok=True)
    for chapter in chapters():
        if only and chapter.stem not in only:
            continue
        started = time.monotonic()
        print(f"executing {chapter.stem} ...", end=" ", flush=True)
        book = execute(chapter)
        finish(book)
        nbformat.write(book, folder / f"{chapter.stem}.ipynb")
        print(f"{time.monotonic() - started:.0f} s", flush=True)


def pair(only: list[str]) -> None:
    """Write the committed notebooks, all or those of `only`, and the index of all chapters."""
    execute_all(CHAPTERS, only, lambda book: drop_twins(book, "large"))
    write_index()


def write_index() -> None:
    """What JupyterLab opens with."""
    index = contents.index()
    index.metadata = nbformat.from_dict(METADATA)
    nbformat.write(index, CHAPTERS / "index.ipynb")


def write_edition(edition: str) -> None:
    """The notebooks for a class."""
    paths = editions.write(edition, CHAPTERS, EDITIONS / edition)
    print(f"{len(paths)} notebooks: {EDITIONS / edition}")


def executed() -> dict[str, NotebookNode]:
    """The chapters as `make book` has executed them, else as committed, by name; without twins."""
    names = [path.stem for path in chapters()]
    whole = all((EXECUTED / f"{name}.ipynb").is_file() for name in names)
    folder = EXECUTED if whole else CHAPTERS
    books = {name: nbformat.read(folder / f"{name}.ipynb", as_version=4) for name in names}
    for book in books.values():
        drop_twins(book)
    return books


def take(form: Callable[[dict[str, NotebookNode]], Path]) -> None:
    """The course in a form to take away."""
    path = form(executed())
    print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


def write_assignment() -> None:
    """The graded assignment: what students get, and what grades it."""
    print(f"the assignment: {grading.write(EDITIONS / 'assignment')}")


def build_book() -> None:
    """Execute the chapters and build the pages; any Sphinx warning is an error."""
    shutil.rmtree(EXECUTED, ignore_errors=True)
    shutil.rmtree(BOOK / "_build", ignore_errors=True)
    execute_all(EXECUTED)
    print("building the pages ...", flush=True)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(BOOK)]
    command += ["-W", "--keep-going", "-q"]
    with_pages = colour_page.has_node()
    if not with_pages:
        without = ", ".join(colour_page.PAGES)
        print(f"without the pages {without}: they need Node.js and its npm", flush=True)
        toc = colour_page.toc_without_pages(BOOK / "_toc.yml", BOOK / "_build" / "_toc.yml")
        command += ["--toc", str(toc)]
    done = subprocess.run(command, check=False)
    page = HTML / "index.html"
    # Jupyter Book's exit status alone is not to be trusted.
    if done.returncode or not page.is_file():
        sys.exit(f"the book was not built (exit status {done.returncode}); see above")
    lighten(HTML)
    if with_pages:
        colour_page.build_folder(HTML / "_static" / "colour")
    print(f"the book: {page}")


def lighten(pages: Path) -> None:
    """Take out the theme's script that draws icons, 1.5 MB a page: its font has the same icons."""
    drawn = re.compile(r"\s*<script[^>]*/fontawesome\.js[^>]*></script>")
    for page in pages.rglob("*.html"):
        page.write_text(drawn.sub("", page.read_text("utf-8")), "utf-8")
    (pages / "_static" / "scripts" / "fontawesome.js").unlink()


def picture() -> None:
    """The README's picture: sample photos as grey, as our network colours them, and as taken."""
    from colorlab import DEFAULT_MODEL
    from colorlab.course.figures.base import photo_grid, to_file
    from colorlab.data.photo import Photo
    from colorlab.data.samples import sample_photos
    from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model

    model = load_model(DEFAULT_MODEL)
    rows = [
        [grey_photo(Photo(photo.rgb)), colorize_rgb(photo.rgb, model), photo.rgb]
        for photo in sample_photos("china", "flower", "chelsea")
    ]
    data, name = to_file(photo_grid(rows, columns=["grey", "ours", "truth"], height=1.9))
    assert name == "jpeg"
    (BOOK / "_static" / "colorized.jpg").write_bytes(data)


COMMANDS: dict[str, Callable[[], None]] = {
    "book": build_book,
    "pair": partial(pair, []),
    "index": write_index,
    "picture": picture,
    "pdf": partial(take, take_away.pdf),
    "epub": partial(take, take_away.epub),
    "slides": partial(take, slides.write),
    "assignment": write_assignment,
    **{edition: partial(write_edition, edition) for edition in editions.EDITIONS},
}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=COMMANDS)
    parser.add_argument("only", nargs="*", help="of `pair`: chapters by name, all if none is given")
    arguments = parser.parse_args()
    # Jupyter's clients warn of a debugger that nobody asked for.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    if arguments.what == "pair":
        pair(arguments.only)
    else:
        COMMANDS[arguments.what]()


if __name__ == "__main__":
    main()
