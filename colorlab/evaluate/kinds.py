"""For maintainers: the chroma error by kind of photo, one folder a kind.

    python -m colorlab.evaluate.kinds everyday/test -m colorlab --json kinds.json

Measured like `colorlab evaluate`: on squares, of what is shown.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.table import Table

from colorlab.color import LAB
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


@dataclass(frozen=True)
class Row:
    """One photo: its error, grey's, the shown and the true mean chroma (scaled)."""

    photo: Path
    error: float
    grey: float
    chroma: float
    truth: float

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
        rows += [Row(path, *row) for path, row in zip(paths, numbers.T.tolist(), strict=True)]
    return rows


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Pooled numbers of photos: how many, error over grey's, chroma over the truth's."""
    error, grey, chroma, truth = (
        sum(getattr(row, name) for row in rows) for name in ("error", "grey", "chroma", "truth")
    )
    return {
        "photos": len(rows),
        "mse_to_grey": round(error / grey, 4),
        "chroma_to_truth": round(chroma / truth, 4),
    }


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
    table = Table("kind", "photos", "MSE / grey", "chroma / truth")
    for kind, numbers in found.items():
        table.add_row(kind, *map(str, numbers.values()))
    out.print(table)


if __name__ == "__main__":
    main()
