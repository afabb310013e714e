"""Simulated raters: for the tests of the statistics, and for planning a study before it is run.

They are not people: their names begin with "simulated", and nobody else's may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from colorlab.course.study.analysis import Judgements, Rate, compare_models, fooling_rate
from colorlab.course.study.sessions import CATCH_EVERY, SHOWN_MS, TEST, Exposure, Session, Side

PREFIX = "simulated"
COUNTED = TEST - TEST // CATCH_EVERY
"""Answers that count in a session: 36, the catch trials taken off."""


@dataclass(frozen=True)
class Crowd:
    """A population of raters and photos: P(fooled) = logistic(m + rater + photo).

    `rate` is the mean of P over both, the true fooling rate (m follows from it). `rater_sd` and
    `photo_sd` are the standard deviations of the normally distributed rater and photo terms, in
    log-odds; each rater and each photo has a term of its own.
    """

    rate: float
    rater_sd: float = 0.5
    photo_sd: float = 1.0

    def middle(self) -> float:
        """m: the log-odds of the middling rater on the middling photo."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(61)
        terms = nodes * np.hypot(self.rater_sd, self.photo_sd)
        mass = weights / weights.sum()
        return float(brentq(lambda m: mass @ expit(m + terms) - self.rate, -20, 20))


def simulate(
    crowd: Crowd,
    raters: int,
    photos: int,
    seed: int | np.random.Generator,
    model: str = "model",
) -> Judgements:
    """What `raters` would answer to 36 pairs each, out of `photos`, without repetition.

    Photos are numbers, the same ones for every model. Raises ValueError for less than 36 photos.
    """
    if photos < COUNTED:
        raise ValueError(f"a session counts {COUNTED} pairs; there are only {photos} photos")
    rng = np.random.default_rng(seed)
    easy = crowd.middle() + rng.normal(0, crowd.photo_sd, photos)
    gullible = rng.normal(0, crowd.rater_sd, raters)
    seen = rng.permuted(np.tile(np.arange(photos), (raters, 1)), axis=1)[:, :COUNTED]
    fooled = rng.random(seen.shape) < expit(easy[seen] + gullible[:, None])
    names = np.array([f"{PREFIX} {number} for {model}" for number in range(raters)])
    return Judgements(
        np.repeat(names, COUNTED), seen.ravel(), np.full(seen.size, model), fooled.ravel()
    )


def repeat_study(
    crowd: Crowd, raters: int, photos: int, studies: int, seed: int, draws: int = 300
) -> list[Rate]:
    """The results of `studies` simulated studies, each with new raters and new photos."""
    rng = np.random.default_rng(seed)
    return [
        fooling_rate(simulate(crowd, raters, photos, rng), draws=draws, seed=number)
        for number in range(studies)
    ]


def power_curve(
    first: Crowd, second: Crowd, raters: Sequence[int], photos: int, studies: int, seed: int
) -> list[float]:
    """For each number of raters a model, the share of simulated studies that tell the two apart.

    To tell apart is a 95 % interval of the difference without 0. Both models colour the same
    photos; what is hard for one says nothing about the other, which is the careful assumption.
    """
    rng = np.random.default_rng(seed)

    def told_apart(count: int) -> bool:
        both = simulate(first, count, photos, rng, "first")
        both += simulate(second, count, photos, rng, "second")
        result = compare_models(both, "first", "second", draws=200)
        return result.low > 0 or result.high < 0

    return [float(np.mean([told_apart(count) for _ in range(studies)])) for count in raters]


def sit(
    session: Session,
    easy: Mapping[str, float],
    gullible: float,
    rng: np.random.Generator,
    looks: float = 1.0,
) -> None:
    """Answer what is left of a session, as a simulated rater.

    `easy` are the photos' and `gullible` the rater's log-odds of being fooled (the sum counts).
    `looks` is the share of pairs that the rater looks at; the others are guessed. Who looks sees
    through 95 % of the catch trials. Raises ValueError where the rater isn't named simulated.
    """
    if not session.rater.startswith(PREFIX):
        raise ValueError(f"a simulated rater's name begins with {PREFIX!r}")
    while trial := session.next_trial():
        chance = 0.05 if trial.catch else float(expit(easy[trial.photo] + gullible))
        if rng.random() >= looks:
            chance = 0.5
        other: Side = "right" if trial.fake_side == "left" else "left"
        said = other if rng.random() < chance else trial.fake_side
        session.answer(said, Exposure(SHOWN_MS, SHOWN_MS, float(rng.gamma(3, 400))))
