"""The model chapters turn into real training runs by their papermill parameters."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import nbformat
import papermill
import pytest

from colorlab.train.records import read_run

from ..batches import write_splits

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("build", ROOT / "book" / "build.py")
assert spec is not None
assert spec.loader is not None
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

CHAPTERS = [chapter for chapter in build.chapters() if chapter.stem[:2] in ("07", "08", "09", "10")]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_the_parameters_of_a_real_training(chapter):
    cells = build.notebook(chapter).cells
    parameters = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    assignments = ast.parse(parameters[0].source).body
    values = {a.targets[0].id: ast.literal_eval(a.value) for a in assignments}
    assert values["data"] == ""  # nothing is trained unless asked for
    assert {"model", "epochs", "lam", "device"} <= set(values)
    training = [c.source for c in cells if c.cell_type == "code" and "train_for_real(" in c.source]
    assert len(training) == 1
    assert "\nif data:\n" in training[0]
    assert re.search(r"train_for_real\(\s*model, data, epochs, ", training[0])


@pytest.mark.slow
def test_a_chapter_trains_on_a_folder(tmp_path, monkeypatch):
    """Papermill with `data` leaves a run's folder and the picture of its curve."""
    photos = write_splits(tmp_path / "photos", (48, 32), "coffee", "flower", "china")
    chapter = next(chapter for chapter in CHAPTERS if chapter.stem == "09_efficientnet")
    nbformat.write(build.notebook(chapter), tmp_path / "before.ipynb")
    papermill.execute_notebook(
        str(tmp_path / "before.ipynb"),
        str(tmp_path / "after.ipynb"),
        parameters={"data": str(photos), "epochs": 1, "steps": 20, "size": 32},
        cwd=str(tmp_path),
        progress_bar=False,
        extra_arguments=["--log-level=CRITICAL"],
    )
    run = read_run(tmp_path / "runs" / "efficientnet_lite0_mse_1")
    assert len(run.validation["val_mse_to_grey"]) == 1
    cells = nbformat.read(tmp_path / "after.ipynb", as_version=4).cells
    training = next(c for c in cells if "\nif data:\n" in c.source)
    assert any("image/png" in output.get("data", {}) for output in training.outputs)
