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

from colorlab.classic.levin import Doubles, Marks, by_small_solution, ends, neighbour_matrix
from colorlab.classic.planes import Photo, join, lightness_of

_STEP = 1e-9  # an edge of no length is no edge to a sparse matrix
_STEPS: dict[int, list[tuple[int, ...]]] = {
    2: [(-1, -1), (-1, 0), (-1, 1), (0, -1)],
    3: [(-1, 0, 0), (0, -1, -1), (0, -1, 0), (0, -1, 1), (0, 0, -1)],
}
"""Half of the neighbours, in scan order; the others are opposite to them."""
_HERE = 1e-12  # a stroke's own weight is finite, and beats all others


def luma_graph(luma: NDArray[np.floating]) -> sparse.csr_matrix:
    """Pixels (H, W), or frames of them (T, H, W), as a graph, each edge in both directions.

    Each of eight neighbours is as far as its luma differs, plus 1e-9; and so is the same pixel in
    the frames before and after. An edge is left out where a neighbour of both its ends has a luma
    between theirs: by way of it they are as near, by total variation. On photos half of all edges
    are, which makes a search a third faster. Raises ValueError for another shape.
    """
    if luma.ndim not in _STEPS:
        raise ValueError(f"luma must have shape (H, W) or (T, H, W), got {luma.shape}")
    luma = np.asarray(luma, np.float64)
    half = _STEPS[luma.ndim]
    steps = [*half, *(tuple(-by for by in step) for step in reversed(half))]
    rises = np.zeros((len(steps), *luma.shape))  # 0 beyond the border
    lengths = np.zeros_like(rises)
    places = [ends(luma.shape, step) for step in half]
    for number, (here, there) in enumerate(places):
        rises[number][here] = luma[there] - luma[here]
        rises[-1 - number][there] = -rises[number][here]
    for number, (here, there) in enumerate(places):
        rise = rises[number]
        length = np.abs(rise) + _STEP
        for step, by_way in zip(steps, rises, strict=True):
            if tuple(np.subtract(step, half[number])) in steps:
                length[by_way * (rise - by_way) > 0] = 0
        lengths[number][here] = lengths[-1 - number][there] = length[here]
    # A search of both directions is a fifth faster than one of an undirected graph.
    return neighbour_matrix(lengths, steps)


def distances(
    luma: NDArray[np.floating], seeds: Marks, graph: sparse.csr_matrix | None = None
) -> Doubles:
    """Least total variation of luma on a path from each pixel to a seed; all (H, W) or (T, H, W).

    Through frames a path stays where it is in the picture, so what moves must overlap itself.
    """
    graph = luma_graph(luma) if graph is None else graph
    found: Doubles = dijkstra(graph, indices=np.flatnonzero(seeds.ravel()), min_only=True)
    return found.reshape(luma.shape)


def blend_strokes(
    luma: NDArray[np.floating],
    marked: Marks,
    values: NDArray[np.floating],
    power: float = 4.0,
) -> Doubles:
    """Spread the marked ones of values (H, W, C): each distinct colour weighs distance**-power.

    Or of (T, H, W, C), with luma and marks (T, H, W): strokes spread through the frames of a film.
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
    total, sums = np.zeros(marked.shape), np.zeros((colours.shape[1], *marked.shape))
    for number, colour in enumerate(colours):
        weights = np.maximum(distances(luma, seeds == number, graph), _HERE) ** -power
        total += weights
        sums += np.multiply.outer(colour, weights)
    blended: Doubles = np.moveaxis(sums / total, 0, -1).copy()
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


def colorize_frames_by_blending(
    frames: NDArray[np.uint8], marked: Marks, ab: NDArray[np.floating], power: float = 4.0
) -> NDArray[np.uint8]:
    """Colour uint8 frames (T, H, W, 3) from the a*, b* (T, H, W, 2) of marked pixels (T, H, W).

    Strokes in a few of the frames are enough. All are solved at once and at their size: a second
    a colour and two megapixels. Raises ValueError where nothing is marked.
    """
    lightness = np.stack([lightness_of(frame) for frame in frames])
    chroma = blend_strokes(lightness / 100, marked, ab, power)
    return np.stack([join(*frame) for frame in zip(lightness, chroma, strict=True)])
