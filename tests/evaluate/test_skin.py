"""Skin and clothing by lightness: classes, discs, sums, and the recorded run."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from colorlab.data.photos import Photos
from colorlab.data.samples import sample_paths
from colorlab.evaluate import skin
from colorlab.evaluate.baselines import constant
from colorlab.evaluate.methods import Preprocessing

SQUARE = Preprocessing(64)
FACE = (0.44, 0.22, 0.04)  # the astronaut's, in shares of the square


def test_typology_angles_and_their_classes():
    lightness, b = torch.tensor([50.0, 70, 30, 60]), torch.tensor([10.0, 20, 20, -1])
    np.testing.assert_allclose(skin.typology_angle(lightness, b), [0, 45, -45, 90])
    names = [skin.class_of(angle, skin.TONES) for angle in (90, 55, 54.9, 30, 10, 0, -30, -31)]
    assert names == [
        *("very light", "very light", "light", "intermediate", "tan", "brown", "brown", "dark")
    ]


def test_a_rule_with_a_floor_misses_dark_skin_and_one_without_does_not():
    lab = np.array([[70, 15, 18], [50, 16, 20], [30, 12, 14]], float)[:, None]  # light to dark
    rgb = torch.from_numpy(lab2rgb(lab)).movedim(-1, 0)
    assert skin.kovac(rgb).flatten().tolist() == [True, True, False]
    assert skin.chai_ngan(rgb).flatten().tolist() == [True, True, True]


def test_a_rule_of_chroma_is_as_published():
    rgb = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    # Pillow's YCbCr is JPEG's full range: to BT.601's 16..240 it shrinks by 224/255.
    full = np.asarray(Image.fromarray(rgb).convert("YCbCr")).astype(float)
    cb, cr = (128 + (full[..., k] - 128) * 224 / 255 for k in (1, 2))
    rule = (cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)
    found = skin.chai_ngan(torch.from_numpy(rgb).movedim(-1, 0) / 255).numpy()
    assert (found != rule).mean() < 0.01  # Pillow rounds
    assert 0.02 < found.mean() < 0.5


def test_hue_errors_go_the_short_way_round():
    angles = torch.tensor([[0.0, 170.0, 90.0], [90.0, -170.0, 90.0]]).deg2rad()
    first, second = (torch.stack([row.cos(), row.sin()]) for row in angles)
    np.testing.assert_allclose(skin.hue_errors(first, second), [90, 20, 0], atol=1e-3)


@pytest.fixture
def folder(tmp_path):
    for kind, name in {"flickr_people": "astronaut", "street_fashion": "rocket"}.items():
        (tmp_path / kind).mkdir()
        for path in sample_paths(name):
            shutil.copy(path, tmp_path / kind / path.name)
    return tmp_path


def test_measures_agree_with_slow_sums(folder):
    photos = Photos(sorted(folder.rglob("*.*")))
    key = next("/".join(path.parts[-2:]) for path in photos.paths if "astronaut" in path.name)
    candidates = {"grey": constant(0.0, 0.0), "one": constant(10.0, 15.0)}
    found = skin.measure(candidates, photos, SQUARE, {key: FACE})
    assert [len(found[kind]) for kind in ("skin", "clothing")] == [1, 1]
    rgb = next(SQUARE(photo) for photo, path in photos.readable() if "astronaut" in path.name)
    lab = rgb2lab(rgb.movedim(0, -1).numpy())
    y, x = (np.indices((64, 64)) + 0.5) / 64
    there = np.hypot(x - FACE[0], y - FACE[1]) <= FACE[2]
    assert 10 < there.sum() < 40
    true = lab[there][:, 1:]
    numbers = skin.record(found, list(candidates))["skin"]["all"]
    np.testing.assert_allclose(numbers["truth"], true.mean(0), atol=0.05)
    error = ((true - [10, 15]) ** 2).sum() / (true**2).sum()
    assert numbers["one"]["mse_to_grey"][0] == pytest.approx(error, abs=0.01)
    assert numbers["one"]["mse_to_grey"][1] is None  # one photo has no interval
    turn = np.rad2deg(np.arctan2(true[:, 1], true[:, 0]) - np.arctan2(15, 10))
    assert numbers["one"]["hue_error"][0] == pytest.approx(np.abs(turn).mean(), abs=0.2)
    assert [numbers["grey"][k][0] for k in ("mse_to_grey", "chroma_to_truth", "hue_error")] == [
        *(1.0, pytest.approx(0, abs=1e-3), None)
    ]


def test_what_the_rule_takes_for_skin_is_counted(folder):
    found = skin.mistaken(Photos(sorted(folder.rglob("*.*"))), SQUARE)
    assert found["photos"] == 2
    assert found["with_skin"] == sum(found["classes"].values()) >= 1


def test_the_recorded_run_is_of_the_marked_photos():
    record = json.loads(skin.SPOTS.with_name("skin.json").read_text())
    spots = skin.read_spots()
    assert record["skin"]["all"]["photos"] == len(spots) == 61
    assert sum(record["skin"][tone]["photos"] for tone in skin.TONES) == 61
    assert all(0 < part < 1 for spot in spots.values() for part in spot)
    assert record["hues"].keys() == {"truth", *record["candidates"]} - {"grey"}
