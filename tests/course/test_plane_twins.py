"""What picker, doubt machine and playground are made of; tests/browser has the pages."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.figures.chroma import gamut
from colorlab.course.widgets import ab_picker, doubt_machine, metric_playground
from colorlab.course.widgets.weight_widget import TWIN_OCTAVES
from colorlab.prior.prior import default_prior, shipped_prior


@pytest.mark.parametrize(
    ("text", "most"),
    [
        (ab_picker("coffee"), 250_000),
        (doubt_machine(default_prior()), 120_000),
        (metric_playground("coffee"), 200_000),
    ],
)
def test_they_are_small_and_whole(text: str, most: int) -> None:
    assert len(text) < most
    assert "{{" not in text
    assert "http" not in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)  # a plain script has neither


@pytest.mark.parametrize("name", ["scenes", "photos"])
def test_the_doubt_machine_has_the_prior_that_it_is_given(name: str) -> None:
    prior = shipped_prior(name)
    text = doubt_machine(prior)
    data = json.loads(re.findall(r"doubtMachine\(twin, (\{.*\})\);", text)[0])
    bits = np.frombuffer(base64.b64decode(data["present"]), np.uint8)
    present = np.unpackbits(bits).astype(bool).reshape(256, 256)
    codes = np.frombuffer(base64.b64decode(data["codes"]), "<u2").astype(float)
    shares = np.where(codes > 0, 2.0 ** (((codes - 1) / 65534 - 1) * TWIN_OCTAVES), 0)
    assert present[gamut().mask].all()
    np.testing.assert_allclose(shares, prior.smoothed()[present], rtol=3e-4)
    assert prior.smoothed()[~present].sum() == 0
    assert f"{prior.provenance.photos:,} photos" in text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"p": 1.1}, "p must"),
        ({"lam": 0.0}, "lambda must"),
        ({"lam": float("nan")}, "lambda must"),
        ({"lightness": 100}, "lightness must"),
        ({"colours": ((0, 0), (0, 128))}, r"a\* or b\* must"),
    ],
)
def test_the_doubt_machine_refuses_what_is_out_of_range(wrong: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        doubt_machine(default_prior(), **wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"photo": "nobody"}, "no sample photo 'nobody'"),
        ({"at": (1.0, 0.5)}, "place"),
        ({"pinned": (101, 0, 0)}, "L"),
    ],
)
def test_the_picker_refuses_what_is_out_of_range(wrong: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ab_picker(**wrong)


def test_the_playground_refuses_an_unknown_photo() -> None:
    with pytest.raises(ValueError, match="no sample photo 'nobody'"):
        metric_playground("nobody")
