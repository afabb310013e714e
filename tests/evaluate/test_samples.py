"""What samples are worth, on draws whose answers are known; and a run of ColTran shipped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from colorlab.color import LAB
from colorlab.course.lessons import sample_batch
from colorlab.data.batches import squash
from colorlab.data.samples import sample_photos
from colorlab.evaluate import ship
from colorlab.evaluate.samples import (
    after_another,
    at_once,
    bits_a_pixel,
    measure_samples,
    unrest,
)
from colorlab.models import create_model, trainable_parameters, zoo
from colorlab.models.axial import Size
from colorlab.models.coltran import CoarseColorizer, ColTran, Upsampler
from colorlab.train.classes import begin
from colorlab.train.coltran import train_coltran, validate

PHOTOS = sample_batch(64, "coffee", "astronaut", "chelsea")


def tiny() -> ColTran:
    torch.manual_seed(0)
    size = Size(8, 16)
    return ColTran(CoarseColorizer(size, 1, 1, 1), Upsampler(size, 1, 8)).eval()


def test_truth_and_grey_have_known_scores() -> None:
    truth = LAB.split(PHOTOS)[1]
    batches = iter(truth.split(2))

    def right_at_last(luma: Tensor, count: int) -> Tensor:
        """Grey, then the truth."""
        own = next(batches)
        return torch.stack([0 * own, own])

    found = measure_samples({"draw": right_at_last}, list(PHOTOS), count=2, batch=2)["draw"]
    apart = 128 * float(truth.norm(dim=1).mean())
    assert found["diversity"] == pytest.approx(apart, abs=1e-3)
    expected = {"mse": 0.5, "chroma_ratio": 0.5, "unrest": 0.5, "best": [1.0, 0.0]}
    assert {key: found[key] for key in expected} == expected


def test_unrest_is_the_step_to_the_next_pixel() -> None:
    stripes = torch.zeros(1, 2, 64, 64)
    stripes[:, 0, :, 2::4] = stripes[:, 0, :, 3::4] = 10 / 128  # two pixels wide each
    assert float(unrest(stripes)) == pytest.approx(10)
    assert float(unrest(stripes, side=16)) == pytest.approx(0, abs=1e-5)


def test_networks_are_measured_and_pixels_alone_are_restless() -> None:
    other = begin().eval()
    ways = {"after": after_another(tiny()), "near": at_once(other, 4), "alone": at_once(other, 0)}
    found = measure_samples(ways, list(PHOTOS), count=2)
    assert found["near"]["unrest"] < found["alone"]["unrest"]
    for way in found.values():
        assert way["best"][0] >= way["best"][1] > 0
        assert way["diversity"] > 0


def test_bits_are_those_of_training() -> None:
    model = tiny()
    photos = [squash(torch.from_numpy(photo.rgb).permute(2, 0, 1), 8) for photo in sample_photos()]
    found = bits_a_pixel(model, photos)
    taught = validate(model, torch.stack(photos))
    assert found["bits"] == pytest.approx(float(taught["bits"]), abs=1e-3)
    assert found["guess"] == pytest.approx(float(taught["guess"]), abs=1e-3)
    assert len(found["rows"]) == 8


def test_a_run_is_shipped_in_8_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = [squash(torch.from_numpy(p.rgb).permute(2, 0, 1), 36) for p in sample_photos()]
    photos = torch.stack(small)
    run, weights = tmp_path / "run", tmp_path / "weights"
    for name in ("scenes/test", "imagenet_samples", "run", "weights"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("scenes/test", "imagenet_samples"):
        for photo in sample_photos("coffee", "chelsea"):
            Image.fromarray(photo.rgb).save(tmp_path / name / f"{photo.name}.png")
    train_coltran((photos, photos[..., :32, :32]), run, steps=2, batch=4)
    told = {"name": "scenes + everyday", "train": 9, "val": 9}
    config = {"model": "coltran_small", "data": told, "steps": 9, "revision": "0"}
    (run / "config.json").write_text(json.dumps(config | {"recipe": {"seed": 0}}))
    (run / "metrics.csv").write_text("step,bits\n")
    for module in (ship, zoo):
        monkeypatch.setattr(module, "WEIGHTS", weights)
    monkeypatch.setattr(ship, "RUNS", tmp_path / "runs")

    scores = ship.ship(run, "coltran_small", tmp_path, head="coltran_small")
    assert {path.name for path in (tmp_path / "runs" / "coltran_small").iterdir()} == {
        "scores.json",
        "validation.csv",
    }
    card = zoo.read_card("coltran_small")
    file = weights / "coltran_small.safetensors"
    assert card is not None
    assert card["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert card["scores"] == {"split": "test"} | scores["test"]
    assert card["data"]["train"] == 9
    assert card["steps"] == 2  # of 9 that were asked for
    assert 550_000 < file.stat().st_size < 800_000
    again = create_model("coltran_small")
    assert isinstance(again, ColTran)
    assert card["parameters"] == trainable_parameters(again)
    whole = create_model("coltran_small", str(run / "head.safetensors"))
    bits = [float(validate(one, photos[..., :32, :32])["bits"]) for one in (again, whole)]
    assert bits[0] == pytest.approx(bits[1], abs=0.01)
