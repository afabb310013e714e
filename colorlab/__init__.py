"""colorlab: automatic image colorization, its statistics, its judging and its teaching.

Importing this package is cheap; torch comes with the first thing that needs it.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from colorlab.inference.colorize import colorize
    from colorlab.models import create_model, list_models

__version__ = "0.1.0"
__all__ = ["__version__", "colorize", "create_model", "list_models"]

__getattr__, *_ = lazy_loader.attach(
    __name__,
    submod_attrs={"inference.colorize": ["colorize"], "models": ["create_model", "list_models"]},
)
