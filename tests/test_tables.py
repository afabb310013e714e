"""Small tables of results."""

from __future__ import annotations

import pytest

from colorlab.tables import markdown_table


def test_a_table() -> None:
    table = markdown_table(["λ", "least"], [("0.9", 1), ("0.5", "2 %")])
    assert table == "| λ | least |\n| :--- | ---: |\n| 0.9 | 1 |\n| 0.5 | 2 % |"


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells in a row, but 2"):
        markdown_table(["a", "b"], [("only one",)])
