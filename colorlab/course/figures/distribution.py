"""Pictures of distributions over the 313 colours, and of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from colorlab.color import lab_to_rgb
from colorlab.course.figures.base import GREY, INK, new_figure, style
from colorlab.course.figures.chroma import draw_plane
from colorlab.models.classes import zhang_bins

MARKS = {"mean": "o", "annealed mean": "D", "mode": "s", "truth": "x"}


def class_colors(lightness: float = 65) -> NDArray[np.float64]:
    """The centres as RGB in [0, 1] at one L*, cut to what sRGB can show: (313, 3)."""
    lab = np.c_[np.full(313, float(lightness)), zhang_bins()]
    return lab_to_rgb(torch.from_numpy(lab.T[:, None])).numpy()[:, 0].T


def draw_classes(axes: Axes, shares: NDArray[np.floating], lightness: float = 65) -> None:
    """Shares (313,) over the (a*, b*) plane: discs whose areas they are."""
    draw_plane(axes)
    a, b = zhang_bins().T
    colors = class_colors(lightness)
    axes.scatter(a, b, 900 * shares + 1, colors, edgecolors=INK, linewidths=0.4, zorder=3)


@style()
def classes_figure(shares: Mapping[str, NDArray[np.floating]]) -> Figure:
    """Distributions (313,) by title, side by side."""
    figure = Figure(figsize=(2.8 * len(shares), 2.9), layout="constrained")
    panels = figure.subplots(1, len(shares), squeeze=False, sharey=True)[0]
    for axes, (title, each) in zip(panels, shares.items(), strict=True):
        draw_classes(axes, each)
        axes.set_title(title)
        axes.label_outer()
    return figure


@style()
def mind_figure(
    photo: NDArray[np.uint8],
    places: Sequence[tuple[float, float]],
    minds: Sequence[tuple[NDArray[np.floating], Mapping[str, Sequence[float]]]],
) -> Figure:
    """A photo with numbered pixels, and the distribution of each.

    `places` are in shares of width and height; `minds` are shares (313,) and the (a*, b*) of each
    of `MARKS`.
    """
    figure = Figure(figsize=(2.9 + 2.7 * len(minds), 2.7), layout="constrained")
    ratios = [1.25, *[1] * len(minds)]
    panels = figure.subplots(1, len(minds) + 1, width_ratios=ratios)
    panels[0].imshow(photo)
    panels[0].set_axis_off()
    height, width = photo.shape[:2]
    for number, (x, y) in enumerate(places, 1):
        box = {"boxstyle": "circle,pad=0.15", "fc": "white", "ec": INK}
        panels[0].text(x * width, y * height, number, ha="center", va="center", bbox=box)
    for number, (axes, (shares, marks)) in enumerate(zip(panels[1:], minds, strict=True), 1):
        draw_classes(axes, shares)
        for name, shape in MARKS.items():
            look = {"facecolors": "none"} if shape != "x" else {}
            axes.scatter(*marks[name], s=70, marker=shape, color=INK, label=name, zorder=4, **look)
        low, high = -80, 90
        axes.set(title=f"pixel {number}", xlim=(low, high), ylim=(low, high))
        axes.set(ylabel="b*" if number == 1 else "")
        for hue in axes.texts:  # a name that lies half outside would be cut
            hue.set_visible(all(low + 15 < place < high - 15 for place in hue.get_position()))
    panels[-1].legend(fontsize=7, loc="lower right")
    return figure


@style()
def reliability_figure(sets: Mapping[str, Sequence[Sequence[float]]]) -> Figure:
    """Rows of `evaluate.distribution.Reliability` by the name of their photos."""
    figure, axes = new_figure((4, 3.6))
    axes.plot([0, 0.8], [0, 0.8], color=GREY, linewidth=0.8)
    for (name, rows), line in zip(sets.items(), ("o-", "s--"), strict=False):
        _, given, found = np.array(rows).T
        axes.plot(given, found, line, label=name)
    axes.set(xlabel="share given to the likeliest colour", ylabel="share of it that is true")
    axes.legend()
    return figure
