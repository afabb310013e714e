"""What a person tells of a photo's colours: hints, strokes made of them, and their files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.color import LAB, ColorSpace, lab_to_rgb, rgb_to_lab
from colorlab.data.files import write_json


@dataclass(frozen=True)
class Hint:
    """The colour of one place: `rgb`, sRGB in 0..255, or `ab`, CIE a* and b*.

    `x` and `y` are in pixels of the photo from its left and its top, `radius` too: 0 is one pixel.
    Of a colour only hue and chroma count, the photo keeps its lightness; `ab=(0, 0)`, or any grey,
    says "no colour here". Raises ValueError unless just one of the two is given and all is finite.
    """

    x: float
    y: float
    radius: float = 3
    rgb: tuple[float, float, float] | None = None
    ab: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if (self.rgb is None) == (self.ab is None):
            raise ValueError("a hint has either rgb or ab")
        colour, size = (self.rgb, 3) if self.rgb is not None else (self.ab, 2)
        assert colour is not None
        numbers = (self.x, self.y, self.radius, *colour)
        if len(colour) != size or not all(abs(number) < 1e6 for number in numbers):
            raise ValueError(f"a hint's numbers must be finite, {size} for its colour: {self}")
        if self.radius < 0 or (self.rgb and not all(0 <= value <= 255 for value in self.rgb)):
            raise ValueError(f"radius must be 0 or more, rgb in 0..255: {self}")

    def chroma(self, space: ColorSpace) -> Tensor:
        """The hint's chroma in the scaled units of `space`, (2,)."""
        if self.ab is None:
            rgb = torch.tensor(self.rgb).view(3, 1, 1) / 255
        elif space.name == "lab":
            return torch.tensor(self.ab) / torch.tensor(space.chroma_scale)
        else:
            rgb = lab_to_rgb(torch.tensor([60.0, *self.ab]).view(3, 1, 1))
        if space.name == "lab":  # a dark or a light grey's own a*, b* are 0, up to rounding
            return rgb_to_lab(rgb)[1:, 0, 0] / torch.tensor(space.chroma_scale)
        return space.split(rgb)[1][:, 0, 0]


def read_hints(path: Path) -> list[Hint]:
    """Hints from a JSON file, `{"hints": [{"x": 10, "y": 20, "radius": 5, "rgb": [r, g, b]}]}`.

    Raises ValueError, which names the file and the hint, for anything else.
    """
    try:
        content = json.loads(path.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error})") from None
    rows = content.get("hints") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise ValueError(f'{path} holds no list of hints: {{"hints": [...]}}')
    return [_hint(row, f"{path}, hint {number}") for number, row in enumerate(rows, start=1)]


def _hint(row: object, where: str) -> Hint:
    if not isinstance(row, Mapping) or not set(row) <= {"x", "y", "radius", "rgb", "ab"}:
        raise ValueError(f"{where}: expected x, y, radius, and rgb or ab")
    lists = {name: tuple(row[name]) for name in ("rgb", "ab") if isinstance(row.get(name), list)}
    try:
        return Hint(**{**row, **lists})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None


def write_hints(hints: Sequence[Hint], path: Path) -> None:
    """Write what `read_hints` reads, whole or not at all. Raises OSError where it can't."""
    rows = [{name: v for name, v in asdict(hint).items() if v is not None} for hint in hints]
    write_json(path, {"hints": rows})


def stroke(
    points: Sequence[tuple[float, float]],
    radius: float = 3,
    rgb: tuple[float, float, float] | None = None,
    ab: tuple[float, float] | None = None,
) -> list[Hint]:
    """A line drawn through points (x, y) as hints, one a radius apart; the ends are among them.

    Raises ValueError for no point, and as `Hint`.
    """
    if not len(points):
        raise ValueError("a stroke needs a point")
    line = [(float(x), float(y)) for x, y in points]
    drawn = [line[0]]
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(1, int(np.ceil(np.hypot(x1 - x0, y1 - y0) / max(radius, 1))))
        part = np.linspace(0, 1, steps + 1)[1:]
        drawn += [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in part.tolist()]
    return [Hint(x, y, radius, rgb, ab) for x, y in drawn]


def draw_hints(
    hints: Sequence[Hint], height: int, width: int
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Which pixels of a photo are hinted, (H, W), and their a*, b*, (H, W, 2), 0 elsewhere.

    A later hint covers an earlier one; what lies outside the photo is left out.
    """
    marked = np.zeros((height, width), bool)
    ab = np.zeros((height, width, 2), np.float32)
    for hint in hints:
        reach = int(np.ceil(hint.radius)) + 1
        top, left = max(0, int(hint.y) - reach), max(0, int(hint.x) - reach)
        rows = np.arange(top, min(height, int(hint.y) + reach + 1))[:, None]
        columns = np.arange(left, min(width, int(hint.x) + reach + 1))[None]
        inside = (rows - hint.y) ** 2 + (columns - hint.x) ** 2 <= hint.radius**2
        inside |= (rows == round(hint.y)) & (columns == round(hint.x))
        part = (slice(top, top + len(rows)), slice(left, left + columns.shape[1]))
        marked[part] |= inside
        ab[part][inside] = hint.chroma(LAB).numpy() * LAB.chroma_scale
    return marked, ab
