"""Pictures as the bytes of a file, and inside a URI."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from colorlab.data.formats import data_uri, encode_picture
from colorlab.data.samples import sample_photos


def decoded(data: bytes) -> tuple[str | None, np.ndarray]:
    image = Image.open(io.BytesIO(data))
    return image.format, np.asarray(image)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_png_keeps_every_value(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    kind, back = decoded(encode_picture(picture, "PNG"))
    assert kind == "PNG"
    np.testing.assert_array_equal(back, picture)


def test_jpeg_is_nearer_with_more_quality() -> None:
    rgb = sample_photos("coffee")[0].rgb
    errors = []
    for quality in (30, 90):
        kind, back = decoded(encode_picture(rgb, quality=quality))
        assert kind == "JPEG"
        errors.append(np.abs(back.astype(int) - rgb).mean())
    assert errors[1] < errors[0] < 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_uri_holds_the_file(kind) -> None:
    rgb = sample_photos("coffee")[0].rgb[:32, :48]
    head, data = data_uri(rgb, kind).split(",")
    assert head == f"data:image/{kind.lower()};base64"
    assert base64.b64decode(data) == encode_picture(rgb, kind)


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="no format 'GIF'; there are: JPEG, PNG"):
        encode_picture(np.zeros((2, 2, 3), np.uint8), "GIF")  # type: ignore[arg-type]
