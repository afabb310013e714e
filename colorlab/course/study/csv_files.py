"""A study's answers as a CSV file, which any program reads; the book's page writes it, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from colorlab.course.study.sessions import Answer, read_answers
from colorlab.data.files import write_whole

_FIELDS = fields(Answer)
CSV_COLUMNS = [*(field.name for field in _FIELDS), "fooled"]
_READ: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": {"True": True, "False": False}.__getitem__,
    "Side": {"left": "left", "right": "right"}.__getitem__,
}
"""From the text in a CSV file, by the field's annotation."""


def export_csv(path: str | Path, target: str | Path) -> int:
    """Write all answers to a CSV file, whole or not at all; returns how many there are."""
    answers = read_answers(path)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows([*astuple(answer), answer.fooled] for answer in answers)
    write_whole(Path(target), text.getvalue().encode())
    return len(answers)


def read_csv(path: str | Path) -> list[Answer]:
    """The answers in a CSV file of `export_csv`, or of the book's page.

    Raises FileNotFoundError where there is no file; ValueError, naming the line, for another file.
    """
    with Path(path).open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != CSV_COLUMNS:
            raise ValueError(f"{path}: no answers; a study's columns are {', '.join(CSV_COLUMNS)}")
        answers = []
        for row in reader:
            try:
                read = {field.name: _READ[str(field.type)](row[field.name]) for field in _FIELDS}
                answers.append(Answer(**read))
                if None in row or row["fooled"] != str(answers[-1].fooled):
                    raise ValueError
            except (KeyError, TypeError, ValueError):
                raise ValueError(f"{path}: line {reader.line_num} is no answer") from None
    return answers
