"""The judging widget: its pure `render`, its thin shell and its twin."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.color import rgb_to_lab
from colorlab.evaluate.metrics import measure

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.widgets.judge_widget import (
    METRICS,
    OBJECTS,
    adjust_chroma,
    judge,
    judge_twin,
    picture,
    render,
    subject,
    verdicts,
)

DISTANCES = ("mse", "psnr", "ssim", "delta_e", "auc", "auc_rebalanced")


@pytest.mark.parametrize(("photo", "hue"), [("motorcycle", -110), ("flower", -100)])
def test_a_plausible_color_scores_worse_than_none(photo: str, hue: float) -> None:
    judged = render(photo, "object", hue, 1.0)
    assert {judged.winner(name) for name in DISTANCES} == {"grey"}
    assert judged.winner("delta_colorfulness_photo") == "changed"


def test_small_turns_are_forgiven() -> None:
    judged = render("motorcycle", "object", 20, 1.0)
    assert {judged.winner(name) for name in DISTANCES} == {"changed"}


def test_nothing_changed_is_perfect() -> None:
    judged = render("flower", "everything", 360, 1.0)
    assert {judged.winner(name) for name in METRICS} == {"changed"}
    assert judged.scores["mse"][0] == 0
    assert judged.scores["psnr"][0] == math.inf
    np.testing.assert_array_equal(judged.changed, picture(subject("flower").rgb))


def test_no_saturation_is_the_grey_rival() -> None:
    judged = render("astronaut", "object", 75, 0.0)
    np.testing.assert_array_equal(judged.changed, judged.grey)
    assert {judged.winner(name) for name in METRICS} == {"neither"}


def test_numbers_are_those_of_the_pictures() -> None:
    judged = render("coffee", "object", 60, 1.2)
    truth = subject("coffee").rgb
    for shown, column in ((judged.changed, 0), (judged.grey, 1)):
        rgb = torch.from_numpy(shown).permute(2, 0, 1)[None] / 255
        for name in ("mse", "ssim", "delta_e", "auc"):
            expected = measure(name, rgb, truth)[0]
            assert judged.scores[name][column] == pytest.approx(expected, rel=2e-2), name


@pytest.mark.parametrize("photo", OBJECTS)
def test_an_object_is_part_of_its_photo_and_nothing_else_changes(photo: str) -> None:
    chosen = subject(photo)
    assert 0.03 < chosen.mask.float().mean() < 0.5
    changed = adjust_chroma(chosen.lab, chosen.mask, 90, 1.0)
    outside = (changed - chosen.rgb).abs().amax(1)[0][~chosen.mask]
    assert outside.max() < 1e-3


@settings(max_examples=15, deadline=None)
@given(hue=st.floats(-180, 180), saturation=st.floats(0, 0.3))
def test_recoloring_turns_and_scales(hue: float, saturation: float) -> None:
    lab = subject("flower").lab[..., :40, :40]
    lab = torch.cat([lab[:, :1].clamp(30, 80), lab[:, 1:]], dim=1)  # pale: all inside the gamut
    after = rgb_to_lab(adjust_chroma(lab, torch.tensor(True), hue, saturation))
    a, b = lab[:, 1:].unbind(1)
    expected = torch.complex(a, b) * saturation * np.exp(1j * np.radians(hue))
    found = torch.complex(*after[:, 1:].unbind(1))
    assert (found - expected).abs().max() < 0.1
    assert (after[:, 0] - lab[:, 0]).abs().max() < 0.1


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(ValueError, match="no photo 'nobody'; there are: motorcycle, "):
        render("nobody", "object", 0, 1)
    with pytest.raises(ValueError, match="no region 'sky'"):
        render("coffee", "sky", 0, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 or more"):
        render("coffee", "object", 0, -1)
    with pytest.raises(ValueError, match="nobody"):
        judge("nobody")


def test_the_shell_follows_its_controls() -> None:
    widget = judge("flower")
    photo, region, hue, saturation, pictures, table = widget.children
    assert list(photo.options) == list(OBJECTS)
    for control, value in (
        (hue, 45),
        (saturation, 0.5),
        (region, "everything"),
        (photo, "astronaut"),
    ):
        before = pictures.value, table.value
        control.value = value
        assert (pictures.value, table.value) != before
    assert len(re.findall('alt="[^"]+"', pictures.value)) == 3
    for line in verdicts(render("astronaut", "everything", 45, 0.5)):
        assert all(cell in table.value for cell in line)


def test_the_twin_has_every_step() -> None:
    twin = judge_twin("flower")
    frames = json.loads(re.search(r"const frames = (\[.*\]);", twin)[1])  # type: ignore[index]
    turns = range(-180, 181, 15)
    assert [frame["words"] for frame in frames] == [f"{turn} degrees" for turn in turns]
    for frame, turn in list(zip(frames, turns, strict=True))[::8]:
        view = render("flower", "object", turn, 1.0)
        assert [tuple(row) for row in frame["rows"]] == verdicts(view)
        assert frame["picture"].startswith("data:image/jpeg;base64,")
    assert len(twin) < 800_000
    assert "http:" not in twin
    assert "https:" not in twin
    assert twin.count("alt=") == 3
