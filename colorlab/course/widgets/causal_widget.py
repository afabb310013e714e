"""A pixel to drag over a photo of coarse colours, and whose colours may tell it something.

All of it runs in the page, with or without a kernel. The rules of the masks are those of
`models.coltran`, which a test asks for its gradients.
"""

from __future__ import annotations

from html import escape

import torch

from colorlab.course.widgets.parts import fill, live
from colorlab.data.batches import squash
from colorlab.data.samples import sample_photos
from colorlab.models.coltran import to_bins


def causal_mask(photo: str = "coffee", side: int = 16, at: tuple[int, int] = (7, 5)) -> str:
    """A photo of `side` x `side` coarse colours, as HTML with its own script; needs no kernel.

    `at` is the first pixel, row and column. Raises ValueError for an unknown photo, and for a place
    outside of it.
    """
    if not all(0 <= place < side for place in at):
        raise ValueError(f"a pixel's place must be in 0..{side - 1}, got {at}")
    sample = sample_photos(photo)[0]
    small = squash(torch.from_numpy(sample.rgb).permute(2, 0, 1), side)
    data = {"side": side, "at": at, "bins": to_bins(small).flatten().tolist()}
    return fill(
        "causal_mask.html",
        side=side,
        last=side**2 - 1,
        credit=escape(f"The photo: {sample.name}, {sample.credit}, {sample.licence}."),
        script=live("causalMask", data, "lab.js", "plane.js", "causal_mask.js"),
    )
