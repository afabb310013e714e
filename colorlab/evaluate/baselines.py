"""What every model is compared with: answers that look at no photo, and the truth.

A new baseline is a function under `@baseline("name")` that makes a `Candidate`; it is called once a
comparison. What it is fitted on beforehand it loads, what it needs of the photos measured it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from colorlab.classic.lookup import load_lookup
from colorlab.color import LAB
from colorlab.evaluate.metrics import Images, SetStatistic
from colorlab.models import WEIGHTS
from colorlab.prior.prior import default_prior

Candidate = Callable[[Tensor, Sequence[Path]], Tensor]
"""True RGB (B, 3, H, W) in [0, 1] and the photos' files to the RGB that is shown instead."""

Maker = Callable[..., Candidate]

TRUTH = "truth"
"""The name of the photos themselves, which are always the last baseline."""

_BASELINES: dict[str, tuple[Maker, Mapping[str, Callable[[], SetStatistic]]]] = {}


def baseline(name: str, **needs: Callable[[], SetStatistic]) -> Callable[[Maker], Maker]:
    """Put a function that makes a candidate on the list; `needs` become its arguments.

    Raises ValueError for a name that is taken.
    """

    def register(make: Maker) -> Maker:
        if name in list_baselines():
            raise ValueError(f"baseline {name!r} is registered already")
        _BASELINES[name] = make, needs
        return make

    return register


def list_baselines() -> list[str]:
    """Names of all baselines, in the order of the tables.

    >>> list_baselines()
    ['grey', 'mean colour', 'commonest colour', 'look-up', 'truth']
    """
    return [*_BASELINES, TRUTH]


def baseline_needs() -> dict[str, Callable[[], SetStatistic]]:
    """The statistics of the whole set that baselines need, by name."""
    return {key: start for _, needs in _BASELINES.values() for key, start in needs.items()}


def make_baselines(known: Mapping[str, Any]) -> dict[str, Candidate]:
    """All baselines; `known` has the values of `baseline_needs`."""
    made = {
        name: make(**{key: known[key] for key in needs})
        for name, (make, needs) in _BASELINES.items()
    }
    return made | {TRUTH: true_colors}


def true_colors(truth: Tensor, files: Sequence[Path]) -> Tensor:
    """The photo as it is: the best that any metric can give."""
    return truth


@cache
def constant(a: float, b: float) -> Candidate:
    """One chroma everywhere, (a*, b*), on the photo's own L*; cut to the sRGB gamut.

    Equal arguments give the same object, so that equal baselines are computed once.

    >>> constant(0.0, 0.0)(torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1), []).flatten()
    tensor([0.4985, 0.4985, 0.4985])
    """

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        luma = LAB.luma(truth)
        chroma = truth.new_tensor((a, b)).view(2, 1, 1) / LAB.chroma_scale[0]
        return LAB.merge(luma, chroma.expand(len(luma), 2, *luma.shape[2:]))

    return show


class MeanChroma:
    """The mean (a*, b*) of a set of photos of one size."""

    def __init__(self) -> None:
        self._sums, self._photos = torch.zeros(2, dtype=torch.float64), 0

    def add(self, truth: Images) -> None:
        self._sums += truth.lab[:, 1:].mean(dim=(2, 3), dtype=torch.float64).sum(0).cpu()
        self._photos += len(truth.rgb)

    def value(self) -> tuple[float, float]:
        a, b = (self._sums / self._photos).tolist()
        return a, b


@baseline("grey")
def grey() -> Candidate:
    """No colour anywhere."""
    return constant(0.0, 0.0)


@baseline("mean colour", mean_chroma=MeanChroma)
def mean_color(mean_chroma: tuple[float, float]) -> Candidate:
    """The mean colour of the photos measured: of one colour everywhere, that of the least MSE."""
    return constant(*mean_chroma)


@baseline("commonest colour")
def commonest_color() -> Candidate:
    """The most common colour of `default_prior`, one unit of a* and b* fine."""
    counts = default_prior().counts
    a, b = np.unravel_index(counts.argmax(), counts.shape)
    return constant(float(a) - 128, float(b) - 128)


@baseline("look-up")
def look_up() -> Candidate:
    """For each L* the mean colour that training photos have there: all that lightness can tell.

    The table is of every fourth training photo, 6,893 scenes and everyday photos
    (`colorlab.classic.lookup`).
    """
    table = load_lookup(WEIGHTS / "lookup.npy")

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        luma = LAB.luma(truth)
        ab = table.chroma(100 * luma[:, 0].cpu().numpy())
        chroma = torch.from_numpy(ab).movedim(-1, 1) / LAB.chroma_scale[0]
        return LAB.merge(luma, chroma.to(luma))

    return show
