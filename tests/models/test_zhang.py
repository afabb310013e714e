"""A distribution over 313 colours: the published network's size, and how one is read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from colorlab.evaluate.ship import narrow
from colorlab.models import create_model, trainable_parameters, trainable_state
from colorlab.models.classes import annealed_mean, mode, sample, smooth_noise, zhang_bins
from colorlab.models.zhang import ClassColorizer, Zhang2016
from colorlab.models.zoo import STEP
from colorlab.train.classes import begin

CENTRES = torch.from_numpy(zhang_bins()).float() / 128


def logits_of(shares: dict[tuple[int, int], float], size: int = 1) -> torch.Tensor:
    """Logits (1, 313, size, size) of a distribution given by its centres' shares."""
    names = zhang_bins().tolist()
    logits = torch.full((313,), -100.0)
    for centre, share in shares.items():
        logits[names.index(list(centre))] = np.log(share)
    return logits.view(1, 313, 1, 1).expand(1, 313, size, size)


def test_the_published_network_has_its_layers_and_its_size() -> None:
    model = create_model("zhang2016", weights=None)
    assert isinstance(model, Zhang2016)
    found = [
        (type(x).__name__, x.out_channels, x.kernel_size[0], x.stride[0], x.dilation[0])
        if isinstance(x, nn.Conv2d | nn.ConvTranspose2d)
        else type(x).__name__
        for x in model.layers
    ]
    plan = "64 64/ N 128 128/ N 256 256 256/ N 512 512 512 N 512: 512: 512: N 512: 512: 512: N "
    plan += "512 512 512 N 256^ 256 256"
    expected: list[object] = []
    for word in plan.split():
        if word == "N":
            expected.append("BatchNorm2d")
        elif word == "256^":
            expected += [("ConvTranspose2d", 256, 4, 2, 1), "ReLU"]
        else:
            stride, dilation = 1 + word.endswith("/"), 1 + word.endswith(":")
            expected += [("Conv2d", int(word.strip("/:")), 3, stride, dilation), "ReLU"]
    assert found == [*expected, ("Conv2d", 313, 1, 1, 1)]
    assert trainable_parameters(model) == 32_235_385  # published, rounded: 32.2 million


def test_the_published_network_costs_what_is_published() -> None:
    with torch.device("meta"):
        model = create_model("zhang2016", weights=None)
        luma = torch.zeros(1, 1, 256, 256)
    assert isinstance(model, ClassColorizer)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        assert model.logits(luma).shape == (1, 313, 64, 64)
    # The model zoo of OpenVINO has 83.6 GFLOP, of multiplications and additions.
    assert counter.get_total_flops() / 1e9 == pytest.approx(83.6, rel=0.02)


@pytest.mark.parametrize("name", ["zhang2016", "zhang_lite0"])
def test_logits_in_training_chroma_in_use(name: str) -> None:
    model = create_model(name, weights=None)
    luma = torch.rand(1, 1, 64, 32)
    assert model(luma).shape == (1, 2, 64, 32)
    logits = model.train()(luma)
    assert logits.shape == (1, 313, 16, 8)
    logits.square().mean().backward()
    for key, parameter in model.named_parameters():
        assert (parameter.grad is None) == key.startswith("encoder.")
    with pytest.raises(ValueError, match="multiples of 32"):
        model(torch.rand(1, 1, 60, 32))


def test_the_annealed_mean_lies_between_mode_and_mean() -> None:
    two = {(0, 0): 0.4, (60, 30): 0.6}
    logits = logits_of(two)
    red = torch.tensor([60.0, 30.0]) / 128
    assert torch.allclose(annealed_mean(logits, 1).flatten(), 0.6 * red)
    assert torch.allclose(annealed_mean(logits, 0.38).flatten(), 0.7440 * red, atol=2e-5)
    assert torch.allclose(annealed_mean(logits, 0.001).flatten(), red)
    assert torch.equal(annealed_mean(logits, 0), mode(logits))
    assert torch.allclose(mode(logits).flatten(), red)
    with pytest.raises(ValueError, match="negative"):
        annealed_mean(logits, -1)


def test_another_temperature_needs_the_network_no_more() -> None:
    model = begin().eval()
    runs = []
    model.encoder.register_forward_hook(lambda *_: runs.append(1))  # type: ignore[union-attr,operator]
    with torch.inference_mode():
        luma = torch.rand(1, 1, 64, 64)
        logits = model.answer(luma)
        shown = [annealed_mean(logits, t) for t in (0, 0.2, 0.38, 1)]
        shown += [sample(logits, seed) for seed in range(3)]
        assert len(runs) == 1
        assert torch.allclose(model.show(logits), model(luma), atol=1e-6)
    for one, other in pairwise(shown):
        assert not torch.equal(one, other)


def test_samples_have_the_distribution_at_every_pixel_and_neighbours_agree() -> None:
    two = {(0, 0): 0.4, (60, 30): 0.6}
    logits = logits_of(two, 64)

    def red(seed: int, reach: float) -> torch.Tensor:
        return (sample(logits, seed, reach)[0, 0] > 0.1).float()

    rough = torch.stack([red(seed, 0) for seed in range(8)])
    assert float(rough.mean()) == pytest.approx(0.6, abs=0.01)
    smooth = torch.stack([red(seed, 4) for seed in range(40)])
    assert float(smooth.mean()) == pytest.approx(0.6, abs=0.05)
    alike = [(x[..., 1:] == x[..., :-1]).float().mean() for x in (rough, smooth)]
    assert float(alike[0]) == pytest.approx(0.52, abs=0.02)
    assert float(alike[1]) > 0.9
    assert torch.equal(sample(logits, 3), sample(logits, 3))
    with pytest.raises(ValueError, match="temperature above 0"):
        sample(logits, temperature=0)


@pytest.mark.parametrize("reach", [0, 1, 4])
def test_smooth_noise_has_mean_0_and_variance_1(reach: float) -> None:
    noise = smooth_noise((4, 100, 20, 20), reach, torch.Generator().manual_seed(0))
    assert float(noise.mean()) == pytest.approx(0, abs=0.05)
    assert float(noise.var()) == pytest.approx(1, abs=0.05)
    across = (noise[..., 1:] * noise[..., :-1]).mean()  # of Gaussians: exp(-1 / (4 reach^2))
    assert float(across) == pytest.approx(np.exp(-1 / (4 * reach**2)) if reach else 0, abs=0.06)


def test_it_begins_as_the_regression_network_with_the_priors_shares() -> None:
    own, given = trainable_state(begin()), trainable_state(create_model("efficientnet_lite0"))
    taken = [key for key in own if key in given]
    assert {key.split(".")[1] for key in taken} == {"block32", "block16", "block8", "block4"}
    assert all(torch.equal(own[key], given[key]) for key in taken)
    shares = own["decoder.to_logits.bias"].exp()
    assert float(shares.sum()) == pytest.approx(1, abs=1e-5)
    # The weight of what is common is small.
    assert int(shares.argmax()) == int(own["rebalance"].argmin())
    assert float((shares * own["rebalance"].exp()).sum()) == pytest.approx(1, abs=1e-4)


def test_a_head_in_8_bits_is_the_same_network(tmp_path: Path) -> None:
    """A channel's weights are off by half a step, and the answer by little.

    Of a head that is shipped in 16 bits: one in 8 has been rounded before.
    """
    model = create_model("efficientnet_lite0")
    head = trainable_state(model)
    narrowed = narrow(head)
    assert all(narrowed[key].dtype == torch.int8 for key in head if head[key].ndim == 4)
    save_file(narrowed, tmp_path / "head.safetensors")
    again = create_model("efficientnet_lite0", str(tmp_path / "head.safetensors"))
    for key, tensor in trainable_state(again).items():
        allowed = head[key].abs().amax(dim=(1, 2, 3), keepdim=True) / 253 if tensor.ndim == 4 else 0
        assert bool(((tensor - head[key]).abs() <= allowed).all()), key
    luma = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        off = 128 * (again(luma) - model(luma)).abs().mean()
    assert 0 < off < 0.5  # a* and b*
    lost = next(key for key in narrowed if key.endswith(STEP))
    del narrowed[lost]
    save_file(narrowed, tmp_path / "head.safetensors")
    with pytest.raises(RuntimeError, match="no step"):
        create_model("efficientnet_lite0", str(tmp_path / "head.safetensors"))
