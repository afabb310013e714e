"""Recorded training runs: what was asked for, and what came of it, as small text files."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RUNS = Path(__file__).parents[1] / "runs"
"""The runs behind the weights that come with the package."""


@dataclass(frozen=True)
class Run:
    """One run: `config` as it was started; `training` and `validation` hold a column a measure."""

    config: dict[str, Any]
    training: dict[str, NDArray[np.float64]]
    validation: dict[str, NDArray[np.float64]]


def read_run(name: str | Path) -> Run:
    """A recorded run by its name, or any run by its folder.

    Raises FileNotFoundError, listing the recorded runs, where there is none.
    """
    folder = RUNS / name if isinstance(name, str) else name
    if not (folder / "metrics.csv").is_file():
        recorded = sorted(path.parent.name for path in RUNS.glob("*/metrics.csv"))
        raise FileNotFoundError(f"no run {name}; recorded are: {', '.join(recorded) or 'none'}")
    config = json.loads((folder / "config.json").read_text())
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    loss = (
        "l1" if rows and "l1" in rows[0] else "train_loss"
    )  # of `train.adversarial`, or of `train`
    return Run(config, _columns(rows, loss), _columns(rows, "val_mse_to_grey"))


def _columns(rows: list[dict[str, str]], key: str) -> dict[str, NDArray[np.float64]]:
    """The rows with a value for `key`, by column; columns with gaps are left out."""
    chosen = [row for row in rows if row.get(key)]
    filled = [name for name in rows[0] if all(row.get(name) for row in chosen)] if rows else []
    return {name: np.array([float(row[name]) for row in chosen]) for name in filled}
