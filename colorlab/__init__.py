"""colorlab: automatic image colorization, its statistics, its judging and its teaching.

Importing this package is cheap; torch comes with the first thing that needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colorlab.inference import colorize
    from colorlab.models import create_model, list_models

__version__ = "0.1.0"
__all__ = ["__version__", "colorize", "create_model", "list_models"]

_HOME = {
    "colorize": "colorlab.inference",
    "create_model": "colorlab.models",
    "list_models": "colorlab.models",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'colorlab' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
