"""A network that is told colours: by hints, and by a photo in colour."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import colorlab
from colorlab.color import LAB
from colorlab.data import sample_photos
from colorlab.data.hints import Hint
from colorlab.evaluate.metrics.delta_e import delta_e_2000
from colorlab.inference.colorize import colorize_rgb, load_model
from colorlab.inference.hints import Likeness as Alike
from colorlab.inference.hints import describe, krige, match_reference, place_hints
from colorlab.models import create_model


def ab_of(rgb: np.ndarray) -> np.ndarray:
    """a*, b* of a uint8 picture, (H, W, 2)."""
    tensor = torch.from_numpy(rgb.copy()).permute(2, 0, 1).float() / 255
    return (LAB.split(tensor)[1].permute(1, 2, 0) * 128).numpy()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return sample_photos("astronaut")[0].rgb


def test_values_are_kept_at_their_places_and_vanish_far_away():
    torch.manual_seed(0)
    described = torch.randn(4, 6, 7)
    described[:, 5, 6] += 100  # like nothing else
    places = torch.tensor([[0, 0], [2, 3], [4, 1]])
    values = torch.randn(3, 2)
    spread = krige(described, places, values, noise=1e-6)
    np.testing.assert_allclose(spread[:, places[:, 0], places[:, 1]].T, values, atol=1e-3)
    assert spread[:, 5, 6].abs().max() < 1e-6
    doubled = krige(described, places, 2 * values, noise=1e-6)
    np.testing.assert_allclose(doubled, 2 * spread, atol=1e-4)


def test_it_is_scikit_learn_s_gaussian_process():
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF

    torch.manual_seed(0)
    described, values = torch.randn(3, 4, 5), torch.randn(4, 2)
    places = torch.tensor([[0, 0], [1, 4], [3, 2], [2, 2]])
    known = described[:, places[:, 0], places[:, 1]].T
    theirs = GaussianProcessRegressor(RBF(1.0, "fixed"), alpha=0.02, optimizer=None)
    expected = theirs.fit(known, values).predict(described.flatten(1).T)
    ours = krige(described, places, values, noise=0.02).flatten(1).T
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_likeness_is_near_alike_and_as_light():
    luma = torch.full((1, 1, 32, 32), 0.4)
    luma[..., 16:] = 0.9
    plain = describe(luma, [], Alike())
    assert plain.shape == (3, 32, 32)
    near = (plain[:, 0, 0] - plain[:, 0, 15]).norm()
    across = (plain[:, 0, 5] - plain[:, 0, 20]).norm()
    assert near < across
    taps = [torch.randn(1, 40, 8, 8), torch.randn(1, 300, 4, 4)]
    assert describe(luma, taps, Alike()).shape == (3 + 32 + 16, 32, 32)


def test_a_hinted_place_keeps_its_colour(astronaut):
    rng = np.random.default_rng(0)
    truth = ab_of(astronaut)
    hints = [
        Hint(x, y, 0, ab=tuple(truth[y - 2 : y + 3, x - 2 : x + 3].mean((0, 1)).tolist()))
        for y, x in rng.integers(20, 490, (10, 2)).tolist()
    ]
    told = colorlab.colorize(astronaut, hints=hints)
    plain = colorlab.colorize(astronaut)
    at = ([int(h.y) for h in hints], [int(h.x) for h in hints])
    asked = np.array([h.ab for h in hints])

    def difference(picture: np.ndarray) -> float:
        lab = np.dstack([np.full((512, 512), 60.0), ab_of(picture)])[at]
        wanted = np.concatenate([np.full((10, 1), 60.0), asked], axis=1)
        first, second = (torch.from_numpy(x).T[:, None].float() for x in (lab, wanted))
        return float(delta_e_2000(first, second).mean())

    assert difference(told) < 3 < difference(plain)
    errors = [((ab_of(picture) - truth) ** 2).mean() for picture in (plain, told)]
    assert errors[1] < 0.8 * errors[0]


def test_without_hints_nothing_changes(astronaut):
    model = load_model("colorlab")
    plain = colorize_rgb(astronaut, model)
    np.testing.assert_array_equal(colorize_rgb(astronaut, model, hints=[]), plain)
    outside = [Hint(9000, 3, ab=(50, 50))]
    told = colorize_rgb(astronaut, model, hints=outside)
    np.testing.assert_array_equal(told, plain)


def test_a_grey_hint_takes_colour_away(astronaut):
    spots = [Hint(x, y, 20, ab=(0, 0)) for x in range(20, 512, 80) for y in range(20, 512, 80)]
    pictures = [colorlab.colorize(astronaut, hints=hints) for hints in ((), spots)]
    chroma = [np.linalg.norm(ab_of(picture), axis=2).mean() for picture in pictures]
    assert chroma[1] < 0.5 * chroma[0]


@pytest.mark.parametrize("name", ["efficientnet_lite0", "dahl_lite0"])
def test_any_network_takes_hints(astronaut, name):
    small, at = astronaut[::2, ::2], (200, 125)
    blue = [Hint(125, 200, 10, rgb=(20, 60, 220))]
    told, plain = (colorlab.colorize(small, name, hints=hints) for hints in (blue, ()))
    assert ab_of(told)[at][1] < ab_of(plain)[at][1] - 20


def test_lightness_depth_and_panoramas(astronaut):
    hint = [Hint(30, 30, 10, rgb=(200, 30, 30))]
    wide = np.ascontiguousarray(np.tile(astronaut[:100], (1, 2, 1)))
    model = load_model("colorlab")
    assert colorize_rgb(wide, model, hints=hint).shape == wide.shape
    deep = (astronaut[::4, ::4].astype(np.uint16)) * 257
    told = colorize_rgb(deep, model, hints=hint)
    assert told.dtype == np.uint16
    lightness = [
        LAB.luma(torch.from_numpy(picture.astype(np.float32) / 65535).permute(2, 0, 1))
        for picture in (deep, told)
    ]
    assert (lightness[0] - lightness[1]).abs().max() < 0.005


def test_a_mount_moves_hints_with_its_picture(astronaut):
    mounted = np.full((600, 600, 3), 240, np.uint8)
    mounted[44:556, 44:556] = astronaut
    at = Hint(44 + 250, 44 + 400, 20, rgb=(20, 60, 220))
    told = colorlab.colorize(mounted, hints=[at])
    inside = colorlab.colorize(astronaut, hints=[Hint(250, 400, 20, rgb=(20, 60, 220))])
    assert np.abs(told[44:556, 44:556].astype(int) - inside).mean() < 4
    assert np.ptp(told[:40].astype(int), axis=2).max() <= 1


def test_places_scale_with_the_photo():
    places, told = place_hints([Hint(99, 0, 0, ab=(12.8, 0))], (50, 100), (32, 64), LAB)
    assert places.tolist() == [[0, 63]]
    np.testing.assert_allclose(told, [[0.1, 0]])
    assert len(place_hints([Hint(50, 25, 20, ab=(1, 1))], (50, 100), (32, 64), LAB)[0]) == 9


def test_a_photo_is_its_own_best_reference(astronaut):
    model = load_model("colorlab")
    matched = match_reference(astronaut, astronaut, model)
    truth = ab_of(astronaut)
    assert len(matched) == 40
    off = []
    for hint in matched:
        y, x = int(hint.y), int(hint.x)
        around = truth[max(0, y - 14) : y + 15, max(0, x - 14) : x + 15].mean((0, 1))
        off.append(np.linalg.norm(around - hint.ab))
    assert np.median(off) < 3
    told = colorlab.colorize(astronaut, reference=astronaut)
    errors = [((ab_of(p) - truth) ** 2).mean() for p in (colorlab.colorize(astronaut), told)]
    assert errors[1] < 0.8 * errors[0]
    with pytest.raises(ValueError, match="encoder"):
        match_reference(astronaut, astronaut, create_model("convnet", weights=None))


def test_a_photo_of_something_else_gives_no_hints(astronaut):
    model = load_model("colorlab")
    coffee, china = (sample_photos(name)[0].rgb for name in ("coffee", "china"))
    for photo, reference in ((astronaut, coffee), (coffee, china), (china, astronaut)):
        assert match_reference(photo[::2, ::2], reference[::2, ::2], model) == []
    halves = coffee[::2, :300:2], coffee[::2, 300::2]
    assert len(match_reference(*halves, model)) >= 20  # another part of the same table
    with pytest.warns(UserWarning, match="the reference shows something else") as caught:
        told = colorlab.colorize(astronaut[::2, ::2], reference=coffee[::2, ::2])
    assert len(caught) == 1
    assert caught[0].filename == __file__  # it points at the caller
    np.testing.assert_array_equal(told, colorlab.colorize(astronaut[::2, ::2]))


def test_the_command_line(tmp_path, astronaut):
    photo, hints = tmp_path / "a.png", tmp_path / "hints.json"
    Image.fromarray(astronaut[::2, ::2]).save(photo)
    blue = {"x": 125, "y": 200, "radius": 10, "rgb": [20, 60, 220]}
    hints.write_text(json.dumps({"hints": [blue]}))

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "colorlab"), "colorize", *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run(str(photo), "-o", str(tmp_path / "out.png"), "--hints", str(hints))
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out.png") as picture:
        assert ab_of(np.asarray(picture.convert("RGB")))[200, 125, 1] < -25
    done = run(str(photo), "-o", str(tmp_path / "ref.png"), "--reference", str(photo))
    assert done.returncode == 0, done.stderr
    assert "reference" not in done.stderr
    Image.fromarray(astronaut[::2, ::2]).save(tmp_path / "b.png")
    for wrong in (
        [str(photo), str(tmp_path / "b.png"), "--hints", str(hints)],
        [str(photo), "--old", "--hints", str(hints)],
        [str(photo), "--reference", str(hints)],
    ):
        done = run(*wrong)
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "Traceback" not in done.stderr


def test_the_command_line_tells_of_a_reference_of_something_else(tmp_path, astronaut):
    pages, other = tmp_path / "pages.tif", tmp_path / "coffee.png"
    small = [Image.fromarray(astronaut[top : top + 256, :256]) for top in (0, 200)]
    small[0].save(pages, save_all=True, append_images=small[1:])
    Image.fromarray(sample_photos("coffee")[0].rgb[::2, ::2]).save(other)
    command = [str(Path(sys.executable).parent / "colorlab"), "colorize", str(pages)]
    for name, more in (("plain.tif", []), ("told.tif", ["--reference", str(other)])):
        done = subprocess.run(
            [*command, "-o", str(tmp_path / name), *more],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = done.stderr.split()
        assert ("reference" in said) == bool(more), done.stderr
        assert done.stderr.count("no colours were taken from it") == bool(more)  # of both pages
    with Image.open(tmp_path / "plain.tif") as plain, Image.open(tmp_path / "told.tif") as told:
        assert plain.n_frames == told.n_frames == 2
        for page in range(2):
            plain.seek(page), told.seek(page)
            np.testing.assert_array_equal(np.asarray(plain), np.asarray(told))
            assert "Colours are a machine" in str(dict(told.tag_v2))
            assert "guided by a person" not in str(dict(told.tag_v2))


def test_only_a_page_that_took_colours_from_the_reference_says_so(tmp_path, astronaut):
    coffee, pages, other = (
        sample_photos("coffee")[0].rgb[::2],
        tmp_path / "p.tif",
        tmp_path / "c.png",
    )
    both = [Image.fromarray(x) for x in (astronaut[:256, :256], coffee[:, :300:2])]
    both[0].save(pages, save_all=True, append_images=both[1:])
    Image.fromarray(coffee[:, 300::2]).save(other)
    command = [str(Path(sys.executable).parent / "colorlab"), "colorize", str(pages)]
    command += ["-o", str(tmp_path / "out.tif"), "--reference", str(other)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.count("no colours were taken from it") == 1
    with Image.open(tmp_path / "out.tif") as told:
        for page in range(2):
            told.seek(page)
            assert ("guided by a person" in str(dict(told.tag_v2))) == (page == 1)
