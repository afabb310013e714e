"""The course to take away: slides of the real chapters; an ePub and a PDF of a small book."""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import contents
import ebook
import nbformat
import prose
import pytest
import slides
import take_away
from browser import PROGRAMS
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
XHTML = "{http://www.w3.org/1999/xhtml}"
SOLUTION = "```{admonition} Solution 1\n:class: dropdown\nIt is forty-two.\n```"
QUESTION = "<details open><summary>Why?<br></summary><p>Because</p></details><script>1</script>"


@pytest.fixture(scope="module")
def chapters() -> dict[str, NotebookNode]:
    paths = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}


def test_the_deck_has_every_chapter_and_stands_alone(chapters: dict[str, NotebookNode]) -> None:
    page = slides.deck(chapters)
    for name in chapters:
        assert f">{slides._text(prose.title(name))}<" in page
    tagged = []
    for name, chapter in chapters.items():
        tags = [cell.metadata.get("tags", []) for cell in chapter.cells]
        assert 1 <= sum("slide" in one for one in tags) <= 2, name
        tagged += [one for one in tags if "slide" in one]
    kept = [one for one in tagged if "large" not in one]  # as committed; `make book` has them all
    assert page.count("<section") >= len(chapters) + 2
    images = re.findall(r'<img src="(data:image/\w+;base64,)[^"]{500,}" alt="[^"]{20,}">', page)
    assert len(images) == len(kept) + 1
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_a_slide_without_a_figure_is_named() -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    book.cells[0].metadata["tags"] = ["slide"]
    name = next(iter(contents.rows()))
    with pytest.raises(ValueError, match=name):
        list(slides._figures(name, book))


def test_markdown_of_a_slide() -> None:
    assert slides._text(r"L\*a\*b\* < `x`") == "L*a*b* &lt; <code>x</code>"
    assert "<mi>λ</mi>" in slides._text(r"at $\lambda$")


def test_every_formula_can_stand_in_an_ebook(chapters: dict[str, NotebookNode]) -> None:
    """As MathML, whose converter knows fewer commands than MathJax."""
    reader = MarkdownIt().use(dollarmath_plugin)
    pages = [path.read_text("utf-8") for path in (ROOT / "book").glob("*.md")]
    cells = [cell for book in chapters.values() for cell in book.cells]
    pages += [cell.source for cell in cells if cell.cell_type == "markdown"]
    pages += [page.replace("```", "") for page in pages]  # what stands in frames, too
    tokens = [token for page in pages for token in reader.parse(page)]
    tokens += [child for token in tokens for child in token.children or ()]
    formulas = {token.content for token in tokens if token.type.startswith("math_")}
    assert len(formulas) > 150
    for formula in formulas:
        ElementTree.fromstring(ebook.mathml(formula))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, NotebookNode]:
    """A book of a page and a chapter in place of the real one."""
    book = tmp_path / "book"
    book.mkdir()
    extensions = ("api_docstrings.py", "ebook.py", "list_roles.py", "repository_buttons.py")
    for name in ("_config.yml", *extensions):
        shutil.copy(take_away.BOOK / name, book)
    shutil.copy(take_away.BOOK / "references.bib", book)
    shutil.copytree(take_away.BOOK / "_static", book / "_static")
    (book / "intro.md").write_text("# A book\n\nSee [the chapter](notebooks/01_one.ipynb).\n")
    part = {"caption": "Part", "chapters": [{"file": "notebooks/01_one"}]}
    toc = {"format": "jb-book", "root": "intro", "parts": [part]}
    (book / "_toc.yml").write_text(json.dumps(toc))
    monkeypatch.setattr(take_away, "BOOK", book)
    monkeypatch.setattr(take_away, "TARGET", tmp_path / "made")
    hidden = nbformat.v4.new_code_cell("'folded code'", metadata={"tags": ["hide-input"]})
    hidden.outputs = [nbformat.v4.new_output("display_data", {"text/html": QUESTION})]
    text = f"# One\n\nA root $\\sqrt{{2}}$ and $$x = \\frac{{1}}{{2}}$$\n\n{SOLUTION}"
    cells = [nbformat.v4.new_markdown_cell(text), hidden]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    metadata = kernel | {"language_info": {"name": "python"}}
    return {"01_one": nbformat.v4.new_notebook(cells=cells, metadata=metadata)}


@pytest.mark.slow
def test_an_epub_is_well_formed_and_whole(small: dict[str, NotebookNode]) -> None:
    path = take_away.epub(small)
    with zipfile.ZipFile(path) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert book.read("mimetype") == b"application/epub+zip"
        names = set(book.namelist())
        texts = {}
        for name in names:
            if name.endswith((".xhtml", ".opf", ".ncx", ".xml")):
                texts[name] = ElementTree.fromstring(book.read(name))
        chapter = book.read("notebooks/01_one.xhtml").decode()
    assert {"META-INF/container.xml", "content.opf", "nav.xhtml", "intro.xhtml"} <= texts.keys()
    assert "It is forty-two." in chapter
    assert "Because" in chapter
    assert "folded code" not in chapter
    assert chapter.count("<math") == 2
    for name, tree in texts.items():
        for part in tree.iter():  # links, pictures, style sheets
            target = (part.get("href") or part.get("src") or "").split("#")[0]
            if name.endswith(".xhtml") and target and "://" not in target:
                assert os.path.normpath(Path(name).parent / target) in names
        assert tree.find(f".//{XHTML}script") is None, name
    manifest = {item.get("href") for item in texts["content.opf"].iter() if item.get("href")}
    assert {"notebooks/01_one.xhtml", "_static/colorized.jpg"} <= manifest


@pytest.mark.slow
def test_a_pdf_has_pages_and_an_outline(small: dict[str, NotebookNode]) -> None:
    if not any(map(shutil.which, PROGRAMS)):
        pytest.skip("needs Chromium (on Debian: apt install chromium)")
    data = take_away.pdf(small).read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 2
    assert b"/Outlines" in data
