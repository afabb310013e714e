"""The recipe, run for real on a few small photos."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning.fabric import Fabric
from PIL import Image
from safetensors.torch import load_file

from colorlab import colorize
from colorlab.data.batches import (
    PAPER_AUGMENTATION,
    Augmentation,
    ColorizationData,
)
from colorlab.data.photos import Photos, list_photos
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing, colorizer
from colorlab.models import create_model, trainable_state
from colorlab.train import (
    LOSSES,
    PRESETS,
    Recipe,
    get_recipe,
    git_revision,
    loss,
    preset_table,
    train,
)
from colorlab.train.checkpoint import load_checkpoint
from colorlab.train.log import read_config
from colorlab.train.losses import chroma_mse
from colorlab.train.recipe import recipe_from_json, recipe_to_json
from colorlab.train.records import RUNS, read_run
from colorlab.train.stopping import StopRequest, naming_the_batch, out_of_memory
from colorlab.train.validation import validate

from ..batches import write_splits

TINY = Recipe(epochs=2, size=32, final_epochs=1, final_size=64, batch=4)


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    return write_splits(tmp_path_factory.mktemp("photos"), (80, 80))


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    train("efficientnet_lite0", photos, folder, TINY, workers=0)
    return folder


def test_a_run_leaves_its_record(run):
    record = read_run(run)
    assert record.config["model"] == "efficientnet_lite0"
    assert record.config["recipe"]["rate"] == 0.001
    assert record.config["revision"] == git_revision()
    assert list(record.validation["epoch"]) == [0, 1, 2]
    assert (record.validation["val_mse_to_grey"] > 0).all()
    assert json.loads((run / "config.json").read_text())["seconds"] >= 0


def test_the_head_can_be_used(run):
    model = create_model("efficientnet_lite0", str(run / "head.safetensors"))
    assert model(torch.rand(1, 1, 32, 32)).shape == (1, 2, 32, 32)
    fresh = trainable_state(create_model("efficientnet_lite0", "encoder"))
    moved = load_file(run / "head.safetensors")
    assert moved.keys() == fresh.keys()
    assert not torch.equal(moved["decoder.block16.0.weight"], fresh["decoder.block16.0.weight"])


def test_the_folder_of_a_run_is_a_model(run):
    photo = torch.rand(1, 1, 32, 32)
    by_head = create_model("efficientnet_lite0", str(run / "head.safetensors"))
    with torch.inference_mode():
        assert torch.equal(create_model(str(run))(photo), by_head(photo))
    assert colorize(np.full((40, 60, 3), 90, np.uint8), str(run)).shape == (40, 60, 3)


def test_the_same_seed_gives_the_same_weights(run, photos, tmp_path):
    train("efficientnet_lite0", photos, tmp_path / "again", TINY, workers=0)
    first, again = (load_file(r / "head.safetensors") for r in (run, tmp_path / "again"))
    assert all(torch.equal(first[key], again[key]) for key in first)


def test_the_folder_of_a_run(run, photos):
    """Nothing of this machine is in the record, and what a reader looks for is there."""
    config = read_config(run)
    assert config["data"]["name"] == photos.name
    assert (config["data"]["train"], config["data"]["val"]) == (9, 9)
    assert set(config["environment"]) >= {"python", "torch", "lightning", "device", "threads"}
    assert config["length"] == {"epochs": 3, "steps": 6}
    assert str(photos.parent) not in (run / "config.json").read_text()
    card = (run / "card.md").read_text()
    assert str(run.parent) not in card
    for word in ("2,783,426", "Eq. 1", "seed 0", "create_model", f"{config['best']['epoch'] + 1}"):
        assert word in card, word
    for epoch in range(3):
        with Image.open(run / "samples" / f"epoch_{epoch:02d}.jpg") as picture:
            assert picture.size == (3 * 224, 4 * 224)
            grey, shown, true = np.split(np.asarray(picture).astype(int), 3, axis=1)
        assert np.ptp(grey, axis=2).mean() < 2
        assert np.ptp(true, axis=2).mean() > 10
        assert np.abs(shown - true).mean() > 1
    assert not list(run.glob("**/.*"))


def test_tensorboard_has_the_numbers_of_the_table(run):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = EventAccumulator(str(run / "tensorboard"))
    board.Reload()
    scores = read_run(run).validation
    for name in ("val_loss", "val_mse_to_grey", "val_chroma_to_truth"):
        told = board.Scalars(name)
        assert [event.step for event in told] == scores["step"].tolist()
        assert [event.value for event in told] == pytest.approx(scores[name])
    assert len(board.Images("grey, coloured, true")) == 3


def test_the_head_is_of_the_best_epoch(run):
    best = read_config(run)["best"]
    losses = read_run(run).validation["val_loss"]
    assert best["epoch"] == losses.argmin()
    assert best["val_loss"] == losses.min()
    stored = load_checkpoint(run / "checkpoints" / "best.ckpt")
    head = load_file(run / "head.safetensors")
    assert stored.position.best == best
    assert all(torch.equal(tensor, head[key]) for key, tensor in stored.head.items())


def test_validation_agrees_with_evaluate(run, photos):
    """The scores are those of `colorlab evaluate`, in full precision."""
    model = create_model("efficientnet_lite0", str(run / "head.safetensors"))
    paths, measures = list_photos(photos / "val"), ("mse", "mse_to_grey", "chroma_ratio")
    found = compare({"run": colorizer(model)}, Photos(paths), Preprocessing(224), measures)
    mse, mse_to_grey, chroma = (found.scores["run"][name].value for name in measures)
    batches = ColorizationData(photos, batch=4, workers=0).val_dataloader()
    scores = validate(Fabric(precision="32-true", accelerator="cpu"), model, chroma_mse, batches)
    assert scores["val_mse"] == pytest.approx(mse, rel=1e-4)
    assert scores["val_mse_to_grey"] == pytest.approx(mse_to_grey, rel=1e-4)
    assert scores["val_chroma_to_truth"] == pytest.approx(chroma, rel=1e-4)


def test_batchnorms_of_the_decoder_learn_and_the_encoders_do_not(run):
    last = load_checkpoint(run / "checkpoints" / "last.ckpt").head
    counted = [t for key, t in last.items() if key.endswith("num_batches_tracked")]
    assert counted
    assert all(int(t) == 6 for t in counted)
    assert not any(key.startswith("encoder") for key in last)


def test_a_run_is_never_written_over(run, photos):
    with pytest.raises(FileExistsError):
        train("efficientnet_lite0", photos, run, TINY, workers=0)


def test_training_learns(photos, tmp_path):
    """Nine photos by heart: better than grey, and better at last than at first."""
    shutil.copytree(photos / "val", tmp_path / "photos" / "val")
    for time in range(5):  # so that an epoch is of five steps
        shutil.copytree(photos / "train", tmp_path / "photos" / "train" / str(time))
    by_heart = Augmentation(min_area=1, flip=False)
    recipe = Recipe(epochs=3, size=64, final_epochs=0, batch=9, augment=by_heart)
    data = tmp_path / "photos"
    model = train("efficientnet_lite0", data, tmp_path / "run", recipe, workers=0)
    rows = read_run(tmp_path / "run")
    ratio = rows.validation["val_mse_to_grey"]
    assert ratio.min() < 0.9 * min(1, ratio[0])
    # The model that is returned is the best epoch's, not the last one's.
    head = load_file(tmp_path / "run" / "head.safetensors")
    assert all(torch.equal(tensor, head[key]) for key, tensor in trainable_state(model).items())
    assert not model.training


def test_patience_ends_a_run(photos, tmp_path):
    recipe = Recipe(epochs=9, size=32, final_epochs=0, batch=9, rate=1e-9, patience=2)
    recipe = replace(recipe, schedule="constant")
    reports = []
    train("dahl_lite0", photos, tmp_path / "run", recipe, workers=0, report=reports.append)
    losses = read_run(tmp_path / "run").validation["val_loss"]
    assert len(losses) - 1 - losses.argmin() == 2 or len(losses) == 9
    assert [r.epoch for r in reports if r.scores] == list(range(len(losses)))
    assert {r.of for r in reports} == {9}


def test_limit_takes_photos_evenly(photos, tmp_path):
    recipe = Recipe(epochs=1, size=32, final_epochs=0, batch=2, limit=3)
    train("dahl_lite0", photos, tmp_path / "run", recipe, workers=0)
    data = read_config(tmp_path / "run")["data"]
    assert (data["train"], data["val"]) == (3, 3)


def test_the_rebalanced_loss_is_of_lab_alone(photos, tmp_path):
    recipe = Recipe(loss="rebalanced", epochs=1, size=32, final_epochs=0)
    with pytest.raises(ValueError, match="rebalanced loss is of L\\*a\\*b\\*, and .* in yuv"):
        train("dahl_lite0", photos, tmp_path / "run", recipe, workers=0)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": "l1"}, "no loss 'l1'; there are: mse, rebalanced"),
        ({"schedule": "step"}, "no schedule 'step'; there are"),
        ({"lam": 1.5}, "lambda must lie in \\[0, 1\\], got 1.5"),
        ({"rate": 0.0}, "learning rate must be above 0"),
        ({"epochs": 0, "final_epochs": 0}, "at least one epoch"),
        ({"size": 100}, "multiples of 32, got 100"),
        ({"final_size": 0}, "multiples of 32, got 0"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"accumulate": 0}, "accumulate must be at least 1"),
        ({"patience": 0}, "patience must be at least 1"),
    ],
)
def test_recipes_that_no_run_could_use_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**wrong)


def test_presets():
    assert get_recipe("paper").sizes == [224] * 10
    assert get_recipe("paper").batch == 32
    assert get_recipe("paper").augment == PAPER_AUGMENTATION
    assert get_recipe("quick", {"seed": 3}).seed == 3
    with pytest.raises(ValueError, match="no preset 'huge'; there are: quick, scenes, paper"):
        get_recipe("huge")
    header, rows = preset_table()
    assert [row[0] for row in rows] == list(PRESETS)
    assert all(len(row) == len(header) for row in rows)
    assert "turned by up to 36°" in rows[-1][-1]


def test_recipes_go_through_json_unchanged():
    for recipe in (*PRESETS.values(), TINY, Recipe(patience=3, limit=9, betas=(0.5, 0.9))):
        assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe


def test_runs_of_before_are_still_read():
    """The recorded runs know nothing of the newer fields."""
    for record in RUNS.glob("*/config.json"):
        recipe = read_config(record.parent)["recipe"]
        if "adversary" not in recipe:  # that one has another loop
            assert recipe_from_json(recipe).accumulate == 1


def test_sizes_of_the_epochs():
    assert TINY.sizes == [32, 32, 64]


def test_a_second_signal_kills():
    stop = StopRequest()
    before = signal.getsignal(signal.SIGUSR1)
    caught = []
    signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
    try:
        with stop:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert stop.signal == signal.SIGUSR1
            assert not caught
            os.kill(os.getpid(), signal.SIGUSR1)  # as if nobody listened
            assert caught == [signal.SIGUSR1]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_memory_errors_are_told_from_others():
    huge = 2**50
    with pytest.raises(RuntimeError) as caught:
        torch.empty(huge, dtype=torch.uint8)
    assert out_of_memory(caught.value)
    assert out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert out_of_memory(MemoryError())
    assert not out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    half = pytest.raises(RuntimeError, match="try batch=16, with accumulate=2")
    with half, naming_the_batch(Recipe(batch=32), 128):
        torch.empty(huge, dtype=torch.uint8)
    smaller = pytest.raises(RuntimeError, match="try a smaller size")
    with smaller, naming_the_batch(Recipe(batch=1), 128):
        raise MemoryError


def test_photos_without_colour_are_refused(photos, tmp_path):
    for split in ("train", "val"):
        (tmp_path / "grey" / split).mkdir(parents=True)
        for path in list_photos(photos / split):
            with Image.open(path) as photo:
                photo.convert("L").convert("RGB").save(tmp_path / "grey" / split / path.name)
    with pytest.raises(ValueError, match="the training photos have no colour"):
        train("dahl_lite0", tmp_path / "grey", tmp_path / "run", TINY, workers=0)
    assert not (tmp_path / "run").exists()


def test_grey_validation_photos_have_no_ratio(photos, tmp_path):
    shutil.copytree(photos / "train", tmp_path / "photos" / "train")
    (tmp_path / "photos" / "val").mkdir()
    for path in list_photos(photos / "val"):
        with Image.open(path) as photo:
            photo.convert("L").save(tmp_path / "photos" / "val" / f"{path.stem}.png")
    recipe = Recipe(epochs=1, size=32, final_epochs=0, batch=4)
    train("dahl_lite0", tmp_path / "photos", tmp_path / "run", recipe, workers=0)
    best = json.loads((tmp_path / "run" / "config.json").read_text())["best"]
    assert best["val_mse_to_grey"] is None
    assert best["val_chroma_to_truth"] is None
    assert best["val_mse"] > 0
    assert "the photos have no colour" in (tmp_path / "run" / "card.md").read_text()


def test_too_many_broken_photos_are_one_sentence_and_leave_nothing(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "photos")
    broken = tmp_path / "photos" / "train" / "broken.jpg"
    broken.write_bytes(next((photos / "train").glob("*")).read_bytes()[:200])
    with pytest.raises(RuntimeError) as caught:
        train("dahl_lite0", tmp_path / "photos", tmp_path / "run", TINY, workers=1)
    assert len(str(caught.value).splitlines()) == 1
    assert "broken.jpg" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_loss_is_added_in_one_place(photos, tmp_path, request):
    """As CONTRIBUTING says: it is trained with, and the card has its words."""

    @loss("huber", "Huber's loss of chroma")
    def huber(lam, space):
        return torch.nn.functional.huber_loss

    request.addfinalizer(lambda: LOSSES.pop("huber"))
    recipe = Recipe(loss="huber", epochs=1, size=32, final_epochs=0, batch=4)
    train("dahl_lite0", photos, tmp_path / "run", recipe, workers=0)
    assert "| Loss | Huber's loss of chroma |" in (tmp_path / "run" / "card.md").read_text()
