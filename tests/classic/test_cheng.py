"""Cheng's features by their known answers, the filter by brute force, the shipped network."""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from colorlab.classic import cheng
from colorlab.classic.cheng import (
    FEATURES,
    PARTS,
    WEIGHTS,
    ChengNetwork,
    PhotoFeatures,
    colorize_by_features,
    daisy_features,
    encode_cells,
    joint_bilateral,
    load_network,
    patch_features,
    photo_features,
)
from colorlab.classic.planes import lightness_of, split

from .photos import sample, without_colour


def luma_of(photo: np.ndarray) -> np.ndarray:
    return (photo @ np.array([0.299, 0.587, 0.114]) / 255).astype(np.float32)


@pytest.fixture(scope="module")
def luma() -> np.ndarray:
    return luma_of(sample("coffee", 5))  # (80, 120)


@pytest.fixture(scope="module")
def network() -> ChengNetwork:
    return load_network()


def test_a_pixel_has_49_and_32_and_47_features(luma, network):
    found = photo_features(luma, network)
    assert found.pixels.shape == (*luma.shape, 128)
    assert FEATURES == 128
    widths = {name: part.stop - part.start for name, part in PARTS.items()}
    assert widths == {"patch": 49, "daisy": 32, "semantic": 47}
    np.testing.assert_array_equal(found.pixels[..., PARTS["patch"]], patch_features(luma))
    np.testing.assert_array_equal(found.pixels[..., PARTS["daisy"]], daisy_features(luma))
    semantic = found.pixels[..., PARTS["semantic"]]
    assert semantic.min() >= 0
    np.testing.assert_allclose(semantic.sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(found.histogram.sum(), 1, atol=1e-5)
    assert found.descriptor.shape == (4 * 4 * 32,)
    # Its first 32 numbers are the mean DAISY of the photo's upper left sixteenth.
    corner = daisy_features(luma)[:20, :30].mean((0, 1))
    np.testing.assert_allclose(found.descriptor.reshape(32, 4, 4)[:, 0, 0], corner, atol=1e-5)


def test_a_patch_is_the_luma_around_row_by_row(luma):
    patches = patch_features(luma)
    for down in (-3, 0, 2):
        for right in (-3, 0, 3):
            number = 24 + 7 * down + right
            assert patches[40, 50, number] == luma[40 + down, 50 + right]
    assert patches[0, 0, 24 - 7 * 2 - 1] == luma[2, 1]  # mirrored beyond the edge


def test_daisy_tells_a_ramps_direction_and_nothing_of_a_plain(luma):
    np.testing.assert_allclose(daisy_features(np.full((20, 30), 0.4, np.float32)), 1 / 32)
    ramp = np.broadcast_to(np.linspace(0, 1, 90, dtype=np.float32), (80, 90))
    for picture, brightest in ((ramp, 4), (ramp[:, ::-1], 0), (ramp.T, 6)):
        middle = daisy_features(np.ascontiguousarray(picture))[40, 40].reshape(4, 8)
        assert set(middle.argmax(axis=1).tolist()) <= {brightest}
        # Von Mises weights of the 8 directions, alike in all four histograms.
        turn = (np.arange(8) - brightest) * 2 * np.pi / 8
        expected = np.exp(8 / np.pi * np.cos(turn))
        np.testing.assert_allclose(middle[0], expected / expected.sum() / 4, rtol=0.01)
    # Contrast and brightness make no difference.
    np.testing.assert_allclose(
        daisy_features(luma * 0.5 + 0.25)[20:-20, 20:-20],
        daisy_features(luma)[20:-20, 20:-20],
        atol=1e-5,
    )


def test_no_feature_but_the_scene_knows_where_it_is():
    picture = luma_of(sample("chelsea", 2))[:140, :160]
    moved = picture[7:, 11:]
    inside = (slice(80, 82), slice(80, 82))  # the filters of DAISY reach 4 sigma = 60 pixels
    there = (slice(80 - 7, 82 - 7), slice(80 - 11, 82 - 11))
    np.testing.assert_array_equal(patch_features(moved)[there], patch_features(picture)[inside])
    moved_daisy = daisy_features(np.ascontiguousarray(moved))
    np.testing.assert_allclose(moved_daisy[there], daisy_features(picture)[inside], atol=2e-4)


def test_constant_patches_give_one_answer(network):
    plain = np.full((40, 50), 0.6, np.float32)
    scene = np.random.default_rng(0).dirichlet(np.ones(47)).astype(np.float32)
    parts = [patch_features(plain), daisy_features(plain), np.broadcast_to(scene, (40, 50, 47))]
    features = PhotoFeatures(
        np.concatenate(parts, axis=-1), np.zeros(512, np.float32), np.zeros(47, np.float32)
    )
    answer = network.chroma(features)
    np.testing.assert_allclose(answer, np.broadcast_to(answer[0, 0], answer.shape), atol=1e-6)


def test_memberships_are_a_softmax_of_distances(luma, network):
    cells = encode_cells(luma)
    assert cells.shape == (10, 15, 912)
    shares = network.memberships(cells)
    x = (cells[3, 4].astype(np.float64) - network.cell_mean.numpy()) * network.cell_scale.numpy()
    far = ((x - network.centres.numpy()) ** 2).sum(1) / float(network.temperature)
    expected = np.exp(far.min() - far)
    np.testing.assert_allclose(shares[3, 4], expected / expected.sum(), rtol=1e-3, atol=1e-6)


def test_of_the_three_nearest_kinds_the_histogram_chooses():
    network = ChengNetwork(4)
    network.descriptors = torch.tensor([0.0, 1.0, 2.0, 9.0])[:, None].expand(4, 512).clone()
    network.histograms = torch.eye(47)[:4].clone()
    at = np.full(512, 0.9, np.float32)
    like = np.eye(47, dtype=np.float32)
    assert [network.kind_of(at, like[k]) for k in range(4)] == [0, 1, 2, 1]  # 3 is too far


def brute_force(values: np.ndarray, luma: np.ndarray, space: float, contrast: float) -> np.ndarray:
    height, width = luma.shape
    result = np.zeros(values.shape)
    reach = int(np.ceil(2 * space))
    for y in range(height):
        for x in range(width):
            total = 0.0
            for v in range(max(0, y - reach), min(height, y + reach + 1)):
                for u in range(max(0, x - reach), min(width, x + reach + 1)):
                    step = abs(float(luma[y, x]) - float(luma[v, u]))
                    if step > 3 * contrast:
                        continue
                    far = (v - y) ** 2 + (u - x) ** 2
                    weight = np.exp(-far / (2 * space**2) - step**2 / (2 * contrast**2))
                    total += weight
                    result[y, x] += weight * values[v, u]
            result[y, x] /= total
    return result


def test_the_joint_bilateral_filter_is_its_formula():
    rng = np.random.default_rng(0)
    luma = rng.random((11, 13)).astype(np.float32)
    chroma = rng.normal(0, 0.2, (11, 13, 2)).astype(np.float32)
    expected = brute_force(chroma, luma, 1.5, 0.1)
    np.testing.assert_allclose(joint_bilateral(chroma, luma, 1.5, 0.1), expected, atol=1e-5)


def test_the_filter_keeps_a_constant_and_mixes_nothing_across_a_step():
    luma = np.full((30, 40), 0.3, np.float32)
    luma[:, 20:] = 0.3 + 0.301
    chroma = np.zeros((30, 40, 2), np.float32)
    chroma[:, :20] = (0.1, -0.2)
    np.testing.assert_allclose(joint_bilateral(chroma, luma), chroma, atol=1e-6)
    luma[:, 20:] = 0.3 + 0.29  # within three standard deviations a little is mixed
    assert np.abs(joint_bilateral(chroma, luma) - chroma)[:, 20].max() > 1e-4


@pytest.mark.parametrize("name", ["coffee", "chelsea", "astronaut"])
def test_the_shipped_network_errs_less_than_grey(name, network):
    photo = sample(name, 2)
    coloured = colorize_by_features(without_colour(photo), network)
    assert np.abs(lightness_of(coloured) - lightness_of(without_colour(photo))).max() < 0.5
    true, found = split(photo)[1], split(coloured)[1]
    assert np.square(found - true).mean() < np.square(true).mean()
    assert np.abs(found).mean() > 2


def test_a_photo_of_any_size_is_coloured_the_same_each_time(network):
    photo = without_colour(sample("coffee"))[:260, :300]
    first = colorize_by_features(photo)
    np.testing.assert_array_equal(first, colorize_by_features(photo, network))
    tiny = colorize_by_features(photo[:5, :3])
    assert tiny.shape == (5, 3, 3)
    with pytest.raises(ValueError, match="shape"):
        colorize_by_features(photo[..., 0])


def test_the_card_is_of_the_weights():
    card = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert card["sha256"] == sha256(WEIGHTS.read_bytes()).hexdigest()
    assert WEIGHTS.stat().st_size < 1_500_000
    assert "scene parser" in card["replaced"]


def test_other_weights_are_refused(tmp_path, network):
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(RuntimeError, match="no network of Cheng"):
        load_network(tmp_path / "other.safetensors")
    with pytest.raises(RuntimeError, match="no such weight file"):
        load_network(tmp_path / "missing.safetensors")
    state = {name: x.clone() for name, x in network.state_dict().items() if name != "centres"}
    save_file(state, tmp_path / "part.safetensors")
    with pytest.raises(RuntimeError, match="centres"):
        load_network(tmp_path / "part.safetensors")


def test_the_scene_encoder_is_loaded_once_and_frozen():
    encoder = cheng.scene_encoder()
    assert encoder is cheng.scene_encoder()
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
