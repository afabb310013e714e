"""Quick questions on each chapter: an option opens on what is right or wrong about it.

Plain HTML without a script: it works on a page, in a notebook that isn't trusted, by keyboard and
with a screen reader. The texts are in `questions.json`, by the chapter's name without its number.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.display import HTML


def quick_questions(chapter: str) -> HTML:
    """The questions on a chapter, such as "rebalancing", to end a notebook cell with.

    Raises ValueError for a chapter without questions.
    """
    from IPython.display import HTML  # the library itself works without IPython

    known = _questions()
    if chapter not in known:
        raise ValueError(f"no questions on {chapter!r}; there are some on {', '.join(known)}")
    items = (
        f"<li><p>{escape(one['question'])}</p>{''.join(map(_option, one['options']))}</li>"
        for one in known[chapter]
    )
    return HTML(f'<ol class="quick-questions">{"".join(items)}</ol>')


def _option(one: dict[str, Any]) -> str:
    verdict = "Right." if one.get("right") else "Not quite."
    feedback = f"<p><strong>{verdict}</strong> {escape(one['feedback'])}</p>"
    return f"<details><summary>{escape(one['option'])}</summary>{feedback}</details>"


@cache
def _questions() -> dict[str, list[dict[str, Any]]]:
    """Of each chapter its questions: `question`, and `options` of which one is `right`."""
    found: dict[str, list[dict[str, Any]]] = json.loads(
        Path(__file__).with_name("questions.json").read_text("utf-8")
    )
    return found
