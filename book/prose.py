"""What the links of a chapter say: authors and year of a source, the title of another chapter.

Chapters are written in Markdown that JupyterLab and the book read alike, so a source is
`([Perez et al., 2018](https://...))` and a chapter `[its title](09_efficientnet.ipynb)`, written
out. `mistakes` finds those that have gone stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from pybtex.database import Entry, Person, parse_file

BOOK = Path(__file__).resolve().parent
CHAPTERS = BOOK.parent / "notebooks"
_LINK = re.compile(r"\[([^][]+)\]\(([^()\s]+)\)")
_CITED = re.compile(r"\(((?:[A-Z][\w-]+(?: et al\.| and [A-Z][\w-]+)?), \d{4})\)")


def mistakes(text: str) -> Iterator[str]:
    """Links to chapters and sources of a text that don't say what these are called.

    >>> list(mistakes("[Results](17_results.ipynb), after (Nobody, 2000)"))
    ["Results: the title of 17_results is Results, and an audit of the paper's table", \
'Nobody, 2000: no such source']
    """
    text = " ".join(line.removeprefix("#").strip() for line in text.splitlines())
    by_address = {_address(entry): key for key, entry in _sources().items() if _address(entry)}
    for said, target in _LINK.findall(text):
        if re.fullmatch(r"\d\d_\w+\.ipynb", target):
            meant = title(target.removesuffix(".ipynb"))
            if said != meant:
                yield f"{said}: the title of {target.removesuffix('.ipynb')} is {meant}"
        elif target in by_address:
            meant = citation(by_address[target])
            if re.search(r"\d{4}\)?$", said) and re.sub(r" \((\d{4})\)$", r", \1", said) != meant:
                yield f"{said}: the source is {meant}"
    known = {citation(key) for key in _sources()}
    yield from (f"{said}: no such source" for said in _CITED.findall(text) if said not in known)


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
    """Authors and year of a source.

    >>> citation("perez2018film")
    'Perez et al., 2018'
    """
    entry = _sources()[key]
    names = [_name(person) for person in entry.persons["author"]]
    authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{authors}, {entry.fields['year']}"


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
