"""What a metric is, and the list of them.

A new metric is a file in this folder with a function under `@metric(...)`, and its import in
`__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.color import rgb_to_lab

T = TypeVar("T")
Array = NDArray[np.float64]
Better = Literal["lower", "higher", "near the truth"]


class Unavailable(RuntimeError):
    """A metric that can't be computed here; the message is the reason, for the user."""


class Images:
    """A batch of RGB images, and what metrics derive from it, each computed once.

    `rgb` is a floating tensor (B, 3, H, W) in [0, 1]; `labels` are the ImageNet classes of the
    photos, int64 (B,), -1 for one without; `rarity` is how much each true colour counts in
    class-balanced metrics, (256, 256) (`metrics.auc.rarity`), None where that isn't known.
    Raises ValueError for another shape, type or range of RGB.
    """

    def __init__(
        self, rgb: Tensor, labels: Tensor | None = None, rarity: Tensor | None = None
    ) -> None:
        if rgb.ndim != 4 or rgb.shape[1] != 3 or 0 in rgb.shape:
            raise ValueError(f"expected RGB (B, 3, H, W), got {tuple(rgb.shape)}")
        if not rgb.is_floating_point():
            raise ValueError(f"expected floating RGB in [0, 1], got {rgb.dtype}")
        if not (rgb.amin() >= 0 and rgb.amax() <= 1):  # so that NaN is refused too
            raise ValueError("RGB must lie in [0, 1]")
        if labels is None:
            labels = torch.full((len(rgb),), -1)
        self.rgb, self.labels, self.rarity = rgb, labels, rarity
        self._derived: dict[Callable[[Tensor], Any], Any] = {}

    def derive(self, compute: Callable[[Tensor], T]) -> T:
        """`compute(rgb)`, remembered: metrics that need the same thing share the work."""
        if compute not in self._derived:
            self._derived[compute] = compute(self.rgb)
        value: T = self._derived[compute]
        return value

    @property
    def lab(self) -> Tensor:
        """CIE L*a*b* (D65), (B, 3, H, W), L* in 0..100."""
        return self.derive(rgb_to_lab)


def only(means: Array) -> Array:
    """The mean itself, of a metric with one number a photo: (..., 1) to (...)."""
    return means[..., 0]


def ratio(means: Array) -> Array:
    """The first mean over the second, (..., 2) to (...); NaN where both are 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(means[..., 0] / means[..., 1])


def photo_means(values: Tensor) -> Tensor:
    """The mean of each photo's values, (B, ...) to (B, 1)."""
    return values.flatten(1).mean(1, keepdim=True)


@dataclass(frozen=True)
class Facts:
    """What a reader must know of a metric's number.

    `name` is for commands and files, `title` for tables; `definition` and `source` say exactly
    what is computed, and whose idea it is; `undefined` says why a value can be missing.
    """

    name: str
    title: str
    unit: str
    better: Better
    definition: str
    source: str
    undefined: str = "undefined on these photos"


@dataclass(frozen=True)
class Metric:
    """A metric that is a function of means over photos, and so has bootstrap intervals.

    `rows` gives each photo a few numbers, (B, k), from the shown and the true images; a photo that
    the metric does not apply to gets NaN. `combine` makes the value, (...), from their means,
    (..., k); applied to one photo's own row it gives that photo's value.
    """

    facts: Facts
    rows: Callable[[Images, Images], Tensor]
    combine: Callable[[Array], Array] = only
    prepare: Callable[[bool], None] = lambda download: None


class Accumulator(Protocol):
    """What a `Statistic` adds up; its size hangs not on the number of photos."""

    def add(self, shown: Images, truth: Images) -> None:
        """Take in a batch."""

    def value(self) -> float:
        """The statistic of all batches; NaN where there were too few photos."""


@dataclass(frozen=True)
class Statistic:
    """A metric of a whole set of photos, which no single photo has; `start` makes a fresh count."""

    facts: Facts
    start: Callable[[], Accumulator]
    prepare: Callable[[bool], None] = lambda download: None


_METRICS: dict[str, Metric | Statistic] = {}


def add(entry: Metric | Statistic) -> None:
    """Put a metric on the list; ValueError where its name is taken."""
    if entry.facts.name in _METRICS:
        raise ValueError(f"metric {entry.facts.name!r} is registered already")
    _METRICS[entry.facts.name] = entry


def metric(
    facts: Facts,
    combine: Callable[[Array], Array] = only,
    prepare: Callable[[bool], None] = lambda download: None,
) -> Callable[[Callable[[Images, Images], Tensor]], Callable[[Images, Images], Tensor]]:
    """Make a function of (shown, truth) images to rows (B, k) a `Metric` on the list.

    `prepare(download)` readies what the metric needs, and may fetch it where `download` is true;
    it raises `Unavailable` with the reason where that fails.
    """

    def register(rows: Callable[[Images, Images], Tensor]) -> Callable[[Images, Images], Tensor]:
        add(Metric(facts, rows, combine, prepare))
        return rows

    return register


def list_metrics() -> list[str]:
    """Names of all metrics, in the order of the tables."""
    return list(_METRICS)


def get_metric(name: str) -> Metric | Statistic:
    """The named metric; ValueError, listing the names there are, for another."""
    if name not in _METRICS:
        raise ValueError(f"no metric {name!r}; there are: {', '.join(_METRICS)}")
    return _METRICS[name]


def measure(
    name: str,
    shown: Tensor,
    truth: Tensor,
    labels: Tensor | None = None,
    rarity: Tensor | None = None,
) -> Array:
    """One metric's value for each photo, float64 (B,).

    `shown` and `truth` are RGB (B, 3, H, W) in [0, 1]; `labels` and `rarity` as in `Images`. Raises
    ValueError for other input, an unknown name, and a metric that only a set of photos has;
    Unavailable for one that can't be had here.
    """
    chosen = get_metric(name)
    if isinstance(chosen, Statistic):
        raise ValueError(f"{name} is of a set of photos, not of each one")
    chosen.prepare(False)
    ours, true = Images(shown), Images(truth, labels, rarity)
    check_pair(ours, true)
    with torch.inference_mode():
        return chosen.combine(chosen.rows(ours, true).double().cpu().numpy())


def check_pair(shown: Images, truth: Images) -> None:
    """ValueError unless both have one shape."""
    if shown.rgb.shape != truth.rgb.shape:
        ours, true = tuple(shown.rgb.shape), tuple(truth.rgb.shape)
        raise ValueError(f"the shown images are {ours}, the true ones {true}")
