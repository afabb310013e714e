"""The human test's pairs: photos, their recolourings, and other programs' results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from colorlab import DEFAULT_MODEL
from colorlab.course.study import pairs_by_model, pairs_by_results
from colorlab.course.study.pictures import Pairs, middle_square, readable_photos, with_colors_of
from colorlab.course.study.sessions import Trial
from colorlab.data.photo import PhotoError
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import colorize_rgb, load_model


def flat(color: tuple[int, int, int], height: int = 300, width: int = 400) -> np.ndarray:
    return np.full((height, width, 3), color, np.uint8)


def test_a_sample_is_recoloured_from_its_own_grey(sample_pairs: Pairs) -> None:
    assert len(sample_pairs.photos) == 54
    assert set(sample_pairs.photos.values()) == {photo.name for photo in sample_photos()}
    assert "only 9 sample photos" in sample_pairs.note
    real, fake = sample_pairs.real("coffee-4"), sample_pairs.fake("coffee-4")
    assert real.shape == fake.shape == (256, 256, 3)
    assert real.dtype == fake.dtype == np.uint8
    np.testing.assert_array_equal(fake, colorize_rgb(real, load_model(DEFAULT_MODEL)))
    lightness = abs(rgb2lab(real)[..., 0] - rgb2lab(fake)[..., 0])
    assert np.median(lightness) < 1
    squares = {sample_pairs.real(name).tobytes() for name in sample_pairs.photos}
    assert len(squares) == 54


def test_random_colours_are_another_picture_s(sample_pairs: Pairs) -> None:
    real, donor = sample_pairs.real("chelsea-1"), sample_pairs.real("china-1")
    mixed = rgb2lab(real)
    mixed[..., 1:] = rgb2lab(donor)[..., 1:]
    with np.errstate(all="ignore"), pytest.warns(UserWarning, match="negative Z"):
        want = np.round(lab2rgb(mixed) * 255)
    ours = with_colors_of(real, donor)
    assert (abs(ours - want) <= 1).mean() > 0.999


def test_the_fake_stands_where_the_trial_says(sample_pairs: Pairs) -> None:
    real, fake = sample_pairs.real("flower-1"), sample_pairs.fake("flower-1")
    donor = sample_pairs.real("rocket-1")
    for side, place in (("left", 0), ("right", 1)):
        for colors, made in (("", fake), ("rocket-1", with_colors_of(real, donor))):
            trial = Trial(11, "flower-1", "flower", side, False, colors)  # type: ignore[arg-type]
            shown = sample_pairs.shown(trial)
            np.testing.assert_array_equal(shown[place], made)
            np.testing.assert_array_equal(shown[1 - place], real)


def test_the_middle_square_is_the_middle() -> None:
    photo = np.zeros((40, 100, 3), np.uint8)
    photo[:, 30:70] = 200
    assert (middle_square(photo) == 200).all()
    assert (middle_square(photo.transpose(1, 0, 2), 64) == 200).all()
    assert middle_square(flat((1, 2, 3), 20, 10)).shape == (256, 256, 3)


def test_a_folder_s_photos_are_drawn_and_broken_ones_passed_over(folder: Path) -> None:
    pairs = pairs_by_model(folder)
    assert len(pairs.photos) == 61
    assert pairs.note == ""
    drawn = readable_photos(pairs, seed=1)
    assert len(drawn) == 50
    assert "broken" not in drawn
    assert "more/01" in readable_photos(pairs, seed=1, count=61)
    assert drawn != readable_photos(pairs, seed=2)
    assert len(readable_photos(pairs, seed=1, count=61)) == 60
    with pytest.raises(PhotoError, match="broken"):
        pairs.real("broken")
    for path in list(folder.rglob("*.png"))[3:]:
        path.unlink()
    assert "only 4 photos for 50 pairs" in pairs_by_model(folder).note


def test_another_program_s_results(folder: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (folder / "broken.jpg").unlink()
    with pytest.raises(FileNotFoundError, match="no photos"):
        pairs_by_results(folder, results, "theirs")
    (results / "more").mkdir()
    for path in folder.rglob("*.png"):  # half the size, and in another format
        made = flat((9, 99, 199), 150, 200)
        Image.fromarray(made).save(results / path.relative_to(folder).with_suffix(".webp"))
    pairs = pairs_by_results(folder, results, "theirs")
    assert pairs.model == "theirs"
    assert abs(pairs.fake("more/01").astype(int) - (9, 99, 199)).max() <= 3
    Image.fromarray(flat((0, 0, 0), 200, 200)).save(results / "02.webp")
    with pytest.raises(PhotoError, match=r"02\.webp: not of the same shape"):
        pairs.fake("02")
    (results / "00.webp").unlink()
    with pytest.raises(ValueError, match=r"no result for 00 \(1 are missing\)"):
        pairs_by_results(folder, results, "theirs")


def test_a_loaded_model_needs_a_name() -> None:
    model = load_model(DEFAULT_MODEL)
    with pytest.raises(ValueError, match="needs a name"):
        pairs_by_model(model=model)
    assert pairs_by_model(model=model, name="mine").model == "mine"
