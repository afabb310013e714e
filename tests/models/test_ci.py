"""Ci et al.'s generator and critic: published layers and sizes, hints, one step."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from colorlab.models.base import trainable_parameters
from colorlab.models.ci import (
    DILATIONS,
    Bottleneck,
    Ci2018,
    CiCritic,
    Lite0Features,
    LocalFeatures,
    Vgg11Features,
)
from colorlab.train.wgan import critic_loss, draw_cells, painter_loss


class _Even(LocalFeatures):
    """Of every place the same: cheap."""

    name, width = "constant, for tests", 8

    def forward(self, sketch: Tensor) -> Tensor:
        batch, _, height, width = sketch.shape
        return torch.full((batch, self.width, height // 16, width // 16), 0.5)


def conv(inputs: int, outputs: int, kernel: int, bias: bool = True, groups: int = 1) -> int:
    return inputs // groups * outputs * kernel**2 + outputs * bias


def block(width: int, groups: int, kernel: int = 3) -> int:
    half = width // 2
    ends = 2 * conv(width, half, 1, False)
    return ends + conv(half, half, kernel, False, groups)


def test_the_generator_has_the_published_layers() -> None:
    with torch.device("meta"):
        model = Ci2018(Vgg11Features())
    counted = conv(4, 64, 7)
    for pair in ((1, 32, 3), (32, 64, 4), (64, 128, 4), (192, 256, 4), (256, 512, 4)):
        counted += conv(*pair)
    tunnels = (
        (512 + 512, 512, 1024, 20 * [1], 32),
        (256 + 256, 256, 512, [1, 1, 2, 2, 4, 4, 2, 1], 32),
        (128 + 128, 128, 256, [1, 1, 2, 2, 4, 4, 2, 1], 32),
        (64 + 64, 64, 128, [1, 2, 4, 2, 1], 16),
    )
    for tunnel, (inputs, width, shuffled, dilations, groups) in zip(model.up, tunnels, strict=True):
        counted += conv(inputs, width, 3) + conv(width, shuffled, 3)
        counted += len(dilations) * block(width, groups)
        blocks = [m.grouped for m in tunnel if isinstance(m, Bottleneck)]
        assert [(m.dilation[0], m.groups) for m in blocks] == [(d, groups) for d in dilations]
        assert isinstance(tunnel[-2], nn.PixelShuffle)
    assert list(DILATIONS) == tunnels[1][3]
    assert trainable_parameters(model) == counted + conv(64, 3, 3) == 21_936_003
    assert not any("Norm" in type(m).__name__ for m in model.modules())
    assert {m.negative_slope for m in model.modules() if isinstance(m, nn.LeakyReLU)} == {0.2}


def test_the_critic_has_the_published_layers() -> None:
    with torch.device("meta"):
        critic = CiCritic(Vgg11Features())
        value = critic(torch.zeros(2, 3, 512, 512), torch.zeros(2, 1, 512, 512))
    assert value.shape == (2, 1)
    counted = conv(3, 64, 7, False) + conv(64, 64, 4, False)
    counted += conv(64, 128, 1, False) + conv(128, 256, 1, False) + conv(768, 512, 3, False)
    for width in (64, 128, 256, 512, 512, 512):
        counted += block(width, 8) + block(width, 8, kernel=4)
    counted += block(512, 8) + conv(512, 512, 4, False) + 512 + 1
    assert trainable_parameters(critic) == counted == 10_612_033
    groups = [m.grouped.groups for m in critic.modules() if isinstance(m, Bottleneck)]
    assert groups == 13 * [8]


def test_without_a_hint_its_path_gives_its_bias_alone() -> None:
    model = Ci2018(_Even(), width=32)
    told: list[Tensor] = []
    model.to_hint[0].register_forward_hook(lambda *call: told.append(call[2]))
    sketch, hints = torch.rand(1, 1, 64, 64) * 2 - 1, torch.zeros(1, 4, 16, 16)
    with torch.inference_mode():
        none = model(sketch, hints)
        hints[0, :, 8, 8] = torch.tensor([1.0, -1.0, -1.0, 1.0])
        red = model(sketch, hints)
    bias = model.to_hint[0].bias
    assert torch.equal(told[0], bias.view(1, -1, 1, 1).expand_as(told[0]))
    assert not torch.equal(told[1], told[0])
    assert not torch.equal(none, red)
    assert none.shape == (1, 3, 64, 64)
    assert none.abs().max() <= 1


def test_one_step_of_both() -> None:
    features = _Even()
    painter, critic = Ci2018(features, width=32), CiCritic(features, width=16)
    rgb, sketch = torch.rand(2, 3, 64, 64) * 2 - 1, torch.rand(2, 1, 64, 64) * 2 - 1
    shown = painter(sketch, draw_cells(rgb))
    painter_loss(torch.zeros(2, 1), shown, rgb).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in painter.parameters())
    # The critic is made for one size.
    real, fake, drawing = (torch.rand(1, n, 512, 512) for n in (3, 3, 1))
    critic_loss(lambda x: critic(x, drawing), real, fake).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in critic.parameters())
    with pytest.raises(ValueError, match="made for 512x512"):
        critic(rgb, sketch)


@pytest.mark.parametrize("kind", [Vgg11Features, Lite0Features])
def test_features_are_fixed_named_and_a_sixteenth_of_the_size(kind: type[LocalFeatures]) -> None:
    features = kind()
    assert trainable_parameters(features) == 0
    assert features.name
    sketch = torch.rand(1, 1, 64, 96) * 2 - 1
    found = features(sketch)
    assert found.shape == (1, features.width, 4, 6)
    assert not torch.equal(found, features(-sketch))


def test_wrong_shapes_are_refused() -> None:
    model = Ci2018(_Even(), width=32)
    with pytest.raises(ValueError, match="in 16s"):
        model(torch.rand(1, 1, 40, 40), torch.rand(1, 4, 10, 10))
    with pytest.raises(ValueError, match="hints of a quarter"):
        model(torch.rand(1, 1, 32, 32), torch.rand(1, 4, 32, 32))
