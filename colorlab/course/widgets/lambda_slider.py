"""The lambda slider: over `colorlab.inference.live`, live and as a page's twin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from colorlab.color import LAB
from colorlab.data.encoding import data_uri, encode_picture
from colorlab.data.samples import sample_names, sample_photos
from colorlab.inference.live import LivePhoto, Picture, live_model
from colorlab.models.live import LOWEST, LiveColorizer

if TYPE_CHECKING:
    import ipywidgets

QUALITY = 88
"""Of the JPEG files on their way to the page."""

RESTS = 0.3
"""A slider that nobody has moved for as many seconds rests."""


class Later:
    """Does something once `seconds` have passed without another call; at once without a loop."""

    def __init__(self, action: Callable[[], None], seconds: float = RESTS) -> None:
        self.action, self.seconds = action, seconds
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        if self._timer:
            self._timer.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.action()
        else:
            self._timer = loop.call_later(self.seconds, self.action)


def recolor_widget(
    photo: str = "china", lam: float = 0.9, model: LiveColorizer | None = None
) -> ipywidgets.VBox:
    """A sample photo, coloured anew while lambda is dragged; all its pixels when the slider rests.

    `model` is the shipped live colorizer, or another one. Raises ValueError for an unknown photo.
    Needs the extra "course" (ipywidgets).
    """
    import ipywidgets as w

    network = model or live_model()
    live = _opened(photo, network)  # an unknown name is refused here, and not inside the widget
    wide = {"style": {"description_width": "5em"}, "layout": w.Layout(width="32em")}
    slider = w.FloatSlider(lam, min=LOWEST, max=1, step=0.01, description="λ", **wide)
    chosen = w.Dropdown(options=sample_names(), value=photo, description="photo", **wide)
    picture = w.Image(format="jpeg", layout=w.Layout(width="100%", max_width="44em"))
    status = w.HTML()

    def rest() -> None:
        picture.value = encode_picture(live.full(slider.value), quality=QUALITY)
        status.value = f'<p role="status">{escape(describe(live, slider.value))}</p>'

    later = Later(rest)

    def drag(_: Any) -> None:
        picture.value = encode_picture(live.preview(slider.value), quality=QUALITY)
        later()

    def open_photo(_: Any) -> None:
        nonlocal live
        live = _opened(chosen.value, network)
        rest()

    slider.observe(drag, names="value")
    chosen.observe(open_photo, names="value")
    rest()
    return w.VBox([slider, chosen, picture, status])


def describe(live: LivePhoto, lam: float) -> str:
    """How colourful the photo is at this lambda, in words."""
    return f"λ = {lam:.2f}: mean chroma C* {mean_chroma(live.preview(lam)):.1f}."


def mean_chroma(rgb: Picture) -> float:
    """The mean C* of a picture, uint8 (H, W, 3), in L*a*b* units."""
    _, chroma = LAB.split(torch.from_numpy(np.array(rgb)).permute(2, 0, 1).float() / 255)
    return float(128 * chroma.norm(dim=0).mean())


def recolor_twin(
    photo: str = "china",
    lams: Sequence[float] = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1),
    model: LiveColorizer | None = None,
) -> str:
    """The widget for a page without a kernel: some lambdas, all drawn before, cautious first.

    HTML with its own script; raises ValueError for an unknown photo.
    """
    live = _opened(photo, model or live_model())
    frames = [
        {"picture": data_uri(live.preview(lam), quality=QUALITY), "words": describe(live, lam)}
        for lam in lams
    ]
    return _TWIN.format(
        last=len(frames) - 1,
        start=1,
        photo=escape(photo),
        first=frames[1]["picture"],
        frames=json.dumps(frames),
    )


_TWIN = """<div class="recolor-twin">
<p><label>cautious <input type="range" min="0" max="{last}" value="{start}"
aria-label="lambda, from 1 to 0.1" style="width:20em;max-width:60%"> vivid</label></p>
<div style="background:#666;padding:0.6em;text-align:center">
<img src="{first}" alt="{photo}, coloured" style="width:100%;max-width:36em"></div>
<p><output></output></p>
<script>
(() => {{
  const frames = {frames};
  const twin = document.currentScript.closest(".recolor-twin");
  const slider = twin.querySelector("input");
  const draw = () => {{
    const frame = frames[slider.value];
    twin.querySelector("output").textContent = frame.words;
    twin.querySelector("img").src = frame.picture;
    slider.setAttribute("aria-valuetext", frame.words);
  }};
  slider.addEventListener("input", draw);
  draw();
}})();
</script></div>"""


def _opened(name: str, model: LiveColorizer) -> LivePhoto:
    return LivePhoto(sample_photos(name)[0].rgb, model)
