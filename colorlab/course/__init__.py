"""What the chapters use: figures, widgets, exercises, small experiments.

`from colorlab.course import show, table, ...` has what most chapters share, wherever it is at home.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "course.exercises": "check",
    "course.figures.base": "BLUE GREEN GREY INK ORANGE PINK photo_grid show use_style",
    "course.figures.charts": "bar_figure group_figure line_figure map_figure",
    "course.figures.diagram": "architecture_figure",
    "course.figures.training": "loss_figure recorded_figure tradeoff_figure validation_figure",
    "course.lessons": "colorize_batch grey_loss overfit sample_batch to_picture to_pictures "
    "to_tensor train_for_real",
    "course.questions": "quick_questions",
    "course.results": "OTHER_ROWS ROWS commands method_table read_kinds read_methods read_scores "
    "recorded_score rows_of score_table",
    "course.tables": "note say table",
    "data.photo": "Photo",
    "data.samples": "sample_photos",
    "data.sources": "open_photos",
    "inference.colorize": "colorize_rgb grey_photo load_model",
    "machine": "keep_freed_memory",
    "models": "create_model read_card trainable_parameters",
    "prior.prior": "default_prior",
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}
__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    """Import a name's module when the name is asked for (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"colorlab.{_MODULES[name]}"), name)
