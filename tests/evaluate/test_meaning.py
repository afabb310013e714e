"""Numbers without meaning: photos without colour, images that don't lie on their photos."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from colorlab.data.photos import Photos, list_photos
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.evaluate.metrics import ChromaErrors
from colorlab.evaluate.report import Report

SMALL = Preprocessing(64)
RATIOS = ("mse_to_grey", "chroma_ratio")


def altered(photos: Path, folder: Path, change) -> Path:
    """The photos after `change`, in a new folder."""
    folder.mkdir()
    for path in list_photos(photos):
        change(Image.open(path).convert("RGB")).save(folder / f"{path.stem}.png")
    return folder


def compared(images: Path, photos: Path) -> Report:
    paths = list_photos(photos)
    found = find_all([str(images)], paths, SMALL)
    return compare(found, Photos(paths), SMALL, ("mse", *RATIOS))


def test_grey_photos_give_no_ratio_and_a_warning(truth: Path, sepia: Path, tmp_path: Path):
    report = compared(sepia, altered(truth, tmp_path / "grey_photos", lambda x: x.convert("L")))
    scores = report.scores[sepia.name]
    assert scores["mse"].value > 0
    for name in RATIOS:
        assert all(math.isnan(x) for x in (scores[name].value, scores[name].low))
        assert scores[name].why == "the photos have no colour"
        written = json.loads(report.to_json())["scores"][sepia.name][name]
        assert (written["value"], written["low"]) == (None, None)
    assert report.warnings[0].startswith("5 of 5 photos have no colour (chelsea.png, china.png")
    assert json.loads(report.to_json())["warnings"] == list(report.warnings)
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [row["value"] for row in rows if row["metric"] == "chroma_ratio"] == [""] * 6
    console = Console(width=80, file=io.StringIO(), record=True)
    for table in report.tables():
        console.print(table)
    lines = [line for line in console.export_text().splitlines() if "95 %" not in line]
    assert sum("-: the photos" in line for line in lines) == 2
    assert any("sepia" in line and " - " in line for line in lines)  # nothing is pushed out


def test_a_grey_photo_among_others_is_told_and_still_counted(
    truth: Path, sepia: Path, tmp_path: Path
):
    mixed = altered(truth, tmp_path / "mixed", lambda x: x)
    Image.open(mixed / "china.png").convert("L").save(mixed / "china.png")
    report = compared(sepia, mixed)
    assert report.warnings == ("1 of 5 photos have no colour (china.png)",)
    score = report.scores[sepia.name]["mse_to_grey"]
    assert score.photos == 5
    assert 0 < score.value < math.inf
    assert math.isnan(report.photo_values[sepia.name]["mse_to_grey"][1])


def test_running_errors_of_grey_photos_are_nan(truth: Path):
    errors, grey = ChromaErrors(), SMALL(Photos(list_photos(truth))[0][0]).float()[None] / 255
    grey = grey.mean(dim=1, keepdim=True).expand(1, 3, 64, 64)
    errors.add(grey, grey)
    assert math.isnan(errors.mse_to_grey)
    assert math.isnan(errors.chroma_to_truth)


TURNS = {
    "look turned anticlockwise": Image.Transpose.ROTATE_90,
    "look turned clockwise": Image.Transpose.ROTATE_270,
    "look upside down": Image.Transpose.ROTATE_180,
    "look mirrored (": Image.Transpose.FLIP_LEFT_RIGHT,
    "look mirrored top to bottom": Image.Transpose.FLIP_TOP_BOTTOM,
    "look mirrored along a diagonal": Image.Transpose.TRANSPOSE,
    "look mirrored along the other diagonal": Image.Transpose.TRANSVERSE,
}


@pytest.mark.parametrize(("words", "turn"), TURNS.items())
def test_a_turned_result_is_told(
    truth: Path, sepia: Path, tmp_path: Path, words: str, turn: Image.Transpose
):
    report = compared(altered(sepia, tmp_path / "made", lambda x: x.transpose(turn)), truth)
    assert report.warnings
    assert report.warnings[0].startswith("made: ")
    assert words in report.warnings[0]
    assert not compared(sepia, truth).warnings


def test_another_picture_is_told(truth: Path, tmp_path: Path):
    made = altered(truth, tmp_path / "made", lambda x: x)
    Image.open(truth / "rocket.png").save(made / "china.png")
    assert compared(made, truth).warnings == (
        "made: 1 of 5 images look unlike their photos (china.png)",
    )
