"""The human test's widget, the kernel's end: what it shows, takes, keeps, and says of trouble."""

from __future__ import annotations

import io
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colorlab.course import study as study_room
from colorlab.course import widgets
from colorlab.course.study import pairs_by_model, read_answers
from colorlab.course.study.pictures import Pairs, readable_photos
from colorlab.course.study.sessions import plan_trials

pytest.importorskip("anywidget", reason="needs anywidget (extra: course)")

from colorlab.course.widgets.human_test_widget import HumanTest, human_test


@pytest.mark.parametrize("room", [study_room, widgets])
def test_every_public_name_is_there(room: ModuleType) -> None:
    assert all(callable(getattr(room, name)) for name in room.__all__)
    with pytest.raises(AttributeError, match="rater"):
        room.rater  # noqa: B018


def reply(widget: HumanTest, side: str, **other: Any) -> None:
    """What the page sends when a rater has answered."""
    measured = {"left_ms": 1000.0, "right_ms": 1000.0, "answer_ms": 700.0, "showings": 1}
    number = {"number": widget.state.get("number")}
    widget.receive({"kind": "answer", "side": side} | measured | number | other)


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_a_whole_session_by_hand(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs, seed=5)
    assert widget.state["phase"] == "ready"
    assert "only 9 sample photos" in widget.state["text"]
    assert not study.exists()  # a notebook that is only run through leaves nothing behind
    widget.receive({"kind": "go"})
    trials = plan_trials(readable_photos(sample_pairs, 5), 5)
    for trial in trials:
        assert widget.state["phase"] == "pair"
        assert widget.state["number"] == trial.number
        if trial.catch or trial.number % 10 == 3:
            left, right = sample_pairs.shown(trial)
            np.testing.assert_array_equal(decoded(widget.left), left)
            np.testing.assert_array_equal(decoded(widget.right), right)
        assert "fake" not in widget.state  # nor anything else that tells
        reply(widget, "left")
        reply(widget, "right", number=trial.number)  # a second view of the same pair: too late
        if trial.practice:
            assert widget.state["phase"] == "feedback"
            assert widget.state["fake"] == trial.fake_side
            verdict = "Right" if trial.fake_side == "left" else "Wrong"
            assert widget.state["text"] == f"{verdict}: the {trial.fake_side} picture is the fake."
            widget.receive({"kind": "go"})
        if trial.number == 9:
            assert widget.state["title"] == "That was the practice"
            widget.receive({"kind": "go"})
    assert widget.state["phase"] == "over"
    answers = read_answers(study)
    assert [answer.said_fake for answer in answers] == ["left"] * 50
    fooled = sum(a.fooled for a in answers if not (a.practice or a.catch))
    assert f"{fooled} of 36 fakes for real" in widget.state["text"]
    seen = sum(not a.fooled for a in answers if a.catch and not a.practice)
    assert (
        f"Of 4 pairs with the colours of quite another photo you saw through {seen}."
        in (widget.state["text"])
    )
    again = human_test(study, "anna", sample_pairs)
    again.receive({"kind": "go"})
    assert "one a person" in again.state["text"]


def test_a_lost_kernel_s_session_goes_on(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs, seed=5)
    for _ in range(4):
        widget.receive({"kind": "go"})
        reply(widget, "right")
    again = human_test(study, "anna", sample_pairs)
    assert again.state["text"] == "4 of 50 pairs are answered."
    again.receive({"kind": "go"})
    assert again.state["number"] == 4
    left, _ = sample_pairs.shown(plan_trials(readable_photos(sample_pairs, 5), 5)[4])
    np.testing.assert_array_equal(decoded(again.left), left)


def test_colour_vision_is_asked_once_and_kept(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs)
    assert [value for value, _ in widget.state["ask"]["options"]] == ["", "typical", "other"]
    widget.receive({"kind": "go", "vision": "purple"})
    assert "vision must be one of" in widget.state["text"]
    widget.receive({"kind": "go", "vision": "other"})
    assert "ask" not in widget.state
    reply(widget, "left")
    again = human_test(study, "anna", sample_pairs)
    assert "ask" not in again.state  # it goes on, and knows
    again.receive({"kind": "go", "vision": ""})
    reply(again, "left")
    assert [answer.vision for answer in read_answers(study)] == ["other", "other"]


def test_trouble_is_said_in_words(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs)
    widget.receive({"kind": "go"})
    kept = study.read_bytes()
    study.write_text("not a study any more " * 99)
    reply(widget, "left")
    assert widget.state["phase"] == "ready"
    assert "not usable as a study" in widget.state["text"]
    assert widget.state["button"] == "Try again"
    study.write_bytes(kept)
    widget.receive({"kind": "go"})
    assert (widget.state["phase"], widget.state["number"]) == ("pair", 0)
    for name in ("", "simulated 3"):
        with pytest.raises(ValueError, match="a rater needs a name"):
            human_test(study, name, sample_pairs)


def test_of_a_large_folder_only_a_session_s_photos_are_used(folder: Path, tmp_path: Path) -> None:
    widget = human_test(tmp_path / "s.sqlite", "anna", pairs_by_model(folder), seed=2)
    widget.receive({"kind": "go"})
    assert widget.state["phase"] == "pair"
    assert widget.session is not None
    used = {trial.picture for trial in widget.session.trials}
    assert len(used) == 50
    assert "broken" not in used
