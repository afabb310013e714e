"""Hypercolumns: the published network's layers and size, and what is read at a point."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from colorlab.models import create_model, trainable_parameters, trainable_state
from colorlab.models.larsson import (
    Balance,
    HueChromaColorizer,
    Larsson2016,
    even_points,
    parts,
    random_points,
    sample_at,
)
from colorlab.train.hue import hue_chroma_loss


@pytest.fixture(scope="module")
def small() -> HueChromaColorizer:
    torch.manual_seed(0)
    model = create_model("larsson_lite0", weights="encoder")
    assert isinstance(model, HueChromaColorizer)
    return model


def test_the_published_network_has_its_layers_its_size_and_takes_a_step() -> None:
    """All in one test: it takes 588 MB, as its published weights do, and as much for gradients."""
    torch.manual_seed(0)
    model = create_model("larsson2016", weights=None).train()
    assert isinstance(model, Larsson2016)
    found = [
        f"{x.in_channels}-{x.out_channels}/{x.kernel_size[0]}" if isinstance(x, nn.Conv2d) else "P"
        for x in model.backbone
        if not isinstance(x, nn.ReLU)
    ]
    plan = "1-64 64-64 P 64-128 128-128 P 128-256 256-256 256-256 P 256-512 512-512 512-512 P "
    plan += "512-512 512-512 512-512 P"
    expected = [word if word == "P" else f"{word}/3" for word in plan.split()]
    assert found == [*expected, "512-4096/7", "4096-4096/1"]
    follows = [type(after) for x, after in pairwise(model.backbone) if isinstance(x, nn.Conv2d)]
    assert set(follows) == {nn.ReLU}
    assert model.hidden[0].in_channels == 12_417
    assert model.hidden[2].p == 0.5
    assert trainable_parameters(model) == 147_041_024  # 588 MB of float32, as published

    torch.manual_seed(1)
    luma, chroma = torch.rand(1, 1, 32, 32), torch.rand(1, 2, 32, 32) / 2
    descent = torch.optim.SGD(model.parameters(), lr=1e-3)
    model.hidden[2].p = 0.0  # so that two steps see the same network
    values = []
    for _ in range(2):
        torch.manual_seed(2)
        value = hue_chroma_loss(model(luma), chroma)
        descent.zero_grad()
        value.backward()
        assert all(p.grad is not None for p in model.parameters())
        descent.step()
        values.append(value.item())
    assert values[1] < values[0]


def test_the_published_hypercolumn_has_every_layer() -> None:
    with torch.device("meta"):
        model = Larsson2016()
        layers = model.layers(torch.zeros(1, 1, 64, 96))
    assert sum(x.shape[1] for x in layers) == 12_417
    assert [64 // x.shape[2] for x in layers] == [1] * 3 + [2] * 2 + [4] * 3 + [8] * 3 + [
        16
    ] * 3 + [32] * 2


def test_the_small_one_learns_behind_its_encoder_alone(small: HueChromaColorizer) -> None:
    assert trainable_parameters(small) == 817 * 1024 + 1024 + 2 * (1024 * 32 + 32)
    state = trainable_state(small)
    assert {key.split(".")[0] for key in state} == {"balance", "hidden", "to_hue", "to_chroma"}


def test_linear_features_are_read_exactly_where_a_point_is() -> None:
    ramp = torch.arange(16.0).view(1, 1, 1, 16).expand(1, 1, 8, 16)
    points = random_points(ramp, 50)
    columns = (points[..., 0] + 1) * 16 / 2 - 0.5
    assert torch.allclose(sample_at(ramp, points)[:, 0], columns, atol=1e-5)
    assert torch.allclose(columns, columns.round(), atol=1e-5)  # pixel centres
    half = torch.nn.functional.avg_pool2d(ramp, 2)
    inside = (columns > 1) & (columns < 14)
    assert torch.allclose(sample_at(half, points)[:, 0][inside], columns[inside], atol=1e-5)


def test_even_points_are_those_of_bilinear_resizing() -> None:
    x = torch.rand(2, 3, 16, 8)
    luma = torch.zeros(2, 1, 64, 32)
    expected = torch.nn.functional.interpolate(x[..., :4, :4], (16, 8), mode="bilinear")
    assert torch.allclose(sample_at(x[..., :4, :4], even_points(luma)), expected, atol=1e-5)


def test_points_say_what_the_whole_photo_says(small: HueChromaColorizer) -> None:
    luma = torch.rand(2, 1, 64, 96)
    with torch.inference_mode():
        dense = small.answer(luma)
        assert dense.shape == (2, 67, 16, 24)
        grid = even_points(luma)
        some = grid[:, ::3, ::5].flatten(1, 2)[:, :, None]
        sparse = small.answer_at(luma, some)
    assert torch.allclose(sparse[..., 0], dense[:, :, ::3, ::5].flatten(2), atol=1e-4)


def test_training_asks_few_pixels_and_never_makes_a_dense_hypercolumn(
    small: HueChromaColorizer,
) -> None:
    luma = torch.rand(2, 1, 128, 128)
    widest = 0

    def watch(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        nonlocal widest
        widest = max(widest, inputs[0].numel())

    hook = small.hidden.register_forward_pre_hook(watch)
    answer = small.train()(luma)
    small.eval()
    hook.remove()
    assert answer.shape == (2, 67, 256, 1)
    assert widest == 2 * 817 * 256
    *_, points, at = parts(answer)
    assert torch.allclose(at, sample_at(luma, points))
    answer[:, :64].square().mean().backward()
    for key, parameter in small.named_parameters():
        assert (parameter.grad is None) == key.startswith("encoder.")


def test_a_whole_photo_costs_what_its_points_cost(small: HueChromaColorizer) -> None:
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        small.answer_at(torch.rand(1, 1, 64, 64), torch.zeros(1, 10, 1, 2))
    few = counter.get_total_flops()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        small.answer(torch.rand(1, 1, 64, 64))
    per_point = 2 * (817 * 1024 + 2 * 32 * 1024)
    assert counter.get_total_flops() - few == (256 - 10) * per_point


def test_layers_are_balanced_on_the_first_batches_and_then_left() -> None:
    torch.manual_seed(0)
    balance = Balance(2, measured_on=3).train()
    layers = [100 * torch.randn(4, 5, 8, 8), 0.01 * torch.randn(4, 7, 4, 4)]
    for _ in range(3):
        balanced = balance(layers)
    for x in balanced:
        assert float(x.square().mean()) == pytest.approx(1, rel=1e-4)
    before = balance.moments.clone()
    balance([3 * x for x in layers])
    assert torch.equal(balance.moments, before)
    assert torch.isfinite(Balance(1).train()([torch.zeros(1, 1, 2, 2)])[0]).all()


def test_chroma_in_use_and_other_shapes_refused(small: HueChromaColorizer) -> None:
    with torch.inference_mode():
        assert small(torch.rand(1, 1, 64, 32)).shape == (1, 2, 64, 32)
    with pytest.raises(ValueError, match="multiples of 32"):
        small(torch.rand(1, 1, 60, 32))


def test_a_head_is_read_back(small: HueChromaColorizer, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file(trainable_state(small), tmp_path / "head.safetensors")
    again = create_model("larsson_lite0", str(tmp_path / "head.safetensors"))
    luma = torch.rand(1, 1, 32, 32)
    with torch.inference_mode():
        assert torch.equal(again(luma), small(luma))
