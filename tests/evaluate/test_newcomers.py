"""A metric and a baseline added from outside the package: one file and one line each."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from colorlab.data.batches import squash
from colorlab.data.decode import decode
from colorlab.data.photos import Photos, list_photos
from colorlab.evaluate import baselines
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing
from colorlab.evaluate.metrics import base

METRIC = '''
"""How far the lightest point lies from the set's mean lightness."""
from colorlab.evaluate.metrics import Needs, metric

class MeanLightness:
    def __init__(self):
        self.total, self.photos = 0.0, 0
    def add(self, truth):
        self.total += float(truth.lab[:, 0].mean(dim=(1, 2)).sum())
        self.photos += len(truth.rgb)
    def value(self):
        return self.total / self.photos

@metric("headroom", "headroom", better="higher", source="this test", unit="L*",
        needs=Needs(of_set={"mean_lightness": MeanLightness}))
def headroom(shown, truth):
    """Largest L* of the output less the mean L* of all true photos."""
    return (shown.lab[:, 0].amax(dim=(1, 2)) - truth.known("mean_lightness"))[:, None]
'''
BASELINE = '''
"""The mean (a*, b*) of every lightness, fitted beforehand on the samples."""
import torch
from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.evaluate.baselines import baseline

@baseline("by-coffee")
def by_coffee():
    rgb = torch.from_numpy(sample_photos("coffee")[0].rgb.copy()).permute(2, 0, 1)[None] / 255
    luma, chroma = LAB.split(rgb)
    bins = (luma.flatten() * 20).long()
    sums = torch.zeros(2, 21).index_add_(1, bins, chroma[0].flatten(1))
    table = sums / torch.bincount(bins, minlength=21).clamp(min=1)

    def show(truth, files):
        luma = LAB.luma(truth)
        return LAB.merge(luma, table[:, (luma[:, 0] * 20).long()].movedim(0, 1))

    return show
'''


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both files in a folder of their own, and both lists as they were, afterwards."""
    for name, text in (("headroom_metric", METRIC), ("by_coffee_baseline", BASELINE)):
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(base, "_METRICS", base._METRICS.copy())
    monkeypatch.setattr(baselines, "_BASELINES", baselines._BASELINES.copy())
    yield
    for name in ("headroom_metric", "by_coffee_baseline"):
        sys.modules.pop(name, None)


def test_each_takes_one_file_and_one_line(outside: None, truth: Path):
    importlib.import_module("headroom_metric")
    importlib.import_module("by_coffee_baseline")
    photos = list_photos(truth)
    report = compare({}, Photos(photos), Preprocessing(64), ["headroom", "mse"])

    lab = base.Images(torch.stack([squash(decode(path), 64) for path in photos]) / 255).lab
    expected = lab[:, 0].amax(dim=(1, 2)) - lab[:, 0].mean()
    np.testing.assert_allclose(report.photo_values["truth"]["headroom"], expected, rtol=1e-4)
    assert list(report.scores)[-2:] == ["by-coffee", "truth"]
    assert report.scores["by-coffee"]["mse"].value not in (0, report.scores["grey"]["mse"].value)
    facts = json.loads(report.to_json())["metrics"]["headroom"]
    assert facts["definition"] == "Largest L* of the output less the mean L* of all true photos"
    with pytest.raises(ValueError, match="this metric needs the mean_lightness of the whole set"):
        base.measure("headroom", torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32))


def test_a_baseline_s_name_is_given_once():
    for name in ("grey", "truth"):
        with pytest.raises(ValueError, match=f"baseline '{name}' is registered already"):
            baselines.baseline(name)(lambda: baselines.true_colors)
