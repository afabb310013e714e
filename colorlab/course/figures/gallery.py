"""A contact sheet of a comparison: the best, the middle and the worst photos by a metric."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.course.figures.base import photo_grid, style
from colorlab.data.decode import decode
from colorlab.evaluate.baselines import TRUTH, Candidate, constant
from colorlab.evaluate.methods import Preprocessing
from colorlab.evaluate.metrics import Metric, get_metric, list_metrics
from colorlab.evaluate.report import Report, number


def sorting_metric(wanted: str | None, measured: Sequence[str] | None) -> str:
    """What a contact sheet goes by: `wanted`, else mse where it is measured, else the first.

    `measured` are names of metrics, None for all. Raises ValueError for a metric that is not among
    them, that no single photo has, or that there is not.
    """
    names = measured or list_metrics()
    sortable = [name for name in names if isinstance(get_metric(name), Metric)]
    if not sortable:
        raise ValueError("a contact sheet needs a metric that single photos have, such as mse")
    if wanted is None:
        return "mse" if "mse" in sortable else sortable[0]
    get_metric(wanted)  # raises ValueError for an unknown name
    if wanted not in sortable:
        raise ValueError(f"can't sort by {wanted!r}; of what is measured: {', '.join(sortable)}")
    return wanted


def choose(report: Report, metric: str, each: int = 3) -> list[tuple[str, int]]:
    """("best", "median" or "worst", index into `report.files`) by the first model's values.

    Raises ValueError for a metric that was not measured photo by photo.
    """
    values = report.photo_values[report.models[0]]
    if metric not in values:
        raise ValueError(f"can't sort by {metric!r}; measured were: {', '.join(values)}")
    cost = values[metric]
    better = report.metrics[metric].better
    if better == "higher":
        cost = -cost
    elif better == "near the truth":
        cost = np.abs(cost - report.photo_values[TRUTH][metric])
    order = np.argsort(cost, kind="stable")  # NaN last
    order = order[: len(order) - int(np.isnan(cost).sum())]
    each = min(each, max(1, len(order) // 3))
    middle = (len(order) - each) // 2
    places = {"best": 0, "median": middle, "worst": len(order) - each}
    chosen: dict[int, str] = {}
    for name, start in places.items():
        for index in order[max(0, start) : start + each].tolist():
            chosen.setdefault(index, name)
    return [(name, index) for index, name in chosen.items()]


def contact_sheet(
    report: Report,
    models: Mapping[str, Candidate],
    preprocess: Preprocessing,
    metric: str = "mse",
    each: int = 3,
) -> bytes:
    """A PNG file with rows of photos as they were measured: grey, each model, truth.

    The labels have the metric's value for the first model. Raises ValueError as `choose` does.
    """
    columns = {"grey": constant(0.0, 0.0), **models}
    rows, labels = [], []
    for name, index in choose(report, metric, each):
        file = report.files[index]
        truth = preprocess(decode(file))[None].float() / 255
        with torch.inference_mode():
            shown = [candidate(truth, [file]) for candidate in columns.values()]
        rows.append([_picture(image) for image in (*shown, truth)])
        value = report.photo_values[report.models[0]][metric][index]
        labels.append(f"{name}\n{report.metrics[metric].title} {number(value)}")
    figure = photo_grid(rows, [*columns, TRUTH], labels, height=1.9)
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format="png", facecolor=figure.get_facecolor())
    return buffer.getvalue()


def _picture(rgb: Tensor) -> NDArray[np.uint8]:
    """RGB (1, 3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (rgb[0] * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
