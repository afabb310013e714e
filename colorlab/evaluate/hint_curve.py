"""For maintainers: the squared error of methods that are told colours, over how many.

    python -m colorlab.evaluate.hint_curve scenes/test everyday/test \\
        --output colorlab/runs/colorlab/hints.json

Hints are drawn from the truth by the rule of `evaluate.guided`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from colorlab.color import LAB
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.baselines import Candidate
from colorlab.evaluate.classic import STROKES
from colorlab.evaluate.files import record_sets, recording
from colorlab.evaluate.guided import by_input, by_network
from colorlab.evaluate.methods import Preprocessing
from colorlab.inference.colorize import load_model
from colorlab.models import Colorizer
from colorlab.models.colorlab import HintedColorizer

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
MOST = {"yatziv": 100}
"""Where a method stops: blending searches the photo once a colour."""


def measure(
    models: Mapping[str, Colorizer], photos: Sequence[tuple[Tensor, str]], counts: Sequence[int]
) -> dict[str, Any]:
    """Mean squared chroma error over grey's, for every method and number of hints.

    `photos` are RGB (3, S, S) in [0, 1], each with its name. Errors are of scaled a*, b*, of what
    is shown, inside the sRGB gamut; None beyond a method's `MOST`. A network that takes hints as
    an input has two rows, the second "as input": without the correction of `inference.hints`.
    """
    makers: dict[str, Callable[[int], Candidate]] = {
        name: partial(by_network, model) for name, model in models.items()
    }
    makers |= {
        f"{name} as input": partial(by_input, model)
        for name, model in models.items()
        if isinstance(model, HintedColorizer)
    }
    makers |= STROKES
    grey = torch.stack([LAB.split(photo)[1].square().mean() for photo, _ in photos])
    found: dict[str, Any] = {"photos": len(photos), "hints": list(counts), "mse_to_grey": {}}
    for name, make in makers.items():
        row: list[float | None] = []
        for count in counts:
            if count > MOST.get(name, count):
                row.append(None)
                continue
            candidate = make(count)
            errors = []
            for photo, file in photos:
                shown = candidate(photo[None], [Path(file)])[0]
                errors.append((LAB.split(shown)[1] - LAB.split(photo)[1]).square().mean())
            row.append(round(float(torch.stack(errors).mean() / grey.mean()), 4))
        found["mse_to_grey"][name] = row
    return found


def main() -> None:
    """Read the command line."""
    parser = recording("hint_curve", limit=50)
    parser.add_argument("--model", action="append", default=[], help="more networks than colorlab")
    asked = parser.parse_args()
    square = Preprocessing(asked.size)
    models = {name: load_model(name) for name in ("colorlab", *asked.model)}

    def curve(data: str) -> dict[str, Any]:
        opened = open_photos(data)
        evenly = np.linspace(0, len(opened) - 1, asked.limit).astype(int).tolist()
        chosen = Photos((opened.paths[k] for k in evenly), opened.max_broken)
        photos = [(square(photo).float() / 255, path.name) for photo, path in chosen.readable()]
        return measure(models, photos, COUNTS)

    record_sets(asked, curve)


if __name__ == "__main__":
    main()
