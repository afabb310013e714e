"""Nazeri, Ng and Ebrahimi's networks: published layers and sizes, padding, modes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from colorlab.models import create_model, trainable_parameters
from colorlab.models.nazeri import RANGE, PatchDiscriminator, Unet, discriminator_of, nazeri2018

PLACES = (64, 64, 128, 256, 512, 512, 512, 512), (512, 512, 512, 256, 128, 64, 64)
CIFAR = (64, 128, 256, 512, 512), (512, 256, 128, 64)


def weights(inputs: int, outputs: int, kernel: int = 4, norm: bool = True) -> int:
    """Of a convolution with bias, and of its BatchNorm."""
    return inputs * outputs * kernel**2 + outputs + 2 * outputs * norm


@pytest.mark.parametrize(
    ("name", "plan", "total", "dropouts"),
    [("nazeri2018", PLACES, 42_023_811, 0), ("nazeri2018_cifar", CIFAR, 16_654_851, 2)],
)
def test_generators_have_the_published_layers(
    name: str, plan: tuple[tuple[int, ...], tuple[int, ...]], total: int, dropouts: int
) -> None:
    with torch.device("meta"):  # sizes alone
        model = create_model(name, None)
    assert isinstance(model, Unet)
    down, up = plan
    counted, inputs = 0, 1
    for width in down:
        counted, inputs = counted + weights(inputs, width), width
    for width, mirror in zip(up, down[-2::-1], strict=True):
        counted, inputs = counted + weights(inputs, width), width + mirror
    assert counted + weights(inputs, 3, kernel=1, norm=False) == total
    assert trainable_parameters(model) == total
    kinds = [[type(part).__name__ for part in block] for block in (*model.down, *model.up)]
    first = ["ZeroPad2d", "Conv2d", "BatchNorm2d", "LeakyReLU"]
    expected = [first] + [first[1:]] * (len(down) - 1)
    expected += [["ConvTranspose2d", "BatchNorm2d", "ReLU"] for _ in up]
    for block in expected[len(down) : len(down) + dropouts]:
        block.append("Dropout")
    assert kinds == expected
    sizes = {m.kernel_size for m in model.modules() if isinstance(m, nn.Conv2d)}
    assert sizes == {(4, 4), (1, 1)}
    assert {m.negative_slope for m in model.modules() if isinstance(m, nn.LeakyReLU)} == {0.2}


def test_the_discriminator_has_the_published_layers() -> None:
    model = PatchDiscriminator()
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    found = [(m.out_channels, m.stride[0]) if isinstance(m, nn.Conv2d) else "norm" for m in layers]
    expected = [(64, 2), (128, 2), "norm", (256, 2), "norm", (512, 1), "norm", (1, 1)]
    assert found == expected
    counted = weights(4, 64, norm=False) + weights(512, 1, norm=False)
    counted += sum(weights(*pair) for pair in ((64, 128), (128, 256), (256, 512)))
    assert trainable_parameters(model) == counted == 2_767_553
    logits = model(torch.rand(1, 1, 64, 32), torch.rand(1, 3, 64, 32))
    assert logits.shape == (1, 1, 8, 4)


def test_a_patch_is_judged_by_its_surroundings_alone() -> None:
    """70 pixels a side in pix2pix with three halvings: this one has the same layers."""
    model = PatchDiscriminator(3, (8, 16, 32, 64)).eval()
    luma, chroma = torch.rand(1, 1, 160, 160), torch.rand(1, 2, 160, 160, requires_grad=True)
    model(luma, chroma)[0, 0, 10, 10].backward()
    assert chroma.grad is not None
    touched = chroma.grad.abs().sum(dim=(0, 1)).nonzero()
    assert (touched.amax(0) - touched.amin(0) + 1).tolist() == [70, 70]


@pytest.mark.parametrize("size", [(32, 32), (64, 96)])
def test_any_size_of_32_is_coloured(size: tuple[int, int]) -> None:
    model = Unet(*((8,) * len(part) for part in PLACES)).eval()
    luma = torch.rand(1, 1, *size)
    with torch.inference_mode():
        chroma = model(luma)
        assert chroma.shape == (1, 2, *size)
        around = nn.functional.pad(luma, (0, 128 - size[1], 0, 128 - size[0]), mode="replicate")
        assert torch.allclose(chroma, model(around)[..., : size[0], : size[1]], atol=1e-6)


def test_one_step_of_the_published_pair() -> None:
    model = create_model("nazeri2018", None).train()
    assert isinstance(model, Unet)
    luma, chroma = torch.rand(2, 1, 128, 128), torch.rand(2, 2, 128, 128) - 0.5
    judge = discriminator_of(model)
    answer, truth = model.answer(luma), model.truth(luma, chroma)
    assert answer.shape == truth.shape == (2, 3, 128, 128)
    judge(luma, answer).mean().backward()
    assert all(p.grad is not None for p in (*model.parameters(), *judge.parameters()))


def test_answers_are_in_the_published_units_or_in_ours() -> None:
    luma = torch.full((1, 1, 32, 32), 0.75)
    chroma = torch.full((1, 2, 32, 32), -55 / 128)
    with torch.device("meta"):
        whole, colour = nazeri2018(), nazeri2018(outputs=2)
    truth = whole.truth(luma, chroma)
    assert torch.allclose(truth[:, :1], torch.tensor(0.5))  # L* = 75: 75 / 50 - 1
    assert torch.allclose(truth[:, 1:], torch.tensor(-0.5))
    assert torch.allclose(whole.show(truth), chroma)
    assert RANGE * 128 == 110
    assert torch.equal(colour.truth(luma, chroma), chroma)
    assert torch.equal(colour.show(chroma), chroma)
    assert trainable_parameters(whole) - trainable_parameters(colour) == 128 + 1
    with pytest.raises(ValueError, match="2 or 3 outputs"):
        nazeri2018(outputs=1)


def test_in_use_an_answer_hangs_on_nothing_but_its_photo() -> None:
    model = create_model("nazeri2018_cifar", None)
    luma = torch.rand(3, 1, 32, 32)
    with torch.inference_mode():
        together = model(luma)
        assert torch.equal(together, model(luma))
        assert torch.allclose(together[:1], model(luma[:1]), atol=1e-5)
        # As their code does it: by the batch, and by chance.
        model.train()
        assert not torch.allclose(model(luma)[:1], model(luma[:1]), atol=1e-3)
        assert not torch.equal(model(luma), model(luma))
