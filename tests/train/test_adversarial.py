"""Training against an adversary: what the losses are, and that a stopped run goes on the same."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from colorlab.data.photos import Photos
from colorlab.data.samples import sample_paths
from colorlab.models import create_model, trainable_state
from colorlab.models.fast import autocast
from colorlab.models.nazeri import Unet, discriminator_of
from colorlab.train.adversarial import (
    Match,
    Recipe,
    discriminator_loss,
    generator_loss,
    train_adversarial,
)

RECIPE = Recipe(size=32, batch=2, every=2)


def batch() -> tuple[Tensor, Tensor]:
    drawn = torch.Generator().manual_seed(0)
    luma, chroma = torch.rand(2, 1, 32, 32, generator=drawn), torch.rand(2, 2, 32, 32)
    return luma, chroma - 0.5


def gradients(model: nn.Module, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(model.parameters())))


def test_losses_are_cross_entropies_of_smoothed_labels() -> None:
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 3.0])

    def entropy(logit: float, label: float) -> float:
        share = 1 / (1 + math.exp(-logit))
        return -label * math.log(share) - (1 - label) * math.log(1 - share)

    wanted = sum(entropy(x, 0.9) for x in (2, -1)) / 2 + sum(entropy(x, 0) for x in (0.5, 3)) / 2
    assert float(discriminator_loss(real, fake)) == pytest.approx(wanted, rel=1e-5)
    answer, truth = torch.zeros(1, 2, 4, 4), torch.full((1, 2, 4, 4), 0.25)
    fooled = sum(entropy(x, 1) for x in (0.5, 3)) / 2
    loss = generator_loss(answer, truth, fake, 0.5)
    assert float(loss) == pytest.approx(25 + 0.5 * fooled, rel=1e-5)
    assert float(generator_loss(answer, truth)) == 25


def test_a_constant_discriminator_leaves_the_gradient_of_l1() -> None:
    model = create_model("nazeri_small", None).train()
    assert isinstance(model, Unet)
    judge = discriminator_of(model)
    luma, chroma = batch()
    answer = model.answer(luma)
    alone = gradients(model, generator_loss(answer, chroma))

    def judged() -> list[Tensor]:
        answer = model.answer(luma)
        return gradients(model, generator_loss(answer, chroma, judge(luma, answer)))

    assert not all(map(torch.equal, alone, judged()))
    for parameter in list(judge.parameters())[-2:]:
        nn.init.zeros_(parameter)
    assert all(map(torch.equal, alone, judged()))


def test_without_an_adversary_training_is_regression() -> None:
    match = Match(replace(RECIPE, adversary=0.0))
    assert match.judge is None
    torch.manual_seed(RECIPE.seed)
    plain = create_model("nazeri_small", None).train().to(memory_format=torch.channels_last)
    assert all(map(torch.equal, plain.state_dict().values(), match.model.state_dict().values()))
    adam = torch.optim.Adam(plain.parameters(), RECIPE.rate, betas=(0.0, 0.999), fused=True)
    luma, chroma = batch()
    match.step(luma, chroma)
    for _ in range(2):
        with autocast(luma.device):
            predicted = plain(luma)
        adam.zero_grad()
        (100 * l1_loss(predicted.float(), chroma)).backward()
        adam.step()
    assert all(map(torch.equal, plain.state_dict().values(), match.model.state_dict().values()))


def test_both_runs_begin_alike_and_the_adversary_changes_the_generator() -> None:
    with_adversary, without = Match(RECIPE), Match(replace(RECIPE, adversary=0.0))
    states = [match.model.state_dict().values() for match in (with_adversary, without)]
    assert all(map(torch.equal, *states))
    assert with_adversary.judge is not None
    before = [x.detach().clone() for x in with_adversary.judge.parameters()]
    losses = [match.step(*batch()) for match in (with_adversary, without)]
    assert not all(map(torch.equal, *states))
    # The discriminator learns in its own step alone: Adam's first step is its rate at most.
    after = [x.detach() for x in with_adversary.judge.parameters()]
    moved = max(float((x - y).abs().max()) for x, y in zip(after, before, strict=True))
    assert 0.5 < moved / (RECIPE.rate / 10) < 1.01
    assert losses[0]["generator"] > losses[0]["l1"]
    assert losses[1]["generator"] == pytest.approx(losses[1]["l1"])


@pytest.mark.parametrize("adversary", [1.0, 0.0])
def test_a_stopped_run_goes_on_as_if_it_had_not(tmp_path: Path, adversary: float) -> None:
    photos, shown = (Photos(sample_paths()), Photos(sample_paths())), Photos(sample_paths()[:2])
    recipe = replace(RECIPE, adversary=adversary)
    train_adversarial(photos, tmp_path / "whole", 6, recipe, shown)
    for steps in (2, 6):  # four batches an epoch: the second part goes through its end
        train_adversarial(photos, tmp_path / "parts", steps, recipe, shown)
    whole, parts = (load_file(tmp_path / x / "head.safetensors") for x in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    rows = [
        list(csv.DictReader((tmp_path / x / "metrics.csv").read_text().splitlines()))
        for x in ("whole", "parts")
    ]
    scored = [[row for row in log if row["val_mse_to_grey"]] for log in rows]
    assert scored[0] == scored[1]
    assert [row["step"] for row in rows[0]] == ["2", "4", "6", "6"]
    config = json.loads((tmp_path / "parts" / "config.json").read_text())
    assert config["recipe"]["adversary"] == adversary
    assert config["revision"]
    # A snapshot is a head, rounded, and has what it makes of the photos.
    model = create_model(str(tmp_path / "parts"))
    assert isinstance(model, Unet)
    half = create_model(
        "nazeri_small", str(tmp_path / "parts" / "snapshots" / "000006.safetensors")
    )
    for name, value in trainable_state(half).items():
        assert torch.allclose(value, whole[name], rtol=1e-3, atol=1e-6)
    with safe_open(tmp_path / "parts" / "answers" / "000006.safetensors", "pt") as file:
        assert file.get_tensor("chroma").shape == (2, 2, 32, 32)
        assert file.metadata()["photos"] == "astronaut.png,chelsea.png"
    with pytest.raises(ValueError, match="of another recipe"):
        train_adversarial(photos, tmp_path / "parts", 8, replace(recipe, seed=1))


def test_what_cannot_be_trained_is_refused(tmp_path: Path) -> None:
    photos = Photos(sample_paths()), Photos(sample_paths())
    with pytest.raises(ValueError, match="a batch of 500"):
        train_adversarial(photos, tmp_path / "run", 2, replace(RECIPE, batch=500))
    with pytest.raises(ValueError, match="convnet is no generator"):
        train_adversarial(photos, tmp_path / "run", 2, replace(RECIPE, model="convnet"))
    assert not (tmp_path / "run").exists()
    with pytest.raises(ValueError, match="multiple of 32, got 60"):
        Recipe(size=60)
    with pytest.raises(ValueError, match="adversary not below"):
        Recipe(adversary=-1)


@pytest.mark.slow
def test_the_command_leaves_a_run_or_says_why_not(tmp_path: Path) -> None:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        start = [sys.executable, "-m", "colorlab.train.adversarial"]
        return subprocess.run([*start, *words], capture_output=True, text=True, check=False)

    small = ("--steps", "1", "--size", "32", "--batch", "2", "--adversary", "0.5", "--seed", "3")
    done = command("sample", str(tmp_path / "run"), *small)
    assert done.returncode == 0, done.stderr
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["data"] == "sample"
    assert config["recipe"]["seed"] == 3
    refused = command("nowhere", str(tmp_path / "other"), *small)
    assert refused.returncode == 1
    assert refused.stderr.startswith("nowhere is no folder")
    assert not (tmp_path / "other").exists()
