"""Quick questions: three a chapter, one right option each, in elements that any page keeps."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import jupytext
import pytest

from colorlab.course.questions import _option, quick_questions

pytest.importorskip("IPython", reason="needs IPython (extra: course)")

ROOT = Path(__file__).parents[2]
KNOWN = json.loads((ROOT / "colorlab" / "course" / "questions.json").read_text("utf-8"))
CHAPTERS = {path.stem[3:]: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.py"))}
VERDICTS = {True: "Right. ", False: "Not quite. "}
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


class Reader(HTMLParser):
    """Elements with their attributes, and the texts of paragraphs and summaries in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[tuple[str, tuple[tuple[str, str | None], ...]]] = set()
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.elements.add((tag, tuple(attrs)))
        if tag in ("p", "summary"):
            self.texts.append((" ".join(self.open), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        place, text = self.texts[-1]
        self.texts[-1] = place, text + data


def right_place(question: dict) -> int:
    (place,) = [k for k, one in enumerate(question["options"]) if one.get("right")]
    return place


def test_the_questions_are_those_of_the_chapters():
    assert set(KNOWN) == set(CHAPTERS)


@each_chapter
def test_three_questions_with_one_right_option_and_feedback_for_each(chapter: str):
    assert len(KNOWN[chapter]) == 3
    for question in KNOWN[chapter]:
        assert set(question) == {"question", "options"}
        assert 3 <= len(question["options"]) <= 4
        right_place(question)
        for option in question["options"]:
            assert set(option) - {"right"} == {"option", "feedback"}
            assert option.get("right", True) is True
            assert re.fullmatch(r"[A-Z0-9λ].{20,}\.", option["feedback"])
            assert not option["feedback"].startswith(tuple(VERDICTS.values()))
        texts = [option["option"] for option in question["options"]]
        assert len({*texts, *(one["feedback"] for one in question["options"])}) == 2 * len(texts)
        assert max(map(len, texts)) <= 1.5 * min(map(len, texts)), "length gives it away"


def test_the_right_options_place_gives_nothing_away():
    every = [question for questions in KNOWN.values() for question in questions]
    places = Counter(right_place(question) for question in every)
    assert all(len(every) / 4 < places[place] < len(every) / 2 for place in range(3))
    for questions in KNOWN.values():
        assert len({right_place(question) for question in questions}) > 1
    longest = [max(q["options"], key=lambda one: len(one["option"])) for q in every]
    assert sum(one.get("right", False) for one in longest) < len(every) / 2


def test_texts_are_plain():
    text = "\n".join(
        part
        for questions in KNOWN.values()
        for question in questions
        for part in (question["question"], *(one[k] for one in question["options"] for k in one))
        if isinstance(part, str)
    )
    assert not re.search(r"[`$\\<>_]|\*\*|\]\(|  ", text)


@each_chapter
def test_what_is_shown_is_what_the_file_says(chapter: str):
    expected = []
    for question in KNOWN[chapter]:
        expected.append(("ol li p", question["question"]))
        for one in question["options"]:
            feedback = VERDICTS[one.get("right", False)] + one["feedback"]
            expected += [("ol li details summary", one["option"]), ("ol li details p", feedback)]
    assert Reader(quick_questions(chapter).data).texts == expected


@each_chapter
def test_no_element_is_one_that_a_sanitizer_takes_out(chapter: str):
    plain = {(tag, ()) for tag in ("li", "p", "details", "summary", "strong")}
    shown = Reader(quick_questions(chapter).data).elements
    assert shown == plain | {("ol", (("class", "quick-questions"),))}


def test_signs_of_markup_are_shown_as_signs():
    option, feedback = '<script>1</script> & "λ"', "a < b > c"
    read = Reader(_option({"option": option, "feedback": feedback}))
    assert {tag for tag, _ in read.elements} == {"details", "summary", "p", "strong"}
    assert [text for _, text in read.texts] == [option, f"Not quite. {feedback}"]


@each_chapter
def test_a_chapter_asks_its_own_questions_before_its_exercises(chapter: str):
    cells = jupytext.read(CHAPTERS[chapter]).cells
    (asked,) = [k for k, cell in enumerate(cells) if "quick_questions(" in cell.source]
    assert cells[asked].source.splitlines() == [
        "from colorlab.course import quick_questions",
        "",
        f'quick_questions("{chapter}")',
    ]
    assert cells[asked].metadata["tags"] == ["remove-input"]
    assert cells[asked - 1].source.endswith(
        "## Quick questions\n\nDecide before you open an answer."
    )
    assert cells[asked + 1].source.startswith("## Exercises\n")


def test_an_unknown_chapter_is_refused_and_the_known_ones_are_named():
    with pytest.raises(ValueError, match=r"no questions on '10_rebalancing'.* rebalancing, "):
        quick_questions("10_rebalancing")
