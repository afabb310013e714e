"""The networks: their exact sizes, frozen encoders, weights that fit or are refused."""

from __future__ import annotations

import copy
import hashlib
import re
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
from colorlab.models.base import Colorizer, double
from colorlab.models.dahl import DahlColorizer
from colorlab.models.doubled import conv_of_doubled, conv_of_sum
from colorlab.models.encoders import (
    PAPER_TAPS,
    TappedEncoder,
    Taps,
    lite0_imagenet_state,
    load_encoder,
)
from colorlab.models.fast import fold_batchnorms


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
    folded = fold_batchnorms(copy.deepcopy(model))
    with torch.inference_mode():
        assert torch.allclose(folded(luma), model(luma), atol=1e-5)
    norms = [module for module in folded.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == (5 if name == "dahl_lite0" else 0)  # Dahl's stand before convolutions
    with pytest.raises(ValueError, match="eval mode"):
        fold_batchnorms(model.train())


@pytest.mark.parametrize(
    ("ours", "joined", "fine_wants"),
    [
        (conv_of_doubled, lambda coarse, fine: torch.cat([coarse, fine], dim=1), False),
        (conv_of_sum, torch.add, False),
        (conv_of_sum, torch.add, True),
    ],
)
def test_a_doubled_picture_is_convolved_as_if_it_had_been_made(ours, joined, fine_wants):
    torch.manual_seed(0)
    conv = nn.Conv2d(10 if ours is conv_of_doubled else 5, 3, 3, padding=1).double()
    coarse, fine = torch.rand(2, 5, 4, 6).double(), torch.rand(2, 5, 8, 12).double()
    wanted = [coarse.requires_grad_(), *([fine.requires_grad_()] if fine_wants else [])]
    wanted += conv.parameters()

    def gradients(result: torch.Tensor) -> list[torch.Tensor]:
        return list(torch.autograd.grad((result**3).sum(), wanted))

    expected, found = conv(joined(double(coarse), fine)), ours(conv, coarse, fine)
    torch.testing.assert_close(found, expected)
    for one, other in zip(gradients(found), gradients(expected), strict=True):
        torch.testing.assert_close(one, other)


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


@pytest.mark.parametrize("card", sorted(WEIGHTS.glob("*.json")), ids=lambda path: path.stem)
def test_cards_tell_the_truth_about_their_weights(card):
    told = read_card(card.stem)
    assert told is not None
    file = WEIGHTS / told["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == told["sha256"]
    assert file.stat().st_size <= 12 * 2**20
    model = create_model(card.stem, weights=None)
    load_trained(model, file)
    assert sum(t.numel() for t in load_file(file).values()) >= trainable_parameters(model)
    assert set(told) >= {"model", "file", "data", "recipe", "steps", "seed", "scores", "sha256"}
    assert not re.search(r"/(home|root|tmp)/", card.read_text())
