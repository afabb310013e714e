"""A Sphinx extension: docstrings stand on the API page as they are written.

They are plain text with shapes and L*a*b*, which reStructuredText would take for markup.
"""

from __future__ import annotations

from typing import Any


def as_written(
    app: Any, what: str, name: str, item: object, options: Any, lines: list[str]
) -> None:
    """Make a docstring a literal block, in place."""
    text = list(lines)
    while text and not text[-1].strip():
        text.pop()
    lines[:] = ["::", "", *("    " + line for line in text), ""] if text else []


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", as_written)
    return {"parallel_read_safe": True}
