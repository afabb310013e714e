"""The judging widget: controls over `judge_view.render`, live and as a page's twin."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from colorlab.course.widgets.judge_view import (
    METRICS,
    OBJECTS,
    REGIONS,
    Judged,
    Picture,
    picture,
    render,
    subject,
)
from colorlab.data.encoding import Format, data_uri
from colorlab.evaluate.metrics import get_metric

if TYPE_CHECKING:
    import ipywidgets

_STEP = 15  # degrees between two frames of the twin


def judge_widget(photo: str = "motorcycle") -> ipywidgets.VBox:
    """A photo's colours to change, and every metric's word on it beside the same thing in grey.

    Raises ValueError for an unknown photo. Needs the extra "course" (ipywidgets).
    """
    import ipywidgets as w

    subject(photo)  # refuse an unknown name here rather than inside the widget
    wide = {"style": {"description_width": "9em"}, "layout": w.Layout(width="36em")}
    chosen = w.Dropdown(options=list(OBJECTS), value=photo, description="photo", **wide)
    region = w.Dropdown(options=REGIONS, description="change", **wide)
    hue = w.IntSlider(-110, min=-180, max=180, step=5, description="hue turned by °", **wide)
    saturation = w.FloatSlider(1, min=0, max=2, step=0.05, description="saturation ×", **wide)
    pictures, verdicts = w.HTML(), w.HTML()

    def redraw(_: Any = None) -> None:
        judged = render(chosen.value, region.value, hue.value, saturation.value)
        shown = {
            "the photo": picture(subject(chosen.value).rgb),
            "changed": judged.changed,
            "in grey": judged.grey,
        }
        pictures.value = gallery(shown)
        verdicts.value = verdict_table(judged)

    for control in (chosen, region, hue, saturation):
        control.observe(redraw, names="value")
    redraw()
    return w.VBox([chosen, region, hue, saturation, pictures, verdicts])


def gallery(pictures: dict[str, Picture], kind: Format = "PNG") -> str:
    """Pictures in a row with their names, as HTML."""
    figures = "".join(
        f'<figure style="margin:0.4em;flex:1 1 9em"><img class="{name.split()[-1]}" alt="{name}" '
        f'src="{data_uri(rgb, kind)}" style="width:100%">'
        f'<figcaption style="color:#fff">{name}</figcaption></figure>'
        for name, rgb in pictures.items()
    )
    return f'<div style="display:flex;flex-wrap:wrap;background:#666">{figures}</div>'


def verdict_table(judged: Judged) -> str:
    """Each metric's two values and which of the two pictures it prefers, as an HTML table."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(title)}</th>'
        + "".join(f'<td style="text-align:right">{cell}</td>' for cell in cells)
        + "</tr>"
        for title, *cells in verdicts(judged)
    )
    return f'<table class="table" role="status"><tr>{_HEADS}</tr>{rows}</table>'


_HEADS = "".join(
    f'<th scope="col">{name}</th>'
    for name in ("metric", "better is", "changed", "in grey", "it prefers")
)


def verdicts(judged: Judged) -> list[tuple[str, str, str, str, str]]:
    """Title, direction, the two values and the preferred picture, for each metric."""
    lines: list[tuple[str, str, str, str, str]] = []
    for name in METRICS:
        facts = get_metric(name).facts
        changed, grey = judged.scores[name]
        words = {"changed": "changed", "grey": "in grey", "neither": "neither"}
        better = "near 1" if facts.better == "near the truth" else facts.better
        prefers = words[judged.winner(name)]
        lines.append((facts.title, better, f"{changed:.4g}", f"{grey:.4g}", prefers))
    return lines


def judge_twin(photo: str = "motorcycle") -> str:
    """The widget for a page without a kernel: hue alone, in steps of 15 degrees, all drawn before.

    HTML with its own script; raises ValueError for an unknown photo.
    """
    turns = list(range(-180, 181, _STEP))
    judged = [render(photo, "object", turn, 1.0) for turn in turns]
    frames = [
        {"hue": turn, "picture": data_uri(view.changed), "rows": verdicts(view)}
        for turn, view in zip(turns, judged, strict=True)
    ]
    start = turns.index(-105)
    pictures = {
        "the photo": picture(subject(photo).rgb),
        "in grey": judged[0].grey,
        "changed": judged[start].changed,
    }
    return _TWIN.format(
        last=len(turns) - 1,
        start=start,
        gallery=gallery(pictures, "JPEG"),
        heads=_HEADS,
        what=escape(OBJECTS[photo].what),
        frames=json.dumps(frames),
    )


_TWIN = """<div class="judge-twin">
<p><label>hue of {what}, turned by
<input type="range" min="0" max="{last}" value="{start}" style="width:20em;max-width:90%"></label>
<output></output></p>
{gallery}
<div style="overflow-x:auto"><table class="table"><thead><tr>{heads}</tr></thead>
<tbody></tbody></table></div>
<script>
(() => {{
  const frames = {frames};
  const twin = document.currentScript.closest(".judge-twin");
  const slider = twin.querySelector("input");
  const draw = () => {{
    const frame = frames[slider.value];
    const said = `${{frame.hue}} degrees`;
    twin.querySelector("output").textContent = said;
    slider.setAttribute("aria-valuetext", said);
    twin.querySelector(".changed").src = frame.picture;
    const body = twin.querySelector("tbody");
    body.replaceChildren(...frame.rows.map((row) => {{
      const line = document.createElement("tr");
      row.forEach((text, column) => {{
        const cell = document.createElement(column ? "td" : "th");
        cell.textContent = text;
        cell.style.textAlign = column ? "right" : "left";
        line.append(cell);
      }});
      return line;
    }}));
  }};
  slider.addEventListener("input", draw);
  draw();
}})();
</script></div>"""
