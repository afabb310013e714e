"""Self-checks for the exercises of the course."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def check(yours: ArrayLike | None, correct: ArrayLike, tolerance: float = 1e-3) -> str:
    """One line that compares an answer (number, array or word) with the right one.

    `yours` is None until there is an answer; `tolerance` is absolute, for numbers.
    """
    if yours is None:
        return "No answer yet: replace None and run this cell again."
    ours, truth = _plain(yours), _plain(correct)
    if isinstance(truth, str):
        if isinstance(ours, str) and ours.strip().lower() == truth.lower():
            return "Correct."
        return f"Not yet: your answer is {ours!r}."
    try:
        numbers = np.asarray(ours, dtype=float)
    except (TypeError, ValueError):
        return f"Not yet: your answer {ours!r} is not a number."
    target = np.asarray(truth, dtype=float)
    if numbers.shape != target.shape:
        return f"Not yet: your answer has shape {numbers.shape}, the right one {target.shape}."
    error = float(np.abs(numbers - target).max(initial=0.0))
    if error <= tolerance:
        return "Correct."
    return f"Not yet: off by {error:.3g}, and {tolerance:g} is allowed."


def _plain(value: Any) -> Any:
    """Tensors, also those on a GPU or with gradients, as NumPy arrays; all else as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value
