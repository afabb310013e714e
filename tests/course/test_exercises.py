"""Exercises: right answers pass, typical mistakes get their hint, no page shows an answer."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
import torch

from colorlab.color import V_MAX, rgb_to_lab, rgb_to_yuv
from colorlab.course.exercises import check, passes, seal
from colorlab.course.study.analysis import PUBLISHED
from colorlab.course.tasks import TASKS
from colorlab.data.sources import DATASETS
from colorlab.inference.predict import working_size
from colorlab.models import create_model, trainable_parameters
from colorlab.models.convnet import ConvNet

COURSE = Path(__file__).parents[2]
SEALED = json.loads((COURSE / "colorlab" / "course" / "exercises.json").read_text())
CORNERS = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).T[:, None]
COINS = math.sqrt(0.323 * 0.677 / 1440)
ANSWERS = {
    "00.1": working_size(3000, 4000),
    "00.2": (200 + 600) / 500,
    "00.3": (120, 102.5, 90),
    "01.1": rgb_to_lab(torch.full((3, 1, 1), 119 / 255))[0].item(),
    "01.2": rgb_to_lab(CORNERS)[1:].norm(dim=0).max().item(),
    "01.3": " Dark",
    "02.1": DATASETS["places365"].splits["train"] // 32,
    "02.2": 0.67,
    "03.1": np.arange(-4, 6).mean(),
    "03.2": 1 / 0.25,
    "03.3": 0.58,
    "07.1": trainable_parameters(ConvNet().down[4]),
    "07.2": 63 + 2 * 32,
    "07.3": (4, 4),
    "08.1": 193,
    "08.2": rgb_to_yuv(torch.tensor([0.0, 1, 1]).view(3, 1, 1))[2],
    "08.3": math.log(0.95 / 0.05),
    "08.4": (0.01 * 2 * V_MAX) ** 2 / 2,
    "09.2": math.hypot(40, 10),
    "09.3": "larger",
    "10.1": 35,
    "10.2": "adding",
    "10.3": 0.815,
    "16.1": 0.25,
    "16.2": (293.25, 85.5),
    "16.3": 0.8,
    "17.1": 0.60484,
    "17.2": "yes",
    "17.3": 1,
    "19.1": 37.9,
    "19.2": 30 / 8,
    "19.3": "too little",
    "18.1": 5 / 16,
    "18.2": (PUBLISHED[0].error / 100 / COINS) ** 2,
    "18.3": "many",
    "11.1": 0.3,
    "11.2": 32 * 0.1 / 0.9,
    "11.3": 0.9333,
    "05.1": np.mean([100, 100, 0, 0]),
    "05.3": (5, 5),
    "06.1": np.linspace(0, 8, 5)[1],
    "06.2": np.average([10, 50], weights=[1, 1 / 9]),
    "06.3": 12 + 0.3 * (-10 - 20),
    "12.1": (0.3, 0, 1, 0.125),
    "12.3": 20 / (1 + 0.25),
    "12.4": 2 * 20 / 2.25,
    "21.1": math.ceil(math.log(0.1) / math.log(7 / 8)),
    "21.2": math.log(2) / 3,
    "21.3": 4 * (7 / 8) / (1 / 8),
    "13.1": 0.8**2 / (0.8**2 + 0.2**2),
    "13.2": 0.1 * 9 / (0.9 + 0.1 * 9),
    "20.1": math.degrees(math.atan((40 - 50) / 20)),
    "20.2": 10 / (80 + 10),
    "20.3": 20 * 0.08 + 20 * 0.005,
    "13.3": 1 / (1 + 4 * np.exp(-(10**2) / (2 * 4**2))),
    "14.1": np.median([60] * 6 + [-10] * 4),
    "14.2": 1 - 1 / (1 + math.exp(3)),
    "14.3": 1 / math.sqrt(64 * 64),
    "15.1": 2 * 4 + 1,
    "15.2": -np.log2([1 / 2, 1 / 8, 1 / 64]).mean(),
    "15.3": 64 * 64 * (64 + 64),
}
WRONG = [
    ("00.1", (224, 299), "multiple of 32"),
    ("01.1", 46.7, "sRGB value itself"),
    ("07.1", 4_720_640, "biases are missing"),
    ("07.2", 126, "32 pixels apart"),
    ("08.2", 0.615, "sign"),
    ("09.2", 67.7, "chroma of the mean"),
    ("16.2", (293.25, 293.25), "rg is 255"),
    ("18.1", 0.25, "At least"),
    ("10.2", "multiplying", "common factor"),
    ("06.2", 20, "square of the distance"),
    ("12.1", (0.0375, 0, 1, 0.125), "hinted pixels alone"),
    ("13.3", 0.65, "here it is 4"),
    ("14.1", 32, "least squared error"),
    ("14.2", 0.0474, "the other form"),
    ("15.1", 10, "its own colour"),
    ("15.2", 2.2268, "not averaged"),
    ("21.3", 32, "newest frame has age 0"),
]


@pytest.mark.parametrize("exercise", sorted(SEALED))
def test_right_answers_pass(exercise: str):
    if exercise == "09.1":
        head = create_model("efficientnet_lite0", weights=None).decoder
        assert passes(exercise, trainable_parameters(head.block32))
    else:
        assert check(exercise, ANSWERS[exercise]) == "Correct."


@pytest.mark.parametrize(("exercise", "wrong", "hint"), WRONG)
def test_a_typical_mistake_gets_a_hint(exercise: str, wrong: object, hint: str):
    said = check(exercise, wrong)
    assert said.startswith("Not yet. ")
    assert hint.lower() in said.replace("*", "").lower()


def test_other_answers_are_told_what_is_off():
    assert check("07.2", None).startswith("No answer yet")
    assert check("07.2", 128) == "Not yet."
    assert check("00.3", (120, 1, 2)) == "Not yet: 2 of 3 are off."
    assert check("00.3", 120) == "Not yet: 3 values are asked for, yours are 1."
    assert check("07.2", "many") == "Not yet: your answer 'many' is not a number."
    assert check("07.2", math.nan) == "Not yet: your answer nan is not a number."
    assert "is a word" in check("10.2", 3)
    assert check("10.2", "neither") == "Not yet."
    with pytest.raises(ValueError, match=r"no exercise '99\.9'"):
        check("99.9", 1)


def test_a_sealed_answer_is_what_the_file_has():
    assert seal("07.2", 127, 0.5) == SEALED["07.2"]["right"][0]
    assert seal("10.2", "adding") == SEALED["10.2"]["right"][0]


@pytest.mark.parametrize("exercise", [name for name, task in TASKS.items() if task.right])
def test_functions_are_tried_on_hidden_inputs(exercise: str):
    task = TASKS[exercise]
    assert task.right is not None
    assert check(exercise, task.right) == "Correct."
    for hint, mistaken in task.mistakes.items():
        assert check(exercise, mistaken) == f"Not yet. {hint}"
    assert check(exercise, lambda *_: None) == "No answer yet: your function returns None."
    assert check(exercise, lambda *_: np.zeros(77)).startswith("Not yet: it gives")
    assert "raised ZeroDivisionError" in check(exercise, lambda *_: 1 / 0)
    assert check(exercise, 3) == "Not yet: a function is asked for."


CHAPTERS = sorted((COURSE / "notebooks").glob("[0-9]*.py"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_check_names_its_exercise_and_holds_no_answer(chapter: Path):
    cells = [cell.source for cell in jupytext.read(chapter).cells if cell.cell_type == "code"]
    calls = re.findall(r"^check\((.*)\)", "\n".join(cells), re.MULTILINE)
    names = [re.fullmatch(r'"(\d\d\.\d)", \w+', call) for call in calls]
    assert all(names), calls
    found = [name[1] for name in names if name]
    assert all(name.startswith(chapter.name[:2]) for name in found)
    assert found == sorted(set(found))
    assert set(found) == {x for x in (*SEALED, *TASKS) if x.startswith(chapter.name[:2])}
    marked = re.findall(
        r"\{admonition\} Exercise \d+ \((easy|medium|hard|open)\)", chapter.read_text()
    )
    assert len(marked) >= len(found)


def test_the_folded_solutions_of_the_colorizer_pass():
    """Each gap left open, the chapter goes on with its own solution."""
    gaps = {"load": "04.1", "split": "04.2", "Decoder": "04.3", "mse": "04.4", "fit": "04.5"}
    gaps["colorize"] = "04.6"
    names: dict[str, object] = dict.fromkeys(gaps)
    book = jupytext.read(COURSE / "notebooks" / "04_build_a_colorizer.py")
    first = "import torch\nfrom torch import nn\nfrom torch.nn.functional import interpolate\n"
    first += "from colorlab.color import LAB, rgb_to_lab\n"
    exec(first + "from colorlab.course.exercises import passes", names)
    for cell in book.cells:
        if "hide-cell" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    assert {name: check(exercise, names[name]) for name, exercise in gaps.items()} == dict.fromkeys(
        gaps, "Correct."
    )


def test_a_loop_and_a_decoder_that_miss_something_are_told():
    def loop(network, taps, chroma, steps):
        adam = torch.optim.Adam(network.parameters(), lr=2e-3)
        for _ in range(steps):
            (network(taps) - chroma).square().mean().backward()
            adam.zero_grad()
            adam.step()
        return [0.0] * steps

    assert "zero_grad, backward and step" in check("04.5", loop)

    class Deaf(torch.nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.one = torch.nn.Conv2d(channels[0], 2, 1)

        def forward(self, taps):
            answer = self.one(taps[0])
            return torch.tanh(torch.nn.functional.interpolate(answer, scale_factor=2.0))

    assert check("04.3", Deaf) == "Not yet: tap 1 makes no difference to the answer."
