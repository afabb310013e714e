"""For maintainers: put a finished run's head, card and record into the package.

    python -m colorlab.ship runs/lite0 efficientnet_lite0_mse --test scenes/test

The head goes to `weights/MODEL.safetensors` with its card beside it, config and metrics to
`runs/NAME/`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from colorlab.data import list_photos
from colorlab.evaluate import evaluate
from colorlab.models import WEIGHTS, create_model
from colorlab.records import RUNS, Run, read_run

DATA = {
    "name": "colorlab scenes",
    "what": "34 kinds of scenes from the Intel scene set, SUN397, Houses, CamVid and BSDS500",
    "train": 12_893,
    "val": 919,
    "test": 862,
}
PREPROCESSING = "sRGB to CIE L*a*b* (D65); luma = L*/100, repeated to 3 channels, (x - 0.5) / 0.5"


def ship(run: Path, name: str, test: Path, size: int = 224) -> dict[str, Any]:
    """Copy a run into the package and return the card that was written.

    `test` is a folder of photos that the run never saw; they are squashed to `size`.
    """
    record = read_run(run)
    model_name = record.config["model"]
    target = WEIGHTS / f"{model_name}.safetensors"
    # Convolutions in half precision: half the size, and the scores below are measured with them.
    head = load_file(run / "head.safetensors")
    head = {key: t.half() if t.ndim == 4 else t for key, t in head.items()}
    save_file(head, target, {"model": model_name, "run": name})
    target.chmod(0o644)
    errors = evaluate(create_model(model_name), list_photos(test), size)
    card = {
        "model": model_name,
        "file": target.name,
        "licence": "MIT; the encoder's weights are not in this file",
        "data": DATA,
        "preprocessing": PREPROCESSING,
        "loss": "chroma_mse (Eq. 1)",
        "recipe": record.config["recipe"],
        "steps": _steps(record),
        "seed": record.config["recipe"]["seed"],
        "revision": record.config["revision"],
        "run": name,
        "start": record.config["start"],
        "scores": {
            "split": "test",
            "photos": errors.photos,
            "size": size,
            "mse": round(errors.mse, 6),
            "mse_to_grey": round(errors.mse_to_grey, 4),
            "chroma_to_truth": round(errors.chroma_to_truth, 4),
        },
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
    target.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")
    (RUNS / name).mkdir(parents=True, exist_ok=True)
    for file in ("config.json", "metrics.csv"):
        shutil.copyfile(run / file, RUNS / name / file)
    return card


def _steps(record: Run) -> int:
    """Training steps of a run and of those that it went on from."""
    own = int(record.validation["step"][-1]) + 1
    start = record.config["start"]
    return own if start == "encoder" else own + _steps(read_run(start))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.ship")
    parser.add_argument("run", type=Path)
    parser.add_argument("name")
    parser.add_argument("--test", type=Path, required=True)
    arguments = parser.parse_args()
    ship(arguments.run, arguments.name, arguments.test)


if __name__ == "__main__":
    main()
