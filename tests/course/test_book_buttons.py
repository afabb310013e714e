"""The book's buttons: none without the repository's address, right ones with it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[2] / "book"
EMPTY = 'repository_url: ""'


def links(folder: Path, address: str) -> set[str]:
    """The links outwards, and to files to download, of a chapter's page built with an address."""
    config = (BOOK / "_config.yml").read_text("utf-8")
    assert EMPTY in config
    for name in ("repository_buttons.py", "api_docstrings.py", "list_roles.py", "references.bib"):
        shutil.copy(BOOK / name, folder)
    shutil.copytree(BOOK / "_static", folder / "_static")
    (folder / "_config.yml").write_text(config.replace(EMPTY, f'repository_url: "{address}"'))
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nchapters: [{file: notebooks/05_chapter}]\n"
    )
    (folder / "intro.md").write_text("# A book\n")
    (folder / "notebooks").mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    kernel["language_info"] = {"name": "python"}
    cells = [nbformat.v4.new_markdown_cell("# A chapter"), nbformat.v4.new_code_cell("1 + 1")]
    chapter = nbformat.v4.new_notebook(metadata=kernel, cells=cells)
    nbformat.write(chapter, folder / "notebooks" / "05_chapter.ipynb")
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(folder), "-W", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    page = folder / "_build" / "html" / "notebooks" / "05_chapter.html"
    assert page.is_file(), done.stdout + done.stderr
    found = set(re.findall(r'<a href="([^"]+)"', page.read_text("utf-8")))
    return {link for link in found if "://" in link or "_sources" in link}


@pytest.mark.slow
def test_without_an_address_nothing_leads_out(tmp_path: Path) -> None:
    assert links(tmp_path, "") == set()


@pytest.mark.slow
def test_an_address_brings_all_buttons(tmp_path: Path) -> None:
    assert links(tmp_path, "https://github.com/someone/course") == {
        "https://github.com/someone/course",
        "https://colab.research.google.com/github/someone/course/blob/main/"
        "notebooks/05_chapter.ipynb",
        "https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/notebooks/05_chapter.ipynb",
        "../_sources/notebooks/05_chapter.ipynb",
    }
    assert (tmp_path / "_build" / "html" / "_sources" / "notebooks" / "05_chapter.ipynb").is_file()


@pytest.mark.slow
def test_colab_is_for_github_alone(tmp_path: Path) -> None:
    found = links(tmp_path, "https://gitlab.com/someone/course")
    assert not any("colab" in link for link in found)
    assert "https://gitlab.com/someone/course" in found
    assert any(link.startswith("https://mybinder.org/v2/gl/") for link in found)
