"""Methods that are told true colours, under the same judge as the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colorlab.color import LAB
from colorlab.data import sample_paths, sample_photos
from colorlab.data.decode import decode
from colorlab.evaluate.classic import STROKES
from colorlab.evaluate.guided import by_network, next_photo, true_hints
from colorlab.evaluate.hint_curve import measure
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.inference.colorize import load_model


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    rgb = torch.from_numpy(sample_photos("coffee")[0].rgb.copy()).permute(2, 0, 1)
    return Preprocessing(96)(rgb).float() / 255


def test_hints_are_the_truth_s_and_always_the_same(photo):
    hints = true_hints(photo, 20, "coffee.png")
    assert hints == true_hints(photo, 20, "coffee.png")
    assert hints != true_hints(photo, 20, "tea.png")
    ab = LAB.split(photo)[1] * 128
    for hint in hints:
        y, x = int(hint.y), int(hint.x)
        near = ab[:, max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].flatten(1)
        np.testing.assert_allclose(hint.ab, near.mean(1), atol=1e-3)
    assert true_hints(photo, 5, "coffee.png") == hints[:5]
    assert true_hints(photo, 0, "coffee.png") == []


@pytest.mark.parametrize("name", STROKES)
def test_strokes_come_nearer_with_every_hint(photo, name):
    errors = []
    for count in (0, 5, 60):
        shown = STROKES[name](count)(photo[None], [Path("coffee.png")])[0]
        assert (LAB.luma(shown) - LAB.luma(photo)).abs().max() < 0.02
        errors.append(float((LAB.split(shown)[1] - LAB.split(photo)[1]).square().mean()))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.4 * errors[0]


def test_a_network_without_hints_is_the_network(photo):
    model = load_model("colorlab")
    told = by_network(model, 0)(photo[None], [Path("coffee.png")])
    with torch.inference_mode():
        luma = model.space.luma(photo[None])
        plain = model.space.merge(luma, model(luma))
    assert (told - plain).abs().mean() < 0.002  # but for colours beyond the gamut


def test_more_hints_make_a_smaller_error(photo):
    found = measure({"colorlab": load_model("colorlab")}, [(photo, "coffee.png")], (0, 10, 50))
    assert found["hints"] == [0, 10, 50]
    assert "colorlab as input" in found["mse_to_grey"]
    for row in found["mse_to_grey"].values():
        assert row[0] > row[1] > row[2] > 0


def test_blending_is_measured_as_far_as_it_goes(photo):
    rows = measure({}, [(photo, "coffee.png")], (10, 200))["mse_to_grey"]
    assert rows["yatziv"][1] is None
    assert 0 < rows["levin"][1] < rows["levin"][0]


def test_they_are_candidates_by_name():
    paths = [sample_paths("coffee")[0]]
    found = find_all(["levin+5", "yatziv+5", "colorlab+5"], paths, Preprocessing(96))
    assert list(found) == ["levin+5", "yatziv+5", "colorlab+5"]
    for wrong in ("monet+5", "welsh+5", "levin+next", "cheng2015+5"):
        with pytest.raises(ValueError, match=r"no method \(cheng2015, .*levin\+10.* no model"):
            find_all([wrong], paths, Preprocessing(96))
    for wrong in ("levin", "welsh", "monet", "levin+12345"):
        with pytest.raises(ValueError, match=r"no model or method .*welsh\+next"):
            find_all([wrong], paths, Preprocessing(96))


@pytest.mark.parametrize(
    "name", ["reinhard", "histogram", "covariance", "welsh", "analogies", "colorlab"]
)
def test_the_next_photo_is_the_reference(name, tmp_path):
    """Two photos of one scene: each is the other's, and the one of the two halves helps."""
    rgb = sample_photos("coffee")[0].rgb[::3, ::3]
    files = [tmp_path / "a.png", tmp_path / "b.png"]
    for file, part in zip(files, (rgb, np.ascontiguousarray(rgb[:, ::-1])), strict=True):
        Image.fromarray(part).save(file)
    assert [next_photo(file) for file in files] == files[::-1]
    square = Preprocessing(96)
    truth = torch.stack([square(decode(file)) for file in files]).float() / 255
    (candidate,) = find_all([f"{name}+next"], files, square).values()
    shown = candidate(truth, files)
    assert (LAB.luma(shown) - LAB.luma(truth)).abs().max() < 0.03
    chroma, told = LAB.split(truth)[1], LAB.split(shown)[1]
    assert (told - chroma).square().mean() < chroma.square().mean()
    if name in ("welsh", "analogies"):  # its mirror has every colour
        assert (told - chroma).square().mean() < 0.35 * chroma.square().mean()


def test_the_curve_is_recorded(tmp_path):
    photos = str(sample_paths("coffee")[0].parent)
    output = tmp_path / "hints.json"
    command = [sys.executable, "-m", "colorlab.evaluate.hint_curve", photos, "--limit", "1"]
    command += ["--size", "64", "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    record = json.loads(output.read_text())
    name = Path(photos).name  # no path of this machine
    expected = f"python -m colorlab.evaluate.hint_curve {name} --limit 1 --size 64"
    assert record["command"] == expected
    assert list(record["sets"]) == [name]
    assert set(next(iter(record["sets"].values()))["mse_to_grey"]) == {
        "colorlab",
        "colorlab as input",
        "levin",
        "yatziv",
    }
