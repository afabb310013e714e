"""The one plot style, and the figures that every chapter uses.

Photos are shown on neutral grey (a coloured surround shifts how colour is seen), in sRGB, with
their own aspect ratio.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import cycler
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

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


def style() -> AbstractContextManager[None]:
    """The plot style, for a `with` block."""
    return mpl.rc_context(STYLE)


def use_style() -> None:
    """The plot style, for the rest of a notebook."""
    mpl.rcParams.update(STYLE)
    plt.ioff()  # figures appear where `show` puts them, and nowhere twice


def encode(figure: Figure) -> tuple[bytes, str]:
    """The figure as a file and its format: "png" or "jpeg", whichever is the smaller.

    Drawings come out as PNG and photos as (nearly lossless) JPEG. The bytes hang on the figure
    alone: no time stamp, no version.
    """
    files = {}
    with style():
        for name, options in _ENCODINGS.items():
            buffer = io.BytesIO()
            figure.savefig(buffer, format=name, facecolor=figure.get_facecolor(), **options)
            files[name] = buffer.getvalue()
    smaller = min(files, key=lambda name: len(files[name]))
    return files[smaller], smaller


_ENCODINGS: dict[str, Any] = {
    "png": {"metadata": {"Software": None}},
    "jpeg": {"pil_kwargs": {"quality": 93, "subsampling": 0}},
}


def show(figure: Figure, alt: str) -> None:
    """Display a figure in a notebook with a text for those who don't see it, and close it.

    Raises ValueError for an empty `alt`.
    """
    from IPython.display import Image, display  # the library itself works without IPython

    if not alt.strip():
        raise ValueError("say in `alt` what the figure shows")
    data, name = encode(figure)
    plt.close(figure)
    display(Image(data=data, format=name, alt=alt))


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
