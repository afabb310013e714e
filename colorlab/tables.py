"""Small tables of results, for notebooks and pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.display import HTML


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> HTML:
    """A table to end a notebook cell with; the first column names the rows, the rest are numbers.

    HTML rather than Markdown: book pages don't draw Markdown's tables in outputs. Raises ValueError
    where a row's length is not the header's.
    """
    from IPython.display import HTML  # the library itself works without IPython

    right = ' style="text-align:right"'
    first, *rest = (escape(name) for name in header)
    lines = [f'<tr><th scope="col" style="text-align:left">{first}</th>']
    lines += [f'<th scope="col"{right}>{name}</th>' for name in rest]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells in a row, but {len(header)} in the header")
        name, *values = (escape(str(value)) for value in row)
        lines.append(f'</tr><tr><th scope="row" style="text-align:left">{name}</th>')
        lines += [f"<td{right}>{value}</td>" for value in values]
    return HTML(f'<table class="table">{"".join(lines)}</tr></table>')
