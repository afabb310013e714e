"""A session of the human test, without pictures and without a browser: its plan and its course.

The protocol is that of Zhang, Isola and Efros (2016), section 3.1. What the paper leaves open
(pauses, which picture comes first) is as on the page that its authors published for the experiment.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Side = Literal["left", "right"]

PRACTICE, TEST = 10, 40
"""Pairs with feedback, and pairs after them without."""

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
        """Whether this trial asks only if the rater looks."""
        return bool(self.donor)


@dataclass(frozen=True)
class Exposure:
    """What the screen did, in milliseconds: how long each picture stood, and when the answer came.

    `answer_ms` counts from the question. `showings` is above 1 where a pair was shown again: its
    page was hidden or reloaded meanwhile.
    """

    left_ms: float
    right_ms: float
    answer_ms: float
    showings: int = 1


@dataclass(frozen=True)
class Answer:
    """One answered trial: a row of the study's table. `answered` is the time, UTC, ISO 8601."""

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

    @property
    def fooled(self) -> bool:
        """Whether the rater took the real picture for the fake."""
        return self.said_fake != self.fake_side


def plan_trials(photos: Mapping[str, str], seed: int) -> tuple[Trial, ...]:
    """The 50 trials of a session, drawn from `seed`: pictures, order, sides and catch trials.

    `photos` says of each picture which photo it comes from (often itself). No picture comes twice
    unless there are fewer than 50. Raises ValueError for less than two photos.
    """
    if len(set(photos.values())) < 2:
        raise ValueError("the human test needs at least two photos")
    rng = random.Random(seed)
    names = sorted(photos)  # so that the plan hangs on the seed alone
    deck: list[str] = []
    while len(deck) < PRACTICE + TEST:
        deck += rng.sample(names, len(names))
    catches = {
        start + rng.randrange(CATCH_EVERY) for start in range(0, PRACTICE + TEST, CATCH_EVERY)
    }
    trials = []
    for number, picture in enumerate(deck[: PRACTICE + TEST]):
        photo = photos[picture]
        others = [name for name in names if photos[name] != photo]
        trials.append(
            Trial(
                number=number,
                picture=picture,
                photo=photo,
                fake_side=rng.choice(("left", "right")),
                practice=number < PRACTICE,
                donor=rng.choice(others) if number in catches else "",
            )
        )
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
            session=self.id,
            rater=self.rater,
            model=self.model,
            number=trial.number,
            practice=trial.practice,
            catch=trial.catch,
            picture=trial.picture,
            photo=trial.photo,
            fake_side=trial.fake_side,
            said_fake=said_fake,
            left_ms=exposure.left_ms,
            right_ms=exposure.right_ms,
            answer_ms=exposure.answer_ms,
            showings=exposure.showings,
            answered=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        self.keep(answer)
        self.answered += 1
        return answer
