"""The studio's divider for a page without a kernel: two pictures, as HTML with its own script."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from colorlab.course.widgets.studio_view import Picture
from colorlab.data.encoding import data_uri


def divider_twin(left: Picture, right: Picture, names: tuple[str, str]) -> str:
    """Two pictures of one size, uint8 (H, W, 3), under a divider that can be dragged.

    `names` are what the left and the right one are called. Display the HTML with
    `IPython.display.HTML`. Raises ValueError where the sizes differ.
    """
    if left.shape != right.shape:
        raise ValueError(f"the pictures differ in size: {left.shape} and {right.shape}")
    height, width = left.shape[:2]
    first, second = (escape(name) for name in names)
    text = (files("colorlab.course.widgets") / "divider.html").read_text("utf-8")
    for name, value in {
        "style": _static("studio.css"),
        "script": _static("divider.js"),
        "aspect": f"{width} / {height}",
        "first": first,
        "second": second,
        "below": data_uri(left, quality=85),
        "above": data_uri(right, quality=85),
    }.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def _static(name: str) -> str:
    return (files("colorlab.course.widgets") / name).read_text("utf-8")
