"""Small tables of results, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column is aligned as text, the others as numbers.

    Raises ValueError where a row's length is not the header's.
    """
    lines = [list(header), [":---", *["---:"] * (len(header) - 1)]]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells in a row, but {len(header)} in the header")
        lines.append([str(value) for value in row])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
