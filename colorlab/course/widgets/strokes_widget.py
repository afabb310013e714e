"""Colour by strokes in a notebook: controls over `strokes_photo`, and the canvas of the page.

The canvas is `strokes_canvas.js`, which the book's page has too; `strokes_widget.js` joins it to
the kernel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as w
import traitlets

from colorlab import DEFAULT_MODEL
from colorlab.course.widgets.parts import Picture, control, on_change, static_file
from colorlab.course.widgets.strokes_photo import StrokesPhoto
from colorlab.course.widgets.studio_photo import open_photo, result_file, shrink
from colorlab.data.formats import encode_picture
from colorlab.data.hints import Hint
from colorlab.data.photo import Photo, PhotoError
from colorlab.data.samples import sample_names, sample_paths

PAUSE = 0.4
"""Seconds without a new stroke until a rough answer is refined."""

REFERENCE_SIDE = 500

WAYS = {"the network": "network", "Levin 2004": "levin", "Yatziv-Sapiro 2006": "yatziv"}


class StrokesView(anywidget.AnyWidget):
    """The canvas on a page: `result`, a JPEG file, under strokes, which the page has as `hints`.

    `hints` are rows of the file that `colorlab.data.hints.read_hints` reads, set from either side.
    `state` has "photo", which changes with the photo, its "wide" and "high", the "note", whether it
    "failed", and whether the kernel is still "working". A place that is touched is given to
    `touched`.
    """

    _esm = "".join(map(static_file, ("strokes_hints.js", "strokes_canvas.js", "strokes_widget.js")))
    _css = static_file("strokes_canvas.css")
    state = traitlets.Dict().tag(sync=True)
    result = traitlets.Bytes().tag(sync=True)
    reference = traitlets.Bytes().tag(sync=True)
    hints: Any = traitlets.List().tag(sync=True)

    def __init__(self, touched: Callable[[float, float], None]) -> None:
        super().__init__()
        self.on_msg(lambda _, content, __: touched(float(content["x"]), float(content["y"])))


def strokes(photo: str | Path | Picture = "astronaut", model: str = DEFAULT_MODEL) -> StrokeCanvas:
    """Colour a photo by strokes: draw on it, choose who spreads the colours, save the full result.

    It begins with `photo`: a sample's name, a file, or an array that `read_photo` takes; `model`
    has trained weights. Raises ValueError for a photo that can't be read and an unknown model.
    """
    return StrokeCanvas(photo, model)


class StrokeCanvas:
    """The widget: a photo, the strokes on it, and their spreading; `strokes` makes it.

    `box` is what is displayed. What goes wrong is said in `view.state["note"]`, and the last good
    result stays.
    """

    def __init__(self, photo: str | Path | Picture, model: str) -> None:
        self._model, self._turn, self._number = model, 0, 0
        self._lock = threading.Lock()  # one refinement at a time
        self._later: threading.Timer | None = None
        names = sample_names()

        def choice(name: str, first: str) -> Any:
            options = [(first, None), *zip(names, names, strict=True)]
            return control(w.Dropdown, name, "24em", options=options)

        self.sample, self.reference = choice("sample", "…"), choice("reference", "none")
        self.path = control(
            w.Text, "path", "24em", placeholder="of a photo here", continuous_update=False
        )
        self.way = control(w.Dropdown, "who spreads", "24em", options=list(WAYS.items()))
        self.format = control(w.Dropdown, "file", "16em", options=["jpeg", "png"])
        self.make = w.Button(description="Make the full result", layout=w.Layout(width="auto"))
        self.view = StrokesView(self._offer_colours)
        if isinstance(photo, str) and photo in names:
            self.sample.value = photo
            photo = sample_paths(photo)[0]
        self._show(photo)  # one that can't be read is refused here, not inside

        on_change(self._open_sample, self.sample)
        on_change(self._open_path, self.path)
        on_change(self._spread, self.way)
        on_change(self._show_reference, self.reference)
        self.view.observe(self._spread, "hints")
        self.make.on_click(self._make)
        wrap = w.Layout(flex_flow="row wrap", align_items="center")
        choose = w.HBox([self.sample, self.path, self.way, self.reference], layout=wrap)
        self.box = w.VBox([choose, self.view, w.HBox([self.make, self.format], layout=wrap)])

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    @property
    def hints(self) -> list[Hint]:
        """What the strokes say, in pixels of the photo. Raises ValueError for wrong rows."""
        return [_hint(row) for row in self.view.hints]

    def open(self, source: str | Path | Picture) -> None:
        """Take another photo, without strokes; of one that can't be read the reason is said."""
        self._say("Opening the photo …", working=True)
        with self._failures_said():
            self._show(source)

    def wait(self) -> None:
        """Until a refinement that is under way is shown."""
        if self._later:
            self._later.join()

    def _open_sample(self, change: Mapping[str, Any]) -> None:
        if change["new"] is not None:
            self.open(sample_paths(change["new"])[0])

    def _open_path(self, change: Mapping[str, Any]) -> None:
        typed = change["new"].strip().strip("\"'")  # as a file manager copies it
        if typed:
            self.open(typed)

    def _show(self, source: str | Path | Picture) -> None:
        opened = open_photo(source)
        photo = StrokesPhoto(opened.photo, opened.name, self._model)
        first = photo.preview([], self.way.value)
        self.photo, self._number = photo, self._number + 1
        self.format.value = "jpeg" if photo.photo.format == "jpeg" else "png"
        if self.view.hints:
            self.view.hints = []  # of the photo before; the new one is spread by that
        else:
            self._send(first)

    def _show_reference(self, change: Mapping[str, Any]) -> None:
        picture = b""
        with self._failures_said():
            if change["new"] is not None:
                rgb = open_photo(sample_paths(change["new"])[0]).photo.rgb
                picture = _jpeg(shrink(rgb, REFERENCE_SIDE))
        self.view.reference = picture

    def _offer_colours(self, x: float, y: float) -> None:
        colours = self.photo.likely(x, y)
        self.view.send({"kind": "palette", "colours": colours})

    def _spread(self, _: Any = None) -> None:
        """Show what the strokes make of the photo; a rough answer is refined after a pause."""
        self._turn += 1
        if self._later:
            self._later.cancel()
        with self._failures_said():
            hints, way = self.hints, self.way.value
            rough = bool(hints) and not self.photo.quick(hints, way)
            self._send(self.photo.preview(hints, way, rough), rough)
            if rough:
                self._later = threading.Timer(PAUSE, self._refine, (self._turn, hints, way))
                self._later.daemon = True
                self._later.start()

    def _refine(self, turn: int, hints: list[Hint], way: str) -> None:
        with self._lock, self._failures_said(turn):
            if turn == self._turn:
                finer = self.photo.preview(hints, way)
                if turn == self._turn:  # no stroke came in between
                    self._send(finer)

    def _send(self, picture: Picture, rough: bool = False) -> None:
        with self.view.hold_sync():
            self.view.result = _jpeg(picture)
            self._say(self._words() + (" Refining …" if rough else ""), working=rough)

    def _words(self) -> str:
        height, width = self.photo.photo.rgb.shape[:2]
        note = f"{self.photo.name}: {width} × {height} pixels."
        if self.way.value != "network" and not self.view.hints:
            note += " It stays grey until a stroke tells a colour."
        return note

    def _make(self, _: Any = None) -> None:
        """The full result, sent to the page as a file to save."""
        self.make.disabled = True
        before = self._words()
        self._say("Making the full result …", working=True)
        try:
            with self._failures_said():
                full: Photo = self.photo.full(self.hints, self.way.value)
                name, data = result_file(full, self.photo.name, self.format.value)
                self.view.send({"kind": "file", "name": name}, [data])
                self._say(before)
        finally:
            self.make.disabled = False

    @contextmanager
    def _failures_said(self, turn: int | None = None) -> Iterator[None]:
        """What fails inside is told on the page instead of raised."""
        try:
            yield
        except (ValueError, RuntimeError, OSError, MemoryError) as error:
            words = str(error) or "not enough memory"
            kept = " The photo before it stays." if isinstance(error, PhotoError) else ""
            if turn in (None, self._turn):
                self._say(f"That did not work: {words.removesuffix('.')}.{kept}", failed=True)

    def _say(self, note: str, failed: bool = False, working: bool = False) -> None:
        height, width = self.photo.photo.rgb.shape[:2]
        self.view.state = {
            # Each state is a new one, also where the same words come twice.
            "turn": self.view.state.get("turn", 0) + 1,
            "photo": self._number,
            "wide": width,
            "high": height,
            "note": note,
            "failed": failed,
            "working": working,
        }


def _hint(row: Mapping[str, Any]) -> Hint:
    colours = {name: tuple(row[name]) for name in ("rgb", "ab") if row.get(name) is not None}
    try:
        return Hint(**{**row, **colours})
    except TypeError:
        raise ValueError(f"a hint has x, y, radius, and rgb or ab, not {row}") from None


def _jpeg(picture: Picture) -> bytes:
    return encode_picture(picture, quality=92, subsampling=0)
