"""The architecture of a colorizer as a picture, drawn from the network itself as it runs."""

from __future__ import annotations

from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor, nn

from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.plots import BLUE, INK, ORANGE

Shape = tuple[int, ...]


def decoder_shapes(model: EfficientNetColorizer, size: int = 224) -> list[tuple[str, Shape]]:
    """What each part of the decoder puts out for one photo: (name, (C, H, W)), in running order."""
    seen: list[tuple[str, Shape]] = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            seen.append((name, tuple(output.shape[1:])))

        return hook

    parts = model.decoder.named_children()
    hooks = [part.register_forward_hook(note(name)) for name, part in parts]
    try:
        with torch.inference_mode():
            model(torch.zeros(1, 1, size, size))
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def architecture_figure(model: EfficientNetColorizer, size: int = 224) -> Figure:
    """Figure 4 of the paper for this model: taps of the frozen encoder above, the decoder below."""
    decoder = decoder_shapes(model, size)
    taps = list(zip(model.encoder.widths, (2, 4, 8, 16, 32), strict=True))[::-1]
    columns = len(decoder)
    figure = Figure(figsize=(11, 3.6))
    axes = figure.subplots()
    axes.set(xlim=(-0.62, columns - 0.38), ylim=(-0.62, 1.75))
    axes.set_axis_off()
    for x, (width, stride) in enumerate(taps):
        side = size // stride
        _box(axes, x, 1, f"tap\n{width} × {side} × {side}", BLUE)
    _box(axes, len(taps), 1, f"luma\n1 × {size} × {size}", BLUE)
    for x, (name, (channels, height, width)) in enumerate(decoder):
        kernel = _kernel(model.decoder.get_submodule(name))
        _box(axes, x, 0, f"{name}, {kernel}\n{channels} × {height} × {width}", ORANGE)
    _arrow(axes, (0, 0.76), (0, 0.24), "")
    for x in range(1, columns):
        doubled = decoder[x - 1][1][1] < decoder[x][1][1]
        _arrow(axes, (x - 0.56, 0), (x - 0.44, 0), "×2" if doubled else "")
        if x < len(taps):
            _arrow(axes, (x, 0.76), (x, 0.24), "add")
        elif x == len(taps):
            _arrow(axes, (x, 0.76), (x, 0.24), "concat")
    axes.text(-0.46, 1.45, f"frozen {model.encoder.name}", color=BLUE, fontsize=12)
    axes.text(-0.46, -0.5, "trained decoder", color=ORANGE, fontsize=12)
    return figure


def _kernel(part: nn.Module) -> str:
    convolution = next(m for m in part.modules() if isinstance(m, nn.Conv2d))
    return "{}×{}".format(*convolution.kernel_size)


def _box(axes: Axes, x: float, y: float, text: str, color: str) -> None:
    shape = FancyBboxPatch((x - 0.42, y - 0.22), 0.84, 0.44, boxstyle="round,pad=0.02", fc="white")
    shape.set_edgecolor(color)
    shape.set_linewidth(1.6)
    axes.add_patch(shape)
    axes.text(x, y, text, ha="center", va="center", fontsize=8, color=INK)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    style = {"arrowstyle": "->", "color": INK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style)
    if text:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        if start[0] == end[0]:
            axes.text(x + 0.05, y, text, va="center", fontsize=9)
        else:
            axes.text(x, y + 0.29, text, ha="center", fontsize=9)
