"""The course to take away: `make pdf`, one PDF of the whole book, and `make epub`, one ePub.

Both are made by Sphinx from the sources of the pages and the executed chapters. On paper nothing
moves and nothing folds: solutions stand open at their place, code that the pages fold is left out,
and figures that move, as well as the pages that compute in the browser, are left to the pages.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import colour_page
import editions
import nbformat
import yaml
from browser import chromium, serve
from bs4 import BeautifulSoup
from nbformat import NotebookNode

import colorlab

BOOK = Path(__file__).resolve().parent
TARGET = BOOK / "_build" / "take-away"
NAME = "colour-from-grey"
PATIENCE = 300_000.0  # milliseconds that the browser may take
FOOTER = '<p style="width: 100%; text-align: center; font-size: 8px" class="pageNumber"></p>'
NOT_ON_PAPER = (
    "sphinx_togglebutton",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
    "repository_buttons",
)
Books = Mapping[str, NotebookNode]


def printed(book: NotebookNode) -> NotebookNode:
    """A chapter for paper; its HTML outputs are made XHTML."""
    for cell in editions.instructor(book).cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata["tags"] = [
            {"hide-input": "remove-input", "hide-cell": "shown"}.get(tag, tag) for tag in tags
        ]
        for output in cell.get("outputs", []):
            if page := output.get("data", {}).get("text/html"):
                output.data["text/html"] = xhtml("".join(page))
    return book


def xhtml(text: str) -> str:
    """A piece of HTML as XML has it, with all that folds open and nothing that runs."""
    soup = BeautifulSoup(text, "html.parser")
    for part in soup(["script", "style"]):
        part.decompose()
    for part in soup("details"):
        part.name = "div"
    for part in soup("summary"):
        part.name = "p"
    return str(soup)


def stage(books: Books, folder: Path, config: Mapping[str, Any]) -> None:
    """The sources of the pages in `folder`, with chapters for paper and changed settings."""
    for path in BOOK.iterdir():
        if path.suffix in (".md", ".bib", ".py"):
            shutil.copy(path, folder)
    shutil.copytree(BOOK / "_static", folder / "_static")
    settings = yaml.safe_load((BOOK / "_config.yml").read_text("utf-8"))
    settings["sphinx"]["config"] |= {"html_js_files": [], **config}
    settings["sphinx"]["local_extensions"]["ebook"] = "."
    (folder / "_config.yml").write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
    colour_page.toc_without_pages(BOOK / "_toc.yml", folder / "_toc.yml")
    (folder / "notebooks").mkdir()
    for name, book in books.items():
        nbformat.write(printed(book), folder / "notebooks" / f"{name}.ipynb")


def sphinx(folder: Path, builder: str) -> Path:
    """Build the sources in `folder`; ends the program where Sphinx warns."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder)]
    command += ["--builder", "custom", "--custom-builder", builder, "-W", "--keep-going", "-q"]
    done = subprocess.run(command, check=False)
    built = folder / "_build" / builder
    if done.returncode or not built.is_dir():
        sys.exit(f"{builder}: not built (exit status {done.returncode}); see above")
    return built


def epub(books: Books) -> Path:
    """The book as one ePub, formulas as MathML; its path."""
    config = {
        "extensions": [*_extensions(), "ebook"],
        "html_math_renderer": "mathml",
        "epub_basename": NAME,
        "epub_show_urls": "no",
        "epub_exclude_files": [".nojekyll", "search.html"],
        "epub_tocscope": "includehidden",
        "version": colorlab.__version__,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(books, folder, config)
        return _keep(sphinx(folder, "epub") / f"{NAME}.epub")


def pdf(books: Books) -> Path:
    """The book as one PDF with an outline, printed by Chromium; its path."""
    config = {"extensions": [*_extensions(), "sphinx-mathjax-offline"]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(books, folder, config)
        built = sphinx(folder, "singlehtml")
        _print(built, folder / f"{NAME}.pdf")
        return _keep(folder / f"{NAME}.pdf")


def _extensions() -> list[str]:
    """Those of the pages without what folds, copies, or needs JavaScript."""
    settings = yaml.safe_load((BOOK / "_config.yml").read_text("utf-8"))
    return [name for name in settings["sphinx"]["config"]["extensions"] if name not in NOT_ON_PAPER]


def _print(folder: Path, target: Path) -> None:
    """The page in `folder` as a PDF, once its pictures and formulas are drawn."""
    with serve(folder) as address, chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/intro.html", wait_until="networkidle")
        page.wait_for_function("() => window.MathJax?.startup?.promise?.then(() => true)")
        sides = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
        page.pdf(
            path=target,
            format="A4",
            margin=sides,
            print_background=True,
            tagged=True,
            outline=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
        )


def _keep(made: Path) -> Path:
    TARGET.mkdir(parents=True, exist_ok=True)
    return shutil.copy(made, TARGET / made.name)
