"""Small tables of results, read back by a parser of XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from colorlab.course.tables import filled, note, say, table

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


def test_a_sentence_has_the_values_that_were_noted() -> None:
    note({"with a space": 1}, share="12 %")
    assert filled(r"{share} of {with a space}, $x_{share}$, `{share}`") == (
        r"12 % of 1, $x_{share}$, `{share}`"
    )
    note(share="13 %")  # a cell was run again
    assert filled("{share}") == "13 %"
    with pytest.raises(KeyError, match="never noted"):
        filled("{never noted}")


def test_a_sentence_is_shown_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    note(share="12 %")
    with capture_output() as seen:
        say("\n**{share}** of it\n")
    (output,) = seen.outputs
    assert output.data["text/markdown"] == "**12 %** of it"
