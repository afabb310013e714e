"""The answers of a study in one SQLite file: one row a trial, safe on disk once written.

SQLite's default journal, not the write-ahead log: between two answers the file is whole by itself,
so it can be copied, sent and merged.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, astuple, fields
from datetime import UTC, datetime
from pathlib import Path

from colorlab.course.study.trials import Answer, Session, Trial, plan_trials
from colorlab.data.files import write_whole

_FORMAT = 0x636C6232  # SQLite's application_id: says that a file is a study's
_ROWS = [field.name for field in fields(Answer) if field.name not in ("rater", "model")]
_ALL = [field.name for field in fields(Answer)]
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


@contextmanager
def _open(path: Path, create: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept together or not at all."""
    if not path.is_file():
        if not create:
            raise FileNotFoundError(f"{path}: no such study")
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, timeout=30)) as study:  # seconds; others may be writing
            # Only durable once on the disk: a power cut too loses nothing.
            study.execute("PRAGMA synchronous = FULL")
            study.execute("PRAGMA foreign_keys = ON")
            if _format(study) != _FORMAT:
                with study:
                    _make_study(study, path)
            with study:
                yield study
    except sqlite3.IntegrityError:
        raise  # of a row, not of the file
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path}: not usable as a study ({error})") from None


def _format(study: sqlite3.Connection) -> int:
    return int(study.execute("PRAGMA application_id").fetchone()[0])


def _make_study(study: sqlite3.Connection, path: Path) -> None:
    study.execute("BEGIN IMMEDIATE")  # then look again: someone else may just have made it
    found = _format(study)
    if found == _FORMAT:
        return
    if found or study.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise ValueError(f"{path}: an SQLite file, but no study")
    for statement in _SCHEMA:
        study.execute(statement)


def open_session(
    path: str | Path, rater: str, model: str, photos: Mapping[str, str], seed: int | None = None
) -> Session:
    """The rater's session with `model` in the study at `path`: a new one, or its continuation.

    An unfinished session goes on where it was, with the trials it was planned with; `photos` and
    `seed` (drawn where None) are for a new one: see `plan_trials`. The file is made where missing.
    Raises ValueError for a rater who has finished a session or begun one with another model: the
    protocol allows one a person.
    """
    study_path = Path(path)
    if not rater.strip():
        raise ValueError("a session needs the rater's name (any word that is theirs alone)")
    if seed is None:
        seed = secrets.randbelow(2**31)

    def keep(answer: Answer) -> None:
        _keep(study_path, answer)

    with _open(study_path, create=True) as study:
        study.execute("BEGIN IMMEDIATE")  # two kernels may want to begin the same session
        begun = study.execute(
            "SELECT session, model, seed, trials FROM sessions WHERE rater = ? ORDER BY started",
            [rater],
        ).fetchall()
        for session, its_model, its_seed, stored in begun:
            trials = tuple(Trial(**trial) for trial in json.loads(stored))
            answered = _answered(study, session)
            if its_model == model and answered < len(trials):
                return Session(session, rater, model, its_seed, trials, keep, answered)
        if begun:
            raise ValueError(
                f"{rater} has a session with {begun[0][1]} already; the protocol allows one a "
                "person, and another person needs another name"
            )
        trials = plan_trials(photos, seed)
        session, now = secrets.token_hex(8), datetime.now(UTC).isoformat(timespec="milliseconds")
        plan = json.dumps([asdict(trial) for trial in trials])
        row = (session, rater, model, seed, plan, now)
        study.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
    return Session(session, rater, model, seed, trials, keep)


def unfinished(path: str | Path, rater: str, model: str) -> int | None:
    """How many trials of a session to go on with are answered; None where there is no such session.

    Nothing is written, and no file is made.
    """
    if not Path(path).is_file():
        return None
    query = "SELECT session, trials FROM sessions WHERE rater = ? AND model = ?"
    with _open(Path(path)) as study:
        for session, trials in study.execute(query, (rater, model)).fetchall():
            answered = _answered(study, session)
            if answered < len(json.loads(trials)):
                return answered
    return None


def _answered(study: sqlite3.Connection, session: str) -> int:
    count = "SELECT count(*) FROM answers WHERE session = ?"
    return int(study.execute(count, [session]).fetchone()[0])


def _keep(path: Path, answer: Answer) -> None:
    """Write an answer; it is on the disk when this returns."""
    row = [getattr(answer, name) for name in _ROWS]
    marks = ", ".join("?" * len(row))
    names = ", ".join(f'"{name}"' for name in _ROWS)
    try:
        with _open(path) as study:
            study.execute(f"INSERT INTO answers ({names}) VALUES ({marks})", row)
    except sqlite3.IntegrityError:
        raise ValueError(
            f"pair {answer.number + 1} of {answer.rater}'s session is answered already: it is open "
            "in a second place, or its file was replaced"
        ) from None


def read_answers(path: str | Path) -> list[Answer]:
    """All answers of a study, practice and unfinished sessions too, in the order of sessions.

    Raises FileNotFoundError where there is no file and ValueError where it is no study.
    """
    names = ", ".join(f'"{name}"' for name in _ALL)
    query = f"SELECT {names} FROM answers JOIN sessions USING (session) ORDER BY started, session"
    with _open(Path(path)) as study:
        rows = [dict(zip(_ALL, row, strict=True)) for row in study.execute(query + ", number")]
    return [
        Answer(**row | {"practice": bool(row["practice"]), "catch": bool(row["catch"])})
        for row in rows
    ]


def export_csv(path: str | Path, target: str | Path) -> int:
    """Write all answers to a CSV file, whole or not at all; returns how many there are."""
    answers = read_answers(path)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_ALL, "fooled"])
    writer.writerows([*astuple(answer), answer.fooled] for answer in answers)
    write_whole(Path(target), text.getvalue().encode())
    return len(answers)


def merge(target: str | Path, *sources: str | Path) -> int:
    """Add the sessions and answers of other studies to `target`; returns how many answers are new.

    What is in both is taken once, so merging again does no harm. All sources are added or none.
    Raises ValueError where one session went on in two files and they disagree.
    """
    for source in sources:
        with _open(Path(source)):  # a study, or an error that says why not, before anything moves
            pass
    with _open(Path(target), create=True) as study:
        study.execute("BEGIN IMMEDIATE")
        before = _total(study)
        for source in map(Path, sources):
            with _open(source) as other:
                sessions = other.execute("SELECT * FROM sessions").fetchall()
                answers = other.execute("SELECT * FROM answers").fetchall()
            for table, keys, rows in (("sessions", 1, sessions), ("answers", 2, answers)):
                for row in rows:
                    _add(study, table, keys, row, source)
        return _total(study) - before


def _total(study: sqlite3.Connection) -> int:
    return int(study.execute("SELECT count(*) FROM answers").fetchone()[0])


def _add(
    study: sqlite3.Connection, table: str, keys: int, row: tuple[object, ...], source: Path
) -> None:
    marks = ", ".join("?" * len(row))
    if study.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row).rowcount:
        return
    where = " AND ".join(("session = ?", "number = ?")[:keys])
    known = study.execute(f"SELECT * FROM {table} WHERE {where}", row[:keys]).fetchone()
    if known != row:
        raise ValueError(f"{source}: session {row[0]} differs from the one merged before")
