"""A session of the human test, without pictures or browser: its plan, its course, its answers.

The protocol is that of Zhang, Isola and Efros (2016), section 3.1. What the paper leaves open
(pauses, which picture comes first) is as on the page that its authors published for the experiment.

A study is one SQLite file with a row for each trial, safe on disk once written. It has SQLite's
default journal, not the write-ahead log: between two answers the file is complete by itself, so it
can be copied, sent and merged.
"""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

Side = Literal["left", "right"]

VISION = {"": "I'd rather not say", "typical": "Typical, as far as I know", "other": "Not typical"}
"""Answers to the question about colour vision, as kept and in words; nobody has to answer."""

PRACTICE, TEST = 10, 40
"""Pairs with feedback, and pairs after them without."""
PAIRS = PRACTICE + TEST
CATCH_EVERY = 10
"""In every ten pairs one fake, at a random place, has the colours of another photo."""

PICTURE_SIDE = 256
"""Pixels; also the size on the screen, in CSS pixels."""

BEFORE_MS, SHOWN_MS, BETWEEN_MS = 900, 1000, 600
"""A blank; the left picture alone; a blank; the right picture, as long as the left; then the
question, without a limit. One second is the paper's, the blanks are its authors' page's."""


@dataclass(frozen=True)
class Trial:
    """One pair: `picture` is shown with its true colours on one side, recoloured on `fake_side`.

    `photo` is the photo that the picture is (a part of). `donor` is empty, or in a catch trial the
    picture whose colours the fake has.
    """

    number: int
    picture: str
    photo: str
    fake_side: Side
    practice: bool
    donor: str = ""

    @property
    def catch(self) -> bool:
        """Whether this trial only checks that the rater looks."""
        return bool(self.donor)


@dataclass(frozen=True)
class Exposure:
    """Milliseconds that each picture was visible, and from the question to the answer.

    `showings` is above 1 where a pair was shown again: its page was hidden or reloaded meanwhile.
    """

    left_ms: float
    right_ms: float
    answer_ms: float
    showings: int = 1


@dataclass(frozen=True)
class Answer:
    """One answered trial: a row of the study's table. `answered` is the time, UTC, ISO 8601.

    `vision` is what the rater said of their colour vision before the session, one of `VISION`.
    """

    session: str
    rater: str
    model: str
    number: int
    practice: bool
    catch: bool
    picture: str
    photo: str
    fake_side: Side
    said_fake: Side
    left_ms: float
    right_ms: float
    answer_ms: float
    showings: int
    answered: str
    vision: str = ""

    @property
    def fooled(self) -> bool:
        """Whether the rater took the real picture for the fake."""
        return self.said_fake != self.fake_side


def plan_trials(photos: Mapping[str, str], seed: int, pairs: int = PAIRS) -> tuple[Trial, ...]:
    """The trials of a session, drawn from `seed`: pictures, order, sides and catch trials.

    `photos` maps each picture to the photo it comes from (often itself). No picture comes twice
    unless there are fewer than trials. Raises ValueError for less than two photos.

    >>> plan = plan_trials({"a.png": "a", "b.png": "b"}, seed=0)
    >>> len(plan), sum(trial.catch for trial in plan)
    (50, 5)
    """
    if len(set(photos.values())) < 2:
        raise ValueError("the human test needs at least two photos")
    rng = random.Random(seed)
    names = sorted(photos)  # so that the plan depends on the seed alone
    deck: list[str] = []
    while len(deck) < pairs:
        deck += rng.sample(names, len(names))
    catches = {start + rng.randrange(CATCH_EVERY) for start in range(0, pairs, CATCH_EVERY)}
    trials = []
    for number, picture in enumerate(deck[:pairs]):
        side: Side = rng.choice(("left", "right"))
        others = [name for name in names if photos[name] != photos[picture]]
        donor = rng.choice(others) if number in catches else ""
        trials.append(Trial(number, picture, photos[picture], side, number < PRACTICE, donor))
    return tuple(trials)


@dataclass
class Session:
    """One rater's way through the trials for one model.

    `answered` counts the trials behind. `keep` is called with each answer before the session moves
    on, so that an answer that could not be kept is asked for again.
    """

    id: str
    rater: str
    model: str
    seed: int
    trials: tuple[Trial, ...]
    keep: Callable[[Answer], None]
    answered: int = 0
    vision: str = ""

    def next_trial(self) -> Trial | None:
        """The trial to show now; None after the last."""
        return None if self.answered == len(self.trials) else self.trials[self.answered]

    def answer(self, said_fake: Side, exposure: Exposure) -> Answer:
        """Take the answer to the current trial: which side the rater calls fake.

        Raises ValueError for another word than left or right, and after the last trial.
        """
        trial = self.next_trial()
        if trial is None:
            raise ValueError("the session is over")
        if said_fake not in ("left", "right"):
            raise ValueError(f"the answer must be left or right, not {said_fake!r}")
        answer = Answer(
            *(self.id, self.rater, self.model, trial.number, trial.practice, trial.catch),
            *(trial.picture, trial.photo, trial.fake_side, said_fake),
            **asdict(exposure),
            answered=_now(),
            vision=self.vision,
        )
        self.keep(answer)
        self.answered += 1
        return answer


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


_FORMAT = 0x636C6232  # SQLite's application_id, which marks a file as a study
_COLUMNS = [field.name for field in fields(Answer)]
_ROW = [name for name in _COLUMNS if name not in ("rater", "model", "vision")]  # as in the table
_VISION = (
    "CREATE TABLE IF NOT EXISTS vision (session TEXT PRIMARY KEY REFERENCES sessions, vision TEXT)"
)
_SCHEMA = (
    """CREATE TABLE sessions (
    session TEXT PRIMARY KEY, rater TEXT NOT NULL, model TEXT NOT NULL, seed INTEGER NOT NULL,
    trials TEXT NOT NULL, started TEXT NOT NULL
)""",
    """CREATE TABLE answers (
    session TEXT NOT NULL REFERENCES sessions, number INTEGER NOT NULL, practice INTEGER NOT NULL,
    "catch" INTEGER NOT NULL, picture TEXT NOT NULL, photo TEXT NOT NULL, fake_side TEXT NOT NULL,
    said_fake TEXT NOT NULL, left_ms REAL NOT NULL, right_ms REAL NOT NULL,
    answer_ms REAL NOT NULL, showings INTEGER NOT NULL, answered TEXT NOT NULL,
    PRIMARY KEY (session, number)
)""",
    f"PRAGMA application_id = {_FORMAT}",
)
_INTO = {
    table: f"INTO {table} VALUES ({', '.join('?' * columns)})"
    for table, columns in (("sessions", 6), ("vision", 2), ("answers", len(_ROW)))
}


@contextmanager
def _open(path: Path, create: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept together or not at all."""
    if not path.is_file():
        if not create:
            raise FileNotFoundError(f"{path}: no such study")
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, timeout=30)) as study:  # seconds; others may be writing
            # Durable: a power cut too loses nothing.
            study.execute("PRAGMA synchronous = FULL")
            study.execute("PRAGMA foreign_keys = ON")
            if _format(study) != _FORMAT:
                with study:
                    _create(study, path)
            study.execute(_VISION)  # a study begun before the question was asked has no such table
            with study:
                yield study
    except sqlite3.IntegrityError:
        raise  # of a row, not of the file
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path}: not usable as a study ({error})") from None


def _format(study: sqlite3.Connection) -> int:
    return int(study.execute("PRAGMA application_id").fetchone()[0])


def _create(study: sqlite3.Connection, path: Path) -> None:
    study.execute("BEGIN IMMEDIATE")  # then look again: someone else may just have made it
    if (found := _format(study)) == _FORMAT:
        return
    if found or study.execute("SELECT * FROM sqlite_master").fetchone():
        raise ValueError(f"{path}: an SQLite file, but no study")
    for statement in _SCHEMA:
        study.execute(statement)


def open_session(
    path: str | Path,
    rater: str,
    model: str,
    photos: Mapping[str, str],
    seed: int | None = None,
    vision: str = "",
) -> Session:
    """The rater's session with `model` in the study at `path`: a new one, or its continuation.

    An unfinished session goes on where it was; `photos` and `seed` (drawn where None), as in
    `plan_trials`, and `vision`, one of `VISION`, are for a new one. The file is made where missing.
    Raises ValueError for another word, and for a rater who has finished a session or begun one
    with another model: the protocol allows one a person.
    """
    if vision not in VISION:
        raise ValueError(f"vision must be one of {', '.join(map(repr, VISION))}, got {vision!r}")
    if not rater.strip():
        raise ValueError("a session needs the rater's name (any word that is theirs alone)")
    if seed is None:
        seed = secrets.randbelow(2**31)
    with _open(Path(path), create=True) as study:
        study.execute("BEGIN IMMEDIATE")  # two kernels may want to begin the same session
        begun = _begun(study, Path(path), rater)
        for session in begun:
            if session.model == model and session.next_trial():
                return session
        if begun:
            raise ValueError(
                f"{rater} has a session with {begun[0].model} already; the protocol allows one a "
                "person, and another person needs another name"
            )
        trials, name = plan_trials(photos, seed), secrets.token_hex(8)
        plan = json.dumps([asdict(trial) for trial in trials])
        row = (name, rater, model, seed, plan, _now())
        study.execute(f"INSERT {_INTO['sessions']}", row)
        study.execute(f"INSERT {_INTO['vision']}", (name, vision))
    return Session(name, rater, model, seed, trials, partial(_keep, Path(path)), vision=vision)


def unfinished(path: str | Path, rater: str, model: str) -> int | None:
    """How many trials of a session to go on with are answered; None where there is no such session.

    Nothing is written, and no file is made.
    """
    if not Path(path).is_file():
        return None
    with _open(Path(path)) as study:
        begun = _begun(study, Path(path), rater)
    return next((s.answered for s in begun if s.model == model and s.next_trial()), None)


def _begun(study: sqlite3.Connection, path: Path, rater: str) -> list[Session]:
    """The rater's sessions, finished or not, the oldest first."""
    answered = "(SELECT count(*) FROM answers WHERE answers.session = sessions.session)"
    rows = study.execute(
        f"SELECT session, model, seed, trials, {answered}, coalesce(vision, '') FROM sessions "
        "LEFT JOIN vision USING (session) WHERE rater = ? ORDER BY started",
        [rater],
    ).fetchall()
    return [
        Session(
            *(name, rater, model, seed, tuple(Trial(**trial) for trial in json.loads(trials))),
            partial(_keep, path),
            count,
            vision,
        )
        for name, model, seed, trials, count, vision in rows
    ]


def _keep(path: Path, answer: Answer) -> None:
    """Write an answer; it is on the disk when this returns."""
    row = [getattr(answer, name) for name in _ROW]
    try:
        with _open(path) as study:
            study.execute(f"INSERT {_INTO['answers']}", row)
    except sqlite3.IntegrityError:
        raise ValueError(
            f"pair {answer.number + 1} of {answer.rater}'s session is answered already: it is open "
            "in a second place, or its file was replaced"
        ) from None


def read_answers(path: str | Path) -> list[Answer]:
    """All answers of a study, practice and unfinished sessions too, in the order of sessions.

    Raises FileNotFoundError where there is no file and ValueError where it is no study.
    """
    names = ", ".join(f'"{name}"' for name in _COLUMNS[:-1])
    query = f"SELECT {names}, coalesce(vision, '') FROM answers JOIN sessions USING (session)"
    query += " LEFT JOIN vision USING (session)"
    with _open(Path(path)) as study:
        rows = study.execute(f"{query} ORDER BY started, session, number").fetchall()
    return [
        Answer(session, rater, model, number, bool(practice), bool(catch), *rest)
        for session, rater, model, number, practice, catch, *rest in rows
    ]


def merge(target: str | Path, *sources: str | Path) -> int:
    """Add the sessions and answers of other studies to `target`; returns how many answers are new.

    What is in both is taken once, so merging again does no harm. All sources are added or none.
    Raises ValueError where one session went on in two files and they disagree.
    """
    for source in sources:
        with _open(Path(source)):  # a study, or an error that says why not, before anything moves
            pass
    new = 0
    with _open(Path(target), create=True) as study:
        study.execute("BEGIN IMMEDIATE")
        for source in sources:
            for table, into in _INTO.items():
                with _open(Path(source)) as other:
                    rows = other.execute(f"SELECT * FROM {table}").fetchall()
                added = study.executemany(f"INSERT OR IGNORE {into}", rows).rowcount
                for row in set(rows) - set(study.execute(f"SELECT * FROM {table}")):
                    raise ValueError(
                        f"{source}: session {row[0]} differs from the one merged before"
                    )
            new += added
    return new
