"""What the training scrubber is made of; tests/browser has the page."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.widgets import scrubber

STEPS = (10, 20, 40)
PHOTOS = ("left & right", "right")
CURVES = {"training": ([0, 10, 20, 30, 40], [2.0, 1.0, 0.8, 0.5, 0.25])}


def picture(level: int) -> Any:
    return np.full((64, 64, 3), (level, 128, 255 - level), np.uint8)


TRACKS = {"ours": [[picture(60 * k), picture(200)] for k in range(3)]}


def frames(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(re.findall(r"scrubber\(twin, (\[.*\])\);", text)[0])
    return found


@pytest.mark.parametrize("log", [False, True])
def test_each_checkpoint_has_its_pictures_its_words_and_its_place(log: bool) -> None:
    text = scrubber(STEPS, TRACKS, CURVES, PHOTOS, {"truth": [picture(0)] * 2}, log=log)
    assert "{{" not in text
    assert "http" not in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    assert 'alt="ours: left &amp; right, right"' in text
    every = frames(text)
    assert [frame["value"] for frame in every] == ["10", "20", "40"]
    assert [frame["x"] for frame in every] == [0.25, 0.5, 1.0]
    assert every[1]["words"] == "Step 20 of 40. MSE / grey: training 0.80."
    # Each dot lies on its curve, a share of the height that grows with the value, or its log.
    scale = np.log if log else np.asarray
    shares = np.array([frame["dots"][0] for frame in every])
    low, high = scale(0.25), scale(2.0)
    wanted = (scale([1.0, 0.8, 0.25]) - low) / (high - low)
    np.testing.assert_allclose((shares - shares[-1]) * 1.12, wanted, atol=2e-4)
    for k, frame in enumerate(every):
        (uri,) = frame["pictures"]
        image = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
        assert image.size == (256, 128)
        assert np.abs(np.asarray(image)[64, 64].astype(int) - picture(60 * k)[0, 0]).max() <= 3


def test_numbers_along_the_axes_stand_where_they_belong() -> None:
    text = scrubber(STEPS, TRACKS, CURVES, PHOTOS)
    across = re.findall(r'<span class="x" style="left:([\d.]+)%">([\d,]+)</span>', text)
    assert len(across) >= 3
    assert all(float(share) == pytest.approx(100 * int(step) / 40) for share, step in across)
    up = re.findall(r'<span class="y" style="bottom:([\d.]+)%">([\d.]+)</span>', text)
    slope, start = np.polyfit(*np.array(up, float).T[::-1], 1)
    assert slope == pytest.approx(100 / (1.12 * 1.75), rel=1e-3)
    assert start + slope * 0.25 == pytest.approx(100 * 0.06 / 1.12, abs=0.02)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"steps": ()}, "checkpoints"),
        ({"curves": {}}, "1 to 3 curves"),
        ({"curves": dict.fromkeys("abcd", CURVES["training"])}, "1 to 3 curves"),
        ({"steps": (10, 20)}, "'ours' has 3 checkpoints, not 2"),
        ({"photos": ("left",)}, "a picture for each of left"),
        ({"fixed": {"truth": [picture(0)]}}, "'truth' must have a picture for each"),
    ],
)
def test_what_does_not_fit_together_is_refused(wrong: dict[str, Any], words: str) -> None:
    right: dict[str, Any] = {"steps": STEPS, "tracks": TRACKS, "curves": CURVES, "photos": PHOTOS}
    with pytest.raises(ValueError, match=words):
        scrubber(**(right | wrong))
