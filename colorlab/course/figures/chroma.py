"""Pictures of the (a*, b*) plane: how common a chroma is, and how much it weighs.

Tables are (256, 256), a* first, one L*a*b* unit a bin, bin 128 being 0 (`colorlab.prior.prior`).
Pictures have a* to the right and b* upwards, and cover what sRGB can show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle
from typing import Any

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray
from scipy import ndimage

from colorlab.color import rgb_to_lab
from colorlab.course.figures.base import BLUE, INK, ORANGE, new_figure, style
from colorlab.course.figures.charts import LINES, draw_groups
from colorlab.prior.bins import chroma_bins
from colorlab.prior.prior import ColorPrior

LOW, HIGH = -112, 112
"""The part of either axis that is drawn, in L*a*b* units; sRGB reaches from -108 to +98."""

WEIGHT_OCTAVES = 4
"""Weights are drawn on a log2 scale from 2**-4 to 2**4, with 1 in the middle."""

HUES = (
    *(("red", 95, 62), ("orange", 52, 86), ("yellow", -6, 102), ("green", -98, 64)),
    *(("cyan", -70, -22), ("blue", 4, -82), ("purple", 98, -98), ("pink", 101, -6)),
)
"""Where the name of a hue stands, (name, a*, b*), just outside what sRGB can show."""

_WEIGHT_MAP = mpl.colormaps["PuOr_r"]
_DENSITY_MAP = mpl.colormaps["viridis"]
_CROP = slice(LOW + 128, HIGH + 128)


@dataclass(frozen=True)
class Gamut:
    """What sRGB can show of the (a*, b*) plane, whatever the lightness.

    `mask` is bool (256, 256); `hint` is uint8 RGB (256, 256, 3), the mean colour of each bin, pale.
    """

    mask: NDArray[np.bool_]
    hint: NDArray[np.uint8]


@lru_cache(maxsize=1)
def gamut() -> Gamut:
    """The bins that 8-bit sRGB colours fall in.

    The outline is made by the faces of the RGB cube, all of whose colours are taken; of the inside
    every fifth level does, and the holes between are filled.
    """
    levels = torch.arange(256.0)
    one, two = (side.flatten() for side in torch.meshgrid(levels, levels, indexing="ij"))
    faces = [
        torch.stack([one, two, torch.full_like(one, end)]).roll(turn, 0)
        for end in (0.0, 255.0)
        for turn in range(3)
    ]
    coarse = torch.arange(0.0, 256.0, 5.0)
    inside = torch.stack([c.flatten() for c in torch.meshgrid([coarse] * 3, indexing="ij")])
    rgb = torch.cat([*faces, inside], dim=1).div(255)[:, None]  # (3, 1, N)
    a, b = chroma_bins(rgb_to_lab(rgb)[1:] / 128).flatten(1).unbind(0)
    index = (256 * a + b).numpy()

    count = np.bincount(index, minlength=1 << 16).reshape(256, 256)
    sums = [np.bincount(index, channel, 1 << 16) for channel in rgb.flatten(1).double().numpy()]
    mask = ndimage.binary_fill_holes(count > 0)
    mean = np.stack(sums, -1).reshape(256, 256, 3) / np.maximum(count, 1)[..., None]
    # A bin that no sampled colour fell in looks like its nearest neighbour.
    near = ndimage.distance_transform_edt(count == 0, return_distances=False, return_indices=True)
    hint = np.where(mask[..., None], 0.72 + 0.28 * mean[near[0], near[1]], 1.0)
    return Gamut(mask, np.round(255 * hint).astype(np.uint8))


def as_picture(table: NDArray[Any]) -> NDArray[Any]:
    """A table's drawn part, (256, 256, ...) to (224, 224, ...): b* up, a* to the right."""
    return np.ascontiguousarray(table[_CROP, _CROP].swapaxes(0, 1)[::-1])


def weight_colors(weights: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Weights to uint8 RGB, shape (...) to (..., 3): purple below 1, near white at 1, orange above.

    The scale is log2, cut at 2**-4 and 2**4; weights must be above 0.
    """
    lut = np.round(255 * _WEIGHT_MAP(np.arange(256))[:, :3]).astype(np.uint8)
    place = (np.log2(weights) / (2 * WEIGHT_OCTAVES) + 0.5) * 256
    return np.asarray(lut[np.clip(place, 0, 255).astype(np.uint8)])


def _times(factor: float) -> str:
    """A power of two as a factor: ×1/4, ×2."""
    return f"×{factor:.0f}" if factor >= 1 else f"×1/{1 / factor:.0f}"


def draw_plane(axes: Axes) -> None:
    """The (a*, b*) plane: pale colours, the outline of sRGB, and the names of the hues."""
    edge = (LOW - 0.5, HIGH - 0.5) * 2
    axes.imshow(as_picture(gamut().hint), extent=edge)
    axes.grid(False)
    units = np.arange(LOW, HIGH)
    axes.contour(units, units, as_picture(gamut().mask)[::-1], [0.5], colors=INK, linewidths=0.8)
    for name, a, b in HUES:
        axes.text(a, b, name, fontsize=8, color="#444444", ha="center", va="center")
    axes.set(xlim=edge[:2], ylim=edge[:2], aspect="equal", xlabel="a*", ylabel="b*")
    axes.set_xticks(range(-100, 101, 50))
    axes.set_yticks(range(-100, 101, 50))


def draw_density(axes: Axes, table: NDArray[np.floating], norm: LogNorm) -> None:
    """Each bin's probability on a log scale, over the outline of sRGB; empty bins are clear."""
    draw_plane(axes)
    shown = np.ma.masked_less_equal(as_picture(table), norm.vmin or 0)
    axes.imshow(shown, cmap=_DENSITY_MAP, norm=norm, extent=(LOW - 0.5, HIGH - 0.5) * 2)


def weight_picture(weights: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The weights (256, 256) as RGBA (224, 224, 4): b* up, clear outside the outline of sRGB."""
    opaque = np.where(gamut().mask, 255, 0).astype(np.uint8)
    return as_picture(np.dstack([weight_colors(weights), opaque]))


def draw_weights(axes: Axes, weights: NDArray[np.floating]) -> None:
    """The weight of each bin inside the outline of sRGB; a dashed line where it is 1."""
    draw_plane(axes)
    axes.imshow(weight_picture(weights), extent=(LOW - 0.5, HIGH - 0.5) * 2)
    # Out of gamut the table is one even weight; a line there would say nothing about photos.
    inside = np.where(gamut().mask, weights, np.nan)
    units = np.arange(LOW, HIGH)
    if np.nanmin(inside) < 1 < np.nanmax(inside):
        shown = as_picture(inside)[::-1]
        axes.contour(units, units, shown, [1.0], colors=INK, linewidths=1.1, linestyles="--")


def _grid(count: int, width: float = 3.7) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width * count + 0.9, width + 0.25), layout="constrained")
    return figure, list(figure.subplots(1, count, squeeze=False, sharey=True)[0])


@style()
def density_figure(tables: Mapping[str, NDArray[np.floating]]) -> Figure:
    """Titles and probability tables, side by side on one log scale (Figures 3a and 3b).

    The scale ends six decades below the largest probability; what is rarer is left clear.
    """
    top = max(float(table.max()) for table in tables.values())
    norm = LogNorm(top * 1e-6, top)
    figure, panels = _grid(len(tables))
    for axes, (title, table) in zip(panels, tables.items(), strict=True):
        draw_density(axes, table, norm)
        axes.set_title(title)
        axes.label_outer()
    scale = ScalarMappable(norm, _DENSITY_MAP)
    figure.colorbar(scale, ax=panels, label="share of the pixels, a bin", shrink=0.85)
    return figure


def prior_figure(prior: ColorPrior) -> Figure:
    """The counted and the smoothed distribution of a prior, side by side."""
    return density_figure({"counted": prior.pmf, "smoothed": prior.smoothed()})


@style()
def weight_figure(tables: Mapping[str, NDArray[np.floating]]) -> Figure:
    """Titles and weight tables, side by side on one log2 scale around 1 (Figure 3c)."""
    figure, panels = _grid(len(tables))
    for axes, (title, weights) in zip(panels, tables.items(), strict=True):
        draw_weights(axes, weights)
        axes.set_title(title)
        axes.label_outer()
    norm = LogNorm(2.0**-WEIGHT_OCTAVES, 2.0**WEIGHT_OCTAVES)
    bar = figure.colorbar(ScalarMappable(norm, _WEIGHT_MAP), ax=panels, shrink=0.85)
    ticks = [2.0**octave for octave in range(-WEIGHT_OCTAVES, WEIGHT_OCTAVES + 1)]
    bar.set_ticks(ticks, labels=[_times(tick) for tick in ticks])
    bar.minorticks_off()
    bar.set_label("weight v (dashed line: v = 1)")
    return figure


@style()
def profile_figure(tables: Mapping[str, NDArray[np.floating]]) -> Figure:
    """Weight tables cut along the two axes of the plane, each as far as sRGB reaches there."""
    cuts: dict[str, tuple[Any, str]] = {  # label, index of the cut, colour
        "a* (b* = 0): green to red": (np.s_[:, 128], BLUE),
        "b* (a* = 0): blue to yellow": (np.s_[128, :], ORANGE),
    }
    figure, panels = new_figure((9.6, 3.6), 1, 2, sharey=True)
    for axes, (label, (cut, color)) in zip(panels, cuts.items(), strict=True):
        inside = gamut().mask[cut]
        units = np.arange(-128, 128)[inside]
        for (name, weights), line in zip(tables.items(), cycle(LINES)):
            axes.semilogy(units, weights[cut][inside], line, base=2, color=color, label=name)
        axes.axhline(1, color=INK, linewidth=0.8)
        axes.set_xlabel(label)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda weight, _: _times(weight)))
        axes.legend()
    panels[0].set_ylabel("weight v")
    return figure


@style()
def window_figure(taps: NDArray[np.floating], uncut: NDArray[np.floating]) -> Figure:
    """The taps of an even smoothing window as bars, beside a box and the bell that was not cut.

    `taps` begin at the offset 1 - len(taps) / 2; `uncut` has an odd number of taps, centred.
    """
    half, reach = len(taps) // 2, len(uncut) // 2
    figure, axes = new_figure((8, 3.4))
    axes.bar(np.arange(1 - half, half + 1), taps, 0.9, label="σ = 5 cut to 10 bins (the paper's)")
    wide = np.arange(-reach, reach + 1)
    axes.plot(wide, uncut, "o-", color=ORANGE, markersize=3, label="σ = 5, not cut")
    edges = (0.5 - half, half + 0.5)
    axes.stairs([1 / len(taps)], edges, color="k", linestyle="--", label="a box")
    axes.set(xlabel="offset in bins, from the bin that is filled to the one that is read")
    axes.set(ylabel="weight of the tap", ylim=(0, 0.15), axisbelow=True)
    axes.legend()
    return figure


@style()
def spike_figure(tables: Mapping[int, NDArray[np.floating]]) -> Figure:
    """Where a single bin at grey goes when it is smoothed with each window, and its centre."""
    a, b = np.mgrid[-128:128, -128:128]
    figure, panels = _grid(len(tables))
    for axes, (window, table) in zip(panels, tables.items(), strict=True):
        center = (table * a).sum(), (table * b).sum()
        edge = (-10.5, 10.5) * 2
        axes.imshow(table[118:139, 118:139].T, origin="lower", extent=edge, cmap="Greys")
        axes.plot(0, 0, "x", color=ORANGE, markersize=12, mew=3, label="where it was")
        axes.plot(*center, "o", color=BLUE, mfc="none", mew=2, label="centre of mass after")
        axes.grid(False)
        axes.set(xticks=range(-10, 11, 5), yticks=range(-10, 11, 5), xlabel="a*", ylabel="b*")
        axes.set_title(f"window {window}: moved by {abs(center[0]):.3f}")
        axes.label_outer()
        axes.legend(loc="upper right")
    return figure


@style()
def hue_figure(
    shares: Mapping[str, NDArray[np.floating]], weights: Sequence[float], label: str
) -> Figure:
    """Shares of twelve ranges of hue, 30 degrees each, and below them the weights of the same."""
    names = ["", "red", "orange", "yellow", "green", "", "cyan", "", "blue", "", "purple", "pink"]
    places = [f"{30 * k + 15}°\n{name}" for k, name in enumerate(names)]
    figure, (upper, lower) = new_figure((8, 5.6), 2, 1, sharex=True)
    draw_groups(upper, places, {name: 100 * share for name, share in shares.items()})
    upper.set_ylabel("% of pixels, C* ≥ 15")
    upper.legend()
    draw_groups(lower, places, {label: weights})
    lower.axhline(1, color="k", linewidth=0.8)
    lower.set(ylabel=label, xlabel="hue angle")
    return figure
