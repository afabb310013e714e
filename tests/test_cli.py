"""The command, as a user runs it: real processes, exit statuses, one line for each mistake."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import colorlab
from colorlab.data.samples import sample_photos

COLORLAB = Path(sys.executable).parent / "colorlab"


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(COLORLAB), *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment)


@pytest.fixture
def photos(tmp_path) -> Path:
    """Two good photos among every kind of bad one."""
    folder = tmp_path / "photos"
    folder.mkdir()
    coffee = Image.fromarray(sample_photos("coffee")[0].rgb)
    coffee.save(folder / "coffee.jpg")
    coffee.convert("L").save(folder / "grey.png")
    buffer = io.BytesIO()
    coffee.save(buffer, "jpeg")
    (folder / "truncated.jpg").write_bytes(buffer.getvalue()[:9000])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("hello")
    Image.new("1", (14_000, 14_000)).save(folder / "bomb.png")
    return folder


def test_one_bad_photo_does_not_stop_the_rest(photos, tmp_path):
    out = tmp_path / "out"
    done = run("colorize", *sorted(photos.iterdir()), photos / "missing.jpg", "-o", out)
    assert done.returncode == 1
    assert sorted(path.name for path in out.iterdir()) == ["coffee.jpg", "grey.png"]
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    for name, reason in {
        "truncated.jpg": "broken image",
        "empty.jpg": "the file is empty",
        "text.jpg": "not an image",
        "bomb.png": "more than 178 megapixels",
        "missing.jpg": "no such file",
    }.items():
        assert sum(f"{name}: {reason}" in " ".join(line.split()) for line in errors) == 1, name
    assert len(errors) == 5
    assert done.stderr.splitlines()[-1] == "2 coloured, 5 failed"
    assert "Traceback" not in done.stderr
    with Image.open(out / "coffee.jpg") as result:
        assert result.format == "JPEG"
        assert result.size == (600, 400)
        chroma = np.ptp(np.asarray(result).astype(int), axis=2).mean()
    assert chroma > 5

    again = run("colorize", photos / "coffee.jpg", "-o", out)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    forced = run("colorize", photos / "coffee.jpg", "-o", out, "--force", "--format", "png")
    assert forced.returncode == 0
    assert (out / "coffee.png").is_file()


def test_side_by_side_and_self_protection(photos, tmp_path):
    out = tmp_path / "out"
    done = run("colorize", photos / "coffee.jpg", "-o", out, "--side-by-side")
    assert done.returncode == 0
    with Image.open(out / "coffee.jpg") as result:
        assert result.size == (1200, 400)
        left = np.asarray(result)[:, :590].astype(int)
    assert np.ptp(left, axis=2).mean() < 3

    before = (photos / "coffee.jpg").read_bytes()
    onto_itself = run("colorize", photos / "coffee.jpg", "-o", photos, "--force")
    assert onto_itself.returncode == 1
    assert "would replace the photo itself" in onto_itself.stderr
    assert (photos / "coffee.jpg").read_bytes() == before


def test_unwritable_targets_and_unknown_models(photos, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run("colorize", photos / "coffee.jpg", "-o", tmp_path / "file")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    done = run("colorize", photos / "coffee.jpg", "-o", tmp_path / "out", "-m", "none")
    assert done.returncode == 1
    assert "no model 'none'; there are:" in done.stderr
    assert not (tmp_path / "out").exists()


def test_two_photos_of_one_name_are_not_mixed_up(photos, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    Image.new("RGB", (40, 40), "grey").save(other / "coffee.jpg")
    out = tmp_path / "out"
    done = run("colorize", photos / "coffee.jpg", other / "coffee.jpg", "-o", out, "--force")
    assert done.returncode == 1
    assert "has the same result file as" in done.stderr
    with Image.open(out / "coffee.jpg") as result:
        assert result.size == (600, 400)


def test_models_are_listed_with_sizes_and_scores():
    done = run("models")
    assert done.returncode == 0
    assert "11,292,674" in done.stdout
    row = next(line for line in done.stdout.splitlines() if "efficientnet_lite0" in line)
    assert "colorlab scenes" in row
    rows = {row["model"]: row for row in json.loads(run("models", "--json").stdout)}
    assert rows["efficientnet_b7"]["trainable"] == 11_292_674
    assert 0.4 < rows["efficientnet_lite0"]["MSE / grey"] < 0.6
    narrow = subprocess.run(
        [str(COLORLAB), "models"],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "40"},
    )
    assert all(name in narrow.stdout for name in rows)


def test_version_and_completion():
    assert run("--version").stdout == f"colorlab {colorlab.__version__}\n"
    assert "--install-completion" in run("--help").stdout


@pytest.fixture
def archive(tmp_path) -> Path:
    """Small photos in a tree."""
    folder = tmp_path / "archive"
    coffee = Image.fromarray(sample_photos("coffee")[0].rgb[::8, ::8])
    for place in ("a.jpg", "box 1/b.jfif", "box 1/St. Mary.png", "box 2/c.webp", "notes.txt"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        if place.endswith("txt"):
            (folder / place).write_text("no photo")
        else:
            kind = {"jfif": "jpeg", "jpg": "jpeg"}.get(place.split(".")[-1])
            coffee.save(folder / place, format=kind)
    return folder


def tree(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_folder_keeps_its_tree_and_success_is_silent(archive, tmp_path):
    done = run("colorize", archive, "-o", tmp_path / "out")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    expected = ["a.jpg", "box 1/St. Mary.png", "box 1/b.jfif", "box 2/c.webp"]
    assert tree(tmp_path / "out") == expected
    with Image.open(tmp_path / "out" / "box 1" / "b.jfif") as result:
        assert result.format == "JPEG"
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*")}
    (tmp_path / "out" / "a.jpg").unlink()
    again = run("colorize", archive, "-o", tmp_path / "out", "--skip-existing", "--json")
    rows = [json.loads(line) for line in again.stdout.splitlines()]
    assert sorted(row["status"] for row in rows) == ["colored", "skipped", "skipped", "skipped"]
    assert tree(tmp_path / "out") == expected
    kept = tmp_path / "out" / "box 2" / "c.webp"
    assert kept.stat().st_mtime_ns == before[kept]


def test_one_file_beside_patterns_and_formats(archive, tmp_path):
    assert run("colorize", archive / "a.jpg", "-o", tmp_path / "new.png").returncode == 0
    with Image.open(tmp_path / "new.png") as result:
        assert result.format == "PNG"
    several = run("colorize", archive, "-o", tmp_path / "one.jpg")
    assert several.returncode == 1
    assert "one file can't hold 4 photos" in several.stderr
    assert not (tmp_path / "one.jpg").exists()
    beside = run("colorize", f"{archive}/box*/*.webp", "--format", "jpg")
    assert beside.returncode == 0, beside.stderr
    assert (archive / "box 2" / "c_color.jpg").is_file()
    unknown = run("colorize", archive / "a.jpg", "--format", "xyz")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("error: no format 'xyz'; there are: ")


def test_saturation_and_device(archive, tmp_path):
    chroma = []
    for factor in ("0", "1", "1.5"):
        out = tmp_path / factor
        done = run("colorize", archive / "box 1/St. Mary.png", "-o", out, "--saturation", factor)
        assert done.returncode == 0, done.stderr
        with Image.open(out / "St. Mary.png") as result:
            chroma.append(np.ptp(np.asarray(result).astype(int), axis=2).mean())
    assert chroma[0] < 1
    assert chroma[0] < chroma[1] < chroma[2]
    wrong = run("colorize", archive / "a.jpg", "-o", tmp_path, "--device", "abacus")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("error: no device 'abacus' here")


def test_ctrl_c_tells_what_was_done(archive, tmp_path):
    command = [str(COLORLAB), "colorize", *[str(archive)], "-o", str(tmp_path / "out"), "--json"]
    for number in range(300):
        (archive / f"more{number}.png").write_bytes((archive / "box 1/St. Mary.png").read_bytes())
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(r"\d+ coloured, \d+ left: stopped", errors.strip()), errors
    assert not list((tmp_path / "out").rglob("*.part"))


def test_evaluate_prints_the_two_numbers(tmp_path):
    for photo in sample_photos("china", "flower"):
        Image.fromarray(photo.rgb).save(tmp_path / f"{photo.name}.png")
    done = run("evaluate", "--data", tmp_path)
    assert done.returncode == 0
    assert "2 photos" in done.stdout
    assert "MSE / grey" in done.stdout
    assert "chroma / truth" in done.stdout
    missing = run("evaluate", "--data", tmp_path / "missing")
    assert missing.returncode == 1
    assert "is no folder, no file and no dataset" in missing.stderr


def test_help_is_light():
    """Help must not import torch; its time is measured by the benchmark."""
    code = (
        "import sys, colorlab.cli\n"
        "try: colorlab.cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'timm', 'lightning', 'matplotlib', 'skimage'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "colorize" in done.stdout


def test_an_old_photo_is_toned(tmp_path):
    coffee = sample_photos("coffee")[0].rgb[::4, ::4]
    Image.fromarray((100 + coffee * 0.3).astype(np.uint8)).save(tmp_path / "faded.png")
    spans = {}
    for name, options in (("plain", []), ("toned", ["--old"])):
        done = run("colorize", tmp_path / "faded.png", "-o", tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
        spans[name] = np.ptp(np.asarray(Image.open(tmp_path / name / "faded.png")).mean(-1))
    assert spans["plain"] < 90 < 200 < spans["toned"]
