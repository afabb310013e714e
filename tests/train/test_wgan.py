"""The critic's loss: the penalty of a whole photo and of each pixel, and the hints' share."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from colorlab.train.wgan import (
    critic_loss,
    draw_cells,
    gradient_penalty,
    painter_loss,
    penalty_per_pixel,
)


def pair(count: int = 3, size: int = 8) -> tuple[Tensor, Tensor]:
    return torch.rand(2, count, 3, size, size, dtype=torch.float64).unbind()


@settings(max_examples=20, deadline=None)
@given(length=st.floats(0, 20), seed=st.integers(0, 2**31))
def test_a_linear_critic_has_the_penalty_of_its_weights(length: float, seed: int) -> None:
    torch.manual_seed(seed)
    w = torch.randn(3, 8, 8, dtype=torch.float64)
    w *= length / w.norm()

    def critic(x: Tensor) -> Tensor:
        return (x * w).sum(dim=(1, 2, 3))[:, None] + 7

    assert float(gradient_penalty(critic, *pair())) == pytest.approx((length - 1) ** 2, abs=1e-9)
    of_pixels = (w.norm(dim=0) - 1).square().mean()
    assert float(penalty_per_pixel(critic, *pair())) == pytest.approx(float(of_pixels), abs=1e-9)


def test_the_slip_asks_a_whole_photo_for_a_gradient_as_long_as_it_has_pixels() -> None:
    """What gradient length has no penalty: 1, and, by the slip, the root of the pixels."""
    for size in (8, 16):
        even = torch.full((3, size, size), 1 / math.sqrt(3 * size * size), dtype=torch.float64)
        for length, whole, pixels in ((1.0, 0, (1 / size - 1) ** 2), (size, (size - 1) ** 2, 0)):

            def critic(x: Tensor, w: Tensor = length * even) -> Tensor:
                return (x * w).sum(dim=(1, 2, 3))

            assert float(gradient_penalty(critic, *pair(2, size))) == pytest.approx(whole, abs=1e-9)
            found = float(penalty_per_pixel(critic, *pair(2, size)))
            assert found == pytest.approx(pixels, abs=1e-9)


def test_the_penalty_is_taken_between_the_two_and_is_learned_from() -> None:
    scale = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    points = []

    def critic(x: Tensor) -> Tensor:
        points.append(x.detach())
        return scale * x.square().sum(dim=(1, 2, 3))

    real, fake = pair()
    gradient_penalty(critic, real, fake).backward()
    share = (points[0] - fake) / (real - fake)
    assert torch.allclose(share, share[:, :1, :1, :1].expand_as(share), atol=1e-6)
    assert ((share > 0) & (share < 1)).all()
    assert len(share.flatten(1)[:, 0].unique()) == 3
    lengths = (2 * points[0]).flatten(1).norm(dim=1)
    by_hand = (2 * (2 * lengths - 1) * lengths).mean()
    assert scale.grad is not None
    assert float(scale.grad) == pytest.approx(float(by_hand))


def test_losses_have_the_published_weights() -> None:
    real, fake = pair()

    def critic(x: Tensor) -> Tensor:  # gradient length 1, so that nothing is added
        return x[:, 0, 0, 0, None]

    difference = float((critic(fake) - critic(real)).mean())
    drift = 1e-3 * float(critic(real).square().mean())
    assert float(critic_loss(critic, real, fake)) == pytest.approx(difference + drift)
    steep = float(critic_loss(lambda x: 3 * critic(x), real, fake))
    assert steep == pytest.approx(3 * difference + 9 * drift + 10 * (3 - 1) ** 2)
    features = torch.zeros(1, 4), torch.full((1, 4), 3.0)
    assert float(painter_loss(torch.tensor([[5.0]]), *features)) == pytest.approx(9 - 5e-4)


def test_fewer_than_one_square_in_a_hundred_is_told_and_half_of_the_photos_none() -> None:
    torch.manual_seed(0)
    rgb = torch.rand(1600, 3, 64, 64) * 2 - 1
    hints = draw_cells(rgb)
    colours, mask = hints[:, :3], hints[:, 3:]
    assert hints.shape == (1600, 4, 16, 16)
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert not mask[800:].any()
    share = float(mask[:800].mean())
    assert share < 0.01
    assert share == pytest.approx(0.005 * math.sqrt(2 / math.pi), rel=0.15)
    means = rgb.unflatten(3, (16, 4)).unflatten(2, (16, 4)).mean(dim=(3, 5))
    assert torch.allclose(colours, means * mask, atol=1e-6)
