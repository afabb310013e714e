"""The small experiments of the chapters: photos by heart, views, pictures of networks and runs."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch
from torch import nn

from colorlab.color import LAB, YUV
from colorlab.course import results
from colorlab.course.figures.diagram import architecture_figure
from colorlab.course.figures.receptive import extent, input_gradient
from colorlab.course.figures.training import (
    loss_figure,
    recorded_figure,
    tradeoff_figure,
    validation_figure,
)
from colorlab.course.lessons import (
    colorize_batch,
    grey_loss,
    overfit,
    sample_batch,
    to_pictures,
    train_for_real,
)
from colorlab.data.samples import sample_photos
from colorlab.evaluate.metrics import ChromaErrors
from colorlab.models import create_model
from colorlab.models.base import Colorizer
from colorlab.models.convnet import ConvNet
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.train import records
from colorlab.train.losses import chroma_mse

from ..batches import write_splits

SMALL = (8, 16, 16, 32, 32)


def small_convnet(seed: int = 0, skips: bool = True) -> ConvNet:
    torch.manual_seed(seed)
    return ConvNet(widths=SMALL, last=8, skips=skips)


def test_a_batch_of_samples_is_the_photos_squashed():
    batch = sample_batch(64, "china", "flower")
    assert batch.shape == (2, 3, 64, 64)
    assert 0 <= batch.min() < 0.1 < 0.9 < batch.max() <= 1
    assert len(sample_batch(32)) == 9


def test_a_batch_to_pictures():
    (photo,) = sample_photos("retina")
    half = torch.from_numpy(photo.rgb[::2].copy()).permute(2, 0, 1) / 255
    photos = to_pictures(torch.stack([half, 1 - half]))
    np.testing.assert_array_equal(photos[0], photo.rgb[::2])
    np.testing.assert_array_equal(photos[1], 255 - photo.rgb[::2])
    assert photos[0].dtype == np.uint8


@pytest.mark.parametrize("space", [LAB, YUV], ids=lambda space: space.name)
def test_grey_costs_what_the_errors_say(space):
    photos = sample_batch(32)
    grey = space.merge(space.luma(photos), torch.zeros(9, 2, 32, 32))
    _, chroma = space.split(photos)
    assert grey_loss(photos, space) == pytest.approx(float(chroma.square().mean()))
    if space is LAB:
        errors = ChromaErrors()
        errors.add(grey, photos)
        assert grey_loss(photos, space) == pytest.approx(errors.mse, rel=1e-3)


def test_a_network_learns_photos_by_heart():
    photos = sample_batch(32, "coffee", "flower", "retina")
    model = small_convnet()
    losses = overfit(model, photos, steps=60, rate=3e-3)
    assert losses[-1] < 0.5 * grey_loss(photos, LAB)
    assert not model.training
    errors = ChromaErrors()
    errors.add(colorize_batch(model, photos), photos)
    # BatchNorm's settled averages colour as the last step did.
    assert errors.mse == pytest.approx(losses[-1], rel=0.25)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(norm.momentum == 0.1 for norm in norms)


def test_a_fit_is_the_same_every_time_and_its_loss_is_the_one_given():
    photos = sample_batch(32, "coffee", "flower")
    first = overfit(small_convnet(), photos, steps=5)
    told = []
    watched = overfit(
        small_convnet(), photos, 5, seen=lambda step, model: told.append((step, model.training))
    )
    assert watched == first
    assert told == [(step, True) for step in range(1, 6)]
    assert overfit(small_convnet(1), photos, steps=5) != first
    twice = overfit(small_convnet(), photos, 1, loss=lambda p, t: 2 * chroma_mse(p, t))
    assert twice[0] == pytest.approx(2 * first[0])


def test_only_the_decoder_is_fitted():
    model = create_model("efficientnet_lite0", weights=None)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    overfit(model, sample_batch(32, "coffee", "china"), steps=2)
    changed = {key for key, tensor in model.state_dict().items() if not before[key].equal(tensor)}
    assert changed
    assert all(key.startswith("decoder.") for key in changed)


def test_receptive_fields_are_those_of_the_arithmetic():
    torch.manual_seed(0)
    model = ConvNet(widths=(8, 8, 8, 8, 8), last=8).eval()
    for part in model.modules():  # nothing may be cut off by a ReLU or cancel out
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.constant_(part.weight, 0.02)
    luma = torch.rand(1, 1, 128, 128) + 0.1
    field, spacing = 1, 1
    for depth in range(1, 6):
        field, spacing = field + 2 * spacing, 2 * spacing
        encoder = nn.Sequential(*model.down[:depth])
        gradient = input_gradient(encoder, luma, 64 // spacing, 64 // spacing)
        assert gradient.shape == (128, 128)
        assert extent(gradient) == field
    assert extent(input_gradient(model, luma, 64, 64)) == 63
    assert extent(input_gradient(model, luma, 63, 63)) == 95


def test_the_extent_of_a_share_is_around_the_centre_of_mass():
    spot = np.zeros((41, 41))
    spot[10, 20] = 8
    spot[8:13, 18:23] += 0.08  # 2 in all
    assert extent(spot) == 5
    assert extent(spot, 0.5) == 1
    assert extent(spot, 0.95) == 5


@pytest.mark.parametrize("name", ["convnet", "dahl_vgg16", "dahl_lite0", "efficientnet_lite0"])
def test_a_network_is_drawn_with_the_sizes_that_it_has(name):
    figure = architecture_figure(create_model(name, weights=None), size=64)
    text = " | ".join(t.get_text() for t in figure.axes[0].texts)
    assert re.search(r"to_chroma, \d×\d\n2 × 64 × 64", text)
    widths = {
        "convnet": (1024, 512, 256, 128, 64, 32),
        "dahl_vgg16": (512, 256, 128, 64, 3),
        "dahl_lite0": (672, 240, 144, 96, 3),
        "efficientnet_lite0": (1280, 672, 240, 144, 96, 32, 16),
    }
    for width in widths[name]:
        assert f"\n{width} × " in text
    assert ("BN, add" in text) == name.startswith("dahl")


def test_a_skipless_network_is_drawn_without_additions_and_a_strange_one_not_at_all():
    texts = [
        t.get_text() for t in architecture_figure(small_convnet(skips=False), 64).axes[0].texts
    ]
    assert "add" not in texts
    assert "concat" in texts

    class Strange(Colorizer):
        space = LAB

    with pytest.raises(ValueError, match="no picture is known of a Strange"):
        architecture_figure(Strange())


def test_figure_4_still_shows_b7s_channels():
    model = create_model("efficientnet_b7", weights=None)
    assert isinstance(model, EfficientNetColorizer)
    texts = [t.get_text() for t in architecture_figure(model, 64).axes[0].texts]
    assert "block32, 1×1\n1344 × 2 × 2" in texts


@pytest.fixture
def recorded_runs(tmp_path, monkeypatch):
    """A folder of two recorded runs, one of them without scores."""
    monkeypatch.setattr(records, "RUNS", tmp_path)
    for name in ("convnet_mse_seed0", "efficientnet_lite0_mse_seed0"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        rows = ["epoch,step,train_loss,val_mse,val_mse_to_grey,val_chroma_to_truth"]
        rows += ["0,9,0.012,,,", "0,9,,0.011,0.9,0.3", "1,19,,0.010,0.8,0.4"]
        (folder / "metrics.csv").write_text("\n".join(rows))
    scores: dict[str, dict[str, object]] = {
        "test": {"photos": 862, "size": 224, "mse": 0.0083, "mse_to_grey": 0.712345},
        "imagenet_samples": {"psnr": 21.97},
    }
    scores["test"]["intervals"] = {"mse_to_grey": [0.7011, 0.7222]}
    (tmp_path / "convnet_mse_seed0" / "scores.json").write_text(json.dumps(scores))
    return tmp_path


def test_scores_are_shown_and_missing_ones_are_said(recorded_runs):
    assert results.recorded_score("convnet_mse_seed0", "mse_to_grey") == "0.712"
    assert results.recorded_score("convnet_mse_seed0", "psnr", "imagenet_samples", 1) == "22.0"
    assert results.recorded_score("convnet_mse_seed0", "chroma_to_truth") == "not recorded"
    assert results.recorded_score("efficientnet_lite0_mse_seed0", "mse_to_grey") == "not recorded"
    html = results.score_table().data
    assert html.count("<tr>") == 2 + len(results.ROWS)  # the header, and grey
    for text in ("0.712 (0.701 to 0.722)", "22.0", "not recorded", "not run here", "0.5848"):
        assert f">{text}</td>" in html
    assert list(results.recorded("convnet_mse_seed0", "dahl_lite0_mse_seed0")) == [
        "convnet_mse_seed0"
    ]


def test_every_row_has_its_own_command():
    text = results.commands().data
    lines = [line for line in text.splitlines() if line.startswith("colorlab train")]
    assert len(set(lines)) == len(lines) == len(results.ROWS)
    assert (
        "colorlab train --model efficientnet_lite0 --data scenes --preset scenes "
        "--loss rebalanced --lam 0.5 --seed 0 --run runs/efficientnet_lite0_rebalanced05_seed0"
    ) in lines
    assert (
        "colorlab train --model dahl_vgg16 --data places365 --preset paper --run runs/dahl_vgg16"
    ) in lines
    assert {row.model for row in results.rows_of("convnet", "dahl_lite0")} == {
        "convnet",
        "dahl_lite0",
    }
    assert [row.loss for row in results.rows_of("efficientnet_b7")] == ["mse", "0.9"]
    assert [row.loss for row in results.rows_of("efficientnet_b7", loss="mse")] == ["mse"]


def test_curves_show_the_numbers(recorded_runs):
    runs = results.recorded("convnet_mse_seed0", "efficientnet_lite0_mse_seed0")
    figure = validation_figure(runs)
    for axes, values in zip(figure.axes, ([0.9, 0.8], [0.3, 0.4]), strict=True):
        np.testing.assert_allclose(axes.lines[0].get_ydata(), values)
        np.testing.assert_allclose(axes.lines[0].get_xdata(), [1, 2])
    titles = {"efficientnet_lite0_mse_seed0": "Ours", "dahl_lite0_mse_seed0": "Dahl"}
    (line, _), _ = (axes.lines for axes in recorded_figure(titles).axes)
    assert line.get_label() == "Ours"
    np.testing.assert_allclose(line.get_ydata(), [0.9, 0.8])
    for nothing in (lambda: validation_figure({}), lambda: recorded_figure({"dahl": "Dahl"})):
        with pytest.raises(ValueError, match="no recorded run"):
            nothing()
    losses = loss_figure({"a": [2.0, 0.5], "b": [3.0, 0.7]}).axes[0]
    np.testing.assert_allclose(losses.lines[0].get_ydata(), [2.0, 0.5])
    assert "0.5" in [tick.get_text() for tick in losses.get_yticklabels()]
    points = tradeoff_figure({"net": (0.7, 0.5)}).axes[0]
    assert points.lines[0].get_xydata().tolist() == [[0.7, 0.5]]
    assert {"grey", "truth"} <= {t.get_text() for t in points.texts}


def test_a_chapter_trains_for_real_into_a_folder_of_its_own(tmp_path):
    photos = write_splits(tmp_path / "photos", (48, 32), "coffee", "flower")
    folder = tmp_path / "runs"
    (folder / "efficientnet_lite0_rebalanced_1").mkdir(parents=True)
    run = train_for_real("efficientnet_lite0", str(photos), 1, "rebalanced", 0.5, folder)
    assert run.config["recipe"]["lam"] == 0.5
    assert len(run.validation["val_mse_to_grey"]) == 1
    assert (folder / "efficientnet_lite0_rebalanced_2" / "head.safetensors").is_file()
    assert validation_figure({"it": run}).axes
