"""For maintainers: what each part of Cheng's method is worth, on photos kept for testing.

    python -m colorlab.evaluate.cheng_ablation runs/cheng2015 scenes/test everyday/test \\
        --output colorlab/runs/cheng2015/ablation.json

The first folder is what `colorlab.train.cheng` left. All variants learned equally long from the
same pixels. "without_filter" is "full" without its joint bilateral filter; "clusters" has a network
for each kind of photo.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.classic.cheng import (
    ChengNetwork,
    joint_bilateral,
    load_network,
    photo_features,
    uv_to_ab,
)
from colorlab.color import LAB, luma_601
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.compare import spread
from colorlab.evaluate.files import record_sets, recording
from colorlab.evaluate.guided import with_chroma
from colorlab.evaluate.intervals import bootstrap_means, interval, left_out_means
from colorlab.evaluate.methods import Preprocessing
from colorlab.train.cheng import VARIANTS
from colorlab.train.chroma_errors import grey_error, squared_error


def errors(rgb: Tensor, networks: Mapping[str, ChengNetwork]) -> dict[str, float]:
    """Mean squared error of scaled a*, b*, of what each variant shows of RGB (3, S, S) in [0, 1].

    S is at most 224; "grey" is among them. All networks must share their classes.
    """
    luma, true = luma_601(rgb), LAB.split(rgb)[1][None]
    plane = luma[0].numpy()
    features = photo_features(plane, next(iter(networks.values())))
    answers = {name: network.chroma(features) for name, network in networks.items()}
    shown = {name: joint_bilateral(uv, plane) for name, uv in answers.items()}
    shown["without_filter"] = answers["full"]
    found = {"grey": float(grey_error(true))}
    for name, uv in shown.items():
        ab = uv_to_ab(luma, torch.from_numpy(uv).permute(2, 0, 1))
        coloured = with_chroma(rgb, ab / LAB.chroma_scale[0], LAB)
        found[name] = float(squared_error(LAB.split(coloured)[1][None], true))
    return found


def measure(networks: Mapping[str, ChengNetwork], photos: Photos, size: int) -> dict[str, Any]:
    """Squared error over grey's of each variant, and minus that of "full", with 95 % intervals."""
    square = Preprocessing(size)
    rows = [errors(square(photo).float() / 255, networks) for photo, _ in photos.readable()]
    names = list(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    sets = table.mean(0, keepdims=True), bootstrap_means(table), left_out_means(table)
    values = np.concatenate(sets)
    ratios = values / values[:, [names.index("grey")]]

    def row(ratio: NDArray[np.float64]) -> list[float]:
        value, drawn, left_out = np.split(ratio, np.cumsum([len(part) for part in sets[:2]]))
        return [round(x, 4) for x in (float(value[0]), *interval(value[0], drawn, left_out))]

    full = ratios[:, names.index("full")]
    columns = {n: ratios[:, k] for k, n in enumerate(names) if n != "grey"}
    return {
        "photos": len(rows),
        "mse_to_grey": {name: row(ratio) for name, ratio in columns.items()},
        "minus_full": {n: row(ratio - full) for n, ratio in columns.items() if n != "full"},
    }


def main() -> None:
    """Read the command line."""
    asked = recording("cheng_ablation", limit=100, first="run").parse_args()
    torch.set_num_threads(1)
    run, variants = Path(asked.run), (*VARIANTS, "clusters")
    networks = {name: load_network(run / f"{name}.safetensors") for name in variants}
    record_sets(
        asked,
        lambda data: measure(networks, spread(open_photos(data), asked.limit), asked.size),
        numbers="value, lower and upper end of its 95 % interval over photos",
        training=json.loads((run / "training.json").read_text()),
    )


if __name__ == "__main__":
    main()
