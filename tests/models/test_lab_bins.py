"""Histograms of a* and b*: bins at a normal distribution's quantiles, and the network with them."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
import torch

from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.models import create_model, lab_bins
from colorlab.models.larsson import random_points
from colorlab.train import build_loss


def test_edges_are_the_quantiles():
    normal = NormalDist(0, 25)
    wanted = [normal.inv_cdf(k / 32) for k in range(1, 32)]
    assert (128 * lab_bins.edges()).tolist() == pytest.approx(wanted, abs=1e-3)


def test_centres_are_the_means_of_many_draws_in_each_bin():
    drawn = 25 / 128 * torch.randn(2_000_000, generator=torch.manual_seed(0))
    number = lab_bins.bin_of(drawn)
    shares = torch.bincount(number, minlength=32) / len(drawn)
    assert shares.tolist() == pytest.approx([1 / 32] * 32, abs=1e-3)
    means = torch.zeros(32).index_add(0, number, drawn) / torch.bincount(number, minlength=32)
    assert lab_bins.centres().tolist() == pytest.approx(means.tolist(), abs=2e-3)


def test_a_sure_histogram_is_its_bin_and_an_even_one_is_grey():
    value = torch.tensor([-0.5, -0.05, 0.0, 0.1, 0.7]).view(1, 1, 5)
    number = lab_bins.bin_of(value)
    sure = 60 * torch.nn.functional.one_hot(number, 32).movedim(-1, 1).float()
    assert torch.allclose(lab_bins.expected(sure), lab_bins.centres()[number])
    assert lab_bins.expected(torch.zeros(1, 32, 1, 5)).abs().max() < 1e-6


def test_the_loss_of_knowing_nothing_and_of_knowing_all():
    photo = torch.from_numpy(sample_photos("astronaut")[0].rgb[:256:2, :256:2].copy())
    luma, chroma = LAB.split(photo.permute(2, 0, 1)[None] / 255)
    points = random_points(luma, 50)
    loss = build_loss("lab_histograms")

    def cost(a, b):
        return float(loss(torch.cat([a, b, points.movedim(-1, 1), a[:, :1]], dim=1), chroma))

    even = torch.zeros(1, 32, 50, 1)
    assert cost(even, even) == pytest.approx(2 * math.log(32), rel=1e-5)
    at = torch.nn.functional.grid_sample(chroma, points, align_corners=False)
    sure = 60 * torch.nn.functional.one_hot(lab_bins.bin_of(at), 32).movedim(-1, 2).float()
    assert cost(sure[:, 0], sure[:, 1]) < 1e-6


def test_the_network_learns_and_answers():
    torch.manual_seed(0)
    network = create_model("larsson_lab_lite0", weights="encoder").train()
    photo = torch.from_numpy(sample_photos("coffee")[0].rgb[:128, :128].copy())
    luma, chroma = LAB.split(photo.permute(2, 0, 1)[None] / 255)
    adam = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-3)
    losses = []
    for _ in range(12):
        losses.append(build_loss("lab_histograms")(network(luma), chroma))
        adam.zero_grad()
        losses[-1].backward()
        adam.step()
    assert losses[-1] < 0.7 * losses[0]
    with torch.inference_mode():
        answer = network.eval()(luma)
    assert answer.shape == chroma.shape
    assert float((answer - chroma).square().mean()) < float(chroma.square().mean())
