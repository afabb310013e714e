"""What a metric is, and the list of them.

A new metric is a file with a function under `@metric(...)`, or a class where only a whole set of
photos has it, and an import of that file: in `__init__.py`, or anywhere before `compare` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.color import rgb_to_lab

T = TypeVar("T")
C = TypeVar("C", bound=Callable[..., Any])
Array = NDArray[np.float64]
Better = Literal["lower", "higher", "near the truth"]
Rows = Callable[["Images", "Images"], Tensor]


class Unavailable(RuntimeError):
    """A metric that can't be computed here; the message is the reason, for the user."""


class Images:
    """A batch of RGB images, and what metrics derive from it, each computed once.

    `rgb` is a floating tensor (B, 3, H, W) in [0, 1]; `files` are those of the true photos;
    `known` has what metrics need of the whole set, by name. Raises ValueError for another shape,
    type or range of RGB.
    """

    def __init__(
        self, rgb: Tensor, files: Sequence[Path] = (), known: Mapping[str, Any] | None = None
    ) -> None:
        if rgb.ndim != 4 or rgb.shape[1] != 3 or 0 in rgb.shape:
            raise ValueError(f"expected RGB (B, 3, H, W), got {tuple(rgb.shape)}")
        if not rgb.is_floating_point():
            raise ValueError(f"expected floating RGB in [0, 1], got {rgb.dtype}")
        if not (rgb.amin() >= 0 and rgb.amax() <= 1):  # so that NaN is refused too
            raise ValueError("RGB must lie in [0, 1]")
        self.rgb, self.files, self._known = rgb, files, known or {}
        self._derived: dict[Callable[[Tensor], Any], Any] = {}

    def derive(self, compute: Callable[[Tensor], T]) -> T:
        """`compute(rgb)`, remembered: metrics that need the same thing share the work."""
        if compute not in self._derived:
            self._derived[compute] = compute(self.rgb)
        value: T = self._derived[compute]
        return value

    def known(self, name: str) -> Any:
        """What was measured of the whole set, by its name in `Needs`; ValueError without it."""
        if name not in self._known:
            raise ValueError(f"this metric needs the {name} of the whole set")
        return self._known[name]

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
    undefined: str


class SetStatistic(Protocol):
    """Something of all true photos that a metric or a baseline needs, measured beforehand.

    Its memory is constant in the number of photos, like that of an `Accumulator`.
    """

    def add(self, truth: Images) -> None:
        """Take in a batch."""

    def value(self) -> Any:
        """What metrics get from `Images.known`, and baselines as an argument."""


class Accumulator(Protocol):
    """A metric of a whole set of photos, which no single photo has."""

    def add(self, shown: Images, truth: Images) -> None:
        """Take in a batch."""

    def value(self) -> float:
        """The metric of all batches; NaN where there were too few photos."""


@dataclass(frozen=True)
class Needs:
    """What a metric needs beyond two batches.

    `prepare(download)` provides what is not in the package, a network for instance, and may fetch
    it where `download` is true; it raises `Unavailable` with the reason where that fails. `of_set`
    are statistics of the whole set, by the name that `Images.known` has them under.
    """

    prepare: Callable[[bool], None] = lambda download: None
    of_set: Mapping[str, Callable[[], SetStatistic]] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A metric that is a function of means over photos, and so has bootstrap intervals.

    `rows` gives each photo a few numbers, (B, k), from the shown and the true images; a photo that
    the metric does not apply to gets NaN. `combine` makes the value, (...), from their means,
    (..., k); applied to one photo's own row it gives that photo's value.
    """

    facts: Facts
    needs: Needs
    rows: Rows
    combine: Callable[[Array], Array]


@dataclass(frozen=True)
class Statistic:
    """A metric of a whole set of photos; `start` begins a count."""

    facts: Facts
    needs: Needs
    start: Callable[[], Accumulator]


_METRICS: dict[str, Metric | Statistic] = {}


def metric(
    name: str,
    title: str,
    better: Better,
    source: str,
    unit: str = "",
    undefined: str = "undefined on these photos",
    combine: Callable[[Array], Array] = only,
    needs: Needs = Needs(),
) -> Callable[[C], C]:
    """Put a metric on the list; its definition is its docstring.

    It is a function of (shown, truth) images to rows (B, k), as in `Metric`, or a class that is an
    `Accumulator`. Raises ValueError for a name that is taken.
    """

    def register(computes: C) -> C:
        if name in _METRICS:
            raise ValueError(f"metric {name!r} is registered already")
        definition = " ".join((computes.__doc__ or "").split()).rstrip(".")
        facts = Facts(name, title, unit, better, definition, source, undefined)
        if isinstance(computes, type):
            _METRICS[name] = Statistic(facts, needs, computes)
        else:
            _METRICS[name] = Metric(facts, needs, computes, combine)
        return computes

    return register


def list_metrics() -> list[str]:
    """Names of all metrics, in the order of the tables.

    >>> list_metrics()[:3]
    ['mse', 'mse_to_grey', 'chroma_ratio']
    """
    return list(_METRICS)


def get_metric(name: str) -> Metric | Statistic:
    """The named metric; ValueError, listing the names there are, for another.

    >>> get_metric("psnr").facts.unit
    'dB'
    """
    if name not in _METRICS:
        raise ValueError(f"no metric {name!r}; there are: {', '.join(_METRICS)}")
    return _METRICS[name]


def measure(
    name: str, shown: Tensor, truth: Tensor, files: Sequence[Path] = (), **known: Any
) -> Array:
    """One metric's value for each photo, float64 (B,).

    `shown` and `truth` are RGB (B, 3, H, W) in [0, 1]; `files`, the photos', have the labels that
    recognition needs in their names; `known` is what the metric needs of a whole set. Raises
    ValueError for other input, an unknown name, and a metric that only a set of photos has;
    Unavailable for one that can't be had here.

    >>> measure("mse", torch.zeros(2, 3, 16, 16), torch.ones(2, 3, 16, 16)).round(6)
    array([0., 0.])
    """
    chosen = get_metric(name)
    if isinstance(chosen, Statistic):
        raise ValueError(f"{name} is of a set of photos, not of each one")
    chosen.needs.prepare(False)
    ours, true = Images(shown), Images(truth, files, known)
    check_pair(ours, true)
    with torch.inference_mode():
        return chosen.combine(chosen.rows(ours, true).double().cpu().numpy())


def check_pair(shown: Images, truth: Images) -> None:
    """ValueError unless both have one shape."""
    if shown.rgb.shape != truth.rgb.shape:
        ours, true = tuple(shown.rgb.shape), tuple(truth.rgb.shape)
        raise ValueError(f"the shown images are {ours}, the true ones {true}")
