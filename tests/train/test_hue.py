"""The loss of hue and chroma histograms, and the ordinary loop with it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from colorlab.color import LAB, YUV
from colorlab.data.samples import sample_photos
from colorlab.models.hue import BINS, bin_of, hue_chroma
from colorlab.models.larsson import random_points, sample_at
from colorlab.train import build_loss, train
from colorlab.train.hue import hue_chroma_loss
from colorlab.train.presets import get_recipe


def photo() -> torch.Tensor:
    rgb = torch.from_numpy(sample_photos("astronaut")[0].rgb[:256:2, :256:2].copy())
    return rgb.permute(2, 0, 1)[None] / 255


def answer(hue: torch.Tensor, chroma: torch.Tensor, rgb: torch.Tensor, points: torch.Tensor):
    at = sample_at(LAB.luma(rgb), points)
    return torch.cat([hue, chroma, points.movedim(-1, 1), at], dim=1)


def test_it_is_the_divergence_of_dense_targets() -> None:
    torch.manual_seed(0)
    rgb = photo()
    points = random_points(rgb[:, :1], 100)
    logits = torch.randn(2, 1, BINS, 100, 1)
    here = sample_at(rgb, points)
    hue, chroma, _ = hue_chroma(here)
    total = torch.zeros(1, 100, 1)
    for value, given, weight in ((chroma, logits[1], 1), (hue, logits[0], 5 * chroma)):
        target = torch.nn.functional.one_hot(bin_of(value), BINS).movedim(-1, 1).float()
        divergence = torch.nn.functional.kl_div(given.log_softmax(1), target, reduction="none")
        total += weight * divergence.sum(1)
    found = hue_chroma_loss(answer(*logits, rgb, points), LAB.split(rgb)[1])
    # A pixel on a bin's edge may fall on its other side on the way through L*a*b*.
    assert float(found) == pytest.approx(float(total.mean()), rel=0.01)


def test_to_know_nothing_costs_the_logarithm_of_the_bins_and_to_know_all_nothing() -> None:
    rgb = photo()
    points = random_points(rgb[:, :1], 50)
    truth = LAB.split(rgb)[1]
    hue, chroma, _ = hue_chroma(LAB.merge(LAB.luma(rgb), truth))
    nothing = torch.zeros(1, BINS, 50, 1)
    cost = hue_chroma_loss(answer(nothing, nothing, rgb, points), truth)
    share = float(sample_at(chroma[:, None], points).mean())
    assert float(cost) == pytest.approx(math.log(32) * (1 + 5 * share), rel=1e-4)

    def known(value: torch.Tensor) -> torch.Tensor:
        at = sample_at(value[:, None], points)[:, 0]
        return 60 * torch.nn.functional.one_hot(bin_of(at), BINS).movedim(-1, 1).float()

    # As above, an edge or two.
    assert float(hue_chroma_loss(answer(known(hue), known(chroma), rgb, points), truth)) < 3


def test_the_hue_of_grey_costs_nothing() -> None:
    grey = torch.full((1, 3, 32, 32), 0.4)
    points = random_points(grey[:, :1], 20)
    hue = 20 * torch.randn(1, BINS, 20, 1)
    chroma = torch.zeros(1, BINS, 20, 1)
    chroma[:, 0] = 60
    assert float(hue_chroma_loss(answer(hue, chroma, grey, points), 0 * grey[:, :2])) < 1e-2


def test_the_ordinary_loop_trains_it_and_validates(tmp_path: Path) -> None:
    recipe = get_recipe("quick", {"loss": "hue_chroma", "batch": 4, "limit": 4, "epochs": 2})
    model = train("larsson_lite0", "sample", tmp_path / "run", recipe, workers=0)
    assert model(torch.rand(1, 1, 64, 64)).shape == (1, 2, 64, 64)
    rows = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    at = rows[0].split(",").index("val_loss")
    losses = [float(row.split(",")[at]) for row in rows[1:] if row.split(",")[at]]
    assert losses[-1] < losses[0] < math.log(32) * 6
    assert (tmp_path / "run" / "head.safetensors").is_file()
    with pytest.raises(ValueError, match="hue_chroma, not for a network of classes"):
        train("zhang_lite0", "sample", tmp_path / "other", recipe, workers=0)
    with pytest.raises(ValueError, match="works in yuv"):
        build_loss("hue_chroma", space=YUV)
