"""For maintainers: what each part of Cheng's method is worth, on photos kept for testing.

    python -m colorlab.evaluate.cheng_ablation runs/cheng2015 scenes/test everyday/test \\
        --output colorlab/runs/cheng2015/ablation.json

The first folder is what `colorlab.train.cheng` left. All variants learned equally long from the
same pixels. "without_filter" is "full" without its joint bilateral filter; "clusters" has a network
for each kind of photo.
"""

from __future__ import annotations

import argparse
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
from colorlab.data.files import write_whole
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.compare import spread
from colorlab.evaluate.files import check_writable
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
    parser = argparse.ArgumentParser(prog="python -m colorlab.evaluate.cheng_ablation")
    parser.add_argument("run", type=Path, help="folder of a run of colorlab.train.cheng")
    parser.add_argument("data", nargs="+", help="folders, lists or names of photos")
    parser.add_argument("--limit", type=int, default=100, help="photos of each, evenly chosen")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    check_writable(asked.output)
    torch.set_num_threads(1)
    variants = (*VARIANTS, "clusters")
    networks = {name: load_network(asked.run / f"{name}.safetensors") for name in variants}
    sources = ["/".join(Path(data).parts[-2:]) for data in asked.data]
    record: dict[str, Any] = {
        "command": "python -m colorlab.evaluate.cheng_ablation RUN "
        f"{' '.join(sources)} --limit {asked.limit} --size {asked.size}",
        "numbers": "value, lower and upper end of its 95 % interval over photos",
        "training": json.loads((asked.run / "training.json").read_text()),
        "sets": {
            source: measure(networks, spread(open_photos(data), asked.limit), asked.size)
            for source, data in zip(sources, asked.data, strict=True)
        },
    }
    write_whole(asked.output, (json.dumps(record, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
