"""Runs that end early, for real: killed, stopped, out of disk, out of memory; and going on."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from colorlab.data.samples import sample_photos
from colorlab.models import registry
from colorlab.models.convnet import ConvNet
from colorlab.train import Machine, Recipe, Status, check_settings, resume, train
from colorlab.train.checkpoint import load_checkpoint

# A small network of everything whose state matters: BatchNorm, and dropout for random numbers.
TINY = """
from torch import nn
from colorlab.models.convnet import ConvNet
from colorlab.models.registry import register

@register("tiny")
def tiny():
    network = ConvNet(widths=(8, 8, 8, 8, 8), last=8)
    network.up[3].append(nn.Dropout(0.2))
    return network
"""
COMMAND = TINY + "import sys\nfrom colorlab.cli import main\nsys.argv[0] = 'colorlab'\nmain()"
STEPS = 30  # an epoch's
OPTIONS = ["--model", "tiny", "--epochs", "3", "--preset", "quick", "--size", "32", "--batch", "2"]


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    """The same network in this process, and no longer than for this file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_BUILDERS", dict(registry._BUILDERS))
        exec(TINY, {})
        yield


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (coffee,) = sample_photos("coffee")
    for split, count in (("train", 60), ("val", 5)):
        (folder / split).mkdir()
        for number in range(count):
            crop = coffee.rgb[4 * number : 4 * number + 48, 8 * number : 8 * number + 48]
            Image.fromarray(crop).save(folder / split / f"{number:02d}.png")
    return folder


def start(photos: Path, *options: object, limit: tuple[int, int] | None = None) -> Any:
    """The command, in a process group of its own."""

    def prepare() -> None:
        if limit:
            resource.setrlimit(limit[0], (limit[1], limit[1]))

    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "train", "--data", str(photos), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "300", "NO_COLOR": "1"},
        preexec_fn=prepare,
    )


def wait(process: Any) -> tuple[int, str]:
    """Exit status and stderr."""
    _, errors = process.communicate(timeout=200)
    return process.returncode, errors


def until(run: Path, epoch: int, step: int) -> None:
    """Return as soon as the run has a checkpoint of this step, or a later one of that epoch."""
    last = run / "checkpoints" / "last.ckpt"
    for _ in range(20_000):
        if last.exists():
            progress = load_checkpoint(last).position
            if (progress.epoch, progress.step) >= (epoch, step):
                return
        time.sleep(0.002)
    raise AssertionError("the run came not that far")


def head(run: Path) -> dict[str, Tensor]:
    return load_file(run / "head.safetensors")


def same(first: Path, second: Path) -> bool:
    """Whether two runs ended with the same weights, bit by bit, and the same metrics."""
    a, b = head(first), head(second)
    weights = a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)
    last = [load_checkpoint(run / "checkpoints" / "last.ckpt").head for run in (first, second)]
    weights = weights and all(torch.equal(last[0][key], last[1][key]) for key in last[0])
    metrics = [(run / "metrics.csv").read_text() for run in (first, second)]
    return weights and metrics[0] == metrics[1]


@pytest.fixture(scope="module")
def whole(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    run = tmp_path_factory.mktemp("whole") / "run"
    status, errors = wait(start(photos, "--run", run, *OPTIONS))
    assert status == 0, errors
    lines = errors.splitlines()
    assert len(lines) == 3, "one line an epoch and no more: " + errors
    assert lines[0].startswith("epoch 1/3: validation loss")
    assert lines[0].endswith("photos/s")
    return run


@pytest.fixture(scope="module")
def disturbed(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Killed in the second epoch, stopped in the third, and then let end; readers beside it."""
    run = tmp_path_factory.mktemp("disturbed") / "run"
    begun = start(photos, "--run", run, *OPTIONS, "--save-every", 0, "--workers", 1)
    until(run, 1, 3)
    os.killpg(begun.pid, signal.SIGKILL)
    assert wait(begun)[0] == -signal.SIGKILL
    progress = load_checkpoint(run / "checkpoints" / "last.ckpt").position
    assert progress.epoch == 1
    assert 3 <= progress.step < STEPS, "the kill came too late to show anything"
    assert not list(run.glob("**/*.part")) or progress  # a kill may leave a part; nobody reads it

    again = start(photos, "--resume", run, "--save-every", 0, "--workers", 1)
    until(run, 2, 5)
    os.killpg(again.pid, signal.SIGTERM)  # as schedulers do it: the readers get it too
    status, errors = wait(again)
    assert status == 0, errors
    progress = load_checkpoint(run / "checkpoints" / "last.ckpt").position
    assert (progress.epoch, progress.total) == (2, 2 * STEPS + progress.step)
    assert 5 <= progress.step < STEPS
    message = f"stopped and saved after step {progress.total}; --resume {run} goes on from there"
    assert errors.splitlines()[-1] == message

    status, errors = wait(start(photos, "--resume", run, *OPTIONS))
    assert status == 0, errors
    return run


@pytest.mark.slow
def test_a_killed_and_a_stopped_run_end_as_if_nothing_had_been(
    whole: Path, disturbed: Path
) -> None:
    assert same(whole, disturbed)
    pictures = [sorted(p.name for p in (run / "samples").iterdir()) for run in (whole, disturbed)]
    assert pictures[0] == pictures[1] == ["epoch_00.jpg", "epoch_01.jpg", "epoch_02.jpg"]


def test_dropout_and_batchnorm_were_at_work(whole: Path) -> None:
    """Else the comparison above would not show that their states are kept."""
    weights = load_checkpoint(whole / "checkpoints" / "last.ckpt").head
    assert int(weights["down.0.1.num_batches_tracked"]) == 3 * STEPS
    assert weights["down.0.1.running_mean"].abs().max() > 0
    tiny = registry.build("tiny")
    assert isinstance(tiny, ConvNet)
    assert any(isinstance(module, nn.Dropout) for module in tiny.modules())


class Crash(Exception):
    """What a power cut is to the files of a run."""


def crash_at(step: int) -> Any:
    def listen(status: Status) -> None:
        if not status.scores and status.epoch * 60 + status.photos == 2 * step:
            raise Crash

    return listen


RECIPE = Recipe(epochs=3, size=32, final_epochs=0, batch=2)


@pytest.mark.parametrize("step", [25, 30, 45])
def test_what_was_logged_after_the_checkpoint_is_logged_once(
    step: int, whole: Path, photos: Path, tmp_path: Path
) -> None:
    """In the middle of an epoch, at its end before validation, and past a row of the metrics."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    run = tmp_path / "run"
    with pytest.raises(Crash):
        train("tiny", photos, run, RECIPE, workers=0, report=crash_at(step))
    resume(run, photos, workers=0)
    torch.set_num_threads(threads)
    assert same(whole, run)


def test_no_reader_outlives_an_error(photos: Path, tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())
    with pytest.raises(Crash):
        train("tiny", photos, tmp_path / "run", RECIPE, workers=2, report=crash_at(32))
    assert set(multiprocessing.active_children()) <= before


def test_the_shipped_network_resumes_exactly(photos: Path, tmp_path: Path) -> None:
    recipe = Recipe(epochs=1, size=32, final_epochs=1, final_size=64, batch=10, accumulate=2)
    name, each = "efficientnet_lite0", Machine(save_every=0)
    train(name, photos, tmp_path / "whole", recipe, workers=0)

    def crash(status: Status) -> None:
        if status.epoch == 1 and status.photos == 40:  # within the second epoch
            raise Crash

    with pytest.raises(Crash):
        train(name, photos, tmp_path / "cut", recipe, workers=0, machine=each, report=crash)
    resume(tmp_path / "cut", photos, workers=0)
    assert same(tmp_path / "whole", tmp_path / "cut")


def test_a_finished_run_is_left_alone(whole: Path, photos: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    model = resume(whole, photos)
    assert torch.equal(model.state_dict()["to_chroma.weight"], head(whole)["to_chroma.weight"])
    assert before == {path: path.stat().st_mtime_ns for path in whole.rglob("*")}


# -- what goes wrong


@pytest.fixture
def begun(photos: Path, tmp_path: Path) -> Path:
    """A run that crashed in its second epoch."""
    with pytest.raises(Crash):
        train("tiny", photos, tmp_path / "run", RECIPE, workers=0, report=crash_at(40))
    return tmp_path / "run"


def checkpoints(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (run / "checkpoints").iterdir()}


def test_a_full_disk_leaves_the_last_good_checkpoint(photos: Path, begun: Path) -> None:
    before = checkpoints(begun)
    limit = len(before["last.ckpt"]) // 2  # no file may grow beyond it
    status, errors = wait(
        start(photos, "--resume", begun, "--save-every", 0, limit=(resource.RLIMIT_FSIZE, limit))
    )
    assert status == 1
    (line,) = [line for line in errors.splitlines() if line]
    assert line.startswith(f"error: {begun} could not be written after step")
    assert "File too large" in line
    assert checkpoints(begun) == before
    assert not list(begun.glob("**/*.part"))
    resume(begun, photos, workers=0)  # with space again


def test_a_loss_that_is_no_number_stops_and_names_the_step(photos: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"

    def spoil(status: Status) -> None:
        # Weights that overflow, as too high a rate makes them; seen with the next step's loss.
        if status.photos == 2 * 24:
            for module in _networks[-1].modules():
                if isinstance(module, nn.Conv2d):
                    module.weight.data.fill_(float("inf"))

    with pytest.MonkeyPatch.context() as patch:
        _networks: list[nn.Module] = []
        build = registry._BUILDERS["tiny"]

        def remember() -> Any:
            _networks.append(build())
            return _networks[-1]

        patch.setitem(registry._BUILDERS, "tiny", remember)
        with pytest.raises(RuntimeError, match="the loss of step 25 is not finite"):
            train("tiny", photos, run, RECIPE, workers=0, report=spoil)
    last = load_checkpoint(run / "checkpoints" / "last.ckpt")
    assert all(torch.isfinite(tensor).all() for tensor in last.head.values())
    assert "nan" not in (run / "metrics.csv").read_text()


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "missing"])
def test_an_unreadable_checkpoint_is_said_and_kept(damage: str, begun: Path, photos: Path) -> None:
    last = begun / "checkpoints" / "last.ckpt"
    data = last.read_bytes()
    last.write_bytes({"cut": data[:-1000], "empty": b"", "text": b"hello"}.get(damage, b""))
    if damage == "missing":
        last.unlink()
    before = checkpoints(begun)
    with pytest.raises(RuntimeError, match="damaged|there is no checkpoint"):
        resume(begun, photos)
    assert checkpoints(begun) == before
    assert "best.ckpt" in before


def test_a_checkpoint_is_never_unpickled(begun: Path, photos: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "sprung").touch, ())

    torch.save({"format": 1, "trap": Trap()}, begun / "checkpoints" / "last.ckpt")
    with pytest.raises(RuntimeError, match="damaged, or not a checkpoint"):
        resume(begun, photos)
    assert not (tmp_path / "sprung").exists()


def test_checkpoints_of_other_runs_are_refused(begun: Path, photos: Path, tmp_path: Path) -> None:
    other = Recipe(epochs=1, size=32, final_epochs=0, batch=30)
    for name, model in (("recipe", "tiny"), ("model", "convnet")):
        train(model, photos, tmp_path / name, other, workers=0)
        theirs = (tmp_path / name / "checkpoints" / "last.ckpt").read_bytes()
        (begun / "checkpoints" / "last.ckpt").write_bytes(theirs)
        with pytest.raises(RuntimeError, match=f"of another {name}"):
            resume(begun, photos)


def test_other_photos_are_refused(begun: Path, photos: Path) -> None:
    with pytest.raises(RuntimeError, match="begun with other photos"):
        resume(begun, photos / "train")


@pytest.mark.parametrize(
    ("model", "preset", "changes", "message"),
    [
        ("convnet", None, {}, "begun with model tiny, not convnet"),
        (None, None, {"rate": 0.5}, "begun with rate 0.001, not 0.5"),
        (None, "paper", {}, "begun with epochs 3, not 10"),
        ("convnet", "huge", {}, "no preset 'huge'"),
    ],
)
def test_other_settings_are_refused(
    model: str, preset: str, changes: dict[str, Any], message: str, whole: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        check_settings(whole, model, preset, changes)


def test_the_same_settings_are_taken(whole: Path) -> None:
    check_settings(whole, None, None, {})
    check_settings(whole, "tiny", "quick", {"epochs": 3, "size": 32, "batch": 2})


def test_a_mistake_is_one_line(photos: Path, whole: Path) -> None:
    for options, message in (
        (["--resume", whole, "--lam", "0.1"], "begun with lam 0.9, not 0.1"),
        (["--resume", whole, "--run", whole], "give either --run"),
    ):
        status, errors = wait(start(photos, *options))
        assert status == 1
        assert errors.startswith("error: ")
        assert message in errors
        assert len(errors.splitlines()) == 1


MEMORY = """
import resource, sys
from colorlab.train import Recipe, train
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 700 * 2**20, -1))
recipe = Recipe(epochs=1, size=256, final_epochs=0, batch=60)
try:
    train("efficientnet_lite0", sys.argv[1], sys.argv[2], recipe, workers=0)
except RuntimeError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are the system's")
def test_full_memory_names_the_batch_to_try(photos: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, photos, tmp_path / "run"],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith(
        "out of memory with 60 photos of 256x256 in a batch; try batch=30"
    )
    assert not (tmp_path / "run" / "head.safetensors").exists()
