"""Errors by kind, against the evaluator's own."""

from __future__ import annotations

import json
import shutil

import pytest

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


def test_the_command_agrees_with_the_evaluator(folder, tmp_path, monkeypatch):
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
