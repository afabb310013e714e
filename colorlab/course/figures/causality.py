"""Which pixels may tell a pixel something: found by the gradient, layer by layer, and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import Tensor

from colorlab.course.figures.base import BLUE, INK, ORANGE, style
from colorlab.models.axial import AxialEncoder
from colorlab.models.coltran import CoarseColorizer

Part = Callable[[Tensor], Tensor]
"""Features (B, S, S, d) to what each pixel is told of them, (B, S, S, any)."""


def influence(part: Part, side: int, width: int) -> NDArray[np.bool_]:
    """Whether what (y, x) is told changes with what is at (v, u): [y, x, v, u].

    By the exact gradient of one answer a pixel, all pixels in one batch: what a mask hides has
    gradient 0, bit for bit.
    """
    drawn = torch.Generator().manual_seed(0)
    one = torch.randn(1, side, side, width, generator=drawn)
    features = one.repeat(side**2, 1, 1, 1).requires_grad_()
    told = part(features)
    place = torch.arange(side**2)
    answers = told[place, place // side, place % side]
    # A plain sum of the channels behind a LayerNorm would be the same whatever it was told.
    mixed = answers @ torch.randn(answers.shape[-1], generator=drawn)
    (gradient,) = torch.autograd.grad(mixed.sum(), features)
    return (gradient != 0).any(-1).unflatten(0, (side, side)).numpy()


def decoder_parts(core: CoarseColorizer) -> dict[str, Part]:
    """A layer of each kind, both decoders and all, of embedded colours; the grey is random."""
    drawn = torch.Generator().manual_seed(1)
    side = core.size.side
    encoded = core.encode(torch.randint(256, (1, side, side), generator=drawn)).detach()

    def layer(number: int) -> Part:
        axial = core.outer[number]
        affines = axial.affines(encoded)  # type: ignore[operator]
        return lambda colors: core.down(axial(colors, affines, encoded.expand_as(colors)))

    def inner(colors: Tensor, told: Part = torch.zeros_like) -> Tensor:
        return core.beside(encoded.expand_as(colors), colors, told(colors))

    def outer(colors: Tensor) -> Tensor:
        return core.above(encoded.expand_as(colors), colors)

    parts = {"rows": layer(0), "columns": layer(1), "outer": outer, "inner": inner}
    return parts | {"all": lambda colors: inner(colors, outer)}


def encoder_parts(encoder: AxialEncoder) -> dict[str, Part]:
    """The first layer along rows, the first along columns, and one behind the other."""
    rows, columns = encoder.layers[:2]

    def along(layer: torch.nn.Module) -> Part:
        return lambda x: layer(x, layer.affines())  # type: ignore[operator]

    both = {"rows": along(rows), "columns": along(columns)}
    return both | {"both": lambda x: both["columns"](both["rows"](x))}


def influence_figure(
    maps: Mapping[str, NDArray[np.bool_]], at: tuple[int, int], rows: int = 1, causal: bool = True
) -> Figure:
    """Maps (S, S) of what may tell the pixel `at` (y, x), which is framed, in `rows` rows.

    Where it is `causal`, pixels that aren't drawn yet, itself among them, are crossed in orange.
    """
    columns = -(-len(maps) // rows)
    with style():
        figure = Figure(figsize=(1.5 * columns, 1.75 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, (title, reached) in zip(grid.flat, maps.items(), strict=True):
            side = len(reached)
            for (v, u), told in np.ndenumerate(reached):
                early = causal and (v, u) >= at
                look = (ORANGE if early else BLUE) if told else "#eeeeee"
                axes.add_patch(Rectangle((u, v), 1, 1, facecolor=look, edgecolor="white"))
                if told and early:
                    axes.plot([u + 0.25, u + 0.75], [v + 0.25, v + 0.75], color="white")
                    axes.plot([u + 0.25, u + 0.75], [v + 0.75, v + 0.25], color="white")
            frame = Rectangle(at[::-1], 1, 1, facecolor="none", edgecolor=INK, linewidth=2.2)
            axes.add_patch(frame)
            axes.set(xlim=(-0.1, side + 0.1), ylim=(side + 0.1, -0.1), aspect="equal")
            axes.set_title(title, fontsize=10)
            axes.set_axis_off()
    return figure
