"""For maintainers: score a finished run, put its record and, if asked, its head into the package.

    python -m colorlab.evaluate.ship runs/x efficientnet_lite0_mse_seed0 --data ../photos \\
        --head efficientnet_lite0

The record (config, log, scores) goes to `runs/NAME/`. With `--head` the trained weights go to
`weights/HEAD.safetensors` with their card beside them, and HEAD is a model's name from then on.
`--data` has the folders `scenes/test` and `imagenet_samples`, neither of them trained on.

    python -m colorlab.evaluate.ship runs/y colorlab --data ../photos

A run of the default network, `colorlab` (`train.hinted`), becomes the shipped one, scored on
`everyday/test` and `historic_color` too; its card is all its record. A run of `train.coltran` is
given the name `coltran_small` and the head of that name; its card has its settings.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from colorlab import DEFAULT_MODEL
from colorlab.data.files import write_json
from colorlab.data.sources import open_photos
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing, colorizer
from colorlab.models import WEIGHTS, create_model, trainable_parameters
from colorlab.models.coltran import ColTran
from colorlab.models.zoo import CHANGE_SCALE, STEP
from colorlab.train.losses import LOSSES
from colorlab.train.records import RUNS, read_run

DATA = {
    "name": "colorlab scenes",
    "what": "34 kinds of scenes from the Intel scene set, SUN397, Houses, CamVid and BSDS500",
    "train": 12_893,
    "val": 919,
    "test": 862,
}
MORE_DATA = {
    "name": "scenes and everyday photos",
    "what": "34 kinds of scenes and 30 kinds of everyday photos (people, animals, food, clothes, "
    "things)",
    "train": 27_572,
    "val": 1_594,
}
PREPROCESSING = {
    "lab": "sRGB to CIE L*a*b* (D65); luma = L*/100, repeated to 3 channels, (x - 0.5) / 0.5",
    "yuv": "sRGB to BT.601 YUV; luma = Y, repeated to 3 channels, (x - 0.5) / 0.5",
}
METRICS = {
    "mse": "mse",
    "mse_to_grey": "mse_to_grey",
    "chroma_to_truth": "chroma_ratio",
    "psnr": "psnr",
    "psnr_pooled": "psnr_pooled",
}
"""What is recorded, by its key in `scores.json`, and the metric that it is."""

SETS = {"test": ("scenes/test", 224), "imagenet_samples": ("imagenet_samples", 256)}
"""What runs are scored on, and the size of the photos: published PSNRs of ImageNet are at 256."""

DEFAULT_SETS = {
    "test": ("scenes/test", 224),
    "everyday/test": ("everyday/test", 224),
    "imagenet_samples": ("imagenet_samples", 256),
    "historic_color": ("historic_color", 256),
}
"""What the default network is scored on."""

HAND_WRITTEN = ("reading", "note")
"""What only people write on a card; shipping again keeps it."""

Scores = dict[str, dict[str, Any]]


def narrow(head: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Convolutions and matrices in 8 bits: whole numbers, and a step an output channel.

    A weight is moved by half a step at most, a 254th of its channel's largest. Scores are measured
    with what is shipped.
    """
    narrowed = {}
    for key, tensor in head.items():
        if tensor.ndim == 4 or (tensor.ndim == 2 and key.endswith(".weight")):
            rest = tuple(range(1, tensor.ndim))
            step = tensor.abs().amax(dim=rest, keepdim=True).clamp(min=1e-12) / 127
            narrowed[key + STEP] = step
            tensor = (tensor / step).round().to(torch.int8)
        narrowed[key] = tensor
    return narrowed


def eighth(change: torch.Tensor) -> torch.Tensor:
    """Convolutions' changes as 8-bit floats, the others' in half precision."""
    return change.to(torch.float8_e4m3fn) if change.ndim == 4 else change.half()


def score(model: str, head: Path, data: Path, sets: dict[str, tuple[str, int]] = SETS) -> Scores:
    """The head's scores on each of `sets` below `data`, each with its 95 % interval."""
    ours = colorizer(create_model(model, str(head)).to(memory_format=torch.channels_last))
    scores: Scores = {}
    for name, (folder, size) in sets.items():
        photos = open_photos(data / folder)
        report = compare({"ours": ours}, photos, Preprocessing(size), tuple(METRICS.values()))
        found = {key: report.scores["ours"][metric] for key, metric in METRICS.items()}
        scores[name] = {"photos": report.photos, "size": size}
        scores[name] |= {key: round(x.value, 6) for key, x in found.items()}
        scores[name]["intervals"] = {
            key: [round(x.low, 6), round(x.high, 6)] for key, x in found.items()
        }
    return scores


def ship(run: Path, name: str, data: Path, head: str | None = None) -> Scores:
    """Put a run's record into the package, its weights too where `head` names them; the scores."""
    config = read_run(run).config
    weights = (WEIGHTS if head else run) / f"{head or 'shipped'}.safetensors"
    about = {"model": config["model"], "run": name}
    save_file(narrow(load_file(run / "head.safetensors")), weights, about)
    scores = score(config["model"], weights, data)
    record = RUNS / name
    record.mkdir(parents=True, exist_ok=True)
    drawing = isinstance(create_model(config["model"], None), ColTran)
    for file in ("validation.csv",) if drawing else ("config.json", "metrics.csv"):
        shutil.copyfile(run / file, record / file)
    _write(record / "scores.json", scores)
    if head:
        weights.chmod(0o644)
        if drawing:  # perhaps stopped before its time: the head is as old as the last checkpoint
            config["steps"] = torch.load(run / "last.pt", weights_only=True)["done"]
        about = drawing_card(config, weights, scores) if drawing else card(name, weights, scores)
        _write(WEIGHTS / f"{head}.json", about)
    return scores


def ship_default(run: Path, data: Path) -> Scores:
    """Put the weights of a run of the default network into the package, and their card; the scores.

    What it learned of the encoder is a file of its own, of changes, which take 8 bits where the
    weights take 16: a step of a change is a sixteenth of it at most, and the change is small.
    """
    told = json.loads((run / "config.json").read_text())
    state = load_file(run / "head.safetensors")
    before = create_model(DEFAULT_MODEL, "encoder").state_dict()
    encoder = {
        key: eighth(CHANGE_SCALE * (tensor - before[key]))
        for key, tensor in state.items()
        if key.startswith("encoder.")
    }
    head = WEIGHTS / f"{DEFAULT_MODEL}.safetensors"
    files = {head: narrow({key: tensor for key, tensor in state.items() if key not in encoder})}
    if encoder:
        files[head.with_suffix(".encoder.safetensors")] = encoder
    for file, tensors in files.items():
        save_file(tensors, file, {"model": DEFAULT_MODEL})
        file.chmod(0o644)
    scores = score(DEFAULT_MODEL, head, data, DEFAULT_SETS)
    about = {"model": DEFAULT_MODEL, "file": head.name} | told
    about |= {"preprocessing": PREPROCESSING["lab"], "scores": {"split": "test"} | scores["test"]}
    about["other_scores"] = {name: found for name, found in scores.items() if name != "test"}
    about["sha256"] = _sha256(head)
    if encoder:
        beside = head.with_suffix(".encoder.safetensors")
        about["encoder"] = {"file": beside.name, "sha256": _sha256(beside)}
    _write(head.with_suffix(".json"), about)
    return scores


def card(name: str, weights: Path, scores: Scores) -> dict[str, Any]:
    """What a user of the shipped weights must know."""
    config = read_run(name).config
    recipe, model = config["recipe"], config["model"]
    return {
        "model": model,
        "file": weights.name,
        "licence": "MIT; the encoder's weights are not in this file",
        "data": MORE_DATA if "everyday" in config["data"]["name"] else DATA,
        "preprocessing": PREPROCESSING[create_model(model, None).space.name],
        "loss": LOSSES[recipe.get("loss", "mse")].words.format(**recipe),
        "recipe": recipe,
        "steps": steps(name),
        "seed": recipe["seed"],
        "revision": config["revision"],
        "run": name,
        "scores": {"split": "test"} | scores["test"],
        "sha256": _sha256(weights),
    }


def drawing_card(config: dict[str, Any], weights: Path, scores: Scores) -> dict[str, Any]:
    """The same of a network that draws one pixel after another; `config` is that of its run."""
    network = create_model(config["model"], None)
    return {
        "model": config["model"],
        "file": weights.name,
        "licence": "MIT",
        "data": MORE_DATA | {key: config["data"][key] for key in ("train", "val")},
        "preprocessing": "squeezed to a square; the grey, 0 to 255, that is as light as the photo",
        "loss": "bits of coarse colours and of their fine channels (Kumar et al.)",
        "reading": {
            "temperature": network.temperature,
            "what": "one sample; its chroma enlarged bicubically. Scored in batches of 8 photos, "
            "drawn with the seeds 0 to 7",
        },
        "parameters": trainable_parameters(network),
        "recipe": config["recipe"],
        "steps": config["steps"],
        "seed": config["recipe"]["seed"],
        "revision": config["revision"],
        "run": weights.stem,
        "scores": {"split": "test"} | scores["test"],
        "sha256": _sha256(weights),
    }


def steps(name: str) -> int:
    """How often a recorded run moved the weights, counting the recorded runs that it went on from.

    Raises FileNotFoundError where the run, or one before it, is not recorded.
    """
    record = read_run(name)
    start = record.config["start"]
    before = 0 if start == "encoder" else steps(start)
    return before + int(record.validation["step"][-1]) + 1


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write(path: Path, content: dict[str, Any]) -> None:
    """In the order of the file that was there; what a person wrote into it stays."""
    before = json.loads(path.read_text()) if path.is_file() else {}
    kept = {key: x for key, x in before.items() if key in content or key in HAND_WRITTEN}
    write_json(path, kept | content)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.evaluate.ship")
    parser.add_argument("run", type=Path)
    parser.add_argument("name")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--head", help="ship the weights too, under this name")
    asked = parser.parse_args()
    if asked.name == DEFAULT_MODEL:
        ship_default(asked.run, asked.data)
    else:
        ship(**vars(asked))


if __name__ == "__main__":
    main()
