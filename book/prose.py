"""A chapter's prose as a notebook and a page read it alike.

Authors write MyST's roles: a number by its name, a source by its key, a chapter by its file. They
mean nothing to JupyterLab, so a chapter that was executed has in their places the number, authors
and year with a link to the source, and the chapter's title with a link to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nbformat import NotebookNode
from pybtex.database import Entry, Person, parse_file

BOOK = Path(__file__).resolve().parent
CHAPTERS = BOOK.parent / "notebooks"
ROLE = re.compile(r"\{(glue:text|cite:p|doc)\}`([^`]+)`")
_RECORD = "application/papermill.record/text/plain"


def glued(book: NotebookNode) -> dict[str, str]:
    """The values that an executed notebook's cells have named."""
    found = {}
    for cell in book.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name and _RECORD in output.get("data", {}):
                found[name] = str(ast.literal_eval(output["data"][_RECORD]))
    return found


def plain(text: str, values: Mapping[str, str]) -> str:
    """Markdown without roles. KeyError for a name, source or chapter that there is not.

    >>> plain("about {glue:text}`share` of it, see {doc}`09_results`", {"share": "0.5"})
    'about 0.5 of it, see [Results, and an audit of the paper's table](09_results.ipynb)'
    """

    def written(match: re.Match[str]) -> str:
        role, target = match[1], match[2]
        if role == "glue:text":
            return values[target]
        if role == "doc":
            return f"[{title(target)}]({target}.ipynb)"
        return f"({'; '.join(citation(key.strip()) for key in target.split(','))})"

    return ROLE.sub(written, text)


@cache
def title(chapter: str) -> str:
    """The first heading of a chapter, by its file's name without suffix."""
    path = CHAPTERS / f"{chapter}.py"
    if not path.is_file():
        raise KeyError(f"no chapter {chapter}")
    found = re.search(r"^# # (.+)$", path.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise KeyError(f"{chapter} has no title")
    return found[1]


def citation(key: str) -> str:
    """Authors and year of a source, linked to it where it has an address."""
    entry = _sources()[key]
    names = [_name(person) for person in entry.persons["author"]]
    authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    text = f"{authors}, {entry.fields['year']}"
    address = _address(entry)
    return f"[{text}]({address})" if address else text


def _name(person: Person) -> str:
    words = [*person.prelast_names, *person.last_names]
    return " ".join(words).replace("{", "").replace("}", "")


def _address(entry: Entry) -> str:
    if "doi" in entry.fields:
        return f"https://doi.org/{entry.fields['doi']}"
    return str(entry.fields.get("url", ""))


@cache
def _sources() -> Mapping[str, Entry]:
    entries: Mapping[str, Entry] = parse_file(str(BOOK / "references.bib")).entries
    return entries
