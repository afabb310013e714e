"""The studio in a notebook: controls over `studio_photo`, and a page part that compares.

The page's part is `studio.js`, with the divider of `divider.js`. It takes photos (chosen, dropped,
pasted) and sends them in parts: Jupyter's server ends the connection at a message of more than
10 MB, which a single part never is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as w
import traitlets

from colorlab import DEFAULT_MODEL
from colorlab.course.widgets.parts import (
    Picture,
    control,
    fill,
    lambda_control,
    on_change,
    static_file,
)
from colorlab.course.widgets.studio_photo import (
    RANGES,
    Look,
    StudioPhoto,
    open_photo,
    result_file,
    trained_models,
)
from colorlab.data.formats import data_uri, encode_picture
from colorlab.data.photo import PhotoError
from colorlab.data.samples import sample_names, sample_paths
from colorlab.inference.colorize import load_model
from colorlab.models.live import LiveColorizer

MAX_BYTES = 200_000_000
"""Larger files are refused by the page, before they are sent."""


class Viewer(anywidget.AnyWidget):
    """The pictures of one photo on a page, JPEG files; `original` and `rival` may be empty.

    `state` has "note", the words above the pictures, and the names of the models as "result" and
    "rival". A photo that comes from the page is given to `uploaded` as bytes and name.
    """

    _esm = static_file("divider.js") + static_file("studio.js")
    _css = static_file("studio.css")
    state = traitlets.Dict().tag(sync=True)
    grey = traitlets.Bytes().tag(sync=True)
    result = traitlets.Bytes().tag(sync=True)
    original = traitlets.Bytes().tag(sync=True)
    rival = traitlets.Bytes().tag(sync=True)
    limit = traitlets.Int(MAX_BYTES).tag(sync=True)

    def __init__(self, uploaded: Callable[[bytes, str], None]) -> None:
        super().__init__()
        self.uploaded = uploaded
        self._upload, self._received = "", bytearray()
        self.on_msg(lambda _, content, buffers: self.receive(content, buffers))

    def receive(self, content: dict[str, Any], buffers: Sequence[bytes | memoryview]) -> None:
        """Take a part of a file: "upload" (which one), "at" (of "size" bytes), and its "name"."""
        if content["at"] == 0:
            self._upload, self._received = content["upload"], bytearray()
        if content["upload"] != self._upload or content["at"] != len(self._received):
            return  # of an upload that another one has replaced
        for buffer in buffers:
            self._received += buffer
        if len(self._received) >= content["size"]:
            data, self._received = bytes(self._received), bytearray()
            self._upload = ""
            self.uploaded(data, content["name"])


def studio(
    photo: str | Path | Picture = "china", model: str = DEFAULT_MODEL, old: bool = False
) -> Studio:
    """The studio: choose a photo, compare its colours before and after, save the full result.

    It begins with `photo`: a sample's name, a file, or an array that `read_photo` takes. `model`
    has trained weights; `old` is for an old photograph. Raises ValueError for a photo that can't be
    read and an unknown model.
    """
    return Studio(photo, Look(model, old))


class Studio:
    """The widget: a photo, its controls and its pictures; `studio` makes it.

    `box` is what is displayed. What goes wrong is said in `viewer.state["note"]`, and the last good
    photo stays.
    """

    def __init__(self, photo: str | Path | Picture, look: Look) -> None:
        models, names = trained_models(), sample_names()
        if look.model not in models:
            raise ValueError(f"no trained model {look.model!r}; there are: {', '.join(models)}")
        choice = partial(control, w.Dropdown, width="24em")

        def number(label: str, name: str, step: float) -> Any:
            low, high = RANGES[name]
            limits = {"min": low, "max": high, "step": step, "readout_format": ".2f"}
            return control(w.FloatSlider, label, "24em", value=getattr(look, name), **limits)

        self.sample = choice("sample", options=[("…", None), *zip(names, names, strict=True)])
        self.path = control(
            w.Text, "path", "24em", placeholder="of a photo here", continuous_update=False
        )
        self.model = choice("model", options=models, value=look.model)
        others = zip(models, models, strict=True)
        self.rival = choice("second model", options=[("none", ""), *others])
        self.saturation = number("saturation ×", "saturation", 0.05)
        self.strength = number("strength", "strength", 0.05)
        self.lam = lambda_control("λ", "24em", look.lam)
        self.old = w.Checkbox(
            value=look.old, description="old photo: tone it, look past the grain", indent=False
        )
        self.format = choice("file", options=["jpeg", "png"])
        self.make = w.Button(description="Make the full result", layout=w.Layout(width="auto"))
        self.progress = w.FloatProgress(min=0, max=1, layout=w.Layout(display="none"))
        self.viewer = Viewer(self.open)

        if isinstance(photo, str) and photo in names:
            self.sample.value = photo
            photo = sample_paths(photo)[0]
        self._offer_lambda()
        self._show(open_photo(photo))  # a photo that can't be read is refused here, not inside

        on_change(self._open_sample, self.sample)
        on_change(self._open_path, self.path)
        on_change(self._recolor, self.model, self.rival, self.old)
        on_change(self._redraw, self.lam, self.saturation, self.strength)
        self.make.on_click(self._make)
        rows = [
            [self.sample, self.path, self.model, self.rival],
            [self.lam, self.saturation, self.strength, self.old],
            [self.make, self.format, self.progress],
        ]
        wrap = w.Layout(flex_flow="row wrap", align_items="center")
        photo_row, look_row, file_row = (w.HBox(row, layout=wrap) for row in rows)
        self.box = w.VBox([photo_row, look_row, self.viewer, file_row])

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    @property
    def look(self) -> Look:
        """What the controls say."""
        numbers = self.saturation.value, self.strength.value, self.lam.value
        return Look(self.model.value, self.old.value, *numbers)

    def open(self, source: str | Path | bytes | Picture, name: str = "photo") -> None:
        """Show another photo; of one that can't be read the reason is said."""
        self._say("Opening the photo …")
        with self._failures_said():
            self._show(open_photo(source, name))
            # The controls name the photo that is shown, or nothing.
            if not isinstance(source, str):
                self.path.value = ""
            if not isinstance(source, Path):
                self.sample.value = None

    def _open_sample(self, change: dict[str, Any]) -> None:
        if change["new"] is not None:
            self.open(sample_paths(change["new"])[0])

    def _open_path(self, change: dict[str, Any]) -> None:
        typed = change["new"].strip().strip("\"'")  # as a file manager copies it
        if typed:
            self.open(typed)

    def _show(self, photo: StudioPhoto) -> None:
        """Make a photo the current one, once all that is shown of it is there."""
        shown = self._pictures(photo)
        self.photo = photo
        self.format.value = "jpeg" if photo.photo.format == "jpeg" else "png"
        grey, original = _jpeg(photo.grey), _jpeg(photo.small) if photo.in_colour else b""
        with self.viewer.hold_sync():
            self.viewer.grey, self.viewer.original = grey, original
            self._send(*shown)

    def _recolor(self, _: Any) -> None:
        self._say("Colouring …")  # a network that is read, or a large photo toned, takes seconds
        self._offer_lambda()
        self._redraw()

    def _offer_lambda(self) -> None:
        """The slider is there for the models that it moves."""
        shown = filter(None, (self.model.value, self.rival.value))
        takes_lambda = any(isinstance(load_model(name), LiveColorizer) for name in shown)
        self.lam.layout.display = "" if takes_lambda else "none"

    def _redraw(self, _: Any = None) -> None:
        with self._failures_said():
            shown = self._pictures(self.photo)
            with self.viewer.hold_sync():
                self._send(*shown)

    def _pictures(self, photo: StudioPhoto) -> tuple[bytes, bytes]:
        """What the model makes of it, and what the second one does."""
        look, rival = self.look, self.rival.value
        second = _jpeg(photo.preview(replace(look, model=rival))) if rival else b""
        return _jpeg(photo.preview(look)), second

    def _send(self, result: bytes, rival: bytes) -> None:
        self.viewer.result, self.viewer.rival = result, rival
        height, width = self.photo.photo.rgb.shape[:2]
        note = f"{self.photo.name}: {width} × {height} pixels."
        small = self.photo.small.shape
        if small[:2] != (height, width):
            note += f" Shown at {small[1]} × {small[0]}; the full result has them all."
        self._say(note)

    def _make(self, _: Any = None) -> None:
        """The full result, sent to the page as a file to save."""
        self.make.disabled, self.progress.layout.display = True, ""
        self.progress.value, self.progress.description = 0, "colouring"
        try:
            with self._failures_said():
                full = self.photo.full(self.look, self._advance)
                self.progress.description = "writing"
                name, data = result_file(full, self.photo.name, self.format.value)
                self.viewer.send({"kind": "file", "name": name}, [data])
        finally:
            self.make.disabled, self.progress.layout.display = False, "none"

    def _advance(self, share: float) -> None:
        self.progress.value = 0.9 * share  # the rest is the writing of the file

    @contextmanager
    def _failures_said(self) -> Iterator[None]:
        """What fails inside is told on the page instead of raised."""
        try:
            yield
        except (ValueError, RuntimeError, OSError, MemoryError) as error:
            words = str(error) or "not enough memory"
            kept = " The photo before it stays." if isinstance(error, PhotoError) else ""
            self._say(f"That did not work: {words.removesuffix('.')}.{kept}", failed=True)

    def _say(self, note: str, failed: bool = False) -> None:
        # "turn" makes each state a new one, also where the same words come twice.
        self.viewer.state = {
            "turn": self.viewer.state.get("turn", 0) + 1,
            "note": note,
            "failed": failed,
            "result": self.model.value,
            "rival": self.rival.value,
        }


def _jpeg(picture: Picture) -> bytes:
    return encode_picture(picture, quality=92, subsampling=0)


def divider_twin(left: Picture, right: Picture, names: tuple[str, str]) -> str:
    """The divider for a page without a kernel: two pictures of one size, uint8 (H, W, 3).

    `names` are what the left and the right one are called. Display the HTML with
    `IPython.display.HTML`. Raises ValueError where the sizes differ.
    """
    if left.shape != right.shape:
        raise ValueError(f"the pictures differ in size: {left.shape} and {right.shape}")
    return fill(
        "divider.html",
        aspect=f"{left.shape[1]} / {left.shape[0]}",
        first=escape(names[0]),
        second=escape(names[1]),
        below=data_uri(left, quality=85),
        above=data_uri(right, quality=85),
    )
