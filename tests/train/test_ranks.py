"""Several training processes: the same steps as one, one writer, and scores over all photos."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from colorlab.data.samples import sample_photos
from colorlab.train.checkpoint import load_checkpoint
from colorlab.train.records import read_run

# No BatchNorm, for each process has statistics of its own batch; and full precision, for the
# rounding of bfloat16 would hide what is compared.
SCRIPT = """
import sys
import torch
from torch import nn
from colorlab.color import LAB
from colorlab.models.base import Colorizer
from colorlab.models.registry import register
from colorlab.train import machine

class Plain(Colorizer):
    space = LAB

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 2, 3, padding=1), nn.Tanh()
        )

    def predict(self, luma):
        return self.layers(luma)

register("plain")(Plain)
machine.fast_precision = lambda: "32-true"
if __name__ == "__main__":
    from colorlab.cli import main
    main()
"""
OPTIONS = ["--model", "plain", "--preset", "quick", "--size", "32", "--epochs", "2"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
TORCHRUN.append("--")  # what follows is not for torchrun, whose options may be abbreviated


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos (an odd number to validate on) and the script."""
    folder = tmp_path_factory.mktemp("ranks")
    (coffee,) = sample_photos("coffee")
    for split, count in (("train", 40), ("val", 5)):
        (folder / "photos" / split).mkdir(parents=True)
        for number in range(count):
            crop = coffee.rgb[4 * number : 4 * number + 48, 8 * number : 8 * number + 48]
            Image.fromarray(crop).save(folder / "photos" / split / f"{number:02d}.png")
    (folder / "script.py").write_text(SCRIPT)
    return folder


def begin(place: Path, launcher: list[str], *options: object) -> subprocess.Popen[str]:
    command = [*launcher, str(place / "script.py"), "train", "--data", str(place / "photos")]
    return subprocess.Popen(
        [*command, *OPTIONS, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "300", "NO_COLOR": "1"},
    )


def end(process: subprocess.Popen[str]) -> str:
    """What it said; the test fails unless it succeeded."""
    said, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors[-3000:]
    return said


@pytest.fixture(scope="module")
def one(place: Path) -> Path:
    """One process, steps of 8 photos."""
    end(begin(place, [sys.executable], "--run", place / "one", "--batch", 8))
    return place / "one"


@pytest.mark.slow
def test_two_ranks_take_the_steps_of_one(place: Path, one: Path) -> None:
    run = place / "two"
    said = end(begin(place, TORCHRUN, "--run", run, "--batch", 4))
    assert said.count("trained weights are in") == 1
    assert json.loads((run / "config.json").read_text())["environment"]["processes"] == 2
    rows = [read_run(folder).validation for folder in (run, one)]
    assert rows[0]["step"].tolist() == rows[1]["step"].tolist() == [4, 9]
    # Five photos in shares of three and two: each counted once, or the scores would differ.
    for name in ("val_loss", "val_mse", "val_mse_to_grey", "val_chroma_to_truth"):
        assert rows[0][name] == pytest.approx(rows[1][name], rel=1e-4)
    weights = [load_file(folder / "head.safetensors") for folder in (run, one)]
    for key in weights[0]:
        assert torch.allclose(weights[0][key], weights[1][key], atol=1e-5)


def test_accumulated_batches_take_the_steps_of_one(place: Path, one: Path) -> None:
    run = place / "accumulated"
    end(begin(place, [sys.executable], "--run", run, "--batch", 2, "--accumulate", 4))
    weights = [load_file(folder / "head.safetensors") for folder in (run, one)]
    for key in weights[0]:
        assert torch.allclose(weights[0][key], weights[1][key], atol=1e-5)


@pytest.mark.slow
def test_two_ranks_started_by_the_command_stop_together_and_resume(place: Path) -> None:
    """`--devices 2` starts the second process itself; the signal comes to the first alone."""
    options = ["--batch", 1, "--epochs", 40, "--devices", 2]
    process = begin(place, [sys.executable], "--run", place / "stopped", *options)
    metrics = place / "stopped" / "metrics.csv"
    while not metrics.exists() or metrics.read_text().count("\n") < 2:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors[-3000:]
    assert errors.count("stopped and saved after step") == 1
    progress = load_checkpoint(place / "stopped" / "checkpoints" / "last.ckpt").position
    assert 0 < progress.total < 800
