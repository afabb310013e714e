"""ColTran: what it may know of a pixel's colour, and that it draws as it was taught."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.models import create_model, trainable_parameters
from colorlab.models.axial import AxialLayer, Size
from colorlab.models.coltran import (
    CoarseColorizer,
    ColTran,
    Upsampler,
    bits,
    from_bins,
    to_bins,
    to_grey,
)

SIDE = 6


@pytest.fixture(scope="module")
def tiny() -> CoarseColorizer:
    """Two layers of everything, and biases for distances that differ from zero."""
    torch.manual_seed(0)
    model = CoarseColorizer(Size(SIDE, 16), encoder=1, outer=2, inner=2).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("attention.bias"):
            torch.nn.init.normal_(parameter)
    return model


def drawn(seed: int, batch: int = 2, side: int = SIDE) -> tuple[Tensor, Tensor]:
    """Random grey and colours, (batch, side, side) each."""
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, side, side)
    grey = torch.randint(256, shape, generator=generator)
    return grey, torch.randint(512, shape, generator=generator)


def small(network: str = "coltran_small") -> ColTran:
    torch.manual_seed(0)
    model = create_model(network, weights=None)
    assert isinstance(model, ColTran)
    return model


def test_bins_and_back() -> None:
    bins = torch.arange(512).view(1, 16, 32)
    assert torch.equal(to_bins(from_bins(bins)), bins)
    values = torch.arange(256, dtype=torch.uint8).expand(3, 1, 256)
    back = from_bins(to_bins(values)).float()
    assert float((back - values.float()).mean()) == -15.5  # no half step is added
    grey = torch.full((3, 1, 1), 128, dtype=torch.uint8)
    assert int(to_bins(grey)) == 292
    color = torch.tensor([32, 64, 255], dtype=torch.uint8).view(3, 1, 1)
    assert int(to_bins(color)) == 64 * 1 + 8 * 2 + 7


def test_grey_is_as_light_as_the_photo_and_a_grey_photos_own() -> None:
    own = torch.arange(256).view(1, 1, 16, 16)
    assert torch.equal(to_grey(LAB.luma(own.expand(-1, 3, -1, -1) / 255)), own[:, 0])
    photo = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    lightness = LAB.luma(to_grey(LAB.luma(photo))[:, None].expand(-1, 3, -1, -1) / 255)
    assert torch.allclose(lightness, LAB.luma(photo), atol=0.003)


def test_published_sizes_and_order_of_layers() -> None:
    with torch.device("meta"):
        model = create_model("coltran", weights=None)
    assert isinstance(model, ColTran)
    assert model.spatial
    core = model.colorizer
    d, side = 512, 64
    # Attention, MLP; with conditions of q, k, v, of the MLP's output, and of two norms.
    attention, mlp, bias = 4 * d**2, 2 * d**2 + 2 * d, 4 * (2 * side - 1)
    plain = attention + bias + mlp + 4 * d
    norms = 2 * (side**2 + 2 * d**2 + 2 * d)
    outer = attention + bias + mlp + 6 * d**2 + 2 * d**2 + 2 * d + norms
    inner = outer + 8 * d**2
    positions = 2 * side * d
    embeddings = 256 * d + 512 * d + 512 * d  # grey, colours, the encoder's guess
    last = 2 * d + 512 * d + 512
    expected = 8 * plain + 4 * outer + 2 * inner + 3 * positions + embeddings + last
    assert trainable_parameters(core) == expected  # type: ignore[arg-type]
    assert expected / 1e6 == pytest.approx(46, abs=0.5)

    def order(layers: torch.nn.ModuleList) -> str:
        names = []
        for layer in layers:
            assert isinstance(layer, AxialLayer)
            names.append(layer.along + "!" * layer.attention.masked)
        return " ".join(names)

    assert order(core.encoder.layers) == "rows columns rows columns rows columns rows columns"
    assert order(core.outer) == "rows columns! rows columns!"
    assert order(core.inner) == "rows! rows!"
    assert (
        order(model.color.encoder.layers) == "rows columns rows columns rows columns rows columns"
    )
    assert order(model.spatial.encoder.layers) == "rows columns rows columns rows columns"
    assert model.color.channel.weight.shape == (24, 512)
    assert model.spatial.channel.weight.shape == (768, 512)
    assert model.spatial.size == Size(256, 512, 4)
    with torch.device("meta"):
        grey = torch.zeros(1, 64, 64, dtype=torch.int64)
        logits, guess = core(grey, grey)
        assert logits.shape == guess.shape == (1, 64, 64, 512)
        number = torch.zeros(1, dtype=torch.int64)
        assert model.color(grey, grey, number).shape == (1, 64, 64, 256)
        large = torch.zeros(1, 256, 256, dtype=torch.int64)
        assert model.spatial(large, large, number).shape == (1, 256, 256, 256)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (0, 5), (2, 3), (4, 0), (5, 5)])
def test_no_pixel_knows_its_own_colour_or_a_later_one(
    tiny: CoarseColorizer, y: int, x: int
) -> None:
    grey, bins = drawn(1)
    other = bins.clone()
    other[:, y, x] = (bins[:, y, x] + 100) % 512
    with torch.inference_mode():
        before, after = (tiny(grey, colors)[0].flatten(1, 2) for colors in (bins, other))
    place = y * SIDE + x
    assert torch.equal(before[:, : place + 1], after[:, : place + 1])  # bit for bit
    if place + 1 < SIDE**2:
        moved = (before != after).any(-1)[:, place + 1 :]
        assert moved.all()


def test_every_pixel_knows_all_grey(tiny: CoarseColorizer) -> None:
    grey, bins = drawn(2)
    other = grey.clone()
    other[:, -1, -1] = (grey[:, -1, -1] + 100) % 256
    with torch.inference_mode():
        assert (tiny(grey, bins)[0] != tiny(other, bins)[0]).any(-1).all()


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_what_is_drawn_has_the_probability_that_was_taught(
    tiny: CoarseColorizer, temperature: float
) -> None:
    grey, _ = drawn(3, batch=3)
    bins, logs = tiny.sample(grey, [0, 1, 2], temperature)
    with torch.inference_mode():
        taught = tiny(grey, bins)[0].log_softmax(-1).gather(-1, bins[..., None])[..., 0]
    assert torch.allclose(logs, taught, atol=1e-4)
    assert bits(tiny(grey, bins)[0], bins).item() == pytest.approx(
        -logs.mean().item() / math.log(2), abs=1e-4
    )


def test_samples_follow_seeds_and_the_distribution(tiny: CoarseColorizer) -> None:
    grey = drawn(4, batch=1)[0]
    one, _ = tiny.sample(grey.expand(3, -1, -1), [7, 8, 7])
    assert torch.equal(one[0], one[2])
    assert not torch.equal(one[0], one[1])
    alone, _ = tiny.sample(grey, [8])
    assert torch.equal(alone[0], one[1])
    # The first pixel's distribution is known: over many seeds its mean log-probability is that.
    with torch.inference_mode():
        logs = tiny(grey, one[:1])[0][0, 0, 0].log_softmax(-1)
    drawn_first, given = tiny.sample(grey.expand(600, -1, -1), range(600))
    entropy = -(logs.exp() * logs).sum()
    spread = ((logs.exp() * logs.square()).sum() - entropy.square()).sqrt()
    assert abs(given[:, 0, 0].mean() + entropy) < 4 * spread / math.sqrt(600)
    assert len(drawn_first[:, 0, 0].unique()) > 100
    with pytest.raises(ValueError, match="temperature above 0"):
        tiny.sample(grey, [0], temperature=0)
    with pytest.raises(ValueError, match="a seed for each"):
        tiny.sample(grey, [0, 1])


def test_untrained_it_needs_nine_bits() -> None:
    rgb = torch.randint(256, (2, 3, 32, 32), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = small().losses(rgb.to(torch.uint8))
    assert found["bits"].item() == pytest.approx(9, abs=0.3)
    assert found["guess"].item() == pytest.approx(9, abs=0.3)
    assert found["color"].item() == pytest.approx(8, abs=0.4)


def test_an_upsampler_learns_the_bits_that_grey_tells() -> None:
    """A grey photo's channels are its grey: one tiny layer learns to copy it."""
    torch.manual_seed(0)
    model = Upsampler(Size(4, 32), layers=1, symbols=8)
    adam = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(150):
        grey = torch.randint(16, (32, 4, 4)) * 16
        found = model(grey // 32, grey, torch.randint(3, (32,)))
        loss = bits(found, grey)
        loss.backward()
        adam.step()
        adam.zero_grad()
    grey = torch.randint(16, (2, 4, 4)) * 16
    filled = model.fill((grey // 32)[:, None].expand(-1, 3, -1, -1), grey)
    assert filled.dtype == torch.uint8
    assert filled.shape == (2, 3, 4, 4)
    assert (filled == grey[:, None]).float().mean() > 0.9


def test_as_a_colorizer_it_answers_with_one_sample() -> None:
    torch.manual_seed(0)
    model = ColTran(CoarseColorizer(Size(8, 16), 1, 1, 1), Upsampler(Size(8, 16), 1, 8))
    photo = torch.from_numpy(sample_photos("astronaut")[0].rgb[::8, ::8]).permute(2, 0, 1)
    luma = LAB.luma(photo[None].float() / 255)
    answer = model(luma)
    assert answer.shape == (1, 2, 64, 64)
    assert bool(answer.isfinite().all())
    assert answer.abs().max() < 1
    assert torch.equal(answer, model(luma))
    several = model.samples(luma, [0, 1])
    assert torch.equal(several[:1], answer)
    assert not torch.equal(several[0], several[1])
    model.seed = 1
    assert torch.allclose(model(luma)[0], several[1], atol=1e-5)
    with pytest.raises(ValueError, match="multiples of 32"):
        model(luma[..., :-1])


def test_with_a_spatial_upsampler_the_answer_is_of_its_size() -> None:
    torch.manual_seed(0)
    core = CoarseColorizer(Size(4, 16), 1, 1, 1)
    model = ColTran(core, Upsampler(Size(4, 16), 1, 8), Upsampler(Size(16, 16), 1, 256))
    chroma = model(torch.rand(1, 1, 32, 64))
    assert chroma.shape == (1, 2, 32, 64)
    assert bool(chroma.isfinite().all())


def test_every_parameter_learns() -> None:
    model = small().train()
    rgb = torch.randint(256, (1, 3, 32, 32), generator=torch.Generator().manual_seed(0))
    sum(model.losses(rgb.to(torch.uint8)).values()).backward()  # type: ignore[union-attr]
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.isfinite().all()), name
        assert bool(parameter.grad.any()), name
