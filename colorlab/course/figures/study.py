"""Figures of the human test: a trial, and what simulated and published studies found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from colorlab.course.figures.base import BLUE, GREEN, ORANGE, new_figure, style
from colorlab.course.figures.charts import line_figure

if TYPE_CHECKING:
    from colorlab.course.study.analysis import Rate


@style()
def timeline_figure(parts: Sequence[tuple[str, float]]) -> Figure:
    """The parts of a trial in order, (what is seen, milliseconds); the last has no limit."""
    colors = {"blank": "#dddddd", "left": BLUE, "right": BLUE}
    start = 0.0
    figure, axes = new_figure((8, 1.5))
    for name, milliseconds in parts:
        seconds = milliseconds / 1000
        axes.barh(0, seconds, left=start, color=colors.get(name, ORANGE), edgecolor="white")
        ink = "black" if name == "blank" else "white"
        middle = start + seconds / 2
        axes.text(middle, 0, name, ha="center", va="center", color=ink, fontsize=10)
        start += seconds
    axes.text(start + 0.05, 0, "… no limit", va="center")
    axes.set(xlabel="seconds", yticks=[], xlim=(0, start + 0.8))
    axes.grid(False)
    axes.spines["left"].set_visible(False)
    return figure


@style()
def coverage_figure(results: Sequence[Rate], rate: float) -> Figure:
    """Binomial and clustered intervals of studies of a known rate; those that miss it dashed."""
    kinds: dict[str, list[tuple[Any, Any]]] = {
        "every answer a new coin (binomial)": [r.naive for r in results],
        "raters and photos drawn again (bootstrap)": [(r.low, r.high) for r in results],
    }
    figure, panels = new_figure((8, 4.4), 1, 2, sharey=True)
    for axes, (name, intervals) in zip(panels, kinds.items(), strict=True):
        for place, ((low, high), result) in enumerate(zip(intervals, results, strict=True)):
            missed = not low <= rate <= high
            color, line, mark = (ORANGE, "--", "x") if missed else (BLUE, "-", "o")
            axes.plot([100 * low, 100 * high], [place, place], line, color=color, linewidth=2)
            axes.plot(100 * result.rate, place, mark, color=color, markersize=4)
        axes.axvline(100 * rate, color="black", linewidth=1)
        axes.set(title=name, xlabel="fooling rate, %", yticks=[], xlim=(20, 46))
        axes.grid(False, axis="y")
    return figure


@style()
def attention_figure(seen: Sequence[int], rates: Sequence[float], looking: int) -> Figure:
    """Catch trials seen through, of 4, and fooling rates; the first `looking` raters do look."""
    x = np.array(seen) + np.linspace(-0.12, 0.12, len(seen))  # else dots would hide dots
    y = 100 * np.array(rates)
    figure, axes = new_figure((7, 3.2))
    axes.plot(x[:looking], y[:looking], "o", label="look (simulated)", markersize=8)
    axes.plot(x[looking:], y[looking:], "X", label="guess (simulated)", markersize=8)
    axes.axvline(2.5, color="black", linestyle="--", linewidth=1)
    axes.set(xlabel="catch trials seen through, of 4", ylabel="fooling rate, %")
    axes.set_xticks(range(5))
    axes.legend()
    return figure


def power_figure(raters: Sequence[int], powers: Mapping[str, Sequence[float]]) -> Figure:
    """The power of a comparison by the number of raters for each model."""
    labels = {"xlabel": "raters for each model", "ylabel": "power"}
    figure = line_figure(raters, powers, (7, 3.6), ["o-", "s--"], xscale="log", **labels)
    axes = figure.axes[0]
    axes.axhline(0.8, color="black", linewidth=1, label="80 %: the usual aim")
    axes.set_ylim(0, 1.04)
    axes.set_xticks(raters, [str(count) for count in raters])
    axes.minorticks_off()
    axes.legend(loc="lower right")
    return figure


@style()
def rate_figure(
    bars: Sequence[tuple[str, float, float, float]], ideal: float, published: int
) -> Figure:
    """Fooling rates (name, %, reach below, reach above), the first `published` of them published.

    Then comes a simulated study, and last the reader's own, where there is one.
    """
    figure, axes = new_figure((8, 3.4))
    looks = [("o", BLUE)] * published + [("s", ORANGE), ("D", GREEN)]
    for place, ((_, rate, below, above), (mark, color)) in enumerate(
        zip(bars, looks, strict=False)
    ):
        reach = [[below], [above]]
        axes.errorbar(rate, place, xerr=reach, fmt=mark, color=color, capsize=4)
    axes.axvline(ideal, color="black", linestyle="--", linewidth=1)
    axes.text(ideal - 0.5, 0, "the truth itself", ha="right", va="center")
    axes.set(xlabel="fooling rate, %, with 95 % intervals", xlim=(0, 60))
    axes.set_yticks(range(len(bars)), [name for name, *_ in bars])
    axes.grid(False, axis="y")
    return figure
