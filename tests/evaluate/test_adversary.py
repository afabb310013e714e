"""What is kept of two trainings that differ in the adversary, and the network left in training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from colorlab.evaluate import adversary
from colorlab.evaluate.adversary import PAIR, SHOWN, by_batch, keep_answers, read_answers
from colorlab.models import create_model
from colorlab.train.records import RUNS, read_run


def test_answers_are_kept_in_whole_units_at_half_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["coffee", *reversed(SHOWN)]
    (tmp_path / "run" / "answers").mkdir(parents=True)
    torch.manual_seed(0)
    chroma = torch.rand(2, 5, 2, 16, 16).half() - 0.5
    for step, each in zip((400, 800), chroma, strict=True):
        file = tmp_path / "run" / "answers" / f"{step:06d}.safetensors"
        photos = {"photos": ",".join(f"{name}.png" for name in names)}
        save_file({"chroma": each.contiguous()}, file, photos)
    keep_answers(tmp_path / "run", tmp_path / "kept" / "answers.npz")
    monkeypatch.setattr(adversary, "RUNS", tmp_path)
    steps, kept = read_answers("kept")
    assert steps == [400, 800]
    assert kept.shape == (2, 4, 2, 16, 16)
    with np.load(tmp_path / "kept" / "answers.npz") as file:
        small = file["chroma"]
    wanted = 128 * chroma[:, 1:].flip(1).float().view(2, 4, 2, 8, 2, 8, 2).mean((4, 6))
    assert small.dtype == np.int8
    np.testing.assert_allclose(small, wanted, atol=0.501)


def test_a_run_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--shown"):
        keep_answers(tmp_path, tmp_path / "answers.npz")


def test_by_batch_an_answer_hangs_on_its_neighbours() -> None:
    torch.manual_seed(0)
    model = create_model("nazeri_small", weights=None)
    photos = torch.rand(3, 3, 32, 32)
    show = by_batch(model)
    alone, among = show(photos[:2], []), show(photos, [])[:2]
    assert not torch.allclose(alone, among, atol=1e-3)
    assert not model.training


def test_the_recorded_pair_is_of_one_recipe_and_of_the_same_photos() -> None:
    one, other = (read_run(name) for name in PAIR)
    recipes = [run.config["recipe"] for run in (one, other)]
    assert [recipe.pop("adversary") for recipe in recipes] == [1.0, 0.0]
    assert recipes[0] == recipes[1]
    for name, run in zip(PAIR, (one, other), strict=True):
        steps, chroma = read_answers(name)
        assert steps == run.validation["step"].tolist()
        assert chroma.shape == (len(steps), len(SHOWN), 2, 64, 64)
        assert sum(file.stat().st_size for file in (RUNS / name).iterdir()) < 150_000
    record = json.loads((RUNS / PAIR[0] / "adversary.json").read_text())
    for found in record["sets"].values():
        scores = found["scores"]
        for metric in ("mse_to_grey", "ssim"):
            apart = scores[PAIR[0]][metric][0] - scores[PAIR[1]][metric][0]
            assert scores["with - without"][metric][0] == pytest.approx(apart, abs=2e-4)
