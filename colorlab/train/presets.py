"""Recipes by name, and a table of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from colorlab.data.batches import PAPER_AUGMENTATION, Augmentation
from colorlab.train.recipe import Recipe, one_of

PRESETS = {
    "quick": Recipe(epochs=1, size=64, final_epochs=0),
    "scenes": Recipe(epochs=3, size=128, final_epochs=1, final_size=160),
    "paper": Recipe(
        epochs=10, size=224, final_epochs=0, schedule="constant", augment=PAPER_AUGMENTATION
    ),
}
"""Recipes by name: a first look; this course's own runs; the paper's."""


def get_recipe(preset: str, changes: dict[str, Any] | None = None) -> Recipe:
    """A preset by name, some fields changed; ValueError for an unknown name or a wrong value."""
    one_of("preset", preset, PRESETS)
    return replace(PRESETS[preset], **changes or {})


def preset_table() -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of the presets: `course.tables.table(*preset_table())`."""
    header = ["preset", "epochs", "size", "batch", "Adam's rate", "augmentation"]
    rows = []
    for name, recipe in PRESETS.items():
        epochs, size = str(recipe.epochs), str(recipe.size)
        if recipe.final_epochs:
            epochs, size = f"{epochs} + {recipe.final_epochs}", f"{size}, then {recipe.final_size}"
        rate = f"{recipe.rate:g}, {recipe.schedule}"
        rows.append([name, epochs, size, str(recipe.batch), rate, _in_words(recipe.augment)])
    return header, rows


def _in_words(augment: Augmentation) -> str:
    if augment.min_area < 1:
        words = [f"crops of {augment.min_area:.0%} or more"]
    else:
        words = ["squashed" if augment.fit == "squash" else "square crops"]
    words += ["flips"] if augment.flip else []
    words += [f"turned by up to {augment.rotation:g}°"] if augment.rotation else []
    return ", ".join(words)
