"""What the pixel's mind is made of; tests/browser has the page."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.widgets.pixel_widget import KEPT, pixel_twin
from colorlab.train.classes import begin


def test_it_is_small_and_whole() -> None:
    text = pixel_twin("coffee", begin().eval())
    assert len(text) < 500_000
    assert "{{" not in text
    assert "http" not in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)  # a plain script has neither
    found = re.search(r"pixelTwin\(twin, (\{.*\})\);", text)
    assert found
    data = json.loads(found[1])
    numbers = np.frombuffer(base64.b64decode(data["numbers"]), "<u2")
    assert numbers.shape == (data["rows"] * data["columns"] * KEPT,)
    assert numbers.max() < 313


def test_an_unknown_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing_here"):
        pixel_twin("nothing_here", begin().eval())
