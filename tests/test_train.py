"""The recipe, run for real on a few small photos."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from colorlab.data import Augmentation, sample_photos
from colorlab.models import create_model, trainable_state
from colorlab.records import read_run
from colorlab.train import Recipe, git_revision, train

TINY = Recipe(epochs=2, size=32, final_epochs=1, final_size=64, batch=4)


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for split in ("train", "val"):
        (folder / split).mkdir()
        for photo in sample_photos():
            small = Image.fromarray(photo.rgb).resize((80, 80))
            small.save(folder / split / f"{photo.name}.png")
    return folder


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


def test_the_same_seed_gives_the_same_weights(run, photos, tmp_path):
    train("efficientnet_lite0", photos, tmp_path / "again", TINY, workers=0)
    first, again = (load_file(r / "head.safetensors") for r in (run, tmp_path / "again"))
    assert all(torch.equal(first[key], again[key]) for key in first)


def test_a_run_is_never_written_over(run, photos):
    with pytest.raises(FileExistsError):
        train("efficientnet_lite0", photos, run, TINY, workers=0)


def test_training_learns(photos, tmp_path):
    """Nine photos by heart: worse than grey at first, better than grey at last."""
    by_heart = Augmentation(min_area=1, flip=False)
    recipe = Recipe(epochs=25, size=64, final_epochs=0, batch=4, augment=by_heart)
    train("efficientnet_lite0", photos, tmp_path / "run", recipe, workers=0)
    ratio = read_run(tmp_path / "run").validation["val_mse_to_grey"]
    assert ratio[-1] < 0.9 < ratio[0]


def test_sizes_of_the_epochs():
    assert TINY.sizes == [32, 32, 64]
