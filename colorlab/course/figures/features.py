"""What networks hold and answer: features, parameters, a classifier's guesses, errors by photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import interpolate

from colorlab.course.figures.base import BLUE, ORANGE, new_figure, style


def principal_colors(features: Tensor, side: int = 56) -> Tensor:
    """The three principal components of (1, C, h, w) over its places, as RGB (side, side, 3)."""
    features = interpolate(features, (side, side), mode="nearest")[0].flatten(1)
    features = features - features.mean(dim=1, keepdim=True)
    features = features / (features.std(dim=1, keepdim=True) + 1e-3)
    _, vectors = torch.linalg.eigh((features @ features.T).double())
    best = vectors[:, -3:]
    best = best * best.sum(dim=0).sign()  # else the sign is the machine's choice
    shown = best.T.float() @ features
    low, high = shown.quantile(torch.tensor([0.02, 0.98]), dim=1)[..., None]
    return ((shown - low) / (high - low)).clamp(0, 1).view(3, side, side).permute(1, 2, 0)


@style()
def channel_figure(taps: Sequence[Tensor]) -> Figure:
    """Means and standard deviations of the channels of taps (B, C, h, w), as box plots."""
    flat = [tap.permute(1, 0, 2, 3).flatten(1) for tap in taps]
    names = [f"{tap.shape[1]} at {tap.shape[2]}" for tap in taps]
    measures = {
        "mean of a channel": [channels.mean(1).numpy() for channels in flat],
        "standard deviation": [channels.std(1).numpy() for channels in flat],
    }
    look = {"color": ORANGE, "linewidth": 2}
    figure, panels = new_figure((8, 3.2), 1, 2, sharex=True)
    for axes, (title, values) in zip(panels, measures.items(), strict=True):
        axes.boxplot(values, tick_labels=names, medianprops=look, whis=(5, 95), showfliers=False)
        axes.set_title(title)
        axes.tick_params(axis="x", labelsize=9)
    return figure


@style()
def feature_figure(luma: Tensor, taps: Sequence[Tensor], count: int = 4) -> Figure:
    """A row for each tap (1, C, h, w): the luma (1, 1, H, W), and the channels that vary most."""
    figure = Figure(figsize=(8, 1.68 * len(taps)), layout="constrained")
    for row, tap in zip(figure.subplots(len(taps), count + 1), taps, strict=True):
        row[0].imshow(luma[0, 0], cmap="gray", vmin=0, vmax=1)
        busiest = tap[0].flatten(1).std(dim=1).topk(count).indices
        for axes, channel in zip(row[1:], busiest, strict=True):
            axes.imshow(tap[0, channel], cmap="cividis")
        size = f"{tap.shape[2]} × {tap.shape[3]}"
        row[1].set_title(f"{tap.shape[1]} channels at {size}", fontsize=10)
        for axes in row:
            axes.set_axis_off()
    return figure


@style()
def guess_figure(picture: ArrayLike, guesses: Mapping[str, float]) -> Figure:
    """A grey picture (H, W) in [0, 1], and the probabilities of a classifier's guesses."""
    figure, (left, right) = new_figure((8, 2.8), 1, 2)
    left.imshow(picture, cmap="gray", vmin=0, vmax=1)
    left.set_axis_off()
    right.barh(list(guesses)[::-1], list(guesses.values())[::-1], color=BLUE)
    right.set(xlabel="probability", xlim=(0, 1))
    right.grid(visible=False, axis="y")
    return figure


@style()
def parameter_figure(frozen: Mapping[str, int], trained: Mapping[str, int]) -> Figure:
    """Frozen and trained parameters of networks by name, as stacked bars."""
    figure, axes = new_figure((7, 2.2))
    left = [count / 1e6 for count in frozen.values()]
    right = [count / 1e6 for count in trained.values()]
    axes.barh(list(frozen), left, color=BLUE, label="frozen encoder")
    look: Any = {"color": ORANGE, "hatch": "//", "edgecolor": "white"}
    axes.barh(list(frozen), right, left=left, label="trained decoder", **look)
    axes.set(xlabel="million parameters")
    axes.legend(loc="lower right")
    axes.grid(visible=False, axis="y")
    return figure


@style()
def error_figure(errors: Mapping[str, tuple[float, float]]) -> Figure:
    """(MSE / grey, chroma / truth) of photos by name, as two rows of bars; 1 is marked."""
    titles = ("MSE / grey (1: as wrong as grey)", "chroma / truth (1: as colourful)")
    figure, panels = new_figure((8, 3.2), 1, 2, sharey=True)
    columns = zip(*errors.values(), strict=True)
    for axes, title, values, color in zip(panels, titles, columns, (BLUE, ORANGE), strict=True):
        axes.barh(list(errors), values, color=color)
        axes.set_title(title)
        axes.axvline(1, color="#666666", linestyle="--")
        axes.grid(visible=False, axis="y")
    return figure
