"""A colour in L*a*b*: the gamut about it, its distance to another, a photo's pixels beside it.

All of it runs in the page, with or without a kernel; the colour maths is `lab.js`.
"""

from __future__ import annotations

from html import escape

import numpy as np
from PIL import Image

from colorlab.course.widgets.parts import fill, live
from colorlab.data.formats import data_uri
from colorlab.data.samples import sample_photos

WIDTH = 320  # pixels, of the photo
REACH = 7  # pixels to each side of a picked one that are its neighbours


def ab_picker(
    photo: str = "coffee",
    at: tuple[float, float] = (0.14, 0.45),
    pinned: tuple[float, float, float] = (60, -30, 40),
) -> str:
    """A colour to drag through L*a*b*, as HTML with its own script; needs no kernel.

    It begins at the pixel `at`, in shares of the photo's width and height; `pinned` is the L*a*b*
    of the colour that distances are measured from. Raises ValueError for an unknown photo, for a
    place outside it, and for L* outside 0..100.
    """
    sample = sample_photos(photo)[0]
    if not all(0 <= share < 1 for share in at):
        raise ValueError(f"a pixel's place must be in [0, 1), got {at}")
    if not 0 <= pinned[0] <= 100:
        raise ValueError(f"L* must be in 0..100, got {pinned[0]}")
    image = Image.fromarray(sample.rgb)
    image.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    first = [int(at[0] * image.width), int(at[1] * image.height)]
    data = {"pinned": pinned, "at": first, "reach": REACH}
    return fill(
        "ab_picker.html",
        count=(2 * REACH + 1) ** 2,
        alt=escape(f"The sample photo {sample.name}"),
        credit=escape(f"The photo: {sample.name}, {sample.credit}, {sample.licence}"),
        width=image.width,
        height=image.height,
        last=image.width - 1,
        photo=data_uri(np.asarray(image), "PNG"),
        script=live("abPicker", data, "lab.js", "plane.js", "ab_picker.js"),
    )
