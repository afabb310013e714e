"""Hints: what they may be, their file, strokes made of them, and how they are drawn."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.color import LAB, YUV
from colorlab.data.hints import Hint, draw_hints, read_hints, stroke, write_hints

NUMBERS = st.floats(0, 4000)
HINTS = st.builds(
    Hint,
    NUMBERS,
    NUMBERS,
    st.floats(0, 50),
    rgb=st.none(),
    ab=st.tuples(st.floats(-90, 90), st.floats(-90, 90)),
) | st.builds(Hint, NUMBERS, NUMBERS, rgb=st.tuples(*[st.floats(0, 255)] * 3))


@given(hints=st.lists(HINTS, max_size=5))
def test_a_file_gives_back_what_was_written(tmp_path_factory, hints):
    path = tmp_path_factory.mktemp("hints") / "hints.json"
    write_hints(hints, path)
    assert read_hints(path) == hints


@pytest.mark.parametrize(
    "content",
    [
        "",
        "7",
        "{}",
        '{"hints": 3}',
        '{"hints": [3]}',
        '[{"x": 1}]',
        '[{"x": 1, "y": 2, "rgb": [1, 2]}]',
        '[{"x": 1, "y": 2, "rgb": [1, 2, 300]}]',
        '[{"x": 1, "y": 2, "rgb": "red"}]',
        '[{"x": "1", "y": 2, "ab": [1, 2]}]',
        '[{"x": NaN, "y": 2, "ab": [1, 2]}]',
        '[{"x": 1, "y": 2, "ab": [1, 2], "rgb": [1, 2, 3]}]',
        '[{"x": 1, "y": 2, "ab": [1, 2], "radius": -1}]',
        '[{"x": 1, "y": 2, "ab": [1, 2], "colour": "red"}]',
        "[" * 100_000,
    ],
)
def test_another_file_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "hints.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"hints\.json"):
        read_hints(path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "hints.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not JSON"):
        read_hints(tmp_path / "hints.json")


@pytest.mark.parametrize("space", [LAB, YUV])
def test_grey_means_no_colour(space):
    for hint in (Hint(0, 0, ab=(0, 0)), *(Hint(0, 0, rgb=(g, g, g)) for g in (0, 99, 255))):
        assert hint.chroma(space).abs().max() < 1e-3


def test_red_is_red():
    chroma = Hint(0, 0, rgb=(255, 0, 0)).chroma(LAB)
    np.testing.assert_allclose(chroma * 128, [80.1, 67.2], atol=0.1)
    same = Hint(0, 0, ab=(80.1, 67.2)).chroma(LAB)
    np.testing.assert_allclose(chroma, same, atol=1e-3)


def test_a_stroke_leaves_no_gap():
    hints = stroke([(10, 10), (50, 10), (50, 30)], radius=2, rgb=(0, 0, 255))
    assert (hints[0].x, hints[0].y) == (10, 10)
    assert (hints[-1].x, hints[-1].y) == (50, 30)
    steps = [math.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(hints)]
    assert max(steps) <= 2
    marked, ab = draw_hints(hints, 40, 60)
    assert marked[10, 10:51].all()
    assert marked[10:31, 50].all()
    assert not marked[20, 20]
    assert ab[10, 30, 1] < -60
    assert (ab[~marked] == 0).all()
    with pytest.raises(ValueError, match="a point"):
        stroke([])


def test_drawing_is_cut_at_the_border_and_the_last_covers():
    hints = [Hint(0, 0, 3, ab=(9, 9)), Hint(1, 0, 0, ab=(5, 5)), Hint(500, 2, ab=(1, 1))]
    marked, ab = draw_hints(hints, 8, 10)
    assert marked[0, 0]
    assert marked[3, 0]
    assert not marked[4].any()
    np.testing.assert_allclose(ab[0, :3, 0], [9, 5, 9], atol=1e-4)


def test_a_file_is_plain_json(tmp_path):
    write_hints([Hint(1, 2, rgb=(3, 4, 5))], tmp_path / "h.json")
    told = json.loads((tmp_path / "h.json").read_text())
    assert told == {"hints": [{"x": 1, "y": 2, "radius": 3, "rgb": [3, 4, 5]}]}
