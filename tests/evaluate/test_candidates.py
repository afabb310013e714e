"""What can be evaluated: models, runs, and folders of other programs' results."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from colorlab.data.batches import squash
from colorlab.data.decode import decode
from colorlab.data.photos import list_photos
from colorlab.evaluate.baselines import constant, true_colors
from colorlab.evaluate.methods import Preprocessing, find_all, folder
from colorlab.models import create_model, trainable_state

SMALL = Preprocessing(64)


def squares(photos: list[Path]) -> torch.Tensor:
    """Photos as they are measured, RGB (B, 3, 64, 64) in [0, 1]."""
    return torch.stack([squash(decode(path), 64) for path in photos]).float() / 255


def test_a_run_s_folder_is_the_model_that_was_trained(tmp_path: Path, truth: Path):
    torch.manual_seed(0)
    model = create_model("efficientnet_lite0", weights="encoder")
    save_file(trainable_state(model), tmp_path / "head.safetensors")
    (tmp_path / "config.json").write_text('{"model": "efficientnet_lite0"}')
    (tmp_path / "metrics.csv").write_text("step,train_loss\n0,0.1\n")
    rgb = squares(list_photos(truth))
    with torch.inference_mode():
        ours = find_all([str(tmp_path)], [], SMALL)[tmp_path.name](rgb, [])
        shipped = find_all(["efficientnet_lite0"], [], SMALL)["efficientnet_lite0"](rgb, [])
        same = model.space.merge(model.space.luma(rgb), model(model.space.luma(rgb)))
    torch.testing.assert_close(ours, same, atol=1e-4, rtol=0)
    assert (shipped - same).abs().max() > 0.05


def test_a_model_sees_luma_alone(truth: Path):
    show = find_all(["efficientnet_lite0"], [], SMALL)["efficientnet_lite0"]
    rgb = squares(list_photos(truth))
    grey = constant(0.0, 0.0)(rgb, [])
    with torch.inference_mode():
        torch.testing.assert_close(show(rgb, []), show(grey, []), atol=2e-3, rtol=0)
    assert true_colors(rgb, []) is rgb


def test_nested_photos_of_one_name_are_matched_by_their_place(truth: Path, tmp_path: Path):
    for root, swap in ((tmp_path / "data", False), (tmp_path / "made", True)):
        for place, name in (("beach", "coffee"), ("city", "china")):
            (root / place).mkdir(parents=True)
            image = Image.open(truth / f"{name}.png")
            image.save(root / place / ("1.bmp" if swap else "1.png"))
    photos = list_photos(tmp_path / "data")
    show = folder(tmp_path / "made", photos, SMALL)
    rgb = squares(photos)
    torch.testing.assert_close(show(rgb.flip(0), photos[::-1]), rgb.flip(0))


def test_names_alone_count_where_they_are_unique(truth: Path, tmp_path: Path):
    """As `colorlab colorize` leaves results: all in one folder, wherever the photos lay."""
    photos = []
    for place, name in (("beach", "coffee"), ("city", "china")):
        (tmp_path / place).mkdir()
        photos.append(Path(shutil.copy(truth / f"{name}.png", tmp_path / place)))
    flat = tmp_path / "flat"
    flat.mkdir()
    for photo in photos:
        shutil.copy(photo, flat)
    rgb = squares(photos)
    torch.testing.assert_close(folder(flat, photos, SMALL)(rgb, photos), rgb)


def test_what_does_not_match_is_named(truth: Path, sepia: Path, tmp_path: Path):
    for path in list_photos(sepia):
        shutil.copy(path, tmp_path)
    (tmp_path / "coffee.bmp").rename(tmp_path / "tea.bmp")
    shutil.copy(tmp_path / "tea.bmp", tmp_path / "rocket.png")
    with pytest.raises(ValueError, match="does not match the photos") as error:
        folder(tmp_path, list_photos(truth), SMALL)
    message = str(error.value)
    assert "no image for coffee" in message
    assert "no photo for tea" in message
    assert "more than one image for rocket" in message

    for number in range(8):
        shutil.copy(tmp_path / "tea.bmp", tmp_path / f"tea{number}.bmp")
    with pytest.raises(ValueError, match=r"no photo for tea, tea0, tea1, tea2, tea3 and 4 more"):
        folder(tmp_path, list_photos(truth), SMALL)


def test_candidates_have_names_of_their_own(truth: Path, tmp_path: Path):
    photos = list_photos(truth)
    other = tmp_path / truth.name
    shutil.copytree(truth, other)
    assert list(find_all([str(truth), str(other)], photos, SMALL)) == [str(truth), str(other)]
    with pytest.raises(ValueError, match="two candidates called"):
        find_all([str(truth), str(truth)], photos, SMALL)
    shutil.copytree(truth, tmp_path / "grey")
    with pytest.raises(ValueError, match="two candidates called 'grey'"):
        find_all([str(tmp_path / "grey")], photos, SMALL)
