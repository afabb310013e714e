"""A Sphinx extension: the package's docstrings on the API page.

They are plain text with shapes, `names` and L*a*b*; reStructuredText would take the asterisks for
markup and the names for something else.
"""

from __future__ import annotations

import re
from typing import Any


def paragraph(text: str) -> list[str]:
    """A paragraph of a docstring as lines of reStructuredText."""
    if text.startswith(">>>"):
        return text.splitlines()
    if text.startswith("    "):
        return ["::", "", *text.splitlines()]
    spans = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return ["".join(f"`{span}`" if span[:1] == "`" else escaped(span) for span in spans)]


def escaped(text: str) -> str:
    """Text whose special characters are only characters."""
    text = re.sub(r"([\\*|`])", r"\\\1", text)
    text = re.sub(r"(?<!\w)\\\*(\w+)\\\*(?!\w)", r"*\1*", text)  # an *emphasis* stays one
    text = re.sub(r"_(?=\W|$)", r"\\_", text)
    # A name in backticks must not touch a letter.
    return re.sub(r"^(?=\w)", r"\\ ", text) if text[:1].isalnum() else text


def convert(app: Any, what: str, name: str, item: object, options: Any, lines: list[str]) -> None:
    """Make a docstring reStructuredText, in place."""
    found: list[str] = []
    for text in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        if text.strip():
            found += [*paragraph(text), ""]
    lines[:] = found


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", convert)
    return {"parallel_read_safe": True}
