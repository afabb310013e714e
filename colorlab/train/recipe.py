"""What a network learns from, how long, and how fast.

The command line makes its options of `Recipe`, so torch is imported only where one is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from colorlab.options import option

if TYPE_CHECKING:
    from colorlab.data.batches import Augmentation

Schedule = Literal["cosine", "constant"]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what weights a run ends with, but for model and photos.

    `loss` is one of `LOSSES`: Eq. 1 ("mse") or Eq. 2, "rebalanced" with the weights of `lam`, or
    "live" with those of another lambda for every photo, for a network that takes lambda; "classes"
    is the cross-entropy of a network that answers in classes, weighted by `lam`, "hue_chroma" that
    of one that answers in histograms of hue and chroma, "lab_histograms" in those of a* and b*.

    Most epochs are spent on small pictures, the last on larger ones: cheaper, and the network ends
    at the scale it is used at. Adam's learning rate falls along half a cosine to zero, or stays.

    A step takes `batch` photos in each process, `accumulate` times over, before the weights move.
    `patience` ends a run after as many epochs without a better validation loss. `limit` takes that
    many of the training photos, evenly spaced, and at most as many to validate on.

    Raises ValueError for what no run could use.
    """

    loss: str = option(
        "mse",
        "mse (Eq. 1), rebalanced (Eq. 2), live (any lambda), classes, hue_chroma, lab_histograms.",
    )
    lam: float = option(0.9, "Lambda of the rebalanced loss and of classes.")
    epochs: int = option(12, "Epochs of small photos.")
    size: int = option(128, "Side of the photos in pixels.")
    final_epochs: int = option(1, "Epochs of larger photos at the end.")
    final_size: int = option(160, "Side of the photos in these.")
    batch: int = option(32, "Photos in a batch (of each process).")
    accumulate: int = option(1, "Batches in a step.")
    rate: float = option(1e-3, "Adam's first learning rate.")
    betas: tuple[float, float] = (0.9, 0.999)
    schedule: Schedule = "cosine"
    augment: Augmentation = field(default_factory=lambda: _augmentation())
    patience: int | None = option(None, "Stop after as many epochs without a better one.")
    limit: int | None = option(None, "Take only this many of the photos.")
    seed: int = option(0, "Of everything random.")

    def __post_init__(self) -> None:
        from colorlab.models import STRIDE
        from colorlab.train.losses import LOSSES

        one_of("loss", self.loss, LOSSES)
        one_of("schedule", self.schedule, get_args(Schedule))
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


def _augmentation(**settings: Any) -> Augmentation:
    from colorlab.data.batches import Augmentation

    return Augmentation(**settings)


def one_of(what: str, value: str, known: Iterable[str]) -> None:
    """ValueError, naming what there is, unless `value` is among `known`."""
    if value not in known:
        raise ValueError(f"no {what} {value!r}; there are: {', '.join(known)}")


def recipe_from_json(stored: dict[str, Any]) -> Recipe:
    """The recipe of a run's `config.json`; fields that the run did not know yet are as preset."""
    known = {field.name for field in fields(Recipe)} & stored.keys()
    values = {name: stored[name] for name in known}
    values["betas"] = tuple(values["betas"])
    values["augment"] = _augmentation(**values["augment"])
    return Recipe(**values)


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """The recipe as `config.json` has it."""
    stored = asdict(recipe)
    return stored | {"betas": list(recipe.betas)}
