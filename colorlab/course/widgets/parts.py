"""What widgets and their static twins share: controls, pictures in a row, pages from templates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import ipywidgets as w
import numpy as np
from numpy.typing import NDArray

from colorlab.data.formats import Encoding, data_uri
from colorlab.models.live import LIKE_PHOTOS, lambda_for, vividness

Picture = NDArray[np.uint8]


def control(kind: Callable[..., Any], name: str, width: str = "32em", **options: Any) -> Any:
    """A labelled ipywidgets control, no wider than a phone's page."""
    layout = w.Layout(width=width, max_width="96%")
    return kind(description=name, style={"description_width": "8em"}, layout=layout, **options)


def lambda_control(name: str, width: str = "32em", lam: float = 1.0) -> Any:
    """A slider for lambda in even steps of colour, cautious at the left; its value is lambda.

    One step is marked: there the network is as colourful as photos are. `lam` is moved to the
    nearest step.
    """
    steps = {lambda_for(step / 40) for step in range(41)} | {LIKE_PHOTOS}
    options = [
        (f"{each:.3g}" + (", like photos" if each == LIKE_PHOTOS else ""), each)
        for each in sorted(steps, reverse=True)
    ]
    nearest = min(steps, key=lambda each: abs(vividness(each) - vividness(lam)))
    return control(w.SelectionSlider, name, width, options=options, value=nearest)


def on_change(action: Callable[[Any], None], *controls: Any) -> None:
    """Call `action` whenever the value of one of the controls changes."""
    for each in controls:
        each.observe(action, names="value")


def pictures_row(pictures: Mapping[str, Picture], kind: Encoding = "PNG", each: str = "9em") -> str:
    """Pictures, uint8 (H, W, 3), on neutral grey as HTML; each name is caption and alt text.

    `each` is the width, in CSS, that a picture has at least where there is room.
    """
    figures = "".join(
        f'<figure style="margin:0.4em"><img alt="{name}" src="{data_uri(picture, kind)}" '
        f'style="width:100%"><figcaption style="color:#fff">{name}</figcaption></figure>'
        for name, picture in pictures.items()
    )
    columns = f"repeat(auto-fit,minmax(min(100%,{each}),1fr))"
    style = f"display:grid;grid-template-columns:{columns};background:#666"
    return f'<div style="{style}">{figures}</div>'


def static_file(name: str) -> str:
    """The text of a script, style sheet or template beside this module."""
    return (files("colorlab.course.widgets") / name).read_text("utf-8")


def fill(template: str, **values: object) -> str:
    """A template file with each {{name}} replaced by its value, or by the text of that file."""

    def value(place: re.Match[str]) -> str:
        name = place[1]
        return str(values[name]) if name in values else static_file(name)

    return re.sub(r"{{([\w.]+)}}", value, static_file(template))


def live(function: str, data: object, *scripts: str) -> str:
    """A script for the end of a twin's <section>, which it calls `function` with, and with `data`.

    `scripts` are modules of JavaScript beside this one, each after those that it imports. A page
    without a server has no modules: they become one script.
    """
    text = "".join(map(static_file, scripts))
    text = re.sub(r"^(?:import .*\n|export default .*\n|export )", "", text, flags=re.MULTILINE)
    # Where a page has several twins, each script takes the first that none has taken.
    find = f'document.querySelector("[data-twin={function}]:not([data-alive])")'
    call = f'const twin = {find};\nif (!twin) return;\ntwin.dataset.alive = "yes";\n'
    values = json.dumps(data, separators=(",", ":"))
    return f'(() => {{\n"use strict";\n{text}\n{call}{function}(twin, {values});\n}})();'


def slider_twin(
    label: str,
    pictures: Mapping[str, Picture],
    frames: Sequence[Mapping[str, Any]],
    start: int,
    ends: tuple[str, str] = ("", ""),
    table: str = "",
) -> str:
    """A slider over frames drawn beforehand, as HTML with its own script: needs no kernel.

    A frame has "words", "picture" (the URI that the last one of `pictures` changes to) and maybe
    "rows" (the cells below the header of `table`, HTML). `ends` stand beside the slider; without
    them the label does.
    """
    return fill(
        "slider_twin.html",
        label=escape(label),
        less=escape(ends[0] or label),
        more=escape(ends[1]),
        last=len(frames) - 1,
        start=start,
        pictures=pictures_row(pictures, "JPEG"),
        table=table,
        frames=json.dumps(frames),
    )
