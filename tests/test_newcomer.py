"""What CONTRIBUTING promises: each thing is added by one file and one line, and works to the end.

The files are written into a temporary folder; the one line is their import.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colorlab.data import DATASETS, open_photos, sample_photos
from colorlab.data.formats import FORMATS
from colorlab.evaluate import baselines
from colorlab.evaluate.classic import METHODS
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.evaluate.metrics import base as metrics
from colorlab.inference.colorize import colorize_file
from colorlab.models import create_model, list_models, registry
from colorlab.train import LOSSES, Recipe, train

from .batches import write_splits

FILES = {
    "my_encoder": """
        from colorlab.models import register
        from colorlab.models.dahl import DahlColorizer
        from colorlab.models.encoders import Taps

        taps = Taps({"blocks.1.0.bn1": 2, "blocks.2.0.bn1": 4})

        @register("mine")
        def mine():
            return DahlColorizer("mobilenetv2_050", taps)
    """,
    "my_model": """
        from torch import nn
        from colorlab.color import LAB
        from colorlab.models import Colorizer, register

        class Tiny(Colorizer):
            space = LAB

            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(1, 2, 3, padding=1)

            def predict(self, luma):
                return self.conv(luma).tanh()

        @register("tiny_newcomer")
        def tiny():
            return Tiny()
    """,
    "my_loss": """
        from torch.nn.functional import l1_loss
        from colorlab.train import loss

        @loss("l1_newcomer", "mean absolute chroma error")
        def l1(lam, space):
            return l1_loss
    """,
    "my_metric": """
        import torch
        from colorlab.evaluate.metrics.base import Needs, metric

        class Brightest:
            '''The highest L* of a set of photos.'''

            def __init__(self):
                self.highest = 0.0

            def add(self, truth):
                self.highest = max(self.highest, float(truth.lab[:, 0].max()))

            def value(self):
                return self.highest

        needs = Needs(of_set={"brightest": Brightest})

        @metric("dimness", "dimness", better="lower", source="this test", needs=needs)
        def dimness(shown, truth):
            '''Mean L* below the brightest of all photos.'''
            return truth.known("brightest") - shown.lab[:, 0].flatten(1).mean(1, keepdim=True)
    """,
    "my_baseline": """
        from colorlab.evaluate.baselines import baseline, constant

        @baseline("sepia")
        def sepia():
            return constant(6.0, 18.0)
    """,
    "my_method": """
        import numpy as np
        from functools import partial
        from colorlab.evaluate.classic import METHODS
        from colorlab.evaluate.guided import by_strokes

        def mean_stroke(luma, marked, ab):
            return ab[marked].mean(0) * np.ones((*luma.shape, 1))

        METHODS["mean_stroke+10"] = partial(by_strokes, mean_stroke)
    """,
    "my_dataset": """
        from colorlab.data.photos import list_photos
        from colorlab.data.sources import DATASETS, NamedDataset

        DATASETS["cups"] = NamedDataset(
            title="Cups",
            page="https://example.org/cups",
            size="1 MB",
            splits={"train": 9, "val": 9},
            validation="val",
            expects=("cups/",),
            downloads=False,
            paths=lambda root, split, download: list_photos(root / "cups" / split),
        )
    """,
    "my_format": """
        from colorlab.data.formats import FORMATS, Format

        FORMATS["ppm"] = Format((".ppm",), alpha=False)
    """,
}


@pytest.fixture(scope="module", autouse=True)
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All the files, imported; the lists are as before at the end."""
    folder = tmp_path_factory.mktemp("newcomer")
    lists = (registry._BUILDERS, LOSSES, metrics._METRICS, baselines._BASELINES)
    lists += (METHODS, DATASETS, FORMATS)
    before = [dict(one) for one in lists]
    for name, text in FILES.items():
        lines = text.strip("\n").splitlines()
        (folder / f"{name}.py").write_text("\n".join(line[8:] for line in lines) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        for name in FILES:
            importlib.import_module(name)  # the one line
        yield
        for name in FILES:
            sys.modules.pop(name)
    for one, content in zip(lists, before, strict=True):
        one.clear()
        one.update(content)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    write_splits(folder / "cups", (64, 64))
    return folder


def test_an_encoder_and_a_model_are_on_the_list() -> None:
    assert {"mine", "tiny_newcomer"} <= set(list_models())
    for name in ("mine", "tiny_newcomer"):
        answer = create_model(name, weights=None)(torch.rand(1, 1, 64, 64))
        assert answer.shape == (1, 2, 64, 64)


def test_model_loss_dataset_metric_method_and_baseline_to_the_end(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORLAB_DATA", str(root))
    recipe = Recipe(loss="l1_newcomer", epochs=1, size=32, final_epochs=0, batch=4)
    run = tmp_path / "mine"
    train("tiny_newcomer", "cups", run, recipe, workers=0)
    assert "mean absolute chroma error" in (run / "card.md").read_text()

    square, photos = Preprocessing(64), open_photos("cups", "val")
    models = find_all([str(run), "mean_stroke+3"], photos.paths, square)
    report = compare(models, photos, square, ["mse", "dimness"])
    assert set(report.scores) == {"mine", "mean_stroke+3", *baselines.list_baselines()}
    # Grey keeps L*; the brightest of the set is above all means.
    found = {name: scores["dimness"].value for name, scores in report.scores.items()}
    assert found["grey"] == pytest.approx(found["truth"], abs=0.1)
    assert found["truth"] > 0
    errors = {name: scores["mse"].value for name, scores in report.scores.items()}
    assert len({errors[name] for name in ("sepia", "mean_stroke+3", "grey")}) == 3


def test_a_format_to_the_end(tmp_path: Path) -> None:
    photo = tmp_path / "coffee.png"
    Image.fromarray(sample_photos("coffee")[0].rgb[::4, ::4]).save(photo)
    colorize_file(photo, tmp_path / "coffee.ppm", create_model("tiny_newcomer", weights=None))
    with Image.open(tmp_path / "coffee.ppm") as result:
        assert result.format == "PPM"
        assert np.asarray(result).shape == (100, 150, 3)


def test_a_chapter_is_executed_for_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file alone; its line is in `_toc.yml`, from which only the pages are made."""
    import build  # book/ is on the path of the tests

    monkeypatch.setattr(build, "CHAPTERS", tmp_path)
    (tmp_path / "13_mine.py").write_text(
        "# %% [markdown]\n# # Mine\n\n# %%\nfrom colorlab.color import LAB\n\nprint(LAB.name)\n"
    )
    assert build.chapters() == [tmp_path / "13_mine.py"]
    book = build.execute(tmp_path / "13_mine.py")
    assert book.cells[1].outputs[0].text == "lab\n"
