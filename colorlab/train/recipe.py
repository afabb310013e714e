"""What a network learns from, how long, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from colorlab.color import LAB, ColorSpace
from colorlab.data.batches import PAPER_AUGMENTATION, Augmentation
from colorlab.models import STRIDE
from colorlab.prior.prior import default_prior
from colorlab.train.losses import LiveMSE, RebalancedMSE, chroma_mse

Loss = Callable[..., Tensor]
"""Predicted and true chroma in, a scalar out; the live loss takes lambdas too."""
LossName = Literal["mse", "rebalanced", "live"]
Schedule = Literal["cosine", "constant"]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what weights a run ends with, but for model and photos.

    `loss` is Eq. 1 ("mse") or Eq. 2: "rebalanced" with the weights of `lam`, "live" with those of
    another lambda for every photo, for a network that is told which.

    Most epochs are spent on small pictures, the last on larger ones: cheaper, and the network ends
    at the scale it is used at. Adam's learning rate falls along half a cosine to zero, or stays.

    A step takes `batch` photos in each process, `accumulate` times over, before the weights move.
    `patience` ends a run after as many epochs without a better validation loss. `limit` takes that
    many of the training photos, evenly spaced, and at most as many to validate on.

    Raises ValueError for what no run could use.
    """

    loss: LossName = "mse"
    lam: float = 0.9
    epochs: int = 12
    size: int = 128
    final_epochs: int = 1
    final_size: int = 160
    batch: int = 32
    accumulate: int = 1
    rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    schedule: Schedule = "cosine"
    augment: Augmentation = Augmentation()
    patience: int | None = None
    limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _one_of("loss", self.loss, get_args(LossName))
        _one_of("schedule", self.schedule, get_args(Schedule))
        if not 0 <= self.lam <= 1:
            raise ValueError(f"lambda must lie in [0, 1], got {self.lam:g}")
        if not self.rate > 0:
            raise ValueError(f"the learning rate must be above 0, got {self.rate:g}")
        if self.epochs < 0 or self.final_epochs < 0 or not self.sizes:
            raise ValueError("a recipe needs at least one epoch")
        for size in self.sizes:
            if size < STRIDE or size % STRIDE:
                raise ValueError(f"sizes must be multiples of {STRIDE}, got {size}")
        for name in ("batch", "accumulate", "patience", "limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")

    @property
    def sizes(self) -> list[int]:
        """The training size of every epoch."""
        return [self.size] * self.epochs + [self.final_size] * self.final_epochs


def _one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"no {what} {value!r}; there are: {', '.join(known)}")


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
    _one_of("preset", preset, tuple(PRESETS))
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


def recipe_from_json(stored: dict[str, Any]) -> Recipe:
    """The recipe of a run's `config.json`; fields that the run did not know yet are as preset."""
    known = {field.name for field in fields(Recipe)} & stored.keys()
    values = {name: stored[name] for name in known}
    values["betas"] = tuple(values["betas"])
    values["augment"] = Augmentation(**values["augment"])
    return Recipe(**values)


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """The recipe as `config.json` has it."""
    stored = asdict(recipe)
    return stored | {"betas": list(recipe.betas)}


def build_loss(recipe: Recipe, space: ColorSpace = LAB) -> Loss:
    """The recipe's loss; the rebalanced ones weigh by the prior that comes with the package.

    Raises ValueError where these are asked for in another colour space than L*a*b*: their weights
    belong to bins of (a*, b*).
    """
    if recipe.loss == "mse":
        return chroma_mse
    if space is not LAB:
        raise ValueError(f"the rebalanced loss is of L*a*b*, and this model works in {space.name}")
    if recipe.loss == "live":
        return LiveMSE(default_prior().smoothed())
    return RebalancedMSE(torch.from_numpy(default_prior().weights(recipe.lam)))
