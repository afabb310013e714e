"""Colour by strokes: each pixel mixes the strokes' colours by how flat the way to them is.

L. Yatziv and G. Sapiro, "Fast Image and Video Colorization Using Chrominance Blending", IEEE
Transactions on Image Processing 15(5), 2006. The distance to a colour is the least total variation
of luma on a path to a stroke of it; weights are its power -b.
Luma here is L*/100, in [0, 1].
"""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from colorlab.classic.levin import Doubles, Marks, by_small_solution
from colorlab.classic.planes import Photo

_STEP = 1e-9  # an edge of no length is no edge to a sparse matrix
_HERE = 1e-12  # a stroke's own weight is finite, and beats all others


def luma_graph(luma: NDArray[np.floating]) -> sparse.csr_matrix:
    """The pixels as a graph: each of eight neighbours is as far as its luma differs, plus 1e-9."""
    height, width = luma.shape
    luma = np.asarray(luma, np.float64)
    index = np.arange(luma.size, dtype=np.int32).reshape(height, width)
    rows, columns, lengths = [], [], []
    for y, x in ((0, 1), (1, -1), (1, 0), (1, 1)):
        here = np.s_[: height - y, max(0, -x) : width - max(0, x)]
        there = np.s_[y:, max(0, x) : width + min(0, x)]
        rows.append(index[here].ravel())
        columns.append(index[there].ravel())
        lengths.append(np.abs(luma[here] - luma[there]).ravel() + _STEP)
    parts = (np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(parts, shape=(luma.size,) * 2)


def distances(
    luma: NDArray[np.floating], seeds: Marks, graph: sparse.csr_matrix | None = None
) -> Doubles:
    """Least total variation of luma (H, W) on a path from each pixel to a seed (H, W): (H, W)."""
    graph = luma_graph(luma) if graph is None else graph
    found: Doubles = dijkstra(
        graph, directed=False, indices=np.flatnonzero(seeds.ravel()), min_only=True
    )
    return found.reshape(luma.shape)


def blend_strokes(
    luma: NDArray[np.floating],
    marked: Marks,
    values: NDArray[np.floating],
    power: float = 4.0,
) -> Doubles:
    """Spread the marked ones of values (H, W, C): each distinct colour weighs distance**-power.

    The paper's `power` is 1 to 6. Far from all strokes their colours mix evenly; strokes keep
    theirs. Raises ValueError where nothing is marked or for another power.
    """
    if not marked.any():
        raise ValueError("nothing is marked: strokes are needed to colour by strokes")
    if not 1 <= power <= 6:
        raise ValueError(f"power must lie in [1, 6], got {power:g}")
    colours, which = np.unique(np.asarray(values, np.float64)[marked], axis=0, return_inverse=True)
    graph = luma_graph(luma)
    seeds = np.full(marked.shape, -1)
    seeds[marked] = which.reshape(-1)
    far = np.stack([distances(luma, seeds == k, graph) for k in range(len(colours))])
    # Only ratios of distances count: the nearest is 1, so that no power overflows.
    nearest = np.maximum(far.min(0), _HERE)
    weights = (nearest / np.maximum(far, _HERE)) ** power
    weights /= weights.sum(0)
    blended: Doubles = np.tensordot(weights, colours, axes=(0, 0))
    blended[marked] = np.asarray(values, np.float64)[marked]
    return blended


def colorize_by_blending(
    photo: Photo, marked: Marks, ab: NDArray[np.floating], power: float = 4.0
) -> Photo:
    """Colour a uint8 (H, W, 3) photo from the a*, b* (H, W, 2) of its marked pixels (H, W).

    Each distinct colour costs a search of the photo, so strokes should share theirs. A large photo
    is solved at a megapixel. Raises ValueError where nothing is marked.
    """
    return by_small_solution(photo, marked, ab, partial(blend_strokes, power=power))
