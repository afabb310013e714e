"""For maintainers: the chroma error by kind of photo, one folder a kind, and of skin.

    python -m colorlab.evaluate.kinds everyday/test -m colorlab --json kinds.json

Measured like `colorlab evaluate`: on squares, of what is shown. Skin is where the true colour, as
8-bit BT.601 YCbCr, has Cb in 77..127 and Cr in 133..173 (D. Chai and K. N. Ngan, "Face segmentation
using skin-color map in videophone applications", IEEE Transactions on Circuits and Systems for
Video Technology 9(4), 1999), on photos of the kinds in `PEOPLE`. Wood and sand pass the rule, too.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from rich.table import Table
from torch import Tensor

from colorlab.color import LAB, rgb_to_yuv
from colorlab.data.files import write_json
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.baselines import Candidate
from colorlab.evaluate.compare import batches, spread
from colorlab.evaluate.files import check_writable
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.machine import keep_freed_memory
from colorlab.terminal import out
from colorlab.train.chroma_errors import grey_error, mean_chroma, squared_error

PEOPLE = ("flickr_people", "street_fashion", "voc_everyday")
"""The kinds of the everyday photos on which skin is looked for."""

_COLOURED = 4.0  # in a*b*: below, a hue is rounding


def skin(rgb: Tensor) -> Tensor:
    """Where the rule sees skin: RGB (..., 3, H, W) in [0, 1] to bool (..., H, W).

    >>> skin(torch.tensor([0.85, 0.65, 0.55]).view(3, 1, 1)).item()
    True
    """
    _, u, v = rgb_to_yuv(rgb).unbind(-3)
    cb, cr = 128 + 224 * u / 0.872, 128 + 224 * v / 1.23  # BT.601's digital range, 16..240
    return (cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)


def hue_errors(shown: Tensor, true: Tensor) -> Tensor:
    """Angles between two hues in degrees, 0..180: a*, b* (2, N) twice to (N,)."""
    turn = torch.atan2(shown[1], shown[0]) - torch.atan2(true[1], true[0])
    return torch.rad2deg((torch.remainder(turn + torch.pi, 2 * torch.pi) - torch.pi).abs())


class Skin(NamedTuple):
    """A photo's skin: how many pixels, and sums of hue errors in degrees, shown and true chroma."""

    pixels: float = 0
    hue_errors: float = 0
    chroma: float = 0
    truth: float = 0


@dataclass(frozen=True)
class Row:
    """One photo: its error, grey's, the shown and the true mean chroma (scaled), and its skin."""

    photo: Path
    error: float
    grey: float
    chroma: float
    truth: float
    skin: Skin

    @property
    def kind(self) -> str:
        return self.photo.parent.name


def measure(candidate: Candidate, photos: Photos, square: Preprocessing) -> list[Row]:
    """A row for each photo that can be read."""
    rows: list[Row] = []
    for truth, paths in batches(photos, square):
        with torch.inference_mode():
            shown = candidate(truth, paths)
            (_, answer), (_, true) = LAB.split(shown), LAB.split(truth)
            errors = [squared_error(answer, true), grey_error(true)]
            numbers = torch.stack([*errors, mean_chroma(answer), mean_chroma(true)])
        for index, path in enumerate(paths):
            found = Skin()
            if path.parent.name in PEOPLE:
                found = _skin(answer[index], true[index], truth[index])
            error, grey, *chromas = numbers[:, index].tolist()
            rows.append(Row(path, error, grey, chromas[0], chromas[1], found))
    return rows


def _skin(answer: Tensor, true: Tensor, rgb: Tensor) -> Skin:
    answer, true = answer * LAB.chroma_scale[0], true * LAB.chroma_scale[0]
    there = skin(rgb) & (true.norm(dim=0) > _COLOURED)
    shown, truth = answer[:, there], true[:, there]
    errors = hue_errors(shown, truth)
    sums = (errors.sum(), shown.norm(dim=0).sum(), truth.norm(dim=0).sum())
    return Skin(float(there.sum()), *map(float, sums))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Pooled numbers of photos: how many, error over grey's, chroma over the truth's; and skin's.

    Of skin: pixels, mean hue error in degrees, chroma over the truth's.
    """
    error, grey, chroma, truth = (
        sum(getattr(row, name) for row in rows) for name in ("error", "grey", "chroma", "truth")
    )
    found: dict[str, Any] = {
        "photos": len(rows),
        "mse_to_grey": round(error / grey, 4),
        "chroma_to_truth": round(chroma / truth, 4),
    }
    pixels, hue, shown, true = np.sum([row.skin for row in rows], axis=0)
    if pixels:
        found["skin"] = {
            "pixels": int(pixels),
            "hue_error": round(hue / pixels, 2),
            "chroma_to_truth": round(shown / true, 4),
        }
    return found


def by_kind(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each kind, kinds in order, best photos first (by error over grey's)."""
    kinds: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.kind, row.error / max(row.grey, 1e-6))):
        kinds.setdefault(row.kind, []).append(row)
    return kinds


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.evaluate.kinds")
    parser.add_argument("data", help="a folder with a folder for each kind")
    parser.add_argument("-m", "--model", default="colorlab", help="a model, or a run's folder")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--limit", type=int, help="only so many photos, evenly spaced")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    check_writable(*filter(None, [asked.json]))
    keep_freed_memory()
    square = Preprocessing(asked.size)
    photos = spread(open_photos(asked.data), asked.limit)
    (candidate,) = find_all([asked.model], photos.paths, square).values()
    rows = measure(candidate, photos, square)
    kinds = by_kind(rows)
    found = {"all": summary(rows)} | {kind: summary(group) for kind, group in kinds.items()}
    if asked.json:
        record = {"model": asked.model, "data": "/".join(Path(asked.data).parts[-2:])}
        write_json(asked.json, record | {"size": asked.size, "kinds": found})
    table = Table("kind", "photos", "MSE / grey", "chroma / truth", "skin: hue error, degrees")
    for kind, numbers in found.items():
        hue = numbers["skin"]["hue_error"] if "skin" in numbers else ""
        cells = (numbers["photos"], numbers["mse_to_grey"], numbers["chroma_to_truth"], hue)
        table.add_row(kind, *map(str, cells))
    out.print(table)


if __name__ == "__main__":
    main()
