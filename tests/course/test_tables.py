"""Small tables of results, read back by a parser of XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from colorlab.course.tables import table

pytest.importorskip("IPython", reason="needs IPython (extra: course)")


def test_a_table() -> None:
    shown = ElementTree.fromstring(table(["λ", "least"], [("0.9", 1), ("< 0.5", "2 %")]).data)
    assert [[cell.text for cell in row] for row in shown] == [
        ["λ", "least"],
        ["0.9", "1"],
        ["< 0.5", "2 %"],
    ]
    assert [row[0].get("scope") for row in shown] == ["col", "row", "row"]


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells in a row, but 2"):
        table(["a", "b"], [("only one",)])
