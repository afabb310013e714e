"""The human test, as a rater takes it: its chapter in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from colorlab.course.study import read_answers

from .jupyter import Lab, run_all
from .pages import DESKTOP, SHOTS, complaints, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from colorlab.course.study.sessions import Answer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EYE = """() => {
  // When does a picture really become visible, and vanish?
  window.seen = [];
  const looks = {};
  (function look(now) {
    for (const side of ["left", "right"]) {
      const picture = document.querySelector(".colorlab-study img." + side);
      const visible = picture && getComputedStyle(picture).visibility === "visible";
      const stage = document.querySelector(".colorlab-study")?.dataset.stage;
      if (visible) looks[side] ??= [now, stage];
      if (!visible && looks[side]) {
        window.seen.push([side, now - looks[side][0], looks[side][1]]);
        looks[side] = null;
      }
    }
    requestAnimationFrame(look);
  })(performance.now());
}"""
"""An eye of its own, which does not ask the test's page for the time."""


class Rater:
    """The test on its page, and who takes it."""

    def __init__(self, page: Page, database: Path, found: list[str]) -> None:
        self.page, self.database, self.complaints = page, database, found
        self.root = page.locator(".colorlab-study").first  # the next is the twin

    def find(self, selector: str) -> Locator:
        return self.root.locator(selector)

    def wait(self, *stages: str) -> None:
        any_of = ", ".join(f".colorlab-study[data-stage={stage}]" for stage in stages)
        self.page.locator(any_of).wait_for()

    def answers(self) -> list[Answer]:
        return read_answers(self.database)


@pytest.fixture(scope="module")
def rater(chromium: Browser, lab: Lab) -> Iterator[Rater]:
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    found = complaints(page, lab.address)
    run_all(page, lab, "18_human_test")
    page.keyboard.press("Control+S")  # a page that is loaded again has the outputs that were saved
    page.locator(".colorlab-study").first.scroll_into_view_if_needed()
    yield Rater(page, lab.chapters / "human_test.sqlite", found)
    context.close()


def test_five_pairs_are_five_rows(rater: Rater) -> None:
    page = rater.page
    page.evaluate(EYE)
    rater.find("[data-act=go]").click()
    given = []
    for number in range(5):
        rater.wait("question")
        assert rater.find(".title").inner_text() == f"Practice {number + 1} of 10"
        assert rater.find(".text").inner_text() == "Which one is fake?"
        side = "left" if number in (0, 3) else "right"
        if number < 3:
            rater.find(f"[data-side={side}]").click()
        else:  # by keyboard, with the focus where the page has put it
            page.keyboard.press(f"Arrow{side.title()}")
        given.append(side)
        rater.wait("feedback")
        assert rater.find(".text").inner_text().startswith(("Right", "Wrong"))
        assert len(rater.answers()) == number + 1
        if number == 0:
            page.screenshot(path=SHOTS / "lab_study.png")
            assert violations(page, ".colorlab-study") == []
        if number < 4:
            page.keyboard.press("Enter")

    answers = rater.answers()
    assert [answer.said_fake for answer in answers] == given
    looks = [(side, ms) for side, ms, stage in page.evaluate("window.seen") if stage == "pair"]
    assert [side for side, _ in looks] == ["left", "right"] * 5
    reported = [ms for answer in answers for ms in (answer.left_ms, answer.right_ms)]
    # A second each, to the frame (17 ms); never less, more only where the machine stutters.
    assert np.median(reported) == pytest.approx(1000, abs=17)
    assert 980 < min(reported) <= max(reported) < 1500
    apart = abs(np.array([ms for _, ms in looks]) - reported)
    assert np.median(apart) <= 17
    assert apart.max() < 200
    assert all(answer.showings == 1 for answer in answers)
    assert all(0 < answer.answer_ms < 60_000 for answer in answers)


def test_a_page_loaded_again_or_paused_waits_for_a_click(rater: Rater) -> None:
    rater.find("[data-act=go]").click()
    rater.wait("pair")
    before = len(rater.answers()) if rater.database.is_file() else 0
    rater.page.reload()  # in the middle of the pair
    rater.wait("paused")
    assert rater.find(".text").inner_text() == "Ready when you are."
    rater.find("[data-act=go]").click()
    rater.wait("question")
    rater.find("[data-act=pause]").click()
    rater.find("[data-side=left]").click()
    rater.wait("feedback")
    rater.find("[data-act=go]").click()
    rater.wait("paused")
    answers = rater.answers()
    assert len(answers) == before + 1
    assert answers[-1].showings == 2


def test_it_fits_a_narrow_page_and_logs_no_error(rater: Rater) -> None:
    rater.root.evaluate("root => { root.parentElement.style.width = '330px'; }")
    rater.root.scroll_into_view_if_needed()
    rater.root.screenshot(path=SHOTS / "lab_study_narrow.png")
    assert rater.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 0
    assert rater.complaints == []
