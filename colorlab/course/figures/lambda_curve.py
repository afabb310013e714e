"""Curves over lambda: the record of a network that takes it, its losses and its draw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from colorlab.course.figures.base import BLUE, GREEN, INK, ORANGE, new_figure, style
from colorlab.course.figures.charts import LINES
from colorlab.train.records import RUNS


def read_curve(name: str = "efficientnet_lite0_live") -> dict[str, Any]:
    """What `colorlab.evaluate.lambda_curve` measured of a recorded run.

    Lists over "lambdas": "mse", "mse_to_grey", "chroma_to_truth", "knob_mse_to_grey". By lambda,
    "at" has "loss" (Eq. 2), "mse_to_grey" and "chroma_to_truth" of the "live" network, of the
    "fixed" one, trained for that lambda alone, and of the "knob".
    """
    curve: dict[str, Any] = json.loads((RUNS / name / "lambda.json").read_text())
    return curve


def read_trials(name: str = "efficientnet_lite0_live") -> dict[str, Any]:
    """What was tried before a recorded run: "networks" after a short epoch, "noise" by lambda."""
    trials: dict[str, Any] = json.loads((RUNS / name / "trials.json").read_text())
    return trials


def curve_figure(curve: dict[str, Any]) -> Figure:
    """Error and chroma over lambda of what `read_curve` gives; the fixed networks as dots."""
    figure, (left, right) = new_figure((8, 3.2), 1, 2)
    lams = curve["lambdas"]
    left.plot(lams, curve["mse_to_grey"], color=BLUE, label="live")
    knob = curve["knob_mse_to_grey"]
    left.plot(lams, knob, "--", color=GREEN, label="λ = 1, saturated alike")
    right.plot(lams, curve["chroma_to_truth"], color=BLUE, label="live")
    places = [float(lam) for lam in curve["at"]]
    for axes, measure in ((left, "mse_to_grey"), (right, "chroma_to_truth")):
        values = [three["fixed"][measure] for three in curve["at"].values()]
        axes.plot(places, values, "o", color=ORANGE, label="trained for one λ")
    for axes, level, words, label in (
        (left, 1, "grey", "MSE / grey"),
        (right, 1, "the photos", "mean chroma / the photos'"),
    ):
        axes.axhline(level, color=INK, linewidth=0.8)
        axes.text(0.1, level, words, va="bottom", ha="right")
        _from_one(axes)
        axes.set_ylabel(label)
    left.legend(loc="lower right")
    return figure


def _from_one(axes: Axes) -> None:
    """Lambda from 1, at the left, down to 0.1."""
    axes.set(xlim=(1.02, 0.08), xlabel="λ")


@style()
def weights_figure(
    lams: Tensor, logs: Callable[[Tensor], Tensor], weights: Mapping[str, Sequence[float]]
) -> Figure:
    """Weights of colours by name over lambda, and over the coordinate `logs` of it."""
    figure, (left, right) = new_figure((8, 3.2), 1, 2, sharey=True)
    for (name, values), line in zip(weights.items(), cycle(LINES)):
        left.plot(lams, values, line, label=name)
        right.plot(logs(lams), values, line)
    _from_one(left)
    left.set(yscale="log", ylabel="weight v")
    left.legend()
    right.set(xlabel="λ, spaced by the second number")
    ticks = torch.tensor([1.0, 0.99, 0.95, 0.8, 0.5, 0.1])
    right.set_xticks(logs(ticks).tolist(), [f"{lam:g}" for lam in ticks.tolist()])
    return figure


@style()
def draw_figure(lams: NDArray[np.floating]) -> Figure:
    """How often lambdas are drawn: a histogram below 1, and the share of those that are 1."""
    edges = np.linspace(0.1, 1, 46)
    shares = np.histogram(lams[lams < 1], edges)[0] / len(lams)
    figure, axes = new_figure((7, 2.8))
    axes.stairs(100 * shares, edges, fill=True, color=BLUE, label="drawn")
    ones = 100 * (lams == 1).mean()
    axes.bar(1.015, ones, 0.014, color=ORANGE, hatch="//", label="λ = 1")
    axes.set(xlim=(1.03, 0.09), xlabel="λ", ylabel="% of photos")
    axes.legend()
    return figure


@style()
def knob_figure(rows: Sequence[tuple[Any, Any, NDArray[Any]]], titles: Sequence[str]) -> Figure:
    """Rows of two pictures of one photo, (H, W, 3), and the chroma (h, w) that one has more."""
    figure, grid = new_figure((8, 2.5 * len(rows)), len(rows), 3, squeeze=False)
    for (one, other, gain), line in zip(rows, grid, strict=True):
        line[0].imshow(one)
        line[1].imshow(other)
        image = line[2].imshow(gain, cmap="PuOr_r", vmin=-30, vmax=30)
    for axes in grid.flat:
        axes.axis("off")
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title)
    figure.colorbar(image, ax=grid[:, 2], label="C*")
    return figure
