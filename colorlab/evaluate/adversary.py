"""For maintainers: record two runs that differ in the adversary alone, and what each is worth.

    python -m colorlab.evaluate.adversary ../runs scenes/test imagenet_samples --limit 100 \\
        --size 64 --output colorlab/runs/nazeri_small/adversary.json

`../runs` is the folder with both runs of `train.adversarial`. Their settings, logs and answers go
to `colorlab/runs/NAME/`; the weights, 10 MB a run, don't.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from colorlab.data.files import whole_file
from colorlab.data.sources import open_photos
from colorlab.evaluate.baselines import Candidate
from colorlab.evaluate.compare import compare, spread
from colorlab.evaluate.files import record_sets, recording
from colorlab.evaluate.methods import Preprocessing, colorizer
from colorlab.inference.colorize import load_model
from colorlab.models import Colorizer, create_model
from colorlab.train.records import RUNS

PAIR = ("nazeri_small", "nazeri_small_l1")
"""With the adversary, and without."""

SHOWN = ("astronaut", "rocket", "china", "flower")
BESIDE = ("efficientnet_lite0", "colorlab", "zhang_lite0", "larsson_lite0")
METRICS = (
    *("mse_to_grey", "chroma_ratio", "colorfulness", "psnr", "ssim", "accuracy"),
    "frechet_lite0",
)


def by_batch(model: Colorizer) -> Candidate:
    """The network left in training mode, as the authors' code has it.

    BatchNorm takes each batch's own statistics, so that an answer hangs on the photos beside it.
    """
    show = colorizer(model)

    def shown(truth: Tensor, files: Sequence[Path]) -> Tensor:
        model.train()
        answer = show(truth, files)
        model.eval()
        return answer

    return shown


def keep_answers(run: Path, file: Path) -> None:
    """A run's answers to `SHOWN` at every snapshot, as numbers small enough to be kept.

    `chroma` int8 (K, P, 2, S/2, S/2): a* and b*, means of 2 x 2 pixels, in whole units; `steps`
    (K,). Raises FileNotFoundError where the run kept none of its answers.
    """
    snapshots = sorted((run / "answers").glob("*.safetensors"))
    if not snapshots:
        raise FileNotFoundError(f"{run} has no answers; train with --shown")
    kept = []
    for snapshot in snapshots:
        with safe_open(snapshot, "pt") as found:
            names = [Path(name).stem for name in found.metadata()["photos"].split(",")]
            chroma = found.get_tensor("chroma")[[names.index(name) for name in SHOWN]]
        units = (128 * avg_pool2d(chroma.float(), 2)).round()
        kept.append(units.clamp(-128, 127).to(torch.int8).numpy())
    steps = [int(snapshot.stem) for snapshot in snapshots]
    with whole_file(file) as part, part.open("wb") as open_file:
        np.savez_compressed(open_file, steps=steps, chroma=np.stack(kept))


def read_answers(name: str) -> tuple[list[int], Tensor]:
    """The steps of a recorded run's snapshots, and chroma (K, P, 2, S, S) as (a*, b*)/128.

    P are `SHOWN`; colours are enlarged to the S pixels that the run was trained at (bilinear).
    """
    with np.load(RUNS / name / "answers.npz") as kept:
        chroma = torch.from_numpy(kept["chroma"]).float() / 128
        large = interpolate(chroma.flatten(0, 1), scale_factor=2, mode="bilinear")
        return kept["steps"].tolist(), large.unflatten(0, chroma.shape[:2])


def main() -> None:
    """Read the command line."""
    asked = recording("adversary", limit=100, first="runs").parse_args()
    candidates: dict[str, Candidate] = {}
    for name in PAIR:
        run, record = Path(asked.runs) / name, RUNS / name
        record.mkdir(exist_ok=True)
        for file in ("config.json", "metrics.csv"):
            shutil.copyfile(run / file, record / file)
        keep_answers(run, record / "answers.npz")
        candidates[name] = colorizer(create_model(str(run)))
        candidates[f"{name}, by batch"] = by_batch(create_model(str(run)))
    candidates |= {name: colorizer(load_model(name)) for name in BESIDE}

    def of_set(data: str) -> dict[str, Any]:
        report = compare(
            candidates, spread(open_photos(data), asked.limit), Preprocessing(asked.size), METRICS
        )
        wanted = {name: report.scores[name] for name in (*candidates, "grey", "truth")}
        gains = {"with - without": report.differences[PAIR]}
        rows = {
            name: {
                metric: [
                    round(x, 4) if math.isfinite(x) else None
                    for x in (score.value, score.low, score.high)
                ]
                for metric, score in scores.items()
            }
            for name, scores in (wanted | gains).items()
        }
        return {"photos": report.photos, "scores": rows}

    record_sets(asked, of_set)


if __name__ == "__main__":
    main()
