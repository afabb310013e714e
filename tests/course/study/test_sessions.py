"""The human test's plan, its course, and its answers on disk: killed, merged, exported."""

from __future__ import annotations

import csv
import random
import signal
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.course.study import export_csv, merge, read_answers, read_csv
from colorlab.course.study.sessions import (
    Exposure,
    Session,
    open_session,
    plan_trials,
    unfinished,
)

PHOTOS = {f"photo {i}": f"photo {i}" for i in range(80)}
SCREEN = Exposure(1000.0, 1000.0, 640.5)


def answer_some(session: Session, count: int, seed: int = 0) -> None:
    rng = random.Random(seed)
    for _ in range(count):
        session.answer(rng.choice(("left", "right")), SCREEN)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), count=st.integers(2, 120))
def test_a_plan_is_the_protocol_s(seed: int, count: int) -> None:
    photos = {f"{i}": f"photo {i // 2}" for i in range(count + 2)}
    trials = plan_trials(photos, seed)
    assert [trial.number for trial in trials] == list(range(50))
    assert [trial.practice for trial in trials] == [True] * 10 + [False] * 40
    for ten in range(0, 50, 10):
        assert sum(trial.catch for trial in trials[ten : ten + 10]) == 1
    for trial in trials:
        assert trial.photo == photos[trial.picture]
        assert not trial.donor or photos[trial.donor] != trial.photo
    times = Counter(trial.picture for trial in trials)
    for picture in photos:  # each as often as any other, give or take one
        assert 50 // len(photos) <= times[picture] <= -(-50 // len(photos))
    assert trials == plan_trials(dict(reversed(photos.items())), seed)


def test_plans_differ_and_sides_are_even() -> None:
    plans = [plan_trials(PHOTOS, seed) for seed in range(200)]
    assert len({tuple(trial.picture for trial in plan) for plan in plans}) == 200
    lefts = sum(trial.fake_side == "left" for plan in plans for trial in plan)
    assert abs(lefts / 10_000 - 0.5) < 4 * 0.005  # four standard errors of a fair coin
    # A catch trial may come at any place of its ten, and any photo may come first.
    assert {n % 10 for plan in plans for n, trial in enumerate(plan) if trial.catch} == set(
        range(10)
    )
    assert len({plan[0].picture for plan in plans}) > 60


def test_one_photo_is_no_study() -> None:
    with pytest.raises(ValueError, match="two photos"):
        plan_trials({"a-1": "a", "a-2": "a"}, 0)


def test_a_session_walks_through_its_trials(tmp_path: Path) -> None:
    session = open_session(tmp_path / "s.sqlite", "anna", "ours", PHOTOS, seed=7)
    assert session.trials == plan_trials(PHOTOS, 7)
    for number in range(50):
        trial = session.next_trial()
        assert trial is not None
        assert trial.number == number
        answer = session.answer(trial.fake_side if number % 3 else "left", SCREEN)
        assert answer.fooled == (answer.said_fake != trial.fake_side)
    assert session.next_trial() is None
    with pytest.raises(ValueError, match="over"):
        session.answer("left", SCREEN)
    answers = read_answers(tmp_path / "s.sqlite")
    assert len(answers) == 50
    for answer, trial in zip(answers, session.trials, strict=True):
        assert (answer.rater, answer.model, answer.session) == ("anna", "ours", session.id)
        for name in ("number", "picture", "photo", "fake_side", "practice", "catch"):
            assert getattr(answer, name) == getattr(trial, name)
        assert (answer.left_ms, answer.right_ms, answer.answer_ms) == (1000, 1000, 640.5)


def test_nonsense_is_refused_and_moves_nothing(tmp_path: Path) -> None:
    session = open_session(tmp_path / "s.sqlite", "anna", "ours", PHOTOS)
    with pytest.raises(ValueError, match="left or right"):
        session.answer("middle", SCREEN)  # type: ignore[arg-type]
    assert session.answered == 0
    assert read_answers(tmp_path / "s.sqlite") == []
    with pytest.raises(ValueError, match="name"):
        open_session(tmp_path / "s.sqlite", " ", "ours", PHOTOS)


def test_an_unfinished_session_goes_on_though_the_photos_changed(tmp_path: Path) -> None:
    study = tmp_path / "new folder" / "s.sqlite"
    assert unfinished(study, "anna", "ours") is None
    assert not study.parent.exists()
    first = open_session(study, "anna", "ours", PHOTOS, seed=3)
    answer_some(first, 17)
    assert unfinished(study, "anna", "ours") == 17
    again = open_session(study, "anna", "ours", {"other": "1", "others": "2"}, seed=99)
    assert (again.id, again.seed, again.trials, again.answered) == (first.id, 3, first.trials, 17)
    answer_some(again, 33)
    assert unfinished(study, "anna", "ours") is None
    for model in ("ours", "theirs"):
        with pytest.raises(ValueError, match="one a person"):
            open_session(study, "anna", model, PHOTOS)
    open_session(study, "ben", "theirs", PHOTOS)


def test_an_answer_that_cannot_be_kept_is_asked_for_again(tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    here = open_session(study, "anna", "ours", PHOTOS)
    there = open_session(study, "anna", "ours", PHOTOS)  # the same session in a second kernel
    here.answer("left", SCREEN)
    with pytest.raises(ValueError, match="answered already"):
        there.answer("right", SCREEN)
    assert there.answered == 0
    assert [answer.said_fake for answer in read_answers(study)] == ["left"]

    study.unlink()
    with pytest.raises(FileNotFoundError, match="no such study"):
        here.answer("left", SCREEN)
    assert here.answered == 1


def test_raters_may_write_at_the_same_time(tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"

    def sit(rater: str) -> None:
        answer_some(open_session(study, rater, "ours", PHOTOS), 20)

    threads = [threading.Thread(target=sit, args=[f"rater {i}"]) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = Counter(answer.rater for answer in read_answers(study))
    assert counts == {f"rater {i}": 20 for i in range(6)}


def test_raters_may_begin_a_study_at_the_same_moment(tmp_path: Path) -> None:
    """Nobody's first look may fall between another's making of the file and of its tables."""
    for attempt in range(20):
        study = tmp_path / f"{attempt}.sqlite"
        everyone = threading.Barrier(6)

        def begin(rater: int, study: Path = study, everyone: threading.Barrier = everyone) -> str:
            everyone.wait(timeout=60)
            return open_session(study, f"rater {rater}", "ours", PHOTOS).id

        with ThreadPoolExecutor(6) as raters:
            assert len(set(raters.map(begin, range(6)))) == 6


def test_files_of_several_machines_merge(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.sqlite" for name in ("one", "two", "three")]
    for number, file in enumerate(files):
        answer_some(open_session(file, f"rater {number}", "ours", PHOTOS), 15)
        answer_some(open_session(file, f"slow {number}", "ours", PHOTOS), 5 * number)
    whole = tmp_path / "all.sqlite"
    assert merge(whole, *files) == 3 * 15 + 15
    assert merge(whole, *files) == 0  # again: nothing new
    union = {(a.session, a.number): a for file in files for a in read_answers(file)}
    merged = read_answers(whole)
    assert {(a.session, a.number): a for a in merged} == union

    # A session that goes on is brought up to date, and can go on in the merged file too.
    answer_some(open_session(files[2], "slow 2", "ours", PHOTOS), 8)
    assert merge(whole, files[2]) == 8
    assert open_session(whole, "slow 2", "ours", PHOTOS).answered == 18


def test_colour_vision_is_kept_and_merged_and_may_be_missing(tmp_path: Path) -> None:
    one, old, whole = (tmp_path / f"{name}.sqlite" for name in ("one", "old", "all"))
    answer_some(open_session(one, "anna", "ours", PHOTOS, vision="other"), 2)
    answer_some(open_session(old, "ben", "ours", PHOTOS, vision="typical"), 2)
    with sqlite3.connect(old) as study:
        study.execute("DROP TABLE vision")  # as studies were before the question
    study.close()
    assert open_session(old, "ben", "ours", PHOTOS).answered == 2
    assert merge(whole, one, old) == 4
    assert {a.rater: a.vision for a in read_answers(whole)} == {"anna": "other", "ben": ""}
    answer_some(open_session(whole, "anna", "ours", PHOTOS), 1)
    assert [a.vision for a in read_answers(whole) if a.rater == "anna"] == ["other"] * 3
    with pytest.raises(ValueError, match="vision must be one of"):
        open_session(whole, "carl", "ours", PHOTOS, vision="fine")


def test_two_truths_are_not_merged(tmp_path: Path) -> None:
    one, two, whole = (tmp_path / f"{name}.sqlite" for name in ("one", "two", "all"))
    answer_some(open_session(one, "anna", "ours", PHOTOS, seed=1), 3)
    two.write_bytes(one.read_bytes())  # a copy, gone on with elsewhere
    open_session(one, "anna", "ours", PHOTOS).answer("left", SCREEN)
    open_session(two, "anna", "ours", PHOTOS).answer("right", SCREEN)
    with pytest.raises(ValueError, match=r"two\.sqlite: session .* differs"):
        merge(whole, one, two)
    assert read_answers(whole) == []  # all or nothing


def test_what_is_no_study_is_refused(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("Dear diary, " * 100)
    with sqlite3.connect(other) as foreign:
        foreign.execute("CREATE TABLE birds (name TEXT)")
    foreign.close()
    for file, reason in ((text, "not usable as a study"), (other, "but no study")):
        with pytest.raises(ValueError, match=reason):
            read_answers(file)
        with pytest.raises(ValueError, match=reason):
            merge(tmp_path / "all.sqlite", file)
        with pytest.raises(ValueError, match=reason):
            open_session(file, "anna", "ours", PHOTOS)
    assert not (tmp_path / "all.sqlite").exists()
    with pytest.raises(ValueError, match="not usable as a study"):
        open_session(tmp_path, "anna", "ours", PHOTOS)  # a folder
    with pytest.raises(FileNotFoundError, match="no such study"):
        read_answers(tmp_path / "none.sqlite")


def test_the_csv_has_every_answer(tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    answer_some(open_session(study, 'anna "the eye", jr.', "ours", PHOTOS), 50)
    assert export_csv(study, tmp_path / "answers.csv") == 50
    with (tmp_path / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, answer in zip(rows, read_answers(study), strict=True):
        for name, text in row.items():
            assert text == str(getattr(answer, name)), name
    assert read_csv(tmp_path / "answers.csv") == read_answers(study)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("said_fake", "said", "no answers; a study's columns are session, rater"),
        (",True,", ",maybe,", "line 2 is no answer"),
        (",640.5,", ",soon,", "line 2 is no answer"),
        (",640.5,", ",640.5,7,", "line 2 is no answer"),
        (",640.5,", ",", "line 2 is no answer"),
    ],
)
def test_another_csv_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    answer_some(open_session(tmp_path / "s.sqlite", "anna", "ours", PHOTOS), 3)
    export_csv(tmp_path / "s.sqlite", tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert old in text
    (tmp_path / "a.csv").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=complaint):
        read_csv(tmp_path / "a.csv")


KERNEL = """
from colorlab.course.study.sessions import Exposure, open_session
photos = {{f"photo {{i}}": f"photo {{i}}" for i in range(80)}}
session = open_session({study!r}, {rater!r}, "ours", photos)
while trial := session.next_trial():
    said = "left" if (trial.number * 7) % 3 else "right"
    session.answer(said, Exposure(1000.0, 1000.0, 500.0))
    print(trial.number, said, flush=True)
"""


def run_in_a_kernel(code: str, patience: int) -> tuple[list[str], bool]:
    """The lines that `code` printed, and whether it ended; killed after `patience` lines."""
    manager = pytest.importorskip("jupyter_client.manager", reason="needs ipykernel (course)")
    kernel, client = manager.start_new_kernel(startup_timeout=120)
    printed = ""
    try:
        ours = client.execute(code)
        while printed.count("\n") < patience:
            message = client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != ours:
                continue
            content = message["content"]
            assert message["msg_type"] != "error", content
            printed += content.get("text", "")  # a message may end within a line
            if content.get("execution_state") == "idle":
                return printed.splitlines(), True
        kernel.signal_kernel(signal.SIGKILL)
        return printed[: printed.rfind("\n")].splitlines(), False
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


@pytest.mark.slow
def test_a_killed_kernel_loses_no_answer(tmp_path: Path) -> None:
    """200 trials in real kernels, killed (SIGKILL) at random: what was acknowledged is there."""
    study, rng, kills = tmp_path / "s.sqlite", random.Random(5), 0
    for rater in ("r1", "r2", "r3", "r4"):
        ended = False
        while not ended:
            code = KERNEL.format(study=str(study), rater=rater)
            lines, ended = run_in_a_kernel(code, patience=rng.randrange(5, 40))
            kills += not ended
            kept = {a.number: a.said_fake for a in read_answers(study) if a.rater == rater}
            for line in lines:
                number, said = line.split()
                assert kept[int(number)] == said
    assert kills >= 5
    answers = read_answers(study)
    assert len(answers) == 200
    assert len({answer.session for answer in answers}) == 4
    assert all(a.said_fake == ("left" if (a.number * 7) % 3 else "right") for a in answers)
    with sqlite3.connect(study) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
