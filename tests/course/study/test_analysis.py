"""The study's statistics against simulated raters, whose true rate is known, and against scipy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from colorlab.course.study import attentive, compare_models, fooling_rate, judgements, read_answers
from colorlab.course.study.analysis import PUBLISHED, Judgements, catch_scores, rank_photos
from colorlab.course.study.sessions import open_session
from colorlab.course.study.simulate import COUNTED, Crowd, power_curve, repeat_study, simulate, sit


def table(fooled: np.ndarray) -> Judgements:
    """A full table (raters, photos) of zeros and ones."""
    raters, photos = np.indices(fooled.shape)
    return Judgements(
        raters.ravel(), photos.ravel(), np.full(fooled.size, "ours"), fooled.ravel() > 0
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("crowd", "raters", "photos"),
    [
        (Crowd(0.3, rater_sd=0.5, photo_sd=1.0), 40, 100),
        (Crowd(0.2, rater_sd=0.8, photo_sd=0.6), 25, 60),
    ],
)
def test_the_interval_covers_the_truth_as_often_as_it_says(
    crowd: Crowd, raters: int, photos: int
) -> None:
    """95 % means 95 % of studies; taking every answer for a new coin gives far less."""
    rates = repeat_study(crowd, raters, photos, studies=600, seed=2, draws=200)
    covered = np.mean([r.low <= crowd.rate <= r.high for r in rates])
    naive = np.mean([r.naive[0] <= crowd.rate <= r.naive[1] for r in rates])
    assert 0.93 <= covered <= 0.97  # chance alone: a standard deviation of 0.009
    assert naive < 0.75
    # Not by luck: the standard error is as large as the rates of the studies really vary.
    true_error = np.std([r.rate for r in rates])
    estimate = np.sqrt(np.mean([r.spread.total**2 for r in rates]))
    assert estimate == pytest.approx(true_error, rel=0.1)


@pytest.mark.slow
def test_models_that_are_alike_are_told_apart_in_one_study_of_twenty() -> None:
    """The interval of a difference that is 0 misses it in 5 % of studies."""
    crowd = Crowd(0.3)
    assert power_curve(crowd, crowd, [20], 80, studies=400, seed=4)[0] == pytest.approx(
        0.05, abs=0.025
    )


def test_more_raters_see_more() -> None:
    power = power_curve(Crowd(0.35), Crowd(0.2), [5, 20, 60], 300, studies=40, seed=1)
    assert power == sorted(power)
    assert power[-1] > 0.95


@settings(max_examples=20, deadline=None)
@given(raters=st.integers(2, 30), photos=st.integers(2, 30), seed=st.integers(0, 1000))
def test_the_three_variances_are_the_textbook_s(raters: int, photos: int, seed: int) -> None:
    """With a full table a bootstrap of means has a closed form: the variance of the means."""
    fooled = np.random.default_rng(seed).random((raters, photos)) < 0.4
    spread = fooling_rate(table(fooled), draws=20_000).spread
    assert spread is not None
    by_rater = fooled.mean(1).var(ddof=1) / raters
    by_photo = fooled.mean(0).var(ddof=1) / photos
    cells = fooled.var(ddof=1) / fooled.size
    assert spread.answers**2 == pytest.approx(cells, rel=0.06)
    assert spread.raters**2 == pytest.approx(max(by_rater - cells, 0), abs=0.06 * by_rater)
    assert spread.photos**2 == pytest.approx(max(by_photo - cells, 0), abs=0.06 * by_photo)
    total = max(by_rater + by_photo - cells, cells)
    assert spread.total**2 == pytest.approx(total, rel=0.1, abs=0.06 * (by_rater + by_photo))
    assert spread.freedom == min(raters, photos) - 1


def test_the_naive_interval_is_wilson_s() -> None:
    fooled = np.zeros((10, 10))
    fooled[:, :3] = 1
    rate = fooling_rate(table(fooled))
    assert (rate.rate, rate.answers, rate.raters, rate.photos) == (0.3, 100, 10, 10)
    z = norm.ppf(0.975)
    for p in rate.naive:  # where Wilson's limits lie: |rate - p| = z sqrt(p (1 - p) / n)
        assert abs(0.3 - p) == pytest.approx(z * np.sqrt(p * (1 - p) / 100))
    # Three photos fool everybody, seven nobody: all spread is between photos.
    assert rate.spread is not None
    assert rate.spread.raters == 0
    assert rate.spread.photos > 3 * rate.spread.answers
    assert rate.low < rate.naive[0] - 0.1


@pytest.mark.parametrize("value", [0, 1])
def test_nobody_or_everybody_fooled_still_leaves_doubt(value: int) -> None:
    rate = fooling_rate(table(np.full((5, 8), value)))
    assert rate.rate == value
    assert (rate.low, rate.high) == rate.naive
    assert rate.high - rate.low > 0.05


def test_one_rater_says_nothing_of_others() -> None:
    rate = fooling_rate(table(np.eye(1, 12)))
    assert rate.low is rate.high is rate.spread is None
    assert rate.naive[0] < rate.rate < rate.naive[1]


def test_what_photos_share_cancels_in_a_difference() -> None:
    rng = np.random.default_rng(0)
    easy = rng.random(60)
    one, other = ((rng.random((30, 60)) < 0.9 * easy + add) for add in (0.0, 0.08))
    first, second = table(one), table(other)
    theirs = Judgements(
        second.rater + 30, second.photo, np.full(len(second), "theirs"), second.fooled
    )
    both = first + theirs
    result = compare_models(both, "theirs", "ours")
    assert result.difference == pytest.approx(other.mean() - one.mean())
    assert result.low < result.difference < result.high
    alone = [fooling_rate(both.of(model)).spread.total for model in ("ours", "theirs")]
    assert result.spread.total < 0.6 * np.hypot(*alone)
    assert result.p < 0.01
    back = compare_models(both, "ours", "theirs")
    assert back.difference == -result.difference
    assert back.p == pytest.approx(result.p, rel=0.3)


def test_rankings_put_the_best_fakes_first() -> None:
    data = Judgements(
        rater=np.arange(13),
        photo=np.array(["meadow"] * 6 + ["bus"] * 6 + ["once"]),
        model=np.full(13, "ours"),
        fooled=np.array([1, 1, 1, 1, 1, 0] + [0] * 6 + [1], bool),
    )
    ranked = rank_photos(data)
    assert [(r.photo, r.fooled, r.shown) for r in ranked] == [
        ("meadow", 5, 6),
        ("once", 1, 1),  # one lucky answer doesn't lead
        ("bus", 0, 6),
    ]


def test_simulated_crowds_have_the_rate_they_are_given() -> None:
    for rate in (0.1, 0.323, 0.5):
        data = simulate(Crowd(rate, 0.5, 1.0), 4000, 4000, seed=1)
        assert len(data) == 4000 * COUNTED
        assert data.fooled.mean() == pytest.approx(rate, abs=0.01)
        assert all(name.startswith("simulated") for name in set(data.rater))
    with pytest.raises(ValueError, match="36 pairs"):
        simulate(Crowd(0.3), 3, 35, seed=0)


def test_guessers_are_found_by_their_catch_trials(tmp_path: Path) -> None:
    study, rng = tmp_path / "s.sqlite", np.random.default_rng(3)
    photos = {f"photo {i}": f"photo {i}" for i in range(60)}
    for number in range(5):
        looks = 0.0 if number < 2 else 1.0
        session = open_session(study, f"simulated {number}", "ours", photos, seed=number)
        sit(session, dict.fromkeys(photos, -3.0), 0.0, rng, looks)
    answers = read_answers(study)
    scores = catch_scores(answers)
    assert {shown for _, shown in scores.values()} == {4}
    for rater, (seen, _) in scores.items():
        caught = [a for a in answers if a.rater == rater and a.catch and not a.practice]
        assert seen == sum(not a.fooled for a in caught)
    kept = attentive(answers)
    assert {a.rater for a in kept} == {rater for rater, (seen, _) in scores.items() if seen >= 3}
    assert len(kept) < len(answers)
    counted = judgements(answers)
    assert len(counted) == 5 * COUNTED
    assert fooling_rate(judgements(kept)).rate < fooling_rate(counted).rate

    person = open_session(study, "anna", "ours", photos)
    with pytest.raises(ValueError, match="begins with 'simulated'"):
        sit(person, {}, 0.0, rng)
    assert person.answered == 0


def test_nothing_to_say_without_answers() -> None:
    with pytest.raises(ValueError, match="no answers yet"):
        judgements([])
    data = simulate(Crowd(0.3), 3, 40, seed=0)
    with pytest.raises(ValueError, match="no answers for 'x'; there are some for: model"):
        data.of("x")
    with pytest.raises(ValueError, match="two raters"):
        compare_models(simulate(Crowd(0.3), 1, 40, seed=0), "model", "model")
    other = simulate(Crowd(0.3), 3, 40, seed=0, model="other")
    with pytest.raises(ValueError, match="several models"):
        fooling_rate(data + other)


def test_published_rates_are_cited() -> None:
    book = (Path(__file__).parents[3] / "book" / "references.bib").read_text()
    assert [(rate.percent, rate.error) for rate in PUBLISHED] == [
        (32.3, 2.2),
        (27.2, 2.7),
        (25.2, 2.7),
        (21.2, 2.5),
        (18.3, 2.8),
    ]
    for rate in PUBLISHED:
        assert f"{{{rate.source}," in book
        # Wider than coins would give (40 raters, 36 answers): raters and photos are in it.
        assert rate.error / 100 > np.sqrt(rate.percent / 100 * (1 - rate.percent / 100) / 1440)
