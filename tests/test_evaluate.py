"""The evaluator: what it measures, foreign folders, baselines, output, and what users do wrong."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from colorlab import cli
from colorlab.candidates import (
    BASELINES,
    Preprocessing,
    colorizer,
    constant,
    find,
    find_all,
    folder,
    true_colors,
)
from colorlab.data import decode, sample_photos, squash
from colorlab.evaluate import compare, evaluate, spread, survey
from colorlab.gallery import choose, contact_sheet
from colorlab.metrics import measure
from colorlab.models import create_model, trainable_state
from colorlab.photos import Photos, list_photos
from colorlab.report import Report

NAMES = ("chelsea", "china", "coffee", "flower", "rocket")
QUICK = ("mse", "mse_to_grey", "chroma_ratio", "psnr", "ssim", "delta_e", "auc", "auc_rebalanced")
QUICK += ("delta_colorfulness_set", "delta_colorfulness_photo", "colorfulness")
SMALL = Preprocessing(64)


def squares(photos: list[Path]) -> torch.Tensor:
    """Photos as they are measured, RGB (B, 3, 64, 64) in [0, 1]."""
    return torch.stack([squash(decode(path), 64) for path in photos]).float() / 255


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five photos, small."""
    root = tmp_path_factory.mktemp("truth")
    for photo in sample_photos(*NAMES):
        Image.fromarray(photo.rgb).resize((120, 90)).save(root / f"{photo.name}.png")
    return root


@pytest.fixture(scope="module")
def sepia(truth: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a foreign program might leave: other formats and sizes, one toned result a photo."""
    root = tmp_path_factory.mktemp("sepia")
    for number, path in enumerate(list_photos(truth)):
        grey = np.asarray(Image.open(path).convert("L")) / 255
        toned = (grey[..., None] ** (0.8, 1.0, 1.3) * 255).round().astype(np.uint8)
        suffix = (".jpg", ".webp", ".bmp", ".tif", ".jpeg")[number]
        Image.fromarray(toned).resize((160, 120)).save(root / f"{path.stem}{suffix}")
    return root


@pytest.fixture(scope="module")
def report(truth: Path, sepia: Path) -> Report:
    paths = list_photos(truth)
    models = find_all([str(truth), str(sepia)], paths, SMALL)
    return compare(models, Photos(paths), SMALL, QUICK, data="five photos")


# What it measures.


def test_the_truth_s_own_files_are_perfect(report: Report, truth: Path):
    perfect = report.scores[truth.name]
    for name, best in {
        "mse": 0,
        "mse_to_grey": 0,
        "chroma_ratio": 1,
        "psnr": math.inf,
        "ssim": 1,
        "delta_e": 0,
        "auc": 1,
        "auc_rebalanced": 1,
        "delta_colorfulness_set": 0,
        "delta_colorfulness_photo": 0,
    }.items():
        score = perfect[name]
        assert (score.value, score.low, score.high) == pytest.approx((best,) * 3, abs=1e-6), name
        assert score.photos == 5
    assert perfect["colorfulness"] == report.scores["truth"]["colorfulness"]


def test_numbers_are_those_of_each_photo(report: Report, truth: Path, sepia: Path):
    files = list_photos(truth)
    square = [squares(list_photos(f)) for f in (sepia, truth)]
    assert report.files == tuple(files)
    for name in ("mse", "psnr", "ssim", "delta_e", "auc", "colorfulness"):
        values = measure(name, *square)
        np.testing.assert_allclose(report.photo_values[sepia.name][name], values, rtol=1e-5)
        score = report.scores[sepia.name][name]
        assert score.value == pytest.approx(values.mean(), rel=1e-5)
        assert values.min() <= score.low < score.value < score.high <= values.max()
    parts = [measure("colorfulness", x, x).mean() for x in square]
    score = report.scores[sepia.name]["delta_colorfulness_set"]
    assert score.value == pytest.approx(abs(parts[0] - parts[1]), rel=1e-5)


def test_differences_are_paired(report: Report, truth: Path, sepia: Path):
    pair = report.differences[truth.name, sepia.name]
    for name in ("mse", "delta_e", "auc"):
        ours, theirs = (report.scores[x][name] for x in (truth.name, sepia.name))
        assert pair[name].value == pytest.approx(ours.value - theirs.value)
        # The truth has no spread of its own, so the difference has the other's.
        assert pair[name].high == pytest.approx(ours.value - theirs.low)
        assert pair[name].low == pytest.approx(ours.value - theirs.high, rel=1e-2)
    assert pair["psnr"].value == math.inf


def test_baselines_are_what_they_say(report: Report, truth: Path):
    assert tuple(report.scores)[2:] == BASELINES
    grey = report.scores["grey"]
    assert grey["mse_to_grey"].value == pytest.approx(1, abs=1e-4)
    assert grey["chroma_ratio"].value == pytest.approx(0, abs=1e-3)
    assert report.scores["commonest colour"] is grey  # our prior's is a* = b* = 0
    # One colour everywhere: of all these the mean colour has the least squared error (up to what
    # the gamut cuts off).
    photos = Photos(list_photos(truth))
    a, b = survey(photos, SMALL).mean_chroma
    near = {f"{da},{db}": constant(a + da, b + db) for da, db in ((4, 0), (-4, 0), (0, 4), (0, -4))}
    others = compare(near, photos, SMALL, ["mse"]).scores
    assert report.scores["mean colour"]["mse"].value < grey["mse"].value
    assert all(report.scores["mean colour"]["mse"].value < others[x]["mse"].value for x in near)


def test_it_agrees_with_the_quick_one(truth: Path):
    model = create_model("efficientnet_lite0")
    quick = evaluate(model, list_photos(truth), size=64, batch=2)
    full = compare({"model": colorizer(model)}, Photos(list_photos(truth)), SMALL, QUICK)
    scores = full.scores["model"]
    assert quick.photos == full.photos == 5
    assert scores["mse"].value == pytest.approx(quick.mse, rel=1e-4)
    assert scores["mse_to_grey"].value == pytest.approx(quick.mse_to_grey, rel=1e-4)
    assert scores["chroma_ratio"].value == pytest.approx(quick.chroma_to_truth, rel=1e-4)


def test_recognition_needs_labels_and_counts_those_there_are(truth: Path, tmp_path: Path):
    shutil.copy(truth / "chelsea.png", tmp_path / "n02124075_cat.png")
    shutil.copy(truth / "coffee.png", tmp_path / "n07920052_espresso.png")
    shutil.copy(truth / "rocket.png", tmp_path / "rocket.png")
    preprocess = Preprocessing(224)
    metrics = ["top1", "top5", "frechet_lite0"]
    some = compare({}, Photos(list_photos(tmp_path)), preprocess, metrics).scores
    assert some["truth"]["top5"].value == 1
    assert some["truth"]["top5"].photos == 2
    assert some["truth"]["frechet_lite0"].value == pytest.approx(0, abs=1e-3)
    assert some["grey"]["frechet_lite0"].value > 1
    assert math.isnan(some["grey"]["frechet_lite0"].low)

    none = compare({}, Photos([truth / "coffee.png"]), preprocess, metrics).scores["truth"]
    assert math.isnan(none["top1"].value)
    assert "begins with a WordNet id" in none["top1"].why
    assert "two photos" in none["frechet_lite0"].why


def test_one_photo_has_no_interval(truth: Path):
    alone = compare({}, Photos([truth / "coffee.png"]), SMALL, ["mse"]).scores["grey"]["mse"]
    assert alone.value > 0
    assert math.isnan(alone.low)
    assert alone.photos == 1


def test_broken_photos_are_left_out(truth: Path, tmp_path: Path):
    for path in list_photos(truth):
        shutil.copy(path, tmp_path)
    (tmp_path / "broken.png").write_bytes(b"no photo")
    photos = Photos(list_photos(tmp_path), max_broken=0.5)
    found = compare({}, photos, SMALL, ["mse"])
    whole = compare({}, Photos(list_photos(truth)), SMALL, ["mse"])
    assert found.photos == 5
    assert [path.name for path in photos.broken] == ["broken.png"]
    assert found.scores["grey"] == whole.scores["grey"]
    with pytest.raises(RuntimeError, match=r"1 of 6 photos could not be read: .*broken\.png"):
        compare({}, Photos(list_photos(tmp_path)), SMALL, ["mse"])


def test_a_limit_spreads_over_all_photos(tmp_path: Path):
    photos = Photos([tmp_path / f"{number}.jpg" for number in range(100)])
    chosen = [int(path.stem) for path in spread(photos, 4).paths]
    assert chosen == [0, 25, 50, 75]
    assert spread(photos, None) is spread(photos, 100) is photos
    with pytest.raises(ValueError, match="at least one photo"):
        spread(photos, 0)


def test_squash_and_crop_are_not_the_same(truth: Path):
    square = [
        Preprocessing(64, fit)(Photos(list_photos(truth))[0][0]) for fit in ("squash", "crop")
    ]
    assert square[0].shape == square[1].shape == (3, 64, 64)
    assert not torch.equal(*square)
    assert str(Preprocessing(64, "crop")).startswith(
        "cut to the middle square and resized to 64x64"
    )
    with pytest.raises(ValueError, match='"squash" or "crop"'):
        Preprocessing(64, "stretch")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="32 or more"):
        Preprocessing(8)


# Candidates.


def test_a_run_s_folder_is_the_model_that_was_trained(tmp_path: Path, truth: Path):
    torch.manual_seed(0)
    model = create_model("efficientnet_lite0", weights="encoder")
    save_file(trainable_state(model), tmp_path / "head.safetensors")
    (tmp_path / "config.json").write_text('{"model": "efficientnet_lite0"}')
    (tmp_path / "metrics.csv").write_text("step,train_loss\n0,0.1\n")
    rgb = squares(list_photos(truth))
    with torch.inference_mode():
        ours = find(str(tmp_path), [], SMALL)(rgb, [])
        shipped = find("efficientnet_lite0", [], SMALL)(rgb, [])
        same = model.space.merge(model.space.luma(rgb), model(model.space.luma(rgb)))
    torch.testing.assert_close(ours, same, atol=1e-4, rtol=0)
    assert (shipped - same).abs().max() > 0.05


def test_a_model_sees_luma_alone(truth: Path):
    show = find("efficientnet_lite0", [], SMALL)
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


# What comes out.


def test_json_says_all_and_is_json(report: Report, truth: Path, sepia: Path):
    content = json.loads(report.to_json(), parse_constant=lambda name: pytest.fail(name))
    assert content["photos"] == 5
    assert content["preprocessing"] == "squashed to 64x64 (bilinear, antialiased)"
    assert "95 %" in content["interval"]
    assert list(content["metrics"]) == list(QUICK)
    assert "Lin & Ferreira" in content["metrics"]["mse"]["source"]
    assert content["scores"][truth.name]["psnr"]["value"] == "inf"
    score = report.scores[sepia.name]["mse"]
    assert content["scores"][sepia.name]["mse"] == {
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "photos": 5,
        "why": "",
    }
    (difference,) = content["differences"]
    assert (difference["first"], difference["second"]) == (truth.name, sepia.name)


def test_csv_has_a_line_for_every_number(report: Report, sepia: Path):
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert len(rows) == (2 + 4 + 1) * len(QUICK)
    (row,) = [r for r in rows if (r["candidate"], r["metric"]) == (sepia.name, "delta_e")]
    assert float(row["value"]) == report.scores[sepia.name]["delta_e"].value
    assert row["better"] == "lower"


def test_the_gallery_goes_from_best_to_worst(report: Report, truth: Path, sepia: Path):
    swapped = {sepia.name: report.photo_values[sepia.name]}
    values = swapped[sepia.name]["delta_e"]
    alone = compare(
        find_all([str(sepia)], list_photos(truth), SMALL), Photos(list_photos(truth)), SMALL, QUICK
    )
    chosen = choose(alone, "delta_e", each=1)
    assert [name for name, _ in chosen] == ["best", "median", "worst"]
    assert [values[index] for _, index in chosen] == np.sort(values)[[0, 2, 4]].tolist()
    best_psnr = choose(alone, "psnr", each=1)[0][1]
    assert best_psnr == alone.photo_values[sepia.name]["psnr"].argmax()
    nearest = choose(alone, "colorfulness", each=1)[0][1]
    apart = alone.photo_values[sepia.name]["colorfulness"]
    apart = abs(apart - alone.photo_values["truth"]["colorfulness"])
    assert nearest == apart.argmin()
    with pytest.raises(ValueError, match="can't sort by 'top1'; measured were: mse, "):
        choose(alone, "top1")


def test_the_gallery_shows_grey_the_model_and_the_truth(truth: Path, sepia: Path):
    photos = list_photos(truth)
    models = find_all([str(sepia)], photos, SMALL)
    report = compare(models, Photos(photos), SMALL, ["mse"])
    sheet = Image.open(io.BytesIO(contact_sheet(report, models, SMALL, each=1)))
    assert sheet.format == "PNG"
    # Three columns of one width on neutral grey: the first colourless, the others not.
    pixels = np.asarray(sheet.convert("RGB")).astype(int)
    spread_ = np.ptp(pixels, axis=2)
    third = pixels.shape[1] // 3
    middle = slice(pixels.shape[0] // 4, -10)
    assert np.percentile(spread_[middle, third // 3 : third - 20], 99) <= 3
    for column in (1, 2):
        part = spread_[middle, column * third + 30 : (column + 1) * third - 30]
        assert part.mean() > 10


# The command.


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """`colorlab evaluate ...` in this process: exit status, stdout and stderr."""
    before = sys.argv
    sys.argv = ["colorlab", "evaluate", *map(str, arguments)]
    try:
        cli.main()
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else 0
    finally:
        sys.argv = before
    output = capsys.readouterr()
    return status, output.out, output.err.strip()  # the progress bar leaves an empty line


def test_the_command_prints_and_writes(
    truth: Path, sepia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    files = {suffix: tmp_path / f"results.{suffix}" for suffix in ("json", "csv", "png")}
    status, out, err = run(
        capsys,
        *("--data", truth, "--model", sepia, "--model", truth, "--size", 64, "--limit", 4),
        *("--metrics", "mse,psnr, delta_e", "--json", files["json"], "--csv", files["csv"]),
        *("--gallery", files["png"], "--sort", "delta_e"),
    )
    assert (status, err) == (0, "")
    for text in ("4 photos of", "squashed to 64x64", "95 %", "Differences", "CIEDE2000", "inf"):
        assert text in out
    assert json.loads(files["json"].read_text())["photos"] == 4
    assert files["csv"].read_text().startswith("candidate,metric,")
    with Image.open(files["png"]) as sheet:
        assert sheet.width > 300
    assert sorted(os.listdir(tmp_path)) == ["results.csv", "results.json", "results.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--metrics", "beauty"], "no metric 'beauty'; there are: mse, "),
        (["--sort", "beauty"], "no metric 'beauty'"),
        (["--model", "nothing"], "nothing is no folder (of a run or of images), and no model"),
        (["--model", "efficientnet_b7"], "efficientnet_b7 has no trained weights"),
        (["--gallery", "sheet.gif"], "a contact sheet is a .png file"),
        (["--size", "8"], "the size must be 32 or more"),
        (["--size", "100"], "multiples of 32"),
        (["--limit", "0"], "at least one photo is needed"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    truth: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    status, _, err = run(capsys, "--data", truth, *arguments)
    assert status == 1
    assert err.startswith("error: ")
    assert message in err
    assert len(err.splitlines()) == 1


def test_other_mistakes_are_one_sentence_too(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "empty").mkdir()
    shutil.copytree(truth, tmp_path / "damaged")
    (tmp_path / "damaged" / "coffee.png").write_bytes(b"no image")
    for arguments, message in (
        (["--data", tmp_path / "missing"], "is no folder, no file and no dataset"),
        (["--data", tmp_path / "empty"], "no photos in"),
        (["--data", truth, "--model", tmp_path / "empty"], "no photos in"),
        (["--data", truth, "--model", tmp_path / "damaged"], "coffee.png: not an image"),
    ):
        status, _, err = run(capsys, *arguments, "--metrics", "mse")
        assert status == 1
        assert message in " ".join(err.split())
        assert "Traceback" not in err
