"""Measuring by a protocol of the literature, through the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from colorlab.data.photos import Photos, list_photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.methods import Preprocessing
from colorlab.evaluate.metrics import downloads
from colorlab.evaluate.metrics.base import get_metric
from colorlab.evaluate.metrics.colorfulness import absolute_colorfulness
from colorlab.evaluate.protocols import PROTOCOLS, Conditions, measurable
from tests.evaluate.test_command import run


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is downloaded; the metrics that need it say so."""
    monkeypatch.setattr(downloads, "_unreachable", lambda url: "offline")


@pytest.mark.parametrize("name", measurable())
def test_a_protocol_is_whole(name: str) -> None:
    protocol = PROTOCOLS[name]
    assert [get_metric(metric).facts.name for metric in protocol.metrics] == list(protocol.metrics)
    assert protocol.size
    assert protocol.size % 32 == 0
    assert protocol.fit != "none"
    assert protocol.first in (None, protocol.count)
    conditions = Conditions(protocol=name)
    assert conditions.preprocessing() == Preprocessing(256, protocol.fit or "squash")


@pytest.mark.parametrize("name", measurable())
def test_the_sample_photos_by_each_protocol(
    name: str, truth: Path, sepia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.json"
    arguments = ("--data", truth, "--model", sepia, "--protocol", name, "--json", file)
    status, _, err = run(capsys, *arguments)
    assert status == 0
    found, protocol = json.loads(file.read_text()), PROTOCOLS[name]
    assert list(found["metrics"]) == list(protocol.metrics)
    assert found["data"].endswith(f"protocol {name}")
    fit = "cut to the middle square and resized" if protocol.fit == "crop" else "squashed"
    assert found["preprocessing"] == f"{fit} to 256x256 (bilinear, antialiased)"
    assert found["warnings"][0].startswith(f"protocol {name}: made for ImageNet validation")
    assert f"protocol {name}: {protocol.note}" in found["warnings"]
    assert ("squashed here" in err) == (protocol.fit is None)
    # What can't be had is told, and its cousin, where there is one, is not called by its name.
    scored = set(found["scores"]["sepia0"])
    assert set(found["unavailable"]) | scored == set(protocol.metrics)
    if "fid" in protocol.metrics:
        assert "fid" in found["unavailable"]
        assert "frechet_lite0" in scored
        assert "not FID (other features)" in found["metrics"]["frechet_lite0"]["definition"]


def test_the_difference_is_of_means_with_absolute_values(
    truth: Path, sepia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.json"
    run(capsys, "-d", truth, "-m", sepia, "--protocol", "ddcolor", "--json", file)
    scores = json.loads(file.read_text())["scores"]
    crop = Preprocessing(256, "crop")
    photos = [crop(photo).float() / 255 for photo, _ in Photos(list_photos(truth)).readable()]
    mean = absolute_colorfulness(torch.stack(photos)).mean()
    assert scores["truth"]["colorfulness_abs"]["value"] == pytest.approx(mean.item(), rel=1e-4)
    ours = scores["sepia0"]
    apart = abs(ours["colorfulness_abs"]["value"] - mean.item())
    assert ours["delta_colorfulness_abs"]["value"] == pytest.approx(apart, rel=1e-3)
    assert scores["truth"]["delta_colorfulness_abs"]["value"] == 0


def test_the_first_are_the_first_by_file_name(tmp_path: Path) -> None:
    # In two folders, as ImageNet's by class: the folders' order is not the photos'.
    for folder, numbers in (("b", range(0, 5002, 2)), ("a", range(1, 5002, 2))):
        (tmp_path / folder).mkdir()
        for number in numbers:
            (tmp_path / folder / f"ILSVRC2012_val_{number + 1:08d}.JPEG").touch()
    photos = open_photos(str(tmp_path))
    chosen = Conditions(protocol="ddcolor").chosen(photos)
    assert [int(path.stem[-8:]) for path in chosen.paths] == list(range(1, 5001))
    assert Conditions(protocol="ddcolor50k").chosen(photos) is photos
    assert Conditions().chosen(photos) is photos


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--protocol", "nobody"], "no protocol 'nobody' to measure by; there are: zhang2016, "),
        (["--protocol", "palette"], "no protocol 'palette' to measure by"),
        (["--protocol", "ddcolor", "--size", "64"], "--protocol sets size, fit, metrics and limit"),
        (["--protocol", "ddcolor", "--limit", "2"], "give it without them"),
        (["--fit", "stretch"], 'fit must be "squash" or "crop"'),
        (["--lam", "a"], "--lam takes numbers with commas between, got 'a'"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    truth: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capsys, "--data", truth, *arguments)
    assert status == 1
    assert message in err
    assert len(err.splitlines()) == 1


def test_zhang_s_curve_goes_from_0_to_150_in_a_and_b(tmp_path: Path) -> None:
    """The protocol's AuC on a photo of two colours, against the curve counted step by step."""
    from colorlab.color import rgb_to_lab
    from colorlab.evaluate.metrics import measure

    shown, true = torch.zeros(2, 1, 3, 32, 32)
    shown[..., :8], true[:] = 0.5, 0.5
    true[:, 0] = 0.9
    lab = [rgb_to_lab(x) for x in (shown, true)]
    error = (lab[0] - lab[1])[:, 1:].norm(dim=1)
    steps = torch.linspace(0, 150, 15_001)
    right = torch.stack([(error <= step).double().mean() for step in steps])
    expected = torch.trapezoid(right, steps) / 150
    assert measure("auc", shown, true)[0] == pytest.approx(expected.item(), abs=1e-4)
