"""Colour by strokes: neighbours of similar luma get similar colours.

A. Levin, D. Lischinski and Y. Weiss, "Colorization using Optimization", SIGGRAPH 2004. A pixel's
chroma is the weighted mean of its eight neighbours', where no stroke says otherwise. Weights are as
the authors' program is known to compute them (recalled by the specification, not re-read): each
window's variance is their scale, so they see edges and hardly contrasts.

Two systems: the authors' rows, not symmetric, solved directly; and a symmetric variant, solved by
conjugate gradients with an algebraic multigrid (pyamg), which is several times as fast.
Luma here is L*/100, in [0, 1], and chroma any number of channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, cg, splu

from colorlab.classic.guided import guided_upsample
from colorlab.classic.planes import Photo, join, lightness_of

Doubles = NDArray[np.float64]
Marks = NDArray[np.bool_]

MOST_PIXELS = 1_000_000
"""Of a larger photo, a smaller one is solved and its chroma carried up."""

_NEIGHBOURS = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x]
_LEAST_WEIGHT = 1e-4  # the multigrid needs a floor
_LEAST_SCALE = 2e-6


def _shifted(values: Doubles, fill: float) -> Doubles:
    """Each pixel's eight neighbours, (8, H, W); `fill` beyond the border."""
    height, width = values.shape
    padded = np.pad(values, 1, constant_values=fill)
    return np.stack([padded[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in _NEIGHBOURS])


def _scales(luma: Doubles, neighbours: Doubles) -> tuple[Doubles, Doubles]:
    """Squared differences to the neighbours, inf beyond the border, and each pixel's scale."""
    there = np.isfinite(neighbours)
    window = np.concatenate([neighbours, luma[None]])
    inside = np.isfinite(window)
    count = inside.sum(0)
    mean = np.where(inside, window, 0).sum(0) / count
    variance = np.where(inside, (window - mean) ** 2, 0).sum(0) / count
    squares = np.where(there, (neighbours - luma) ** 2, np.inf)
    # At least 1 % of weight for the most similar neighbour.
    scale = np.maximum(0.6 * variance, -squares.min(0) / np.log(0.01))
    return squares, np.maximum(scale, _LEAST_SCALE)


def affinities(luma: NDArray[np.floating]) -> Doubles:
    """The weights of the eight neighbours, rows of the authors' matrix: (H, W) to (8, H, W).

    They sum to 1 over a pixel's neighbours; beyond the border they are 0.
    """
    exact = np.asarray(luma, np.float64)
    squares, scale = _scales(exact, _shifted(exact, np.inf))
    weights: Doubles = np.exp(-squares / scale)
    return weights / weights.sum(0)


def _symmetric(luma: Doubles) -> Doubles:
    squares, scale = _scales(luma, _shifted(luma, np.inf))
    both = (scale + _shifted(scale, 1.0)) / 2
    return np.where(np.isfinite(squares), np.maximum(np.exp(-squares / both), _LEAST_WEIGHT), 0)


def _matrix(weights: Doubles) -> sparse.csr_matrix:
    """Weights of neighbours (8, H, W) as a matrix of pixels by pixels."""
    _, height, width = weights.shape
    index = np.arange(height * width, dtype=np.int32).reshape(height, width)
    rows, columns, values = [], [], []
    for (y, x), weight in zip(_NEIGHBOURS, weights, strict=True):
        here = np.s_[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
        there = np.s_[max(0, y) : height + min(0, y), max(0, x) : width + min(0, x)]
        rows.append(index[here].ravel())
        columns.append(index[there].ravel())
        values.append(weight[here].ravel())
    parts = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(parts, shape=(height * width,) * 2)


@dataclass
class Strokes:
    """Where colours are known, solved for once: new colours for the same strokes are cheap.

    `luma` (H, W) in [0, 1], `marked` (H, W). With `exact` the authors' rows, else the symmetric
    variant. Raises ValueError where nothing is marked or the shapes differ.
    """

    luma: NDArray[np.floating]
    marked: Marks
    exact: bool = False
    tolerance: float = 1e-4
    iterations: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.luma.shape != self.marked.shape or self.luma.ndim != 2:
            raise ValueError(
                f"luma and marks must have one shape (H, W), got {self.luma.shape} and "
                f"{self.marked.shape}"
            )
        if not self.marked.any():
            raise ValueError("nothing is marked: strokes are needed to colour by strokes")
        luma = np.asarray(self.luma, np.float64)
        if self.exact:
            weights = _matrix(affinities(luma))
            system = sparse.eye_array(luma.size, format="csr") - weights
        else:
            weights = _matrix(_symmetric(luma))
            system = sparse.diags_array(np.asarray(weights.sum(1)).ravel()).tocsr() - weights
        known = self.marked.ravel()
        self._free = np.flatnonzero(~known)
        self._known = np.flatnonzero(known)
        rows = system[self._free]
        self._coupling = rows[:, self._known]
        self._system = sparse.csr_matrix(rows[:, self._free])
        self._solver: Any = None

    def solve(self, values: NDArray[np.floating], start: Doubles | None = None) -> Doubles:
        """Spread values (H, W, C), of which the marked ones count, to all pixels.

        `start`, an earlier answer (H, W, C), shortens the way of the symmetric variant to a similar
        one. Values under strokes stay as they are.
        """
        flat = np.asarray(values, np.float64).reshape(self.marked.size, -1)
        answer = flat.copy() if start is None else start.reshape(flat.shape).copy()
        answer[self._known] = flat[self._known]
        if len(self._free):
            right = -(self._coupling @ flat[self._known])
            self._prepare()
            if self.exact:
                answer[self._free] = self._solver.solve(right)
            else:
                guess = None if start is None else answer[self._free]
                answer[self._free] = self._by_multigrid(right, guess)
        return answer.reshape(values.shape)

    def _prepare(self) -> None:
        if self._solver is not None:
            return
        if self.exact:
            self._solver = splu(sparse.csc_matrix(self._system))
        else:
            import pyamg

            hierarchy = pyamg.ruge_stuben_solver(self._system, max_coarse=500)
            self._solver = hierarchy.aspreconditioner(cycle="V")

    def _by_multigrid(self, right: Doubles, guess: Doubles | None) -> Doubles:
        solved = np.empty_like(right)
        self.iterations = 0
        for channel in range(right.shape[1]):
            solved[:, channel], _ = cg(
                self._system,
                right[:, channel],
                x0=None if guess is None else guess[:, channel],
                rtol=self.tolerance,
                maxiter=200,
                M=LinearOperator(self._system.shape, self._solver.matvec, dtype=np.float64),
                callback=self._count,
            )
        return solved

    def _count(self, _: Doubles) -> None:
        self.iterations += 1


def spread_strokes(
    luma: NDArray[np.floating],
    marked: Marks,
    values: NDArray[np.floating],
    exact: bool = False,
    start: Doubles | None = None,
) -> Doubles:
    """Spread the marked ones of values (H, W, C) along luma (H, W), in [0, 1]; see `Strokes`."""
    return Strokes(luma, marked, exact).solve(values, start)


def colorize_by_strokes(
    photo: Photo, marked: Marks, ab: NDArray[np.floating], exact: bool = False
) -> Photo:
    """Colour a uint8 (H, W, 3) photo from the a*, b* (H, W, 2) of its marked pixels (H, W).

    A photo of over a megapixel is solved at that size, its chroma carried up along the edges of the
    photo's L*. Raises ValueError where nothing is marked.
    """
    return by_small_solution(photo, marked, ab, partial(spread_strokes, exact=exact))


def by_small_solution(
    photo: Photo,
    marked: Marks,
    ab: NDArray[np.floating],
    spread: Callable[[NDArray[Any], Marks, NDArray[Any]], Doubles],
) -> Photo:
    """Colour a photo by a way to spread (luma, marked, ab), at a megapixel at most."""
    if not marked.any():
        raise ValueError("nothing is marked: strokes are needed to colour by strokes")
    lightness = lightness_of(photo)
    luma = lightness / 100
    step = int(np.ceil(np.sqrt(luma.size / MOST_PIXELS)))
    if step == 1:
        return join(lightness, spread(luma, marked, ab))
    small_luma, small_marked, small_ab = _shrink(luma, marked, ab, step)
    small = spread(small_luma, small_marked, small_ab)
    return join(lightness, guided_upsample(small, small_luma, luma))


def _shrink(
    luma: NDArray[np.floating], marked: Marks, ab: NDArray[np.floating], step: int
) -> tuple[NDArray[np.float32], Marks, NDArray[np.float32]]:
    """Means of squares of `step` pixels, of the marked ones for chroma; rests of the edges too."""
    starts = [np.arange(0, side, step) for side in luma.shape]

    def total(values: NDArray[Any]) -> NDArray[Any]:
        rows = np.add.reduceat(values.astype(np.float64), starts[0], axis=0)
        sums: NDArray[Any] = np.add.reduceat(rows, starts[1], axis=1)
        return sums

    count = total(np.ones(luma.shape))
    told = total(marked)
    means = total(np.where(marked[..., None], ab, 0)) / np.maximum(told, 1)[..., None]
    return (total(luma) / count).astype(np.float32), told > 0, means.astype(np.float32)
