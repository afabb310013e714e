"""Strokes: where a person says which colour a place has.

Levin's and Yatziv and Sapiro's methods spread them, and a network can take them as hints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorlab.classic._photo import Photo, split


@dataclass(frozen=True)
class Stroke:
    """A colour and the pixels that have it: `mask` is bool (H, W), `ab` is CIE a*, b*.

    The lightness stays the photo's. (0, 0) is a grey stroke: "no colour here".
    """

    mask: NDArray[np.bool_]
    ab: tuple[float, float]


@dataclass(frozen=True)
class Marks:
    """What all strokes say together.

    `marked` is bool (H, W), and `chroma` float64 (H, W, 2) in a*, b*, zero where nothing is marked.
    `owner` is int32 (H, W): the number of the stroke that a pixel belongs to, -1 for none.
    """

    marked: NDArray[np.bool_]
    chroma: NDArray[np.float64]
    owner: NDArray[np.int32]


def marks(strokes: Sequence[Stroke], shape: tuple[int, int]) -> Marks:
    """Put strokes on one canvas of `shape` (H, W); where two overlap, the later one wins.

    Raises ValueError for a mask of another shape, or when no pixel is marked.
    """
    owner = np.full(shape, -1, np.int32)
    for number, stroke in enumerate(strokes):
        if stroke.mask.shape != shape:
            raise ValueError(f"a stroke's mask must have shape {shape}, got {stroke.mask.shape}")
        owner[stroke.mask] = number
    if not (owner >= 0).any():
        raise ValueError("there must be at least one marked pixel")
    colours = np.array([stroke.ab for stroke in strokes] + [(0.0, 0.0)])  # -1 takes the last
    return Marks(owner >= 0, colours[owner], owner)


def brush(
    shape: tuple[int, int], points: Sequence[tuple[float, float]], radius: float
) -> NDArray[np.bool_]:
    """The pixels within `radius` of a line through `points` (x, y), in pixels: bool `shape` (H, W).

    One point makes a disc. Raises ValueError without a point.
    """
    if not points:
        raise ValueError("a brush needs at least one point")
    y, x = np.mgrid[: shape[0], : shape[1]]
    mask = np.zeros(shape, np.bool_)
    ends = list(points[1:]) or [points[0]]
    for (x0, y0), (x1, y1) in zip(points, ends, strict=False):
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / (length or 1.0)
        along = np.clip(along, 0, 1)
        off = (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2
        mask |= off <= radius**2
    return mask


def true_strokes(
    photo: Photo, count: int, size: tuple[int, int] = (3, 40), seed: int = 0
) -> list[Stroke]:
    """Strokes as somebody would draw them who knows the photo: for measuring.

    `count` rectangles of `size` (height, width) at random places of a uint8 (H, W, 3) photo, one
    stroke a pixel column each, so that every pixel has nearly its true colour. The same seed gives
    the same strokes.
    """
    ab = split(photo)[1].astype(np.float64)
    height, width = ab.shape[:2]
    random = np.random.default_rng(seed)
    strokes = []
    for _ in range(count):
        top = int(random.integers(0, max(1, height - size[0])))
        left = int(random.integers(0, max(1, width - size[1])))
        rows = slice(top, top + size[0])
        for column in range(left, min(left + size[1], width)):
            mask = np.zeros((height, width), np.bool_)
            mask[rows, column] = True
            mean = ab[rows, column].mean(0)
            strokes.append(Stroke(mask, (float(mean[0]), float(mean[1]))))
    return strokes
