"""Colour by analogy: A, a reference's luma, is to A', the reference, as the photo is to B'.

A. Hertzmann, C. Jacobs, N. Oliver, B. Curless and D. Salesin, "Image Analogies", SIGGRAPH 2001.
Each pixel of the photo takes the colour of one of the reference: of the most similar one, or, where
that is hardly worse, of the one that continues what its neighbours were copied from. Welsh's method
knows no neighbours; here copies cohere. (Levels, windows and the rule of coherence as the
specification tells them, partly from memory; the widths of the Gaussian weights are ours.)

Two ways to match. `match_in_order` is the paper's: coarse to fine, pixel after pixel, what is
already synthesised being part of the comparison. `match_at_once` is for colouring alone, where the
luma of B' is known to be that of B: one search for all pixels, then a pass for coherence, which
gives what scan order gives. It copies well where few colours cover large areas; portraits fail.

Luma is Y of YIQ, in [0, 1]. Matches are flat indices into the reference.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from skimage.color import rgb2yiq, yiq2rgb
from skimage.transform import resize

from colorlab.classic.guided import guided_upsample
from colorlab.classic.planes import Photo, check_photo, join, lightness_of, split
from colorlab.classic.welsh import _windows, match_luminance

Doubles = NDArray[np.float64]
Indices = NDArray[np.intp]
Match = Callable[[Doubles, Doubles, float], Indices]
"""Luma of the reference (H, W) and of the photo (h, w), and kappa, to matches (h, w)."""

MOST_PIXELS = 65_536
"""Photo and reference are compared at this size at most, and chroma carried up from there."""

_BEFORE = 12  # of the 25 pixels of a window, in scan order, are there before its middle
_OFFSETS = np.array([(i // 5 - 2, i % 5 - 2) for i in range(_BEFORE)])
_NOWHERE = -(1 << 30)


def colorize_by_analogy(
    photo: Photo, reference: Photo, kappa: float = 2.0, match: Match | None = None
) -> Photo:
    """Colour a uint8 (H, W, 3) photo by a reference in colour, of any size; it keeps its L*.

    `kappa`, 0 or more, is how much worse a match may be for the sake of coherence: at 2, three
    times the squared distance. `match` is `match_at_once` (the default) or `match_in_order`, which
    takes minutes. Raises ValueError for another shape or type, or a negative kappa.
    """
    check_photo(reference, "reference")
    lightness = lightness_of(photo)
    grey = join(lightness, np.zeros((*lightness.shape, 2), np.float32))[..., 0] / 255
    known = rgb2yiq(_shrink(reference / 255))
    luma = _shrink(grey)
    matches = (match or match_at_once)(match_luminance(known[..., 0], luma), luma, kappa)
    yiq = np.concatenate([luma[..., None], known[..., 1:].reshape(-1, 2)[matches]], axis=-1)
    ab = split(np.rint(yiq2rgb(yiq).clip(0, 1) * 255).astype(np.uint8))[1]
    if luma.shape != grey.shape:
        small = resize(lightness / 100, luma.shape, anti_aliasing=True)
        ab = guided_upsample(ab, small, lightness / 100)
    return join(lightness, ab)


def _shrink(values: Doubles) -> Doubles:
    """To MOST_PIXELS at most: (H, W) or (H, W, C)."""
    height, width = values.shape[:2]
    scale = np.sqrt(MOST_PIXELS / (height * width))
    if scale >= 1:
        return values
    sides = (max(1, int(height * scale)), max(1, int(width * scale)))
    small: Doubles = resize(values, (*sides, *values.shape[2:]), anti_aliasing=True)
    return small


def match_at_once(
    a: Doubles, b: Doubles, kappa: float, dimensions: int | None = 12, slack: float = 1.0
) -> Indices:
    """Matches (h, w) into the reference's luma `a` (H, W) for a photo's, `b` (h, w), any sizes.

    Windows are compared by their first `dimensions` principal components (None: all). As in the
    paper the search is approximate: what it finds is at most 1 + `slack` times as far as the
    nearest. (With 1 a third of the time, and 0.6 % more squared distance on a sample photo.)
    """
    _check(kappa)
    ours, theirs = _describe(b, b, _half(b), _half(b)), _describe(a, a, _half(a), _half(a))
    axes = _principal_axes(theirs, dimensions)
    theirs, ours = theirs @ axes, ours @ axes
    tree = cKDTree(theirs.reshape(-1, theirs.shape[-1]))
    distance, similar = tree.query(ours, eps=slack, workers=-1)
    return _cohere(theirs, ours, similar, distance**2, kappa)


def match_in_order(
    a: Doubles, b: Doubles, kappa: float, levels: int = 3, dimensions: int | None = 12
) -> Indices:
    """The same by the paper's order: `levels` of a Gaussian pyramid, and each from its top left.

    B' starts as B, so that is what windows see of it beyond the border, which they see mirrored.
    The search is exact among the components. A minute for 256 x 256 pixels.
    """
    _check(kappa)
    smallest = min(*a.shape, *b.shape)
    levels = max(1, min(levels, int(np.log2(smallest)) - 1))  # at least 4 pixels a side
    pyramid = [(a, b)]
    for _ in range(levels - 1):
        pyramid.append((_half(pyramid[-1][0]), _half(pyramid[-1][1])))
    matches: Indices = np.empty(0, np.intp)
    below: list[list[Doubles]] = [[], []]  # of A and A', of B and B', a level coarser
    for level, (source, target) in enumerate(reversed(pyramid)):
        theirs, ours = _describe(source, source, *below[0]), _describe(target, target, *below[1])
        worse = kappa * 2.0 ** (level + 1 - levels)
        matches = _scan(source, target, theirs, ours, worse, dimensions)
        below = [[source, source], [target, source.ravel()[matches]]]
    return matches


def _check(kappa: float) -> None:
    if not kappa >= 0:
        raise ValueError(f"kappa must be 0 or more, got {kappa:g}")


def _half(luma: Doubles) -> Doubles:
    smooth: Doubles = gaussian_filter(luma, 1.0, mode="mirror")[::2, ::2]
    return smooth


def _gaussian(side: int) -> Doubles:
    """Roots of the weights of a window's pixels, so that they count in squared distances."""
    away = np.arange(side) - side // 2
    weight = np.exp(-(away[:, None] ** 2 + away**2) / (2 * (side / 4) ** 2)).ravel()
    return np.sqrt(weight)


_WIDE, _NARROW = _gaussian(5), _gaussian(3)
_WIDE_BEFORE = _WIDE[:_BEFORE] / np.linalg.norm(_WIDE[:_BEFORE])
_WIDE, _NARROW = _WIDE / np.linalg.norm(_WIDE), _NARROW / np.linalg.norm(_NARROW)


def _describe(plain: Doubles, made: Doubles, *below: Doubles) -> Doubles:
    """Each pixel's windows, weighted: (H, W, 37), and with both of a coarser level (H, W, 55).

    5x5 of A or B and the 12 of A' or B' that come before; 3x3 of both at half the size.
    """
    parts = [_windows(plain, 5) * _WIDE, _windows(made, 5)[..., :_BEFORE] * _WIDE_BEFORE]
    rows, columns = (np.arange(side) // 2 for side in plain.shape)
    parts += [(_windows(coarse, 3) * _NARROW)[rows[:, None], columns] for coarse in below]
    return np.concatenate(parts, axis=-1)


def _principal_axes(features: Doubles, dimensions: int | None) -> Doubles:
    """The axes (D, dimensions) along which features (H, W, D) vary most."""
    size = features.shape[-1]
    if dimensions is None or dimensions >= size:
        return np.eye(size)
    axes: Doubles = np.linalg.eigh(np.cov(features.reshape(-1, size).T))[1][:, ::-1]
    return axes[:, :dimensions]


def _scan(
    source: Doubles,
    target: Doubles,
    theirs: Doubles,
    ours: Doubles,
    kappa: float,
    dimensions: int | None,
) -> Indices:
    """One level: matches (h, w) in scan order, with B' made on the way."""
    height, width = target.shape
    axes = _principal_axes(theirs, dimensions)
    flat = theirs.reshape(-1, theirs.shape[-1])
    tree = cKDTree(flat @ axes)
    made = np.pad(target, 2, mode="reflect")
    # Where each pixel was copied from, with a border that is from nowhere.
    rows, columns = np.full((2, height + 2, width + 4), _NOWHERE)
    for y in range(height):
        for x in range(width):
            feature = ours[y, x]
            feature[25 : 25 + _BEFORE] = made[y : y + 5, x : x + 5].ravel()[:_BEFORE] * _WIDE_BEFORE
            found = tree.query(feature @ axes)[1]
            down = rows[y : y + 3, x : x + 5].ravel()[:_BEFORE] - _OFFSETS[:, 0]
            right = columns[y : y + 3, x : x + 5].ravel()[:_BEFORE] - _OFFSETS[:, 1]
            inside = (down >= 0) & (down < source.shape[0])
            inside &= (right >= 0) & (right < source.shape[1])
            coherent = down[inside] * source.shape[1] + right[inside]
            if len(coherent):
                apart = ((flat[np.append(coherent, found)] - feature) ** 2).sum(1)
                best = apart[:-1].argmin()
                if apart[best] <= apart[-1] * (1 + kappa):
                    found = coherent[best]
            rows[y + 2, x + 2], columns[y + 2, x + 2] = divmod(found, source.shape[1])
            made[y + 2, x + 2] = source.flat[found]
    matches: Indices = (rows * source.shape[1] + columns)[2:, 2:-2]
    return matches


def _cohere(
    theirs: Doubles, ours: Doubles, similar: Indices, apart: Doubles, kappa: float
) -> Indices:
    """Prefer copies that continue their neighbours', as in scan order: matches (h, w).

    `apart` are the squared distances to the `similar` ones. A pixel needs those two rows up and two
    columns to the right, or before it; so all with one x + 3 y are decided together.
    """
    height, width = similar.shape
    tall, wide = theirs.shape[:2]
    flat = theirs.reshape(tall * wide, -1)
    rows, columns = np.full((2, height + 2, width + 4), _NOWHERE)
    flat_rows, flat_columns = rows.ravel(), columns.ravel()
    steps = _OFFSETS[:, 0] * (width + 4) + _OFFSETS[:, 1]
    for front in range(width + 3 * (height - 1)):
        y = np.arange(max(0, -((width - 1 - front) // 3)), min(height - 1, front // 3) + 1)
        x = front - 3 * y
        here = (y + 2) * (width + 4) + x + 2
        around = here[:, None] + steps
        down = flat_rows[around] - _OFFSETS[:, 0]
        right = flat_columns[around] - _OFFSETS[:, 1]
        inside = (down >= 0) & (down < tall) & (right >= 0) & (right < wide)
        coherent = np.where(inside, down * wide + right, 0)
        off = flat[coherent] - ours[y, x][:, None]
        squares = np.where(inside, np.einsum("npd,npd->np", off, off), np.inf)
        best = squares.argmin(1)
        each = np.arange(len(y))
        take = squares[each, best] <= apart[y, x] * (1 + kappa)
        found = np.where(take, coherent[each, best], similar[y, x])
        flat_rows[here], flat_columns[here] = np.divmod(found, wide)
    matches: Indices = (rows * wide + columns)[2:, 2:-2]
    return matches
