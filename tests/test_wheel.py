"""The wheel, built and used as from an environment that has not the course's packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import colorlab
from colorlab.data.samples import sample_paths

ROOT = Path(__file__).parents[1]

WITHOUT_COURSE = """
import sys

for name in ("IPython", "anywidget", "ipywidgets", "jupytext", "nbformat", "onnx", "papermill"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv.pop(1))
import colorlab.cli
assert colorlab.__file__.startswith(sys.path[0]), colorlab.__file__
sys.argv[0] = "colorlab"
colorlab.cli.main()
"""
"""Simulates an environment without the extra `course`: its packages can't be imported."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # where no earlier build has left anything
    shutil.copytree(ROOT / "colorlab", source / "colorlab")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, timeout=200)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_colours_photos_without_the_course_s_packages(
    wheel: Path, tmp_path: Path
) -> None:
    assert f"-{colorlab.__version__}-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    ours = {name for name in names if ".dist-info/" not in name}
    assert all(name.startswith("colorlab/") for name in ours)
    for needed in ("py.typed", "weights/efficientnet_lite0.safetensors"):
        assert f"colorlab/{needed}" in ours
    (photo,) = sample_paths("coffee")
    command = [sys.executable, "-I", "-c", WITHOUT_COURSE, str(tmp_path / "site"), "colorize"]
    command += [str(photo), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out" / "coffee.png") as result, Image.open(photo) as source:
        assert result.size == source.size
