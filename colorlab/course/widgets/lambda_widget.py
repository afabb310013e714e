"""The lambda slider: a photo recoloured while lambda is dragged, and its twin for a static page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as w
import numpy as np
import torch

from colorlab.color import LAB
from colorlab.course.widgets.parts import (
    Picture,
    control,
    lambda_control,
    on_change,
    slider_twin,
)
from colorlab.data.formats import data_uri, encode_picture
from colorlab.data.samples import sample_names, sample_photos
from colorlab.inference.live import LivePhoto, live_model
from colorlab.models.live import LIKE_PHOTOS, LiveColorizer, lambda_for, vividness

QUALITY = 88
"""Of the JPEG files on their way to the page."""

FRAMES = tuple(lambda_for(step / 9) for step in range(10))
"""The lambdas of the twin."""


class Later:
    """Does something once `seconds` have passed without another call; at once without a loop."""

    def __init__(self, action: Callable[[], None], seconds: float = 0.3) -> None:
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


def lambda_slider(
    photo: str = "china", lam: float = 0.9, model: LiveColorizer | None = None
) -> w.VBox:
    """A sample photo, recoloured while lambda is dragged; all its pixels when the slider rests.

    `model` is the shipped live colorizer, or another one. Raises ValueError for an unknown photo.
    """
    network = model or live_model()
    opened = _open(photo, network)  # an unknown name is refused here, not inside the widget
    slider = lambda_control("λ", lam=lam)
    chosen = control(w.Dropdown, "photo", options=sample_names(), value=photo)
    picture = w.Image(format="jpeg", layout=w.Layout(width="100%", max_width="44em"))
    status = w.HTML()

    def rest() -> None:
        picture.value = encode_picture(opened.full(slider.value), quality=QUALITY)
        status.value = f'<p role="status">{describe(opened, slider.value)}</p>'

    later = Later(rest)

    def drag(_: Any) -> None:
        picture.value = encode_picture(opened.preview(slider.value), quality=QUALITY)
        later()

    def open_another(_: Any) -> None:
        nonlocal opened
        opened = _open(chosen.value, network)
        rest()

    on_change(drag, slider)
    on_change(open_another, chosen)
    rest()
    return w.VBox([slider, chosen, picture, status])


def lambda_twin(
    photo: str = "china",
    lams: Sequence[float] = FRAMES,
    model: LiveColorizer | None = None,
) -> str:
    """The slider for a page without a kernel: some lambdas, all drawn before, cautious first.

    It begins where the network is as colourful as photos are. HTML with its own script; raises
    ValueError for an unknown photo.
    """
    opened = _open(photo, model or live_model())
    previews = [opened.preview(lam) for lam in lams]
    apart = [abs(vividness(lam) - vividness(LIKE_PHOTOS)) for lam in lams]
    start = apart.index(min(apart))
    frames = [
        {"picture": data_uri(preview, quality=QUALITY), "words": describe(opened, lam)}
        for lam, preview in zip(lams, previews, strict=True)
    ]
    return slider_twin(
        f"lambda, from {lams[0]:g} to {lams[-1]:g}",
        {f"{photo}, coloured": previews[start]},
        frames,
        start=start,
        ends=("cautious", "vivid"),
    )


def describe(photo: LivePhoto, lam: float) -> str:
    """How colourful the photo is at this lambda, in words."""
    like_photos = abs(vividness(lam) - vividness(LIKE_PHOTOS)) < 0.03
    mark = " Photos are, on average, as colourful as the network is here." if like_photos else ""
    return f"λ = {lam:.3g}: mean chroma C* {mean_chroma(photo.preview(lam)):.1f}.{mark}"


def mean_chroma(rgb: Picture) -> float:
    """The mean C* of a picture, uint8 (H, W, 3), in L*a*b* units."""
    _, chroma = LAB.split(torch.from_numpy(np.array(rgb)).permute(2, 0, 1).float() / 255)
    return float(128 * chroma.norm(dim=0).mean())


def _open(name: str, model: LiveColorizer) -> LivePhoto:
    return LivePhoto(sample_photos(name)[0].rgb, model)
