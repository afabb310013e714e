"""Eq. 1 and Eq. 2, worked out by hand and by loops."""

from __future__ import annotations

import pytest
import torch

from colorlab.train.losses import RebalancedMSE, chroma_mse


def test_chroma_mse_by_hand():
    predicted = torch.zeros(1, 2, 1, 2)
    target = torch.tensor([[[[0.1, 0.2]], [[0.0, -0.2]]]])
    # 1/(2hw) times the squared lengths of the two pixels' errors
    assert chroma_mse(predicted, target).item() == pytest.approx((0.01 + 0.08) / 4)


def test_rebalanced_is_a_weighted_sum_over_pixels():
    generator = torch.Generator().manual_seed(0)
    weights = torch.rand(256, 256, generator=generator)
    predicted, target = (torch.rand(2, 2, 3, 4, generator=generator) * 2 - 1 for _ in range(2))
    total = 0.0
    for i in range(2):
        for y in range(3):
            for x in range(4):
                a, b = (min(255, round(float(v) * 128) + 128) for v in target[i, :, y, x])
                error = (predicted[i, :, y, x] - target[i, :, y, x]).square().sum()
                total += float(weights[a, b] * error)
    assert RebalancedMSE(weights)(predicted, target).item() == pytest.approx(
        total / (2 * 2 * 3 * 4)
    )


def test_weights_of_one_give_eq_1():
    predicted, target = torch.rand(2, 2, 8, 8), torch.rand(2, 2, 8, 8)
    ones = RebalancedMSE(torch.ones(256, 256))
    assert ones(predicted, target).item() == pytest.approx(chroma_mse(predicted, target).item())


def test_the_ends_of_the_range_have_bins():
    loss = RebalancedMSE(torch.ones(256, 256))
    extreme = torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)
    assert loss(torch.zeros(1, 2, 1, 1), extreme).item() == pytest.approx(1.0)


@pytest.mark.parametrize("loss", [chroma_mse, RebalancedMSE(torch.ones(256, 256))])
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match="shapes differ"):
        loss(torch.zeros(2, 2, 4, 4), torch.zeros(1, 2, 4, 4))


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (torch.ones(10, 10), "must be"),
        (torch.full((256, 256), torch.inf), "infinite"),
        (-torch.ones(256, 256), "negative"),
    ],
)
def test_bad_weight_tables_are_refused(table, reason):
    with pytest.raises(ValueError, match=reason):
        RebalancedMSE(table)
