"""Colours in YUV, and which of them a sigmoid can answer with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from colorlab.color import V_MAX, rgb_to_yuv, yuv_to_rgb
from colorlab.course.figures.base import BLUE, INK, ORANGE, new_figure, style


@style()
def yuv_figure(reach: float) -> Figure:
    """The colours of sRGB in the plane of raw U and V; hatched where |V| exceeds `reach`."""
    edge = torch.linspace(-0.65, 0.65, 261, dtype=torch.float64)
    lumas = torch.linspace(0, 1, 81, dtype=torch.float64)
    v, u, y = torch.meshgrid(edge, edge, lumas, indexing="ij")
    rgb = yuv_to_rgb(torch.stack([y, u, v])[:, None].flatten(2), clip=False)[:, 0].view(3, *y.shape)
    possible = ((rgb > -1e-9) & (rgb < 1 + 1e-9)).all(dim=0)  # by place and Y
    mean = (rgb * possible).sum(-1) / possible.sum(-1).clamp(min=1)
    plane = torch.where(possible.any(-1), mean, 1.0).permute(1, 2, 0).clamp(0, 1).numpy()
    names = ("red", "yellow", "green", "cyan", "blue", "magenta")
    colors = [(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1)]
    corners = rgb_to_yuv(torch.tensor(colors, dtype=torch.float64).T[:, None])[1:, 0].numpy()
    label: Any = {"ha": "center", "va": "center", "bbox": {"fc": "white", "ec": "none", "pad": 1}}
    figure, axes = new_figure((5.6, 5.2))
    axes.imshow(plane, origin="lower", extent=(-0.6525, 0.6525, -0.6525, 0.6525))
    for low in (-0.66, reach):
        shape = Rectangle((-0.66, low), 1.32, 0.66 - reach, fill=False, hatch="////", ec=INK, lw=0)
        axes.add_patch(shape)
    axes.axhline(reach, color=INK)
    axes.axhline(-reach, color=INK)
    axes.plot(*corners[:, [0, 1, 2, 3, 4, 5, 0]], color=INK, linewidth=1)
    for name, (x, place) in zip(names, corners.T, strict=True):
        axes.text(x, place * 1.04, name, fontsize=9, **label)
    axes.set(xlabel="U", ylabel="V", xlim=(-0.66, 0.66), ylim=(-0.66, 0.66))
    axes.grid(False)
    return figure


@style()
def sigmoid_figure() -> Figure:
    """A sigmoid minus 0.5 beside the V of red, raw and scaled, and its slope by its answer."""
    logits = np.linspace(-8, 8, 400)
    s = 1 / (1 + np.exp(-logits))
    figure, (left, right) = new_figure((9, 3.2), 1, 2)
    left.plot(logits, s - 0.5, color=BLUE)
    left.axhline(V_MAX, color=ORANGE, linestyle="--")
    left.text(-8, V_MAX - 0.07, "V of red, raw", color=ORANGE)
    left.axhline(0.5, color=INK, linestyle=":")
    left.text(-8, 0.43, "V of red, scaled")
    left.set(xlabel="what the last convolution gives", ylabel="the answer", ylim=(-0.55, 0.7))
    right.plot(s - 0.5, 4 * s * (1 - s), color=BLUE)
    right.set(xlabel="the answer", ylabel="slope, over that at grey")
    return figure
