"""The evaluator: what it measures, and what comes out."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colorlab.course.figures.gallery import choose, contact_sheet
from colorlab.data.batches import squash
from colorlab.data.decode import decode
from colorlab.data.photos import Photos, list_photos
from colorlab.evaluate.baselines import MeanChroma, constant, list_baselines
from colorlab.evaluate.compare import compare, spread, survey
from colorlab.evaluate.methods import Preprocessing, colorizer, find_all
from colorlab.evaluate.metrics import ChromaErrors, measure
from colorlab.evaluate.report import Report
from colorlab.models import create_model

QUICK = ("mse", "mse_to_grey", "chroma_ratio", "psnr", "ssim", "delta_e", "auc", "auc_rebalanced")
QUICK += ("delta_colorfulness_set", "delta_colorfulness_photo", "colorfulness")
SMALL = Preprocessing(64)


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
    square = [
        torch.stack([squash(decode(path), 64) for path in list_photos(f)]).float() / 255
        for f in (sepia, truth)
    ]
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
    assert list(report.scores)[2:] == list_baselines()
    grey = report.scores["grey"]
    assert grey["mse_to_grey"].value == pytest.approx(1, abs=1e-4)
    assert grey["chroma_ratio"].value == pytest.approx(0, abs=1e-3)
    assert report.scores["commonest colour"] is grey  # our prior's is a* = b* = 0
    # One colour everywhere: of all these the mean colour has the least squared error (up to what
    # the gamut cuts off).
    photos = Photos(list_photos(truth))
    a, b = survey(photos, SMALL, {"mean": MeanChroma})["mean"]
    near = {f"{da},{db}": constant(a + da, b + db) for da, db in ((4, 0), (-4, 0), (0, 4), (0, -4))}
    others = compare(near, photos, SMALL, ["mse"]).scores
    assert report.scores["mean colour"]["mse"].value < grey["mse"].value
    assert all(report.scores["mean colour"]["mse"].value < others[x]["mse"].value for x in near)


def test_a_model_has_the_errors_of_training(truth: Path):
    """Validation during training takes the same sums, from the model itself."""
    model = create_model("efficientnet_lite0")
    paths = list_photos(truth)
    full = compare({"model": colorizer(model)}, Photos(paths), SMALL, QUICK)
    rgb = torch.stack([squash(decode(path), 64) for path in paths]).float() / 255
    with torch.inference_mode():
        luma = model.space.luma(rgb)
        shown = model.space.merge(luma, model(luma))
    sums = ChromaErrors()
    sums.add(shown, rgb)
    scores = full.scores["model"]
    assert sums.photos == full.photos == 5
    assert scores["mse"].value == pytest.approx(sums.mse, rel=1e-4)
    assert scores["mse_to_grey"].value == pytest.approx(sums.mse_to_grey, rel=1e-4)
    assert scores["chroma_ratio"].value == pytest.approx(sums.chroma_to_truth, rel=1e-4)


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
    assert [path.name for path in found.skipped] == ["broken.png"]
    assert "broken.png" in json.loads(found.to_json())["skipped"][0]
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
    assert len(rows) == (2 + 5 + 1) * len(QUICK)
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
