"""Charts show the values they are given; shared names load lazily; files of figures are small."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from colorlab import course
from colorlab.course.figures.base import photo_grid, to_file
from colorlab.course.figures.charts import bar_figure, group_figure, line_figure, map_figure
from colorlab.data.samples import sample_photos


def test_lines() -> None:
    figure = line_figure([1, 2], {"one": [3, 4], "two": [5, 6]}, xlabel="x", lines=["o", "--"])
    (axes,) = figure.axes
    assert [list(line.get_ydata()) for line in axes.lines] == [[3, 4], [5, 6]]
    assert [line.get_linestyle() for line in axes.lines] == ["None", "--"]
    assert axes.get_xlabel() == "x"
    assert axes.get_legend() is not None
    assert line_figure([1, 2], {"": [3, 4]}).axes[0].get_legend() is None


def test_bars_and_groups() -> None:
    bars = bar_figure({"a": 1.0, "b": 2.5}, xlabel="x").axes[0]
    assert [bar.get_width() for bar in bars.patches] == [1.0, 2.5]
    groups = group_figure(["here", "there"], {"a": [1, 2], "b": [3, 4]}).axes[0]
    assert [bar.get_height() for bar in groups.patches] == [1, 2, 3, 4]
    left = [bar.get_x() for bar in groups.patches]
    assert left[0] < left[2] < left[1] < left[3]
    assert [label.get_text() for label in groups.get_xticklabels()] == ["here", "there"]


def test_maps() -> None:
    maps = {f"map {k}": np.full((2, 3), k) for k in range(4)}
    figure = map_figure(maps, (4, 4), rows=2)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(maps)
    for axes, values in zip(figure.axes, maps.values(), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), values)


def test_photos_are_stored_as_jpeg_and_drawings_as_png() -> None:
    photos = [photo.rgb for photo in sample_photos("china", "coffee")]
    data, name = to_file(photo_grid([photos]))
    assert name == "jpeg"
    assert len(data) < 60_000
    assert Image.open(io.BytesIO(data)).width > 300
    data, name = to_file(line_figure([1, 2], {"one": [3, 4], "two": [5, 6]}))
    assert name == "png"
    assert len(data) < 15_000
    assert Image.open(io.BytesIO(data)).mode == "P"


def test_what_chapters_share_is_there_and_loads_lazily() -> None:
    for name in course.__all__:
        assert getattr(course, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        course.nothing  # noqa: B018
    program = "import sys, colorlab.course; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
