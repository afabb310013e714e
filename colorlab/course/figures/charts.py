"""Plain charts in the course's style: lines, bars, bars in groups, and maps in a row.

`settings` are those of matplotlib's `Axes.set`, such as `xlabel` and `ylim`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from colorlab.course.figures.base import BLUE, new_figure, style

LINES = ("-", "--", ":", "-.")
_HATCHES = ("", "//", "..")


@style()
def line_figure(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    size: tuple[float, float] = (7, 3.2),
    lines: Sequence[str] = LINES,
    **settings: Any,
) -> Figure:
    """Curves over the same `x`, each with its line style; a legend where there are several."""
    figure, axes = new_figure(size)
    for (name, values), line in zip(curves.items(), cycle(lines)):
        axes.plot(x, values, line, label=name)
    axes.set(**settings)
    if len(curves) > 1:
        axes.legend()
    return figure


@style()
def bar_figure(
    bars: Mapping[str, float],
    size: tuple[float, float] = (7, 3.2),
    color: str | Sequence[str] = BLUE,
    **settings: Any,
) -> Figure:
    """Horizontal bars, the first at the bottom."""
    figure, axes = new_figure(size)
    axes.barh(list(bars), list(bars.values()), color=color)
    axes.set(axisbelow=True, **settings)
    axes.grid(visible=False, axis="y")
    return figure


@style()
def group_figure(
    places: Sequence[str],
    groups: Mapping[str, ArrayLike],
    size: tuple[float, float] = (8, 3.2),
    **settings: Any,
) -> Figure:
    """At each place a bar of every group, told apart by colour and hatching."""
    figure, axes = new_figure(size)
    draw_groups(axes, places, groups)
    axes.set(**settings)
    if len(groups) > 1:
        figure.legend(loc="outside upper right", ncols=len(groups))
    return figure


def draw_groups(axes: Axes, places: Sequence[str], groups: Mapping[str, ArrayLike]) -> None:
    """Bars in groups, without a legend."""
    width = 0.8 / len(groups)
    x = np.arange(len(places))
    for number, ((name, values), hatch) in enumerate(zip(groups.items(), cycle(_HATCHES))):
        left = x + width * (number - (len(groups) - 1) / 2)
        axes.bar(left, values, 0.94 * width, label=name, hatch=hatch, edgecolor="white")
    axes.set_xticks(x, places)
    axes.set_axisbelow(True)
    axes.grid(visible=False, axis="x")


@style()
def map_figure(
    maps: Mapping[str, ArrayLike],
    size: tuple[float, float],
    rows: int = 1,
    cmap: str = "gray",
    **limits: Any,
) -> Figure:
    """Maps (H, W), or pictures (H, W, 3), under their titles; `limits` are those of `imshow`."""
    figure, grid = new_figure(size, rows, -(-len(maps) // rows), squeeze=False)
    for axes, (title, values) in zip(grid.flat, maps.items(), strict=True):
        axes.imshow(values, cmap=cmap, **limits)
        axes.set_title(title, fontsize=10)
        axes.set_axis_off()
    return figure
