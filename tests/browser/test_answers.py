"""A wrong, a near and a right answer to an exercise of each kind, as a student gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .jupyter import Lab
from .pages import complaints

if TYPE_CHECKING:
    from playwright.sync_api import Page

GAMMA = """
    curve = ((rgb + 0.055) / 1.055) ** 2.4
    rgb = torch.where(rgb > 0.04045, curve, rgb / 12.92)"""
LIGHTNESS = """def lightness(rgb):{curve}
    y = 0.2126 * rgb[:1] + 0.7152 * rgb[1:2] + 0.0722 * rgb[2:]
    return 116 * y ** (1 / 3) - 16"""

# By exercise: the chapter, and what is answered to a wrong, a near and a right answer. A near one
# is what a common mistake gives, and gets its hint; or the right one, written in another way.
ANSWERS = [
    (
        "a number",
        "01_color_spaces",
        "01.1",
        {
            "your_lightness = 20": "'Not yet.'",
            "your_lightness = 46.7": "Undo the transfer curve",
            "your_lightness = np.float32(49.97)": "Correct.",
            "your_lightness = 'fifty'": "is not a number",
        },
    ),
    (
        "a word",
        "01_color_spaces",
        "01.3",
        {
            "your_patch = 'both'": "'Not yet.'",
            "your_patch = 'middle'": "Compute what is left of both",
            "your_patch = ' Dark'": "Correct.",
            "your_patch = 20": "the answer is a word",
        },
    ),
    (
        "several numbers",
        "05_colour_by_example",
        "05.3",
        {
            "your_values = 5": "2 values are asked for, yours are 1",
            "your_values = (5, 9)": "1 of 2 are off",
            "your_values = 5.0, 5.02": "Correct.",
        },
    ),
    (
        "a function",
        "01_color_spaces",
        "01.4",
        {
            "def lightness(rgb):\n    return rgb.mean(1)": "Not yet",
            LIGHTNESS.format(curve=""): "undo the transfer curve first",
            LIGHTNESS.format(curve=GAMMA): "Correct.",
            "def lightness(rgb):\n    return rgb +": "SyntaxError",
        },
    ),
]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("chapter", "exercise", "answers"),
    [one[1:] for one in ANSWERS],
    ids=[one[0] for one in ANSWERS],
)
def test_an_answer_in_jupyterlab(
    page: Page, lab: Lab, chapter: str, exercise: str, answers: dict[str, str]
) -> None:
    page.set_default_timeout(90_000)
    page.goto(f"{lab.address}/lab/tree/{chapter}.ipynb?reset")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
    code = page.locator(".jp-Notebook .jp-CodeCell")
    texts = code.all_inner_texts()
    imports = next(n for n, text in enumerate(texts) if "from colorlab.course import check" in text)
    for first in code.all()[: imports + 1]:  # parameters, imports
        first.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
    cell = code.filter(has_text=f'check("{exercise}"')
    for answer, said in answers.items():
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(answer + f'\n\n\ncheck("{exercise}", {name_of(answer)})')
        page.keyboard.press("Control+Enter")
        cell.locator(".jp-OutputArea-output", has_text=said).wait_for()


def name_of(answer: str) -> str:
    return answer.removeprefix("def ").split("(")[0].split(" = ")[0]


def test_quick_questions_say_what_is_right_and_wrong(book: str, page: Page) -> None:
    """By keyboard, on the static page."""
    found = complaints(page, book)
    page.goto(f"{book}/notebooks/01_color_spaces.html", wait_until="networkidle")
    question = page.locator(".quick-questions > li").first
    options = question.locator("details")
    verdicts = []
    for option in options.all():
        assert not option.locator("p").is_visible()
        option.locator("summary").focus()
        page.keyboard.press("Enter")
        option.locator("p").wait_for()
        verdicts.append(option.locator("strong").inner_text())
    assert sorted(verdicts) == ["Not quite.", "Not quite.", "Right."]
    assert found == []
