"""Self-checks for the exercises of the course: numbers, words, and functions of the reader's.

Answers are kept as salted hashes of their rounded values in `exercises.json`, typical mistakes too,
each with a hint; functions are tried on inputs that the page does not show (`tasks`).
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.course.tasks import TASKS, try_out

CORRECT = "Correct."


def check(exercise: str, yours: Any) -> str:
    """One line on an answer to an exercise, such as "04.2": a number, a pair, a word, a function.

    `yours` is None until there is an answer. Raises ValueError for the name of no exercise.
    """
    if exercise not in TASKS and exercise not in _sealed():
        raise ValueError(f"there is no exercise {exercise!r}")
    if yours is None:
        return "No answer yet: replace None and run this cell again."
    if exercise in TASKS:
        return try_out(TASKS[exercise], yours)
    known = _sealed()[exercise]
    values = _values(yours)
    if not known["step"]:
        if not isinstance(yours, str):
            return f"Not yet: the answer is a word, and yours is {yours!r}."
    elif isinstance(yours, str) or isinstance(values, str):
        return f"Not yet: your answer {yours!r} is not a number."
    if len(values) != len(known["right"]):
        return f"Not yet: {len(known['right'])} values are asked for, yours are {len(values)}."
    wrong = 0
    for place, (value, right) in enumerate(zip(values, known["right"], strict=True)):
        found = _digests(exercise, place, value, known["step"])
        if right in found:
            continue
        if hint := next((known["hints"][one] for one in found if one in known["hints"]), ""):
            return f"Not yet. {hint}"
        wrong += 1
    if not wrong:
        return CORRECT
    return "Not yet." if len(values) == 1 else f"Not yet: {wrong} of {len(values)} are off."


def passes(exercise: str, yours: Any) -> bool:
    """Whether `check` finds nothing to say against an answer."""
    return check(exercise, yours) == CORRECT


def seal(exercise: str, answer: Any, step: float = 0.0, place: int = 0) -> str:
    """The hash of a value of an answer, as `exercises.json` has it.

    A number counts as right within about one `step`, of which half goes to rounding; a count takes
    0.5, so that only the very number is right. Words have step 0.
    """
    value = answer if step else str(answer)
    return _digests(exercise, place, value, step)[0]


@cache
def _sealed() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        Path(__file__).with_name("exercises.json").read_text("utf-8")
    )
    return found


def _values(yours: Any) -> Any:
    """An answer as a list of finite numbers or of one word; a text where it is neither."""
    if isinstance(yours, str):
        return [yours.strip().lower()]
    try:
        numbers = np.asarray(_plain(yours), dtype=float).ravel()
    except (TypeError, ValueError):
        return "no number"
    return numbers.tolist() if np.isfinite(numbers).all() else "no number"


def _digests(exercise: str, place: int, value: Any, step: float) -> list[str]:
    """Hashes of a value's cell, and for numbers of the cells beside it."""
    cell = round(float(value) / step) if step else 0
    cells: list[Any] = [cell, cell - 1, cell + 1] if step else [value]
    return [sha256(f"colorlab {exercise} {place} {x}".encode()).hexdigest()[:16] for x in cells]


def _plain(value: Any) -> Any:
    """Tensors, also those on a GPU or with gradients, as NumPy arrays; all else as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value
