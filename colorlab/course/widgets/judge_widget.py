"""A photo with some of its colours changed, and what every metric says of it.

`render` is a pure function from the controls' values to pictures and numbers; `judge` puts controls
over it, and `judge_twin` is its form for a static page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import ipywidgets as w
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from colorlab.color import lab_to_rgb, rgb_to_lab
from colorlab.course.tables import table
from colorlab.course.widgets.parts import Picture, control, on_change, pictures_row, slider_twin
from colorlab.data.decode import decode
from colorlab.data.formats import data_uri
from colorlab.data.samples import sample_paths
from colorlab.evaluate.metrics import get_metric, measure
from colorlab.evaluate.metrics.auc import class_counts, rarity
from colorlab.evaluate.metrics.base import Images

Region = Literal["object", "everything"]
REGIONS: tuple[Region, ...] = ("object", "everything")

METRICS = (
    *("mse", "psnr", "ssim", "delta_e"),
    *("auc", "auc_rebalanced", "delta_colorfulness_photo", "chroma_ratio"),
)
"""What is shown: metrics that a single photo has."""

HEADER = ("metric", "better is", "changed", "in grey", "it prefers")


@dataclass(frozen=True)
class Object:
    """A thing in a sample photo that is told from the rest by its colour alone.

    Its pixels have a hue angle within `within` degrees of `hue`, and C* above `chroma`.
    """

    what: str
    hue: float
    within: float
    chroma: float


OBJECTS = {
    "motorcycle": Object("what is red on the motorcycle", 37, 12, 45),
    "flower": Object("the blossom", 50, 35, 20),
    "astronaut": Object("the suit", 48, 14, 45),
    "coffee": Object("cup and saucer", 40, 8, 25),
}
"""The photos that can be chosen."""


@dataclass(frozen=True)
class Subject:
    """A photo made small; `rgb` is (1, 3, H, W) in [0, 1], `lab` likewise in L*a*b*.

    `mask`, bool (H, W), is where its `Object` is.
    """

    rgb: Tensor
    lab: Tensor
    mask: Tensor


@cache
def subject(name: str) -> Subject:
    """The photo `name` of `OBJECTS`, 256 pixels wide; ValueError where there is no such photo."""
    if name not in OBJECTS:
        raise ValueError(f"no photo {name!r}; there are: {', '.join(OBJECTS)}")
    photo = decode(sample_paths(name)[0])[None].float() / 255
    size = round(256 * photo.shape[-2] / photo.shape[-1]), 256
    rgb = interpolate(photo, size, mode="bilinear", antialias=True).clamp(0, 1)
    lab = rgb_to_lab(rgb)
    a, b = lab[0, 1:]
    thing = OBJECTS[name]
    away = (torch.rad2deg(torch.atan2(b, a)) - thing.hue + 180) % 360 - 180
    return Subject(rgb, lab, (away.abs() < thing.within) & (torch.hypot(a, b) > thing.chroma))


@dataclass(frozen=True)
class Judged:
    """The changed photo and the same photo with the region in grey, uint8 (H, W, 3), with scores.

    `scores` has, by metric, the value of the changed photo and that of the one in grey.
    """

    changed: Picture
    grey: Picture
    scores: dict[str, tuple[float, float]]

    def winner(self, name: str) -> str:
        """Which of the two the metric prefers: "changed", "grey" or "neither"."""
        changed, grey = self.scores[name]
        better = get_metric(name).facts.better
        if better == "near the truth":  # of one photo, these are ratios to the truth
            changed, grey = -abs(changed - 1), -abs(grey - 1)
        elif better == "lower":
            changed, grey = -changed, -grey
        if abs(changed - grey) < 1e-6:
            return "neither"
        return "changed" if changed > grey else "grey"


def render(photo: str, region: Region, hue: float, saturation: float) -> Judged:
    """Turn the hue (degrees) and scale the chroma of a sample photo's object, or of everything.

    The rival has the same region without colour. Raises ValueError for an unknown photo or region
    and a negative saturation.

    >>> render("flower", "object", hue=-100, saturation=1.0).winner("mse")
    'grey'
    """
    if region not in REGIONS:
        raise ValueError(f"no region {region!r}; there are: {', '.join(REGIONS)}")
    if saturation < 0:
        raise ValueError(f"saturation must be 0 or more, got {saturation}")
    chosen = subject(photo)
    mask = chosen.mask if region == "object" else torch.ones_like(chosen.mask)
    unchanged = hue % 360 == 0 and saturation == 1
    changed = chosen.rgb if unchanged else adjust_chroma(chosen.lab, mask, hue, saturation)
    grey = adjust_chroma(chosen.lab, mask, 0, 0)
    frequencies = rarity(class_counts(Images(chosen.rgb)))
    pair = torch.cat([changed, grey])
    scores = {}
    for name in METRICS:
        both = measure(name, pair, chosen.rgb.expand_as(pair), rarity=frequencies)
        scores[name] = float(both[0]), float(both[1])
    return Judged(picture(changed), picture(grey), scores)


def adjust_chroma(lab: Tensor, mask: Tensor, hue: float, saturation: float) -> Tensor:
    """L*a*b* (1, 3, H, W) as RGB with the masked pixels' hue turned and chroma scaled.

    `hue` in degrees, `saturation` a factor of 0 or more. Lightness stays, up to what sRGB can show.
    """
    angle = torch.tensor(np.radians(hue))
    cosine, sine = angle.cos(), angle.sin()
    lightness, a, b = lab.unbind(1)
    turned = torch.stack([cosine * a - sine * b, sine * a + cosine * b], dim=1) * saturation
    chroma = torch.where(mask, turned.float(), lab[:, 1:])
    return lab_to_rgb(torch.cat([lightness[:, None], chroma], dim=1))


def picture(rgb: Tensor) -> Picture:
    """RGB (1, 3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (rgb[0] * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def verdicts(judged: Judged) -> list[tuple[str, str, str, str, str]]:
    """Title, direction, the two values and the preferred picture, for each metric."""
    lines: list[tuple[str, str, str, str, str]] = []
    for name in METRICS:
        facts = get_metric(name).facts
        changed, grey = judged.scores[name]
        better = "near 1" if facts.better == "near the truth" else facts.better
        prefers = judged.winner(name).replace("grey", "in grey")
        lines.append((facts.title, better, f"{changed:.4g}", f"{grey:.4g}", prefers))
    return lines


def judge(photo: str = "motorcycle") -> w.VBox:
    """A photo's colours to change, and every metric's word on it beside the same thing in grey.

    Raises ValueError for an unknown photo.
    """
    subject(photo)  # refuse an unknown name here rather than inside the widget
    chosen = control(w.Dropdown, "photo", options=list(OBJECTS), value=photo)
    region = control(w.Dropdown, "change", options=REGIONS)
    hue = control(w.IntSlider, "hue turned by °", value=-110, min=-180, max=180, step=5)
    saturation = control(w.FloatSlider, "saturation ×", value=1, min=0, max=2, step=0.05)
    pictures, scores = w.HTML(), w.HTML()

    def redraw(_: Any = None) -> None:
        judged = render(chosen.value, region.value, hue.value, saturation.value)
        pictures.value = pictures_row(_gallery(chosen.value, judged))
        html = table(HEADER, verdicts(judged)).data
        scores.value = f'<div role="status">{html}</div>'

    on_change(redraw, chosen, region, hue, saturation)
    redraw()
    return w.VBox([chosen, region, hue, saturation, pictures, scores])


def _gallery(photo: str, judged: Judged) -> dict[str, Picture]:
    """What is shown side by side, the changed photo last."""
    truth = picture(subject(photo).rgb)
    return {"the photo": truth, "in grey": judged.grey, "changed": judged.changed}


def judge_twin(photo: str = "motorcycle") -> str:
    """The widget for a page without a kernel: hue alone, in steps of 15 degrees, all drawn before.

    HTML with its own script; raises ValueError for an unknown photo.
    """
    frames = {turn: render(photo, "object", turn, 1.0) for turn in range(-180, 181, 15)}
    start = -105
    return slider_twin(
        f"hue of {OBJECTS[photo].what}, turned by",
        _gallery(photo, frames[start]),
        [
            {
                "words": f"{turn} degrees",
                "picture": data_uri(judged.changed),
                "rows": verdicts(judged),
            }
            for turn, judged in frames.items()
        ],
        start=list(frames).index(start),
        table=table(HEADER, verdicts(frames[start])).data,
    )
