"""The metric playground: a photo to spoil by hand, and what each metric says of it.

All of it runs in the page, with or without a kernel, on a photo of the reader's own too; the
measures are those of `colorlab.evaluate.metrics`.
"""

from __future__ import annotations

from html import escape

import numpy as np
from PIL import Image

from colorlab.course.widgets.parts import fill, live
from colorlab.data.formats import data_uri
from colorlab.data.samples import sample_photos

SIDE = 256  # pixels, the longest side of a photo: all metrics in a blink
SCRIPTS = ("lab.js", "random.js", "measures.js", "playground.js")


def metric_playground(photo: str = "motorcycle") -> str:
    """A photo with sliders for chroma, hue, blur and noise, and five metrics that follow them.

    HTML with its own script, about 150 kB; needs no kernel. Raises ValueError for an unknown photo.
    """
    sample = sample_photos(photo)[0]
    image = Image.fromarray(sample.rgb)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return fill(
        "playground.html",
        alt=escape(f"The sample photo {sample.name}"),
        credit=escape(f"The photo: {sample.name}, {sample.credit}, {sample.licence}"),
        photo=data_uri(np.asarray(image), "PNG"),
        side=SIDE,
        script=live("metricPlayground", SIDE, *SCRIPTS),
    )
