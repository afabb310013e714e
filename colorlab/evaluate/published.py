"""Results of the literature, selected and compared.

Which rows may be compared is decided by `differences`: the same quantity, on the same photos, made
square alike. Within one table its authors saw to that; between two, everything must be told.

    colorlab published --protocol ddcolor
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from colorlab.evaluate.literature import PUBLISHED, QUANTITIES, SOURCES, Row
from colorlab.evaluate.protocols import PROTOCOLS

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["PUBLISHED", "Row", "as_dict", "by_table", "comparable", "differences", "grey", "select"]


def _together(first: Row, second: Row) -> bool:
    """Whether two rows are of one table."""
    return (first.source, first.table) == (second.source, second.table)


def grey(row: Row) -> float | None:
    """What no colour at all scores in the same table, where told.

    >>> grey(select(method="Dahl", metric="rebalanced")[0])
    58.0
    """
    greys = (x for x in PUBLISHED if x.method == "grey" and _together(x, row))
    return next((x.value for x in greys if not differences(x, row)), None)


def as_dict(row: Row) -> dict[str, Any]:
    """Everything that is known of a row, in JSON's types."""
    known = {"year": row.year, "paper": row.paper, "grey": grey(row)}
    return {**asdict(row), **known, "quantity": asdict(row.quantity)}


def differences(first: Row, second: Row) -> list[str]:
    """Why two rows may not be compared, a phrase a reason; none where they may.

    >>> ddcolor, palette = select(method="ColTran", metric="fid")[::2]
    >>> differences(ddcolor, palette)[0]
    "FID, torchvision's Inception / FID to other photos"
    """
    reasons, together = [], _together(first, second)
    if first.metric != second.metric:
        reasons.append(f"{first.quantity.title} / {second.quantity.title}")
    elif not first.quantity.told and not together:
        reasons.append(f"{first.quantity.title}, in two tables")
    for name in ("photos", "selection", "count", "size", "fit"):
        ours, theirs = getattr(first.protocol, name), getattr(second.protocol, name)
        if ours != theirs:
            reasons.append(f"{name}: {_told(ours)} / {_told(theirs)}")
        elif ours is None and not together:
            reasons.append(f"{name}: not told")
    return reasons


def _told(fact: object) -> str:
    return "not told" if fact is None else str(fact)


def select(
    method: str | None = None,
    metric: str | None = None,
    protocol: str | None = None,
) -> list[Row]:
    """Rows of a method and of a metric (by a part of its name), and of a protocol.

    Raises ValueError where there is none.

    >>> [row.value for row in select(method="DDColor-large", metric="psnr")]
    [23.85, 23.74]
    """
    found = [
        row
        for row in PUBLISHED
        if (method or "").lower() in row.method.lower()
        and (metric or "").lower() in row.metric
        and protocol in (None, row.protocol.name)
    ]
    if not found:
        names = ", ".join(dict.fromkeys(row.protocol.name for row in PUBLISHED))
        raise ValueError(f"no such row; metrics: {', '.join(QUANTITIES)}; protocols: {names}")
    return found


def comparable(row: Row) -> list[Row]:
    """The rows that this one may be compared with, itself among them."""
    return [other for other in PUBLISHED if not differences(row, other)]


def by_table(rows: Sequence[Row]) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Header and cells of each published table and protocol, by a title that says both.

    A line a method, a column a metric with the digits of its longest number; "-" where the source
    has none.
    """
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        key = (row.protocol.name, row.source, row.table, row.standing)
        groups.setdefault(key, []).append(row)
    found = {}
    for (name, source, table, standing), group in groups.items():
        metrics = list(dict.fromkeys(row.metric for row in group))
        places = {x: max(_places(row.value) for row in group if row.metric == x) for x in metrics}
        values = {(row.method, row.metric): f"{row.value:.{places[row.metric]}f}" for row in group}
        methods = dict.fromkeys((row.method, row.year) for row in group)
        cells = [
            [method, str(year or ""), *(values.get((method, metric), "-") for metric in metrics)]
            for method, year in methods
        ]
        title = f"{name}: {PROTOCOLS[name]} ({SOURCES[source]}, {table}; {standing})"
        found[title] = (["method", "year", *(QUANTITIES[x].title for x in metrics)], cells)
    return found


def _places(value: float) -> int:
    """Digits behind the point."""
    return len(f"{value:g}".partition(".")[2])


def tables(rows: Sequence[Row]) -> list[Table]:
    """`by_table` for the terminal."""
    from rich.table import Table

    shown = []
    for title, (header, cells) in by_table(rows).items():
        table = Table(*header, title=title, title_justify="left")
        table.columns[0].no_wrap = True
        for line in cells:
            table.add_row(*line)
        shown.append(table)
    return shown
