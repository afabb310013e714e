"""The training scrubber: what a network answers at its checkpoints, linked with its curves.

All of it runs in the page, with or without a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from colorlab.course.widgets.parts import Picture, fill, live
from colorlab.data.formats import data_uri

Curve = tuple[Sequence[float], Sequence[float]]
Pictures = Sequence[Picture]

_LEAST = 128  # pixels of a strip's height: JPEG halves chroma, and so keeps that of a small photo
_INKS = (("#ffc285", ""), ("#9fd8ff", "7 5"), ("#fff", "2 4"))  # colour and dashes of each curve


def scrubber(
    steps: Sequence[int],
    tracks: Mapping[str, Sequence[Pictures]],
    curves: Mapping[str, Curve],
    photos: Sequence[str],
    fixed: Mapping[str, Pictures] | None = None,
    measure: str = "MSE / grey",
    log: bool = False,
) -> str:
    """A slider over checkpoints, as HTML with its own script; needs no kernel.

    `steps` (K) are those of the checkpoints. A track has P pictures, uint8 (H, W, 3), for each of
    them, one for each name in `photos`; those of `fixed`, such as the truth, stay. `curves` are
    steps and values of `measure`, on a log scale with `log`; a click at them moves the slider.
    Raises ValueError without checkpoints, without curves or with more than three, which could not
    be told apart, and where a track has not its P pictures for every checkpoint.
    """
    if not steps or not 1 <= len(curves) <= len(_INKS):
        raise ValueError(f"scrubber needs checkpoints, and 1 to {len(_INKS)} curves")
    still = fixed or {}
    for name, rows in {**tracks, **{name: [row] for name, row in still.items()}}.items():
        if len(rows) != (1 if name in still else len(steps)):
            raise ValueError(f"{name!r} has {len(rows)} checkpoints, not {len(steps)}")
        if any(len(row) != len(photos) for row in rows):
            raise ValueError(f"{name!r} must have a picture for each of {', '.join(photos)}")
    chart = _Chart(steps, curves, log)
    strips = {name: [_strip(row) for row in rows] for name, rows in tracks.items()}
    frames = []
    for number, step in enumerate(steps):
        values = {name: float(np.interp(step, *curve)) for name, curve in curves.items()}
        told = ", ".join(f"{name} {value:.2f}" for name, value in values.items())
        frames.append(
            {
                "x": round(float(chart.x(step)), 4),
                "dots": chart.y(list(values.values())).round(4).tolist(),
                "value": f"{step:,}",
                "words": f"Step {step:,} of {steps[-1]:,}. {measure}: {told}.",
                "pictures": [strip[number] for strip in strips.values()],
            }
        )
    shown = escape(", ".join(photos))
    shown_rows = [(name, strip[-1], "data-track") for name, strip in strips.items()]
    shown_rows += [(name, _strip(row), "") for name, row in still.items()]
    return fill(
        "scrubber.html",
        label=escape(f"{', '.join(tracks)}, at {len(steps)} checkpoints of the training"),
        last=len(steps) - 1,
        measure=escape(measure),
        chart=escape(f"{measure} by step: {', '.join(curves)}"),
        legend="".join(
            f'<span><svg aria-hidden="true"><path d="M0 5H30" stroke-width="3" stroke="{ink}" '
            f'stroke-dasharray="{dash}"/></svg> {escape(name)}</span>'
            for name, (ink, dash) in zip(curves, _INKS, strict=False)
        ),
        lines="".join(
            f'<path d="{chart.path(curve)}" stroke="{ink}" stroke-dasharray="{dash}"/>'
            for curve, (ink, dash) in zip(curves.values(), _INKS, strict=False)
        ),
        dots="".join(f'<b style="background:{ink}"></b>' for ink, _ in _INKS[: len(curves)]),
        ticks=chart.ticks(),
        strips="".join(
            f'<figure><figcaption>{escape(name)}</figcaption><img {kind} src="{uri}" '
            f'alt="{escape(name)}: {shown}"></figure>'
            for name, uri, kind in shown_rows
        ),
        script=live("scrubber", frames, "lab.js", "plane.js", "scrubber.js"),
    )


def _strip(pictures: Pictures) -> str:
    """Pictures of one height side by side, as a URI; small ones are enlarged (bicubic)."""
    image = Image.fromarray(np.concatenate(pictures, axis=1))
    if image.height < _LEAST:
        size = image.width * _LEAST // image.height, _LEAST
        image = image.resize(size, Image.Resampling.BICUBIC)
    return data_uri(np.asarray(image))


class _Chart:
    """Where steps and values lie, as shares of a chart's width and height from its lower left."""

    def __init__(self, steps: Sequence[int], curves: Mapping[str, Curve], log: bool) -> None:
        self._scale = np.log if log else np.asarray
        across = np.concatenate([steps, *(x for x, _ in curves.values())])
        up = self._scale(np.concatenate([y for _, y in curves.values()]))
        self.left, self.width = across.min(), max(np.ptp(across), 1)
        reach = max(np.ptp(up), 1e-6)
        self.low, self.height = up.min() - 0.06 * reach, 1.12 * reach
        self.log = log

    def x(self, steps: ArrayLike) -> NDArray[np.float64]:
        return np.asarray((np.asarray(steps) - self.left) / self.width)

    def y(self, values: ArrayLike) -> NDArray[np.float64]:
        return np.asarray((self._scale(np.asarray(values)) - self.low) / self.height)

    def path(self, curve: Curve) -> str:
        """A line for an SVG of size 1 x 1."""
        points = zip(self.x(curve[0]), 1 - self.y(curve[1]), strict=True)
        return "M" + "L".join(f"{x:.4f} {y:.4f}" for x, y in points)

    def ticks(self) -> str:
        """Numbers along both axes that lie within the chart, as HTML."""
        ends = self.low, self.low + self.height
        if self.log:
            values = np.array([m * 10.0**e for e in range(-5, 6) for m in (1, 2, 5)])
        else:
            values = np.asarray(MaxNLocator(4).tick_values(*ends))
        steps = MaxNLocator(4, integer=True).tick_values(self.left, self.left + self.width)
        across = ((x, f"{step:,.0f}") for x, step in zip(self.x(steps), steps, strict=True))
        up = ((y, f"{value:g}") for y, value in zip(self.y(values), values, strict=True))
        return "".join(
            f'<span class="{name}" style="{side}:{100 * share:.2f}%">{words}</span>'
            for name, side, marks in (("x", "left", across), ("y", "bottom", up))
            for share, words in marks
            if -1e-9 <= share <= 1 + 1e-9
        )
