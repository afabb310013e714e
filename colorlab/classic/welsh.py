"""Colour by example for a grey photo: each pixel takes the colour of a similar one of a reference.

T. Welsh, M. Ashikhmin and K. Mueller, "Transferring Color to Greyscale Images", SIGGRAPH 2002.
Similar means: of similar luminance and of similar deviation of it in a 5x5 window. About 200 of the
reference's pixels are compared, drawn from a jittered grid. Colours are Reinhard's lαβ.

There is no spatial term, so the colours are noisy; `classic.guided` smooths them along edges. And a
reference of another subject gives nonsense.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree

from colorlab.classic.planes import Photo, join, lightness_of, split
from colorlab.classic.reinhard import _bytes, _linear, lalphabeta_to_rgb, rgb_to_lalphabeta

Doubles = NDArray[np.float64]
Box = tuple[int, int, int, int]
"""Top, left, bottom and right of a part of a photo, in pixels."""


def match_luminance(source: Doubles, target: Doubles) -> Doubles:
    """The source's luminance, any shape, with the target's mean and standard deviation.

    A source of one luminance takes the target's mean.
    """
    spread = source.std()
    factor = target.std() / spread if spread > 1e-9 else 0.0
    return (source - source.mean()) * factor + target.mean()


def _features(luminance: Doubles, window: int) -> Doubles:
    """Half luminance, half its standard deviation in a window: (H, W) to (H, W, 2)."""
    mean = uniform_filter(luminance, window)
    variance = np.maximum(uniform_filter(luminance**2, window) - mean**2, 0)
    return np.stack([0.5 * luminance, 0.5 * np.sqrt(variance)], axis=-1)


def jittered_grid(
    height: int, width: int, cells: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """One random pixel in each of about cells x cells equal parts: (N,) flat indices."""
    rows = np.unique(np.linspace(0, height, min(cells, height) + 1).astype(int))
    columns = np.unique(np.linspace(0, width, min(cells, width) + 1).astype(int))
    y = rng.integers(rows[:-1, None], rows[1:, None], (len(rows) - 1, len(columns) - 1))
    x = rng.integers(columns[None, :-1], columns[None, 1:], y.shape)
    return (y * width + x).ravel()


@dataclass(frozen=True)
class _Palette:
    """Samples to choose from: what they are compared by (N, 2), and their α and β (N, 2)."""

    features: Doubles
    colours: Doubles

    def choose(self, features: Doubles) -> Doubles:
        """The nearest sample's colours for features (..., 2)."""
        found = cKDTree(self.features).query(features.reshape(-1, 2), workers=-1)[1]
        return self.colours[found].reshape(features.shape)


def _palette(
    reference: Doubles, target: Doubles, cells: int | None, window: int, rng: np.random.Generator
) -> _Palette:
    """Samples of a reference in lαβ (H, W, 3), its luminance matched to the target's (h, w)."""
    height, width, _ = reference.shape
    features = _features(match_luminance(reference[..., 0], target), window).reshape(-1, 2)
    colours = reference[..., 1:].reshape(-1, 2)
    if cells is None:
        return _Palette(features, colours)
    chosen = jittered_grid(height, width, cells, rng)
    return _Palette(features[chosen], colours[chosen])


def colorize_by_example(
    photo: Photo,
    reference: Photo,
    cells: int | None = 16,
    window: int = 5,
    seed: int = 0,
) -> Photo:
    """Colour a uint8 (H, W, 3) photo by a reference in colour, of any size.

    The reference is sampled once in each of `cells` x `cells` parts (None: every pixel). The photo
    keeps its L*. Raises ValueError for another shape or type.
    """
    grey = _luminance(photo)
    known = rgb_to_lalphabeta(_linear(reference, "reference"))
    palette = _palette(known, grey, cells, window, np.random.default_rng(seed))
    return _with_colours(photo, grey, palette.choose(_features(grey, window)))


def colorize_by_swatches(
    photo: Photo,
    reference: Photo,
    pairs: list[tuple[Box, Box]],
    cells: int = 7,
    window: int = 5,
    seed: int = 0,
) -> Photo:
    """Colour a photo by pairs of swatches, (part of the photo, part of the reference) each.

    Inside its swatch a part is coloured by its partner alone, about 50 samples. All other pixels
    take the colours of the photo's own coloured swatches, by the L2 distance of the luminance in
    their windows. Raises ValueError for no pair, a swatch outside its photo, or as above.
    """
    if not pairs:
        raise ValueError("swatches come in pairs, and at least one pair is needed")
    grey = _luminance(photo)
    known = rgb_to_lalphabeta(_linear(reference, "reference"))
    rng = np.random.default_rng(seed)
    features, windows = _features(grey, window), _windows(grey, window)
    texture, colours, inside = [], [], np.zeros(grey.shape, bool)
    chosen = np.zeros((*grey.shape, 2))
    for ours, theirs in pairs:
        mine = _part(ours, grey.shape, "photo")
        source = known[_part(theirs, known.shape[:2], "reference")]
        palette = _palette(source, grey[mine], cells, window, rng)
        chosen[mine] = palette.choose(features[mine])
        inside[mine] = True
        texture.append(windows[mine].reshape(-1, window * window))
        colours.append(chosen[mine].reshape(-1, 2))
    tree = cKDTree(np.concatenate(texture))
    found = tree.query(windows[~inside], workers=-1)[1]
    chosen[~inside] = np.concatenate(colours)[found]
    return _with_colours(photo, grey, chosen)


def _part(box: Box, shape: tuple[int, ...], name: str) -> tuple[slice, slice]:
    top, left, bottom, right = box
    if not (0 <= top < bottom <= shape[0] and 0 <= left < right <= shape[1]):
        raise ValueError(f"swatch {box} does not lie in the {name} of {shape[0]}x{shape[1]}")
    return slice(top, bottom), slice(left, right)


def _windows(luminance: Doubles, window: int) -> Doubles:
    """The luminance around each pixel: (H, W) to (H, W, window**2)."""
    padded = np.pad(luminance, window // 2, mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(padded, (window, window))
    return views.reshape(*luminance.shape, -1)


def _luminance(photo: Photo) -> Doubles:
    """l of lαβ of the photo's grey picture: (H, W)."""
    lightness = lightness_of(photo)
    grey = join(lightness, np.zeros((*lightness.shape, 2), np.float32))
    return rgb_to_lalphabeta(_linear(grey, "photo"))[..., 0]


def _with_colours(photo: Photo, grey: Doubles, colours: Doubles) -> Photo:
    lalphabeta = np.concatenate([grey[..., None], colours], axis=-1)
    coloured = _bytes(lalphabeta_to_rgb(lalphabeta))
    return join(lightness_of(photo), split(coloured)[1])
