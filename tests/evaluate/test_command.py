"""`colorlab evaluate`: what it prints and writes, and one sentence for each mistake."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from colorlab import cli


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


def test_a_contact_sheet_goes_by_what_is_measured(
    truth: Path, sepia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    sheet = tmp_path / "sheet.png"
    base = ["--data", truth, "--model", sepia, "--size", 64, "--limit", 3, "--gallery", sheet]
    status, _, err = run(capsys, *base, "--metrics", "psnr,delta_e")
    assert (status, err) == (0, "")
    assert sheet.is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--metrics", "beauty"], "no metric 'beauty'; there are: mse, "),
        (["--sort", "beauty"], "no metric 'beauty'"),
        (["--model", "nothing"], "nothing is no folder (of a run or of images), and no model"),
        (["--model", "efficientnet_b7"], "efficientnet_b7 has no trained weights"),
        (["--metrics", "psnr,ssim", "--sort", "mse"], "can't sort by 'mse'; of what is measured"),
        (["--metrics", "frechet_lite0", "--gallery", "sheet.png"], "a metric that single photos"),
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
