"""The one plot style, and the figures that every chapter uses.

Photos are shown on neutral grey (a coloured surround shifts how colour is seen), in sRGB, with
their own aspect ratio.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cycler
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

GREY = "#777777"  # L* near 50: the surround of photos
INK = "#222222"
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"  # Okabe and Ito 2008

STYLE: Any = {
    "figure.dpi": 100,
    "savefig.dpi": 130,
    "savefig.bbox": "tight",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler.cycler(color=[BLUE, ORANGE, GREEN, PINK]),
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "svg.hashsalt": "colorlab",
}


@contextmanager
def style() -> Iterator[None]:
    """The plot style, for a `with` block, or above a function that draws."""
    with mpl.rc_context(STYLE):
        yield


def new_figure(size: tuple[float, float], *grid: int, **shared: Any) -> tuple[Figure, Any]:
    """An empty figure, (width, height) in inches, and its axes; the rest is of `subplots`."""
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(*grid, **shared)


def use_style() -> None:
    """The plot style, for the rest of a notebook."""
    mpl.rcParams.update(STYLE)
    plt.ioff()  # figures appear where `show` puts them, and nowhere twice


def to_file(figure: Figure) -> tuple[bytes, str]:
    """The figure as a small file and its format: with images in it "jpeg", otherwise "png".

    JPEG has quality 78, PNG a palette of 64 colours. The bytes depend on the figure alone: no time
    stamp, no version.
    """
    photos = any(axes.images for axes in figure.axes)
    buffer, small = io.BytesIO(), io.BytesIO()
    with style():
        dpi = 85 if photos else 100
        figure.savefig(buffer, format="png", facecolor=figure.get_facecolor(), dpi=dpi)
    picture = Image.open(buffer).convert("RGB")
    if photos:
        picture.save(small, "jpeg", quality=78, optimize=True, progressive=True)
        return small.getvalue(), "jpeg"
    picture.quantize(64, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue(), "png"


def show(figure: Figure, alt: str) -> None:
    """Display a figure in a notebook with a text for those who don't see it, and close it.

    Raises ValueError for an empty `alt`.
    """
    from IPython import display  # the library itself works without IPython

    if not alt.strip():
        raise ValueError("say in `alt` what the figure shows")
    data, name = to_file(figure)
    plt.close(figure)
    display.display(display.Image(data=data, format=name, alt=alt))


def photo_grid(
    rows: Sequence[Sequence[NDArray[Any]]],
    columns: Sequence[str] = (),
    labels: Sequence[str] = (),
    height: float = 2.0,
) -> Figure:
    """Photos in rows on neutral grey, one title a column, one label a row.

    Each photo is uint8 (H, W, 3), or (H, W) for a grey one; `height` is a row's height in inches.
    """
    rows = [list(row) for row in rows]
    # A row's photos share a height; a column is as wide as its widest photo.
    aspects = np.array([[photo.shape[1] / photo.shape[0] for photo in row] for row in rows])
    widths = aspects.max(axis=0)
    figure = Figure(figsize=(height * widths.sum() + 0.1, height * len(rows) * 1.02 + 0.3))
    figure.set_facecolor(GREY)
    grid = figure.subplots(
        len(rows),
        len(widths),
        squeeze=False,
        gridspec_kw={"width_ratios": widths, "wspace": 0.03, "hspace": 0.04},
    )
    for i, row in enumerate(rows):
        for j, photo in enumerate(row):
            axes = grid[i, j]
            axes.imshow(photo, cmap="gray", vmin=0, vmax=255, interpolation="lanczos")
            axes.set_axis_off()
            if i == 0 and j < len(columns):
                axes.set_title(columns[j], loc="center", color="white", fontsize=12)
        if i < len(labels):
            where = {"rotation": 90, "ha": "right", "va": "center", "color": "white"}
            axes = grid[i, 0]
            axes.text(-0.02, 0.5, labels[i], transform=axes.transAxes, fontsize=11, **where)
    return figure
