"""The architecture of a colorizer as a picture, drawn from the network itself as it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor, nn

from colorlab.course.figures.base import BLUE, INK, ORANGE
from colorlab.models import Colorizer
from colorlab.models.convnet import ConvNet
from colorlab.models.dahl import DahlColorizer
from colorlab.models.efficientnet import EfficientNetColorizer

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Column:
    """One step of a decoder: what it takes from above, how, and what its module puts out.

    `above` and `below` are a name and a shape (C, H, W); `join` is the word on the arrow between.
    """

    above: tuple[str, Shape] | None
    join: str
    below: tuple[str, Shape]


def output_shapes(
    model: Colorizer, parts: Mapping[str, nn.Module], size: int
) -> list[tuple[str, Shape]]:
    """What the named modules put out for one photo: (name, (C, H, W)), in running order."""
    seen: list[tuple[str, Shape]] = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            seen.append((name, tuple(output.shape[1:])))

        return hook

    hooks = [part.register_forward_hook(note(name)) for name, part in parts.items()]
    try:
        with torch.inference_mode():
            model.eval()(torch.zeros(1, 1, size, size))
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def decoder_shapes(model: EfficientNetColorizer, size: int = 224) -> list[tuple[str, Shape]]:
    """What each part of the decoder puts out for one photo: (name, (C, H, W)), in running order."""
    return output_shapes(model, dict(model.decoder.named_children()), size)


def architecture_figure(model: Colorizer, size: int = 224) -> Figure:
    """One of the paper's networks: what is tapped above, what is trained on it below.

    For an `EfficientNetColorizer` it is the paper's Figure 4. Raises ValueError for a network that
    is none of the paper's.
    """
    if isinstance(model, EfficientNetColorizer):
        return _draw(_efficientnet(model, size), f"frozen {model.encoder.name}", "trained decoder")
    if isinstance(model, DahlColorizer):
        return _draw(_dahl(model, size), f"frozen {model.encoder.name}", "trained decoder")
    if isinstance(model, ConvNet):
        columns = _convnet(model, size)
        return _draw(columns, "encoder, from right to left", "decoder", leftwards=True)
    raise ValueError(f"no picture is known of a {type(model).__name__}")


def _efficientnet(model: EfficientNetColorizer, size: int) -> list[Column]:
    taps = _taps(model.encoder.widths, model.encoder.taps.strides.values(), size)
    above = [*taps, ("luma", (1, size, size)), None]
    joins = ["", *["add"] * (len(taps) - 1), "concat", ""]
    below = [(_title(model.decoder, name), shape) for name, shape in decoder_shapes(model, size)]
    return [Column(*parts) for parts in zip(above, joins, below, strict=True)]


def _dahl(model: DahlColorizer, size: int) -> list[Column]:
    decoder = model.decoder
    parts = {f"blocks.{i}": part for i, part in enumerate(decoder.blocks)}
    parts |= {"last_block": decoder.last_block, "to_chroma": decoder.to_chroma}
    taps = _taps(model.encoder.widths, model.encoder.taps.strides.values(), size)
    above = [*taps, ("luma ×3", (3, size, size)), None]
    joins = ["BN", *["BN, add"] * len(taps), ""]
    below = [(_title(decoder, name), shape) for name, shape in output_shapes(model, parts, size)]
    return [Column(*column) for column in zip(above, joins, below, strict=True)]


def _convnet(model: ConvNet, size: int) -> list[Column]:
    down = {f"down.{i}": part for i, part in enumerate(model.down)}
    up = {f"up.{i}": part for i, part in enumerate(model.up)} | {"to_chroma": model.to_chroma}
    encoder = output_shapes(model, down, size)[::-1]
    decoder = output_shapes(model, up, size)
    # The deepest activation stands alone on the left; the decoder begins below it, one further.
    above = [*encoder[1:], ("luma", (1, size, size)), None]
    joins = [*["add" if model.skips else ""] * (len(encoder) - 1), "concat", ""]
    columns = [
        Column(top, join, (_title(model, name), shape))
        for top, join, (name, shape) in zip(above, joins, decoder, strict=True)
    ]
    return [Column(encoder[0], "", ("", ())), *columns]


def _taps(
    widths: tuple[int, ...], strides: Iterable[int], size: int
) -> list[tuple[str, Shape] | None]:
    """The taps of an encoder, coarsest first."""
    taps: list[tuple[str, Shape] | None] = []
    for width, stride in zip(widths, strides, strict=True):
        taps.insert(0, ("tap", (width, size // stride, size // stride)))
    return taps


def _title(parent: nn.Module, name: str) -> str:
    """A part's name and the size of its kernel."""
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    layer = next(m for m in parent.get_submodule(name).modules() if isinstance(m, kinds))
    return "{}, {}×{}".format(name, *layer.kernel_size)


def _draw(columns: list[Column], upper: str, lower: str, leftwards: bool = False) -> Figure:
    """Boxes and arrows; with `leftwards` the upper row is a chain too, from right to left."""
    figure = Figure(figsize=(max(11, 1.65 * len(columns)), 3.6))
    axes = figure.subplots()
    axes.set(xlim=(-0.62, len(columns) - 0.38), ylim=(-0.62, 1.75))
    axes.set_axis_off()
    for x, column in enumerate(columns):
        before = columns[x - 1].below[1] if x else ()
        if column.above:
            _box(axes, x, 1, column.above, BLUE)
            if x + 1 < len(columns) and columns[x + 1].above and leftwards:
                _arrow(axes, (x + 0.56, 1), (x + 0.44, 1), "")
        if column.below[1]:
            _box(axes, x, 0, column.below, ORANGE)
            if column.above and (column.join or not before):
                _arrow(axes, (x, 0.76), (x, 0.24), column.join)
            if before:
                # A transposed convolution doubles by itself; elsewhere it is done between blocks.
                doubled = before[1] < column.below[1][1] and not leftwards
                _arrow(axes, (x - 0.56, 0), (x - 0.44, 0), "×2" if doubled else "")
            elif x:
                _arrow(axes, (x - 1 + 0.2, 0.76), (x - 0.3, 0.26), "")
    axes.text(-0.46, 1.45, upper, color=BLUE, fontsize=12)
    axes.text(-0.46, -0.5, lower, color=ORANGE, fontsize=12)
    return figure


def _box(axes: Axes, x: float, y: float, content: tuple[str, Shape], color: str) -> None:
    name, shape = content
    frame = FancyBboxPatch((x - 0.42, y - 0.22), 0.84, 0.44, boxstyle="round,pad=0.02", fc="white")
    frame.set_edgecolor(color)
    frame.set_linewidth(1.6)
    axes.add_patch(frame)
    text = f"{name}\n{' × '.join(map(str, shape))}"
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
