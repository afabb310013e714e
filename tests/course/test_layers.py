"""The network layer by layer, and what its two twins are made of; tests/browser has the pages."""

from __future__ import annotations

import base64
import io
import json
import re
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.figures.diagram import decoder_shapes
from colorlab.course.figures.layers import activations, tap_facts, walk
from colorlab.course.figures.receptive import extent, input_gradient
from colorlab.course.widgets import feature_browser, layer_walk
from colorlab.course.widgets.layers_widget import KEPT, WORDS
from colorlab.models import create_model, trainable_parameters
from colorlab.models.efficientnet import EfficientNetColorizer


@pytest.fixture(scope="module")
def network() -> EfficientNetColorizer:
    network = create_model("efficientnet_lite0")
    assert isinstance(network, EfficientNetColorizer)
    return network


def noise(size: int) -> torch.Tensor:
    return torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))


def activation(network: EfficientNetColorizer, name: str, luma: torch.Tensor) -> torch.Tensor:
    return activations(network, luma)[name]


def data_of(twin: str, function: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(re.findall(rf"{function}\(twin, (\{{.*\}})\);", twin)[0])
    return data


def test_fields_by_the_kernels_are_those_of_the_gradient(network: EfficientNetColorizer) -> None:
    facts = tap_facts(network.encoder)
    assert [field for field, _ in facts] == [7, 19, 67, 339, 851]
    luma = noise(128)
    for tap, stride in enumerate((2, 4, 8)):
        part = partial(activation, network, f"tap {stride}")
        gradient = input_gradient(part, luma, 64 // stride, 64 // stride, channels=16)
        assert extent(gradient) == facts[tap][0]
    counted = sum(parameters for _, parameters in facts)
    assert counted == sum(each.numel() for each in network.encoder.parameters())


def test_a_walk_has_all_of_the_network(network: EfficientNetColorizer) -> None:
    luma = noise(96)
    stops = walk(network, luma, at=(0.7, 0.4))
    assert [stop.name for stop in stops] == list(WORDS)
    blocks = {stop.name: stop.shape for stop in stops if stop.name.startswith("block")}
    assert blocks == dict(decoder_shapes(network, 96)[:-1])
    trained = sum(stop.parameters for stop in stops if stop.field is None)
    assert trained == trainable_parameters(network)
    with torch.inference_mode():
        joined = network.space.merge(luma, network(luma))[0].permute(1, 2, 0)
        of_a = activations(network, luma)["a*"]
    torch.testing.assert_close(stops[-1].picture, joined, atol=1e-5, rtol=0)
    assert of_a.shape == (1, 1, 96, 96)
    for stop in stops:
        assert 0 <= stop.picture.min() <= stop.picture.max() <= 1
        assert stop.gradient.shape == (96, 96)
        assert (stop.gradient > 0).any()
    row, column = np.argwhere(stops[0].gradient)[0]
    assert (row, column) == (int(0.4 * 96), int(0.7 * 96))
    # What counts grows through the encoder.
    halves = [extent(stop.gradient, 0.5) for stop in stops[:5]]
    assert halves == sorted(set(halves))


@pytest.mark.parametrize(("twin", "most"), [(layer_walk, 250_000), (feature_browser, 350_000)])
def test_they_are_small_whole_and_refuse_places_outside(twin: Any, most: int) -> None:
    text = twin("coffee")
    assert len(text) < most
    assert "{{" not in text
    assert "http" not in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)  # a plain script has neither
    with pytest.raises(ValueError, match=r"a place must be in \[0, 1\)"):
        twin("coffee", at=(0.5, 1))
    with pytest.raises(ValueError, match="nothing_here"):
        twin("nothing_here")


def test_the_sprites_have_the_channels_that_vary_most() -> None:
    taps = data_of(feature_browser("coffee"), "featureBrowser")["taps"]
    assert [tap["all"] for tap in taps] == [96, 144, 240, 672, 1280]
    for tap, kept in zip(taps, KEPT.values(), strict=True):
        sprite = Image.open(io.BytesIO(base64.b64decode(tap["sprite"].partition(",")[2])))
        assert sprite.mode == "L"
        assert sprite.size == (tap["side"], tap["side"] * kept)
        maps = np.asarray(sprite).reshape(kept, -1)
        assert (maps.min(1) == 0).all()
        assert (maps.max(1) == 255).all()
        assert len(set(tap["numbers"])) == kept
