"""Curves over lambda: a live network's record, drawn."""

from __future__ import annotations

import json
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.course.figures.base import BLUE, GREEN, INK, ORANGE
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
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
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
