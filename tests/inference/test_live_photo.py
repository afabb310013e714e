"""A photo at any lambda: encoded once, previewed small, done in full; the widget and its twin."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from colorlab.course.widgets.lambda_widget import (
    Later,
    describe,
    lambda_slider,
    lambda_twin,
    mean_chroma,
)
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import colorize_rgb
from colorlab.inference.live import LivePhoto, live_model
from colorlab.inference.old import colorize_old, tone, without_grain
from colorlab.models.fast import fast
from colorlab.models.live import LIKE_PHOTOS, LiveColorizer, at_lambda, vividness

from ..live_networks import live_on_fixed_head

ipywidgets = pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")


@pytest.fixture(scope="module")
def model() -> LiveColorizer:
    """A live network whose film does something: the smaller lambda is, the stronger."""
    return fast(live_on_fixed_head())


@pytest.fixture(scope="module")
def china() -> np.ndarray:
    return sample_photos("china")[0].rgb


@pytest.mark.parametrize("lam", [1.0, 0.3])
def test_the_full_picture_is_that_of_colorize(model, china, lam):
    live = LivePhoto(china, model)
    np.testing.assert_array_equal(live.full(lam), colorize_rgb(china, at_lambda(model, lam)))


def test_an_old_photo_is_seen_without_its_grain(model, china):
    live = LivePhoto(tone(china), model, seen=without_grain(tone(china)))
    np.testing.assert_array_equal(live.full(0.5), colorize_old(china, at_lambda(model, 0.5)))


def test_the_preview_is_the_full_picture_made_small(model, china):
    live = LivePhoto(china, model)
    preview = live.preview(0.3)
    assert preview.shape == (224, 320, 3)
    full = Image.fromarray(live.full(0.3)).resize((320, 224), Image.Resampling.BOX)
    assert np.abs(np.asarray(full).astype(int) - preview).mean() < 6
    assert np.abs(preview.astype(int) - live.preview(1.0)).mean() > 0.5


def test_read_only_photos_will_do(model, china):
    locked = china.copy()
    locked.flags.writeable = False
    np.testing.assert_array_equal(LivePhoto(locked, model).full(1), LivePhoto(china, model).full(1))


def test_a_model_of_one_lambda_is_refused():
    with pytest.raises(ValueError, match="efficientnet_lite0 was trained for one lambda"):
        live_model("efficientnet_lite0")


def test_mean_chroma_is_of_lab():
    blue = np.full((4, 4, 3), (0, 0, 255), np.uint8)
    assert mean_chroma(blue) == pytest.approx(133.8, abs=0.1)  # sRGB blue: (32.3, 79.2, -107.9)
    assert mean_chroma(np.full((4, 4, 3), 90, np.uint8)) < 0.1


def shown(widget: ipywidgets.VBox) -> Image.Image:
    return Image.open(io.BytesIO(widget.children[2].value))


def test_dragging_shows_a_preview_and_resting_all_pixels(model, china):
    async def drag() -> tuple[list[tuple[int, int]], list[str], float]:
        widget = lambda_slider("china", model=model)
        slider, _, _, status = widget.children
        sizes, words = [shown(widget).size], [status.value]
        for place in (10, 20, 30):
            slider.index = place
            sizes.append(shown(widget).size)
        await asyncio.sleep(1)
        return [*sizes, shown(widget).size], [*words, status.value], slider.value

    sizes, words, last = asyncio.run(drag())
    whole = (china.shape[1], china.shape[0])
    assert sizes == [whole, (320, 224), (320, 224), (320, 224), whole]
    assert "λ = 0.9" in words[0]
    assert describe(LivePhoto(china, model), last) in words[1]


def test_the_widget_follows_its_controls_without_a_loop_too(model):
    widget = lambda_slider("china", model=model)
    slider, photo, picture, status = widget.children
    lams = [lam for _, lam in slider.options]
    assert (lams[0], lams[-1]) == (1, 0.1)
    assert "like photos" in {lam: label for label, lam in slider.options}[LIKE_PHOTOS]
    assert np.diff([vividness(lam) for lam in lams]).max() < 0.03
    for control, value in ((slider, lams[30]), (photo, "coffee")):
        before = picture.value
        control.value = value
        assert picture.value != before
    coffee = sample_photos("coffee")[0].rgb
    assert shown(widget).size == (coffee.shape[1], coffee.shape[0])
    assert f"λ = {lams[30]:.3g}" in status.value
    with pytest.raises(ValueError, match="nobody"):
        lambda_slider("nobody", model=model)


def test_what_is_put_off_is_done_once():
    done: list[int] = []

    async def call() -> None:
        later = Later(lambda: done.append(1), seconds=0.02)
        for _ in range(5):
            later()
        assert not done
        await asyncio.sleep(0.2)

    asyncio.run(call())
    assert done == [1]


def test_the_twin_has_every_frame(model, china):
    page = lambda_twin("china", (1, 0.5, 0.2), model)
    frames = json.loads(re.search(r"const frames = (\[.*\]);", page)[1])
    assert len(frames) == 3
    live = LivePhoto(china, model)
    for frame, lam in zip(frames, (1, 0.5, 0.2), strict=True):
        assert frame["words"] == describe(live, lam)
        data = base64.b64decode(frame["picture"].removeprefix("data:image/jpeg;base64,"))
        picture = np.asarray(Image.open(io.BytesIO(data))).astype(int)
        assert np.abs(picture - live.preview(lam)).mean() < 4
    assert page.count('alt="china, coloured"') == 1
    with pytest.raises(ValueError, match="nobody"):
        lambda_twin("nobody", model=model)
