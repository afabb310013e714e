"""From answers to fooling rates, with intervals that know who answered and on what.

A study's answers are not independent: a sharp-eyed rater is fooled by nothing, a plain meadow fools
everybody. The binomial interval, which takes every answer for an independent one, is too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import binomtest, t

from colorlab.course.study.sessions import VISION, Answer
from colorlab.evaluate import literature

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Judgements:
    """Answers as columns of one length: whose, on which photo, for which model; was it fooled?

    Raters, photos and models are names, or numbers that stand for them.
    """

    rater: NDArray[Any]
    photo: NDArray[Any]
    model: NDArray[Any]
    fooled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.fooled)

    def where(self, chosen: NDArray[np.bool_]) -> Judgements:
        """Those that a mask of the same length chooses."""
        return Judgements(*(column[chosen] for column in vars(self).values()))

    def of(self, model: object) -> Judgements:
        """Those of one model; ValueError where there are none."""
        chosen = self.model == model
        if not chosen.any():
            known = ", ".join(sorted(set(map(str, self.model))))
            raise ValueError(f"no answers for {model!r}; there are some for: {known}")
        return self.where(chosen)

    def __add__(self, other: Judgements) -> Judgements:
        """Both together."""
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return Judgements(*map(np.concatenate, both))


def judgements(answers: Iterable[Answer]) -> Judgements:
    """The answers that count: neither practice nor catch trials. ValueError where none is left."""
    counted = [answer for answer in answers if not (answer.practice or answer.catch)]
    if not counted:
        raise ValueError("no answers yet, beyond practice and catch trials")
    columns = zip(*((a.rater, a.photo, a.model, a.fooled) for a in counted), strict=True)
    return Judgements(*map(np.array, columns))


def catch_scores(answers: Iterable[Answer]) -> dict[str, tuple[int, int]]:
    """Of each rater, the catch trials seen through and all that came; practice does not count."""
    scores: dict[str, tuple[int, int]] = {}
    for answer in answers:
        if not answer.practice:
            seen, shown = scores.get(answer.rater, (0, 0))
            caught = answer.catch and not answer.fooled
            scores[answer.rater] = (seen + caught, shown + answer.catch)
    return scores


def attentive(answers: Sequence[Answer], least: float = 0.75) -> list[Answer]:
    """The answers of raters who saw through at least the share `least` of their catch trials.

    A rater who has not come to one yet is left out.
    """
    scores = catch_scores(answers)
    passed = {rater for rater, (seen, shown) in scores.items() if shown and seen / shown >= least}
    return [answer for answer in answers if answer.rater in passed]


def by_vision(answers: Iterable[Answer]) -> dict[str, Rate]:
    """The fooling rate of one model's answers for each colour vision that raters named.

    Keys are those of `sessions.VISION` that came. A rater says so of themself; a group of one has
    no interval. Raises ValueError where no answer counts, or there are several models.
    """
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        if not (answer.practice or answer.catch):
            groups.setdefault(answer.vision, []).append(answer)
    if not groups:
        raise ValueError("no answers yet, beyond practice and catch trials")
    return {said: fooling_rate(judgements(groups[said])) for said in VISION if said in groups}


@dataclass(frozen=True)
class Spread:
    """Standard errors due to the raters, the photos and the single answers, and in total.

    `total` squared is the sum of the other three squared (or more, where chance made the estimate
    of a part negative); `freedom` are its degrees of freedom.
    """

    raters: float
    photos: float
    answers: float
    total: float
    freedom: int


@dataclass(frozen=True)
class Rate:
    """How often raters took a fake for real, 0 to 1, with two intervals.

    `low` to `high` allows for raters and photos; `naive` (binomial, Wilson's) takes all answers for
    independent. From one rater, or one photo, nothing follows for others: then `low`, `high` and
    `spread` are None.
    """

    rate: float
    low: float | None
    high: float | None
    naive: tuple[float, float]
    spread: Spread | None
    answers: int
    raters: int
    photos: int


def fooling_rate(data: Judgements, level: float = 0.95, draws: int = 2000, seed: int = 0) -> Rate:
    """The share of answers that took the real picture for the fake, and how sure it is.

    The interval is Student's t on the log-odds, so that it stays in 0..1, with the standard error
    from three bootstraps (see `_spread`); it is never narrower than the binomial one. Raises
    ValueError where there are no answers, or answers for several models.

    >>> raters, photos = np.indices((3, 4)).reshape(2, 12)
    >>> fooling_rate(Judgements(raters, photos, np.full(12, "ours"), photos == 0)).rate
    0.25
    """
    if not len(data):
        raise ValueError("no answers")
    if len(set(data.model)) > 1:
        raise ValueError("answers for several models: take one with `of`")
    fooled, count = int(data.fooled.sum()), len(data)
    rate = fooled / count
    binomial = binomtest(fooled, count).proportion_ci(level, "wilson")
    naive = float(binomial.low), float(binomial.high)
    raters, photos = (len(np.unique(column)) for column in (data.rater, data.photo))
    if min(raters, photos) < 2:
        return Rate(rate, None, None, naive, None, count, raters, photos)
    spread = _spread(data, np.ones((count, 1), bool), draws, seed)
    low, high = naive
    if 0 < fooled < count:
        reach = t.ppf((1 + level) / 2, spread.freedom) * spread.total / (rate * (1 - rate))
        low = min(low, float(expit(logit(rate) - reach)))
        high = max(high, float(expit(logit(rate) + reach)))
    return Rate(rate, low, high, naive, spread, count, raters, photos)


@dataclass(frozen=True)
class Difference:
    """How far one model's fooling rate is above another's, with its interval.

    `p` is the two-sided probability of so large a difference between equally good models.
    """

    difference: float
    low: float
    high: float
    p: float
    spread: Spread


def compare_models(
    data: Judgements,
    first: object,
    second: object,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Difference:
    """The first model's fooling rate minus the second's.

    Photos and raters that both models share are drawn together in the bootstrap, so their effect
    cancels. Raises ValueError where a model has no answers or less than two raters or photos.
    """
    one, other = data.of(first), data.of(second)
    both = one + other
    for part in (one, other):
        if min(len(np.unique(part.rater)), len(np.unique(part.photo))) < 2:
            raise ValueError("comparing needs two raters and two photos for each model")
    difference = float(one.fooled.mean() - other.fooled.mean())
    spread = _spread(both, np.stack([both.model == first, both.model == second], 1), draws, seed)
    reach = float(t.ppf((1 + level) / 2, spread.freedom)) * spread.total
    p = 2 * float(t.sf(abs(difference) / spread.total, spread.freedom)) if spread.total else 1.0
    return Difference(difference, difference - reach, difference + reach, p, spread)


def _spread(data: Judgements, belongs: NDArray[np.bool_], draws: int, seed: int) -> Spread:
    """The standard error of a rate, or of the difference of two; `belongs` is (answers, rates).

    Three bootstraps resample raters with all their answers, photos with theirs, and single cells of
    a rater and a photo. Each of the first two variances contains that of the cells, so the variance
    is raters + photos - cells (Cameron, Gelbach and Miller, "Robust inference with multiway
    clustering", 2011). To resample raters and photos at once (Owen, "The pigeonhole bootstrap",
    2007) would count the cells' noise three times.
    """
    rng = np.random.default_rng(seed)
    raters, rater = np.unique(data.rater, return_inverse=True)
    photos, photo = np.unique(data.photo, return_inverse=True)
    columns = np.concatenate([belongs * data.fooled[:, None], belongs], 1).astype(float)
    by_rater = _variance(columns, rater, draws, rng)
    by_photo = _variance(columns, photo, draws, rng)
    cells = _variance(columns, rater * len(photos) + photo, draws, rng)
    return Spread(
        raters=float(np.sqrt(max(by_rater - cells, 0))),
        photos=float(np.sqrt(max(by_photo - cells, 0))),
        answers=float(np.sqrt(cells)),
        total=float(np.sqrt(max(by_rater + by_photo - cells, cells))),
        freedom=min(len(raters), len(photos)) - 1,
    )


def _variance(columns: Array, cluster: NDArray[np.int64], draws: int, rng: Any) -> float:
    """The bootstrap's variance when whole clusters of answers are drawn with replacement.

    `columns` (answers, 2k) are fooled and shown for each of k rates; of two the difference counts.
    """
    _, member = np.unique(cluster, return_inverse=True)
    sums = np.stack([np.bincount(member, column) for column in columns.T], 1)
    # Clusters with the same sums are alike: drawing how many of each kind is the same, and fast.
    kinds, counts = np.unique(sums, axis=0, return_counts=True)
    drawn = rng.multinomial(len(sums), counts / len(sums), size=draws) @ kinds
    fooled, shown = np.split(drawn, 2, axis=1)
    with np.errstate(invalid="ignore"):  # a draw without any of a model's raters says nothing
        rates = fooled / shown
    value = rates[:, 0] - rates[:, 1:].sum(1)
    # With n clusters a bootstrap's variance is too small by (n - 1) / n.
    return float(np.nanvar(value) * len(sums) / (len(sums) - 1))


@dataclass(frozen=True)
class PhotoRate:
    """How a photo's fakes did: `fooled` of `shown` answers, and the rate that it is ranked by."""

    photo: str
    fooled: int
    shown: int
    rate: float


def rank_photos(data: Judgements) -> list[PhotoRate]:
    """Photos by how often their fakes were taken for real, the best first.

    Ranked by (fooled + r) / (shown + 1), with r the rate of all photos: one imagined answer of the
    average kind, so that a photo shown once and missed does not lead. Raises ValueError where
    there are no answers.
    """
    if not len(data):
        raise ValueError("no answers")
    overall = float(data.fooled.mean())
    photos, photo = np.unique(data.photo, return_inverse=True)
    shown = np.bincount(photo)
    fooled = np.bincount(photo, data.fooled).astype(int)
    rates = [
        PhotoRate(str(name), int(k), int(n), (k + overall) / (n + 1))
        for name, k, n in zip(photos, fooled, shown, strict=True)
    ]
    return sorted(rates, key=lambda entry: (-entry.rate, entry.photo))


@dataclass(frozen=True)
class PublishedRate:
    """A method's fooling rate and standard error, in %; `source` is its key in the bibliography."""

    method: str
    source: str
    percent: float
    error: float


PUBLISHED = tuple(
    PublishedRate(row.method, row.paper, row.value, row.error)
    for row in literature.PUBLISHED
    if row.protocol.name == "zhang2016_people" and row.error is not None
)
"""Zhang, Isola and Efros (2016), table 1: 40 raters a method, photos from ImageNet."""

IDEAL = 50.0
"""Percent: what the truth itself would reach, which nobody can tell from the truth."""
