"""Cheng's networks trained for real, on sample photos: a run goes on, and parts are left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from colorlab.classic.cheng import CLASSES, FEATURES, PARTS, ChengNetwork, load_network
from colorlab.data import sample_paths
from colorlab.data.photos import Photos
from colorlab.data.sources import training_photos
from colorlab.evaluate.cheng_ablation import measure
from colorlab.train.cheng import (
    VARIANTS,
    Pixels,
    Settings,
    fit,
    squared_errors,
    standardize,
    train,
)

TINY = Settings(
    photos=6, held_out=1, pixels=100, class_photos=5, epochs=3, kind_epochs=2, kinds=2, batch=64
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cheng")
    train(training_photos("sample"), folder, TINY)
    return folder


def test_a_run_goes_on_where_it_ended(run):
    record = json.loads((run / "training.json").read_text())
    left = {path: path.read_bytes() for path in (run / "full.safetensors", *run.glob("*/*.npz"))}
    assert len(left) == 3
    (run / "full.safetensors").unlink()
    before = (run / "pixels" / "00000.npz").stat().st_mtime_ns
    again = train(training_photos("sample"), run, TINY)
    assert (run / "pixels" / "00000.npz").stat().st_mtime_ns == before
    assert {path: path.read_bytes() for path in left} == left
    assert again["uv_mse_to_grey"] == record["uv_mse_to_grey"]
    assert set(again["uv_mse_to_grey"]) == {*VARIANTS, "clusters"}


def test_a_left_out_part_has_no_say(run):
    network = load_network(run / "without_semantic.safetensors")
    assert (network.scale[PARTS["semantic"]] == 0).all()
    assert (network.scale[PARTS["patch"]] > 0).all()
    clusters = load_network(run / "clusters.safetensors")
    assert 2 <= len(clusters.nets) <= TINY.kinds * TINY.layers
    np.testing.assert_allclose(clusters.histograms.sum(1), 1, atol=2e-3)


def test_the_ablation_measures_every_variant(run):
    networks = {name: load_network(run / f"{name}.safetensors") for name in (*VARIANTS, "clusters")}
    found = measure(networks, Photos(sample_paths("coffee", "chelsea")), 64)
    assert found["photos"] == 2
    assert set(found["mse_to_grey"]) == {*networks, "without_filter"}
    assert set(found["minus_full"]) == set(found["mse_to_grey"]) - {"full"}
    for name, (gap, low, high) in found["minus_full"].items():
        assert low <= gap <= high
        ratio = found["mse_to_grey"][name][0] - found["mse_to_grey"]["full"][0]
        assert gap == pytest.approx(ratio, abs=2e-4)


def test_a_colour_that_a_class_tells_is_learned_from_that_class_alone():
    """Half the photos are of class 0, and red; the rest of class 1, and blue; patches are noise."""
    rng = np.random.default_rng(0)
    features = rng.random((20, 100, FEATURES)).astype(np.float16)
    features[..., PARTS["semantic"]] = 0
    features[:10, :, -CLASSES] = 1
    features[10:, :, 1 - CLASSES] = 1
    uv = np.empty((20, 100, 2), np.float16)
    uv[:10], uv[10:] = (-0.1, 0.3), (0.3, -0.1)
    pixels = Pixels(features, uv, np.zeros((20, 512), np.float16), np.zeros((20, 47), np.float16))
    errors = {}
    for name in ("full", "without_semantic"):
        torch.manual_seed(0)
        network = ChengNetwork()
        standardize(network, pixels, VARIANTS[name])
        fit(network, 0, pixels, 20, Settings(batch=100))
        errors[name] = float(squared_errors(network, pixels).mean())
    assert errors["full"] < 1e-3
    assert errors["without_semantic"] > 10 * errors["full"]
