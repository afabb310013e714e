"""The pixel's mind: a photo whose pixels show what they think, at a temperature of your choice.

All of it runs in the page, with or without a kernel: the logits of the likeliest classes travel in
it, and its script reads them as `models.classes.annealed_mean` does.
"""

from __future__ import annotations

import base64
from html import escape

import numpy as np
import torch
from torch.nn.functional import adaptive_avg_pool2d

from colorlab.color import LAB
from colorlab.course.widgets.parts import fill, live
from colorlab.data.formats import data_uri
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import load_model
from colorlab.inference.predict import working_luma, working_size
from colorlab.models.classes import TEMPERATURE, zhang_bins
from colorlab.models.zhang import ClassColorizer
from colorlab.prior.prior import shipped_prior
from colorlab.prior.zhang import zhang_prior

KEPT = 20  # classes of each pixel
RANGE = 12.0  # nats below the likeliest, in 255 steps


def pixel_twin(
    photo: str = "china",
    model: ClassColorizer | None = None,
    lam: float = 0.9,
    at: tuple[float, float] = (0.3, 0.62),
) -> str:
    """A photo to click at, as HTML with its own script, about 400 kB; needs no kernel.

    `lam` is that of the class weights at first, `at` the first pixel, in shares of width and
    height. Raises ValueError for an unknown photo.
    """
    sample = sample_photos(photo)[0]
    rgb = torch.from_numpy(np.array(sample.rgb)).permute(2, 0, 1)
    network = model or load_model("zhang_lite0")
    assert isinstance(network, ClassColorizer)
    with torch.inference_mode():
        luma = working_luma(rgb, LAB)
        logits = network.answer(luma).float()[0]  # (313, h, w)
    values, numbers = logits.topk(KEPT, dim=0)
    steps = ((values[:1] - values) * (255 / RANGE)).round().clamp(max=255)
    _, chroma = LAB.split(rgb[None].float() / 255)
    truth = 128 * adaptive_avg_pool2d(chroma, (logits.shape[1], logits.shape[2]))[0]
    grey = LAB.merge(luma, torch.zeros(1, 2, *luma.shape[2:]))[0]
    tables = {
        "numbers": numbers.movedim(0, -1).numpy().astype("<u2"),
        "steps": steps.movedim(0, -1).numpy().astype(np.uint8),
        "truth": truth.movedim(0, -1).round().clamp(-127, 127).numpy().astype(np.int8),
        "centres": zhang_bins().astype(np.int8),
        "prior": zhang_prior(shipped_prior("photos")).astype("<f4"),
    }
    data: dict[str, object] = {
        name: base64.b64encode(table.tobytes()).decode() for name, table in tables.items()
    }
    height, width = working_size(*sample.rgb.shape[:2])
    data |= {"rows": logits.shape[1], "columns": logits.shape[2], "kept": KEPT, "range": RANGE}
    data |= {"at": at, "width": width, "height": height}
    data["grey"] = data_uri((grey * 255).round().byte().permute(1, 2, 0).numpy(), quality=88)
    return fill(
        "pixel_twin.html",
        script=live("pixelTwin", data, "lab.js", "pixel_twin.js"),
        temperature=f"{TEMPERATURE:.2f}",
        lam=f"{lam:.2f}",
        name=escape(photo),
        credit=escape(f"{sample.name}, {sample.credit}, {sample.licence}"),
    )
