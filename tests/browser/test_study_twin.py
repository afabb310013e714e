"""The human test on a page without a kernel: mouse, keyboard, finger, and what is kept of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binomtest

from colorlab.course.study import fooling_rate, judgements, read_csv
from colorlab.course.study.analysis import catch_scores
from colorlab.course.study.pictures import Pairs, middle_square
from colorlab.course.widgets import human_test_twin
from colorlab.course.widgets.parts import static_file
from colorlab.data.photo import Photo
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import grey_photo

from .pages import HEAD, PHONE, SHOTS, opened, violations
from .test_study import EYE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GO, STATE = ".colorlab-study [data-act=go]", ".colorlab-study[data-stage={}]"


@pytest.fixture(scope="module")
def twin() -> str:
    """Grey as the fake: no network is needed to test the page."""
    squares = {photo.name: middle_square(photo.rgb) for photo in sample_photos()}
    names = {name: name for name in squares}
    fake = {name: grey_photo(Photo(rgb)) for name, rgb in squares.items()}
    return human_test_twin(Pairs("grey", names, squares.__getitem__, fake.__getitem__))


@pytest.fixture(scope="module")
def fast(twin: str) -> str:
    """The same with blanks and pictures of a twentieth of a second."""
    text, count = re.subn(r'"(before|shown|between)":\d+', r'"\1":50', twin)
    assert count == 3
    return text


def wait(page: Page, stage: str) -> None:
    page.locator(STATE.format(stage)).wait_for()


def title(page: Page) -> str:
    return page.locator(".colorlab-study .title").inner_text()


def saved(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator("[data-act=save]").click()
    assert download.value.suggested_filename == "human_test.csv"
    download.value.save_as(folder / "saved.csv")
    return folder / "saved.csv"


def test_the_interval_is_python_s(page: Page, tmp_path: Path) -> None:
    (tmp_path / "twin.html").write_text(HEAD, "utf-8")
    page.goto((tmp_path / "twin.html").as_uri())
    script = re.sub(r"^(import .*\n|export )", "", static_file("human_test_twin.js"), flags=re.M)
    page.add_script_tag(content=script)
    cases = [(k, n) for n in (1, 5, 14, 36) for k in range(n + 1)]
    found = page.evaluate("cases => cases.map(([k, n]) => wilson(k, n))", cases)
    want = [binomtest(k, n).proportion_ci(0.95, "wilson") for k, n in cases]
    np.testing.assert_allclose(found, [(one.low, one.high) for one in want], atol=1e-9)


def test_a_session_by_mouse_and_keyboard_with_a_reload(
    page: Page, tmp_path: Path, fast: str
) -> None:
    found = opened(page, tmp_path, fast)
    assert len(fast) < 3e6
    page.locator("[data-act=save]").wait_for(state="hidden")
    assert violations(page) == []
    page.locator(GO).click()
    given = []
    for number in range(20):
        wait(page, "question")
        practice = number < 4
        assert title(page) == (
            f"Practice {number + 1} of 4" if practice else f"Pair {number - 3} of 16"
        )
        side = "left" if number % 3 else "right"
        if number == 9:
            page.reload()  # in the middle of a pair
            assert title(page) == "Welcome back"
            assert "9 of 20" in page.locator(".colorlab-study .text").inner_text()
            page.locator(GO).click()
            wait(page, "question")
        if number % 2:
            page.keyboard.press(f"Arrow{side.title()}")
        else:
            page.locator(f"[data-side={side}]").click()
        given.append(side)
        if practice:
            wait(page, "feedback")
            text = page.locator(".colorlab-study .text").inner_text()
            assert re.match(r"(Right|Wrong): the (left|right) picture is the fake\.", text)
            page.keyboard.press("Enter")  # the focus is on the button
        if number == 3:
            assert title(page) == "That was the practice"
            page.keyboard.press("Enter")
    wait(page, "over")

    answers = read_csv(saved(page, tmp_path))
    assert [answer.said_fake for answer in answers] == given
    assert [answer.number for answer in answers] == list(range(20))
    assert [answer.practice for answer in answers] == [True] * 4 + [False] * 16
    assert {answer.model for answer in answers} == {"grey"}
    assert len({answer.rater for answer in answers}) == 1
    assert [answer.showings for answer in answers] == [2 if n == 9 else 1 for n in range(20)]
    assert len({answer.fake_side for answer in answers}) == 2  # one alone: twice in a million
    assert all(20 < answer.left_ms < 2000 and answer.answer_ms > 0 for answer in answers)
    assert all(re.match(r"\d{4}-\d\d-\d\dT.*\+00:00$", answer.answered) for answer in answers)
    rate = fooling_rate(judgements(answers))
    ((seen, caught),) = catch_scores(answers).values()
    text = page.locator(".colorlab-study .text").inner_text()
    assert f"{round(rate.rate * rate.answers)} of {rate.answers} fakes for real" in text
    assert f"a fooling rate of {rate.rate:.0%}" in text
    assert f"from {rate.naive[0]:.0%} to {rate.naive[1]:.0%}" in text
    assert caught == 2
    assert f"Of 2 pairs with the colours of quite another photo you saw through {seen}." in text

    page.screenshot(path=SHOTS / "study_twin_over.png")
    page.reload()
    wait(page, "over")  # it is all still there, until it is forgotten
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("[data-act=forget]").click()
    assert page.evaluate("localStorage.length") == 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-act=forget]").click()
    wait(page, "ready")
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.activeElement.dataset.act") == "go"
    assert [line for line in found if not line.startswith("asks file:")] == []  # the reload


def test_a_pair_by_finger_on_a_phone_takes_its_time(
    chromium: Browser, tmp_path: Path, twin: str
) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    found = opened(page, tmp_path, twin)
    page.evaluate(EYE)
    page.locator(GO).tap()
    wait(page, "question")
    root = page.locator(".colorlab-study")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in root.locator("[data-side]").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    root.locator("[data-side=right]").tap()
    wait(page, "feedback")
    assert violations(page) == []
    page.screenshot(path=SHOTS / "study_twin_phone.png")
    (answer,) = read_csv(saved(page, tmp_path))
    assert answer.said_fake == "right"
    looks = [(side, ms) for side, ms, stage in page.evaluate("window.seen") if stage == "pair"]
    assert [side for side, _ in looks] == ["left", "right"]
    assert [answer.left_ms, answer.right_ms] == pytest.approx([1000, 1000], abs=200)
    assert found == []
    context.close()


def test_little_motion_waits_before_each_pair(chromium: Browser, tmp_path: Path, fast: str) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    opened(page, tmp_path, fast)
    page.locator(GO).click()
    for _ in range(4):
        wait(page, "question")
        page.keyboard.press("ArrowLeft")
        wait(page, "feedback")
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    wait(page, "question")
    page.keyboard.press("ArrowLeft")
    wait(page, "paused")
    assert page.evaluate("document.getAnimations().length") == 0
    page.keyboard.press("Enter")
    wait(page, "question")
    context.close()


def test_without_storage_it_says_so_and_goes_on(page: Page, tmp_path: Path, fast: str) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })"
    )
    found = opened(page, tmp_path, fast)
    assert "keeps nothing" in page.locator(".kept").inner_text()
    page.locator(GO).click()
    wait(page, "question")
    page.keyboard.press("ArrowRight")
    wait(page, "feedback")
    assert len(read_csv(saved(page, tmp_path))) == 1
    assert found == []
