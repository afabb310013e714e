"""The human test in a notebook: a thin shell around `Session`; the browser keeps the time.

The page's part is `human_test.js`. It shows the pictures for as long as `sessions` says, counted in
frames of the screen, and sends the answer back with what it measured.
"""

from __future__ import annotations

import secrets
from dataclasses import fields
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from colorlab.course.study import sessions
from colorlab.course.study.analysis import catch_scores, judgements
from colorlab.course.study.pictures import Pairs, readable_photos
from colorlab.course.study.sessions import PAIRS, PRACTICE, TEST, Exposure, Session, Trial
from colorlab.course.study.simulate import PREFIX
from colorlab.course.widgets.human_test_twin import ASK, TIMING, rules
from colorlab.course.widgets.parts import static_file
from colorlab.data.formats import encode_picture


def human_test(
    database: str | Path, rater: str, pairs: Pairs, seed: int | None = None
) -> HumanTest:
    """The test as a widget for one rater, whose answers go to the SQLite file `database` at once.

    An unfinished session goes on where it was: run the cell again after the kernel was lost.
    `rater` is a word for one person alone; results are shared, so better no name. `seed`, of all
    that is random, is drawn where None, and recorded. The file is made when the test is started.
    Raises ValueError for a name that is empty or a simulated rater's.
    """
    if not rater.strip() or rater.startswith(PREFIX):
        raise ValueError(f"a rater needs a name, and not one that begins with {PREFIX!r}")
    chosen = secrets.randbelow(2**31) if seed is None else seed
    return HumanTest(Path(database), rater, pairs, chosen)


class HumanTest(anywidget.AnyWidget):
    """One rater's session on a page; `human_test` makes it.

    `state` is what the page shows. Its "phase" is "ready" (words and a button; before a new session
    a question to "ask"), "pair" (both pictures in turn, then the question), "feedback" (practice:
    which was it?) or "over".
    """

    _esm = static_file("human_test.js")
    _css = static_file("human_test.css")
    state = traitlets.Dict().tag(sync=True)
    left = traitlets.Bytes().tag(sync=True)
    right = traitlets.Bytes().tag(sync=True)
    showings = traitlets.Int(0).tag(sync=True)  # of this pair; a reloaded page goes on counting
    timing = traitlets.Dict(TIMING).tag(sync=True)

    def __init__(self, database: Path, rater: str, pairs: Pairs, seed: int) -> None:
        super().__init__()
        self.database, self.rater, self.pairs, self.seed = database, rater, pairs, seed
        self.session: Session | None = None
        self.on_msg(lambda _, content, __: self.receive(content))
        done = sessions.unfinished(database, rater, pairs.model)
        if done is None:
            text = f"{rules(PRACTICE, TEST)} {pairs.note}".strip()
            self._set("ready", title="Which one is fake?", text=text, button="Start", ask=ASK)
        else:
            self._say("Welcome back", f"{done} of {PAIRS} pairs are answered.", "Go on")

    def receive(self, message: dict[str, Any]) -> None:
        """Take a message from the page: "go", or an "answer". What goes wrong is said there."""
        try:
            if message["kind"] == "answer":
                self._take(message)
            else:
                self._go_on(message.get("vision", ""))
        except (ValueError, OSError) as error:
            # What was answered before is in the file; this pair will be asked for again.
            text = f"{error}. The answers given so far are safe."
            self._say("That did not work", text, "Try again")

    def _go_on(self, vision: str) -> None:
        if self.session is None:
            self.session = self._open(vision)
        elif self.state["phase"] == "feedback" and self.session.answered == PRACTICE:
            text = f"Now the test: {TEST} pairs, and no word on whether you were right."
            self._say("That was the practice", text, "Start")
            return
        self._show(self.session)

    def _open(self, vision: str) -> Session:
        photos, model = self.pairs.photos, self.pairs.model
        # Of a large folder only the photos that a new session needs are looked at.
        if len(photos) > PAIRS and sessions.unfinished(self.database, self.rater, model) is None:
            photos = readable_photos(self.pairs, self.seed)
        return sessions.open_session(self.database, self.rater, model, photos, self.seed, vision)

    def _take(self, message: dict[str, Any]) -> None:
        trial = self.session.next_trial() if self.session else None
        if self.session is None or trial is None or message["number"] != trial.number:
            return  # answered already: in a second view of this widget, perhaps
        exposure = Exposure(**{field.name: message[field.name] for field in fields(Exposure)})
        answer = self.session.answer(message["side"], exposure)
        if not trial.practice:
            self._show(self.session)
            return
        verdict = "Wrong" if answer.fooled else "Right"
        text = f"{verdict}: the {trial.fake_side} picture is the fake."
        self._set("feedback", title=_place(trial), text=text, fake=trial.fake_side, button="Next")

    def _show(self, session: Session) -> None:
        """The current pair, or the end."""
        trial = session.next_trial()
        if trial is None:
            self._say("Done, thank you", self._result(session), "")
            return
        left, right = (encode_picture(picture, "PNG") for picture in self.pairs.shown(trial))
        with self.hold_sync():  # one message: the page never has words and pictures of two pairs
            self.left, self.right, self.showings = left, right, 0
            self._set("pair", title=_place(trial), number=trial.number)

    def _result(self, session: Session) -> str:
        everything = sessions.read_answers(self.database)
        mine = [answer for answer in everything if answer.session == session.id]
        fooled = judgements(mine).fooled
        seen, catches = catch_scores(mine)[session.rater]
        return (
            f"You took {fooled.sum()} of {len(fooled)} fakes for real: a fooling rate of "
            f"{fooled.mean():.0%}, where guessing would give 50%. Of {catches} pairs with the "
            f"colours of quite another photo you saw through {seen}."
        )

    def _say(self, title: str, text: str, button: str) -> None:
        self._set("ready" if button else "over", title=title, text=text, button=button)

    def _set(self, phase: str, **shown: object) -> None:
        # "turn" makes each state a new one, also where the same words come twice.
        self.state = {"phase": phase, "turn": self.state.get("turn", 0) + 1, **shown}


def _place(trial: Trial) -> str:
    if trial.practice:
        return f"Practice {trial.number + 1} of {PRACTICE}"
    return f"Pair {trial.number + 1 - PRACTICE} of {TEST}"
