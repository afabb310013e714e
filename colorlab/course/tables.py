"""Small tables of results, and numbers in sentences, for notebooks and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.display import HTML


_PROSE = 24
"""Cells longer than this many characters are text, and their column begins at the left."""


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> HTML:
    """A table to end a notebook cell with; the first column names the rows, the rest are numbers.

    HTML rather than Markdown: book pages don't draw Markdown's tables in outputs. Raises ValueError
    where a row's length is not the header's.
    """
    from IPython.display import HTML  # the library itself works without IPython

    cells = [[str(value) for value in row] for row in rows]
    for row in cells:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells in a row, but {len(header)} in the header")
    prose = [any(len(row[i]) > _PROSE for row in cells) for i in range(len(header))]
    sides = ["left" if i == 0 or prose[i] else "right" for i in range(len(header))]
    styles = [f' style="text-align:{side}"' for side in sides]
    value_styles = [style.replace('right"', 'right;white-space:nowrap"') for style in styles]
    titles = zip(styles, map(escape, header), strict=True)
    lines = ["<tr>", *(f'<th scope="col"{style}>{title}</th>' for style, title in titles)]
    for name, *values in cells:
        lines.append(f'</tr><tr><th scope="row"{styles[0]}>{escape(name)}</th>')
        both = zip(value_styles[1:], map(escape, values), strict=True)
        lines += [f"<td{style}>{value}</td>" for style, value in both]
    return HTML(f'<table class="table">{"".join(lines)}</tr></table>')


_NAME = re.compile(r"\$[^$]+\$|`[^`]*`|\{([^{}]+)\}")
"""A name in braces, or a formula or code, whose braces are their own."""
_noted: dict[str, str] = {}


def note(values: Mapping[str, object] | None = None, /, **more: object) -> None:
    """Keep values by name for the sentences that follow: see `say`."""
    _noted.update({name: str(value) for name, value in {**(values or {}), **more}.items()})


def say(text: str) -> None:
    """Show Markdown with the noted values in place of their names in braces.

    Braces in formulas and code stay as they are. KeyError for a name that was not noted.

    >>> note(share="12 %")
    >>> filled("{share} of the photos are larger than $x_{max}$.")
    '12 % of the photos are larger than $x_{max}$.'
    """
    show_markdown(filled(text.strip()))


def show_markdown(text: str) -> None:
    """Display a cell's Markdown."""
    from IPython.display import Markdown, display

    display(Markdown(text))


def filled(text: str) -> str:
    """What `say` shows."""
    return _NAME.sub(lambda found: _noted[found[1]] if found[1] else found[0], text)
