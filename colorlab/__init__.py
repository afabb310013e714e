"""colorlab: automatic image colorization, its statistics, its judging and its teaching.

    import colorlab
    picture = colorlab.colorize("photo.jpg")

The rooms: `color` (spaces), `data` (photos), `prior` (colour statistics), `models`, `train`,
`inference`, `evaluate`, and `course` (what the chapters use). Importing the package is cheap: torch
comes with the first thing that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from colorlab.data.hints import Hint
    from colorlab.data.photo import read_photo
    from colorlab.data.sources import open_photos
    from colorlab.inference.colorize import colorize
    from colorlab.models import create_model, list_models
    from colorlab.prior.prior import ColorPrior

__version__ = "0.1.0"
DEFAULT_MODEL = "colorlab"
"""What colours a photo where no model is named."""
__all__ = [
    "DEFAULT_MODEL",
    "ColorPrior",
    "Hint",
    "__version__",
    "colorize",
    "create_model",
    "list_models",
    "open_photos",
    "read_photo",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "data.photo": ["read_photo"],
        "data.sources": ["open_photos"],
        "inference.colorize": ["colorize"],
        "data.hints": ["Hint"],
        "models": ["create_model", "list_models"],
        "prior.prior": ["ColorPrior"],
    },
)
