"""The doubt machine: two colours that a pixel may have, and the answers that a network could give.

All of it runs in the page, with or without a kernel. The smoothed prior travels in it, inside the
gamut and where photos have colours, on `weight_widget.quantize`'s scale (0.04 % a step).
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.course.figures.chroma import LOW, gamut
from colorlab.course.widgets.parts import fill, live
from colorlab.course.widgets.weight_widget import TWIN_OCTAVES, quantize
from colorlab.prior.prior import ColorPrior

SCRIPTS = ("lab.js", "plane.js", "random.js", "doubt_machine.js")

Chroma = tuple[float, float]


def doubt_machine(
    prior: ColorPrior,
    colours: tuple[Chroma, Chroma] = ((60, 40), (-4, -38)),
    p: float = 0.4,
    lam: float = 0.5,
    lightness: int = 50,
) -> str:
    """Two colours to drag, with the best answers to the doubt, as HTML with its own script.

    `colours` are their (a*, b*) at first, `p` is the probability of the first, `lam` that of the
    weights of Eq. 3, which are `prior`'s, and `lightness` L*. The answers: the mean (least error by
    Eq. 1), the weighted mean (Eq. 2), the mode and samples. About 100 kB; needs no kernel. Raises
    ValueError for an empty prior, and for what is outside its range: `p` in [0, 1], `lam` in
    [0.01, 1], `lightness` in 5..95, a* and b* within +-112.
    """
    for name, value, low, high in (
        ("p", p, 0, 1),
        ("lambda", lam, 0.01, 1),
        ("lightness", lightness, 5, 95),
        *(("a* or b*", value, LOW, -LOW) for colour in colours for value in colour),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name} must be in [{low}, {high}], got {value}")
    shares = prior.smoothed()
    present = (shares > 0) | gamut().mask
    tables: dict[str, NDArray[Any]] = {
        "present": np.packbits(present),
        "codes": quantize(shares[present]),
    }
    data: dict[str, object] = {
        name: base64.b64encode(table.tobytes()).decode() for name, table in tables.items()
    }
    data |= {"colours": colours, "octaves": TWIN_OCTAVES}
    return fill(
        "doubt_machine.html",
        p=f"{p:.2f}",
        lam=f"{lam:.2f}",
        lightness=lightness,
        photos=f"{prior.provenance.photos:,}",
        script=live("doubtMachine", data, *SCRIPTS),
    )
