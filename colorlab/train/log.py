"""What a run leaves for people: its settings, its log, sample pictures and a card."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path
from typing import Any

from torch import Tensor
from torchvision.transforms.v2.functional import to_pil_image

from colorlab.data.files import write_json, write_whole
from colorlab.models import trainable_parameters
from colorlab.models.base import Colorizer
from colorlab.train.losses import LOSSES
from colorlab.train.validation import Scores

COLUMNS = (
    *("epoch", "step", "train_loss"),
    *("val_mse", "val_mse_to_grey", "val_chroma_to_truth", "val_loss"),
)


def read_config(run: Path) -> dict[str, Any]:
    """A run's `config.json`; FileNotFoundError where there is no run, RuntimeError if damaged."""
    path = run / "config.json"
    if not path.is_file():
        raise FileNotFoundError(f"{run} is no run: it has no config.json")
    try:
        config: dict[str, Any] = json.loads(path.read_text())
        return config
    except ValueError as error:
        raise RuntimeError(f"{path} is damaged: {error}") from error


def write_config(run: Path, config: dict[str, Any]) -> None:
    """Write a run's `config.json`; of its best scores those that are undefined (NaN) are null."""
    best = {k: None if math.isnan(v) else v for k, v in config.get("best", {}).items()}
    stored = config | ({"best": best} if best else {})
    write_json(run / "config.json", stored)


def share(value: float) -> str:
    """A ratio to the true photos in three digits, or in words where they have no colour."""
    return "undefined (the photos have no colour)" if math.isnan(value) else f"{value:.3f}"


class RunLog:
    """The log of a run: `metrics.csv`, TensorBoard's files, and pictures in `samples/`.

    `logged` bytes of the metrics are kept and what comes after them (it was logged after the
    checkpoint that the run goes on from) is dropped; so are TensorBoard's entries from `step` on.
    """

    def __init__(self, run: Path, logged: int, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter  # spares the import to all but training

        self.run = run
        self._metrics = (run / "metrics.csv").open("ab", buffering=0)
        if self._metrics.seek(0, os.SEEK_END) < logged:
            raise RuntimeError(f"{run / 'metrics.csv'} has lost rows that the checkpoint counts on")
        self._metrics.truncate(logged)
        if not logged:
            self._append(COLUMNS)
        self._board = SummaryWriter(str(run / "tensorboard"), purge_step=step or None)

    def training(self, epoch: int, step: int, loss: float, rate: float) -> None:
        """Log a step's loss and learning rate; steps count from 0."""
        self._append([epoch, step, loss])
        self._board.add_scalar("train_loss", loss, step)
        self._board.add_scalar("learning_rate", rate, step)

    def validation(self, epoch: int, step: int, scores: Scores) -> None:
        """Log the scores after an epoch whose last step was `step`."""
        defined = {name: score for name, score in scores.items() if not math.isnan(score)}
        self._append([epoch, step, "", *(defined.get(name, "") for name in COLUMNS[3:])])
        for name, score in defined.items():
            self._board.add_scalar(name, score, step)

    def picture(self, epoch: int, step: int, picture: Tensor) -> None:
        """Keep an epoch's sample pictures, uint8 (3, H, W)."""
        buffer = io.BytesIO()
        to_pil_image(picture).save(buffer, "jpeg", quality=90)
        write_whole(self.run / "samples" / f"epoch_{epoch:02d}.jpg", buffer.getvalue())
        self._board.add_image("grey, coloured, true", picture, step)

    def flush(self) -> int:
        """Bring everything to the disk; returns the length of the metrics file in bytes."""
        self._board.flush()
        os.fsync(self._metrics.fileno())
        return self._metrics.tell()

    def close(self) -> None:
        """Close the files."""
        self._metrics.close()
        self._board.close()

    def _append(self, row: Any) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        before = self._metrics.seek(0, os.SEEK_END)
        data = line.getvalue().encode()
        try:
            if self._metrics.write(data) != len(data):
                raise OSError("no space left on the device")
        except OSError:
            self._metrics.truncate(before)  # never half a row
            raise


def write_card(run: Path, config: dict[str, Any], model: Colorizer) -> None:
    """Write `card.md`: what the head is, what it learned from, how well, and how to use it."""
    recipe, data, best = config["recipe"], config["data"], config["best"]
    length = config["length"]
    facts = {
        "Model": f"`{config['model']}`, {trainable_parameters(model):,} trained parameters",
        "Space": model.space.name,
        "Photos": f"{data['name']}: {data['train']:,} to train on, {data['val']:,} to validate on",
        "Loss": LOSSES[recipe["loss"]].words.format(lam=recipe["lam"]),
        "Training": f"{length['epochs']} epochs, {length['steps']:,} steps, seed {recipe['seed']}, "
        f"{config['seconds'] / 3600:.1f} hours",
        "Started from": config["start"],
        "Best epoch": f"{best['epoch'] + 1}, the one that `head.safetensors` is of",
        "Validation MSE": f"{best['val_mse']:.5f}, {share(best['val_mse_to_grey'])} of grey's",
        "Mean chroma": f"{share(best['val_chroma_to_truth'])} of the photos'",
        "Code": f"colorlab {config['revision']}, torch {config['environment']['torch']}",
    }
    lines = [f"# {run.name}", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {fact} |" for name, fact in facts.items()]
    lines += [
        *("", "Measured on the validation photos, which chose the epoch; `colorlab evaluate`"),
        *("measures on photos that had no part in it. To use it:", "", "```python"),
        "from colorlab import colorize, create_model",
        "",
        f'model = create_model("{config["model"]}", "{run.name}/head.safetensors")',
        *('picture = colorize("photo.jpg", model)', "```", ""),
    ]
    write_whole(run / "card.md", "\n".join(lines).encode())
