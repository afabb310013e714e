"""Curves of training: a short live fit, and recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.course.figures.base import new_figure, style
from colorlab.course.figures.charts import LINES
from colorlab.course.results import recorded
from colorlab.train.records import Run

_MARKS = "os^DvP"
_MEASURES = ("val_mse_to_grey", "val_chroma_to_truth")


@style()
def loss_figure(curves: Mapping[str, Sequence[float]], ylabel: str = "MSE / MSE of grey") -> Figure:
    """Losses by step on a log scale, each already divided by what grey costs (the line at 1)."""
    figure, axes = new_figure((6.4, 3.4))
    for (name, losses), line in zip(curves.items(), cycle(LINES)):
        axes.plot(range(1, len(losses) + 1), losses, line, label=name, linewidth=1.8)
    steps = max(map(len, curves.values()))
    axes.axhline(1, color="#666666", linewidth=1)
    axes.text(steps, 1.04, "grey everywhere", ha="right", va="bottom")
    axes.set(xlabel="step", ylabel=ylabel, yscale="log")
    _plain_ticks(axes)
    if len(curves) > 1:
        axes.legend()
    return figure


def _plain_ticks(axes: Axes) -> None:
    """Ticks 1, 2, 5 a decade on a log axis, as plain numbers."""
    low, high = axes.get_ylim()
    steps = [m * 10.0**e for e in range(-4, 4) for m in (1, 2, 5)]
    ticks = [tick for tick in steps if low <= tick <= high]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()


@style()
def validation_figure(runs: Mapping[str, Run]) -> Figure:
    """Error and colourfulness on the validation photos after every epoch, a line a run.

    Raises ValueError where there is no run to draw.
    """
    if not runs:
        raise ValueError("no recorded run to draw")
    figure, panels = new_figure((9, 3.6), 1, 2, sharex=True)
    for (name, run), mark, line in zip(runs.items(), cycle(_MARKS), cycle(LINES)):
        epochs = np.arange(1, len(run.validation["val_mse_to_grey"]) + 1)
        for axes, measure in zip(panels, _MEASURES, strict=True):
            axes.plot(epochs, run.validation[measure], mark + line, label=name, markersize=5)
    for axes, title in zip(panels, ("MSE / grey", "chroma / truth"), strict=True):
        axes.axhline(1, color="#666666", linewidth=1)
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
    if len(runs) > 4:
        lines, names = panels[0].get_legend_handles_labels()
        figure.set_size_inches(9, 3.6 + 0.2 * len(runs) / 2)
        figure.legend(lines, names, loc="outside lower center", ncols=2, fontsize=9)
    else:
        panels[0].legend(fontsize=9)
    return figure


def recorded_figure(titles: Mapping[str, str]) -> Figure:
    """`validation_figure` of recorded runs, `titles` by name; those that aren't there are left out.

    Raises ValueError where none is there.
    """
    return validation_figure({titles[name]: run for name, run in recorded(*titles).items()})


@style()
def tradeoff_figure(points: Mapping[str, tuple[float, float]]) -> Figure:
    """Error against colourfulness: (chroma / truth, MSE / grey) by name, with grey and the truth.

    No network reaches the truth at (1, 0); grey is the point (0, 1).
    """
    figure, axes = new_figure((6.4, 4.2))
    for (name, point), mark in zip(points.items(), cycle(_MARKS)):
        axes.plot(*point, mark, label=name, markersize=8, linestyle="none")
    for name, point, side in (("grey", (0, 1), "left"), ("truth", (1, 0), "right")):
        axes.plot(*point, "*", color="#444444", markersize=11)
        shift = 0.03 if side == "left" else -0.03
        axes.text(point[0] + shift, point[1], name, ha=side, va="center")
    axes.set(xlabel="chroma / truth (1: as colourful)", ylabel="MSE / grey (lower: nearer)")
    if len(points) > 4:
        figure.set_size_inches(6.4, 4.2 + 0.2 * len(points) / 2)
        figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    elif points:
        axes.legend(fontsize=9)
    return figure


@style()
def interval_figure(
    scores: Mapping[str, Mapping[str, Any]], sets: Mapping[str, str], measure: str = "mse_to_grey"
) -> Figure:
    """MSE / grey of runs by title with 95 % intervals, on each photo set (its name and title)."""
    figure, axes = new_figure((8, 0.5 * len(scores) + 1.2))
    for photos, shift, mark in zip(sets, (0.12, -0.12), "os", strict=True):
        values = np.array([found[photos][measure] for found in scores.values()])
        ends = np.array([found[photos]["intervals"][measure] for found in scores.values()])
        reach = np.abs(ends.T - values)
        places = np.arange(len(scores)) + shift
        axes.errorbar(values, places, xerr=reach, fmt=mark, capsize=3, label=sets[photos])
    axes.axvline(1, color="#666666", linewidth=1)
    axes.set_yticks(range(len(scores)), list(scores))
    axes.set(xlabel="MSE / grey, with its 95 % interval (1: as wrong as grey)")
    figure.legend(loc="outside upper right", ncols=2)
    return figure
