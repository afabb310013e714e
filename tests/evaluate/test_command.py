"""`colorlab evaluate`: what it prints and writes, and one sentence for each mistake."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from colorlab import cli

PACKAGE = Path(cli.__file__).parents[1]


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


def colorlab(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A shell's command, in which `colorlab` is this package's."""
    program = f"{sys.executable} -c 'from colorlab.cli import main; main()'"
    return subprocess.run(
        command.replace("colorlab", program),
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        env=os.environ | {"PYTHONPATH": str(PACKAGE)} | environment,
    )


def test_a_reader_that_leaves_loses_no_results(truth: Path, sepia: Path, tmp_path: Path):
    command = f"colorlab evaluate -d {truth} -m {sepia} --size 64 --metrics mse,psnr"
    done = colorlab(f"{command} --json r.json --csv r.csv | head -1", tmp_path)
    assert json.loads((tmp_path / "r.json").read_text())["photos"] == 5
    assert (tmp_path / "r.csv").is_file()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_no_terminal_s_encoding_ends_the_work(
    truth: Path, sepia: Path, tmp_path: Path, encoding: str
):
    shutil.copytree(truth, tmp_path / "Fotos – 測試")
    command = f"colorlab evaluate -d 'Fotos – 測試' -m {sepia} --size 64 --metrics mse"
    done = colorlab(f"{command} --json r.json", tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "95 %" in done.stdout
    assert json.loads((tmp_path / "r.json").read_text())["data"] == "Fotos – 測試"


@pytest.mark.parametrize("option", ["--json", "--csv", "--gallery"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(
    truth: Path, sepia: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("in the way")
    base = ("--data", truth, "--model", sepia, "--size", 64, option)
    for place, reason in (
        (tmp_path / "folder.png", "is a folder, not a file to write"),
        (tmp_path / "file" / "x.png", "can't be written: "),
        ("/proc/x.png", "can't be written: "),
    ):
        status, out, err = run(capsys, *base, place)
        assert (status, out) == (1, "")
        assert reason in " ".join(err.split())


def test_two_results_in_one_file_are_refused(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    both = ("--json", tmp_path / "x", "--csv", tmp_path / "x")
    status, _, err = run(capsys, "--data", truth, "--model", truth, *both)
    assert status == 1
    assert "each result needs a file of its own" in err


def test_what_is_skipped_is_named(truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    shutil.copytree(truth, tmp_path / "data")
    for name in ("notes.txt", "raw.dng", ".hidden"):
        (tmp_path / "data" / name).write_bytes(b"no photo")
    status, _, err = run(
        capsys, "--data", tmp_path / "data", "--model", truth, "--size", 64, "--metrics", "mse"
    )
    assert status == 0
    assert err == "skipped, no photos by their suffix: notes.txt, raw.dng"
