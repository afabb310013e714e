"""Errors by kind and of skin, against slow sums, Pillow's YCbCr and the evaluator's own."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab

from colorlab.data.photos import Photos
from colorlab.data.samples import sample_paths
from colorlab.evaluate import kinds
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing, find_all

NAMES = {"flickr_people": ("astronaut",), "things": ("coffee", "china", "flower")}
SQUARE = Preprocessing(64)


@pytest.fixture
def folder(tmp_path):
    for kind, names in NAMES.items():
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for path in sample_paths(*names):
            shutil.copy(path, tmp_path / "photos" / kind / path.name)
    return tmp_path / "photos"


def test_skin_is_where_the_published_rule_says():
    rgb = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    # Pillow's YCbCr is JPEG's full range: to BT.601's 16..240 it shrinks by 224/255.
    full = np.asarray(Image.fromarray(rgb).convert("YCbCr")).astype(float)
    cb, cr = (128 + (full[..., k] - 128) * 224 / 255 for k in (1, 2))
    rule = (cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)
    found = kinds.skin(torch.from_numpy(rgb).movedim(-1, 0) / 255).numpy()
    assert (found != rule).mean() < 0.01  # Pillow rounds
    assert 0.02 < found.mean() < 0.5


def test_hue_errors_go_the_short_way_round():
    angles = torch.tensor([[0.0, 170.0, 90.0], [90.0, -170.0, 90.0]]).deg2rad()
    first, second = (torch.stack([row.cos(), row.sin()]) for row in angles)
    np.testing.assert_allclose(kinds.hue_errors(first, second), [90, 20, 0], atol=1e-3)


def test_the_command_agrees_with_the_evaluator_and_a_slow_sum(folder, tmp_path, monkeypatch):
    record = tmp_path / "kinds.json"
    monkeypatch.setattr("sys.argv", ["kinds", str(folder), "--size", "64", "--json", str(record)])
    kinds.main()
    found = json.loads(record.read_text())["kinds"]
    assert {kind: found[kind]["photos"] for kind in NAMES} == {"flickr_people": 1, "things": 3}

    photos = Photos(sorted(folder.rglob("*.*")))
    models = find_all(["colorlab"], photos.paths, SQUARE)
    scores = compare(models, photos, SQUARE, ("mse_to_grey", "chroma_ratio")).scores["colorlab"]
    assert found["all"]["mse_to_grey"] == pytest.approx(scores["mse_to_grey"].value, abs=1e-3)
    assert found["all"]["chroma_to_truth"] == pytest.approx(scores["chroma_ratio"].value, abs=1e-3)

    truth = SQUARE(photos[0][0])[None].float() / 255
    with torch.inference_mode():
        shown = models["colorlab"](truth, [photos.paths[0]])
    there = kinds.skin(truth)[0].numpy()
    true, answer = (rgb2lab(x[0].permute(1, 2, 0).numpy())[..., 1:][there] for x in (truth, shown))
    coloured = np.hypot(*true.T) > 4
    a, b = (np.rad2deg(np.arctan2(x[:, 1], x[:, 0]))[coloured] for x in (true, answer))
    slow = np.abs((a - b + 180) % 360 - 180).mean()
    assert found["flickr_people"]["skin"]["hue_error"] == pytest.approx(slow, abs=0.2)
    assert found["flickr_people"]["skin"]["pixels"] == coloured.sum() > 100
    assert "skin" not in found["things"]
