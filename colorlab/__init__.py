"""colorlab: automatic image colorization, its statistics, its judging and its teaching.

Importing this package is cheap; torch comes with the first thing that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from colorlab.lazy import load_from

if TYPE_CHECKING:
    from colorlab.inference.colorize import colorize
    from colorlab.models import create_model, list_models

__version__ = "0.1.0"
__all__ = ["__version__", "colorize", "create_model", "list_models"]

__getattr__ = load_from(
    __name__,
    {"colorize": "inference.colorize", "create_model": "models", "list_models": "models"},
)
