"""What can be scored: models, folders of images made by any program, and baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from colorlab.color import LAB
from colorlab.data.batches import Augmentation
from colorlab.data.decode import decode
from colorlab.data.photos import list_photos
from colorlab.models import Colorizer, create_model, list_models, read_card
from colorlab.models.fast import for_inference
from colorlab.models.live import LiveColorizer, at_lambda
from colorlab.prior.prior import default_prior
from colorlab.train.records import read_run

Candidate = Callable[[Tensor, Sequence[Path]], Tensor]
"""True RGB (B, 3, H, W) in [0, 1] and the photos' files to the RGB that is shown instead."""

_LISTED = 5  # how many file names a message names


@dataclass(frozen=True)
class Preprocessing:
    """How a photo becomes a square of `size` pixels; it moves every number, so reports name it.

    "squash" takes no notice of the aspect ratio, as the paper; "crop" keeps the middle. Raises
    ValueError for another `fit` and a size below 32.
    """

    size: int = 224
    fit: Literal["squash", "crop"] = "squash"

    def __post_init__(self) -> None:
        if self.fit not in ("squash", "crop"):
            raise ValueError(f'fit must be "squash" or "crop", got {self.fit!r}')
        if self.size < 32:
            raise ValueError(f"the size must be 32 or more, got {self.size}")

    def __call__(self, photo: Tensor) -> Tensor:
        """uint8 (3, H, W) to uint8 (3, size, size)."""
        return Augmentation(fit=self.fit).validation(photo, self.size)

    def __str__(self) -> str:
        how = "squashed" if self.fit == "squash" else "cut to the middle square and resized"
        return f"{how} to {self.size}x{self.size} (bilinear, antialiased)"


def colorizer(model: Colorizer) -> Candidate:
    """A network's output, from luma alone; colours cut to the sRGB gamut."""
    device = next(model.parameters()).device

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        luma = model.space.luma(truth.to(device))
        return model.space.merge(luma, model(luma)).to(truth.device)

    return show


@cache
def constant(a: float, b: float) -> Candidate:
    """One chroma everywhere, (a*, b*), on the photo's own L*; cut to the sRGB gamut.

    Equal arguments give the same object, so that equal baselines are computed once.
    """

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        luma = LAB.luma(truth)
        chroma = truth.new_tensor((a, b)).view(2, 1, 1) / LAB.chroma_scale[0]
        return LAB.merge(luma, chroma.expand(len(luma), 2, *luma.shape[2:]))

    return show


def true_colors(truth: Tensor, files: Sequence[Path]) -> Tensor:
    """The photo as it is: the best that any metric can give."""
    return truth


def baselines(mean: tuple[float, float]) -> dict[str, Candidate]:
    """What every model is compared with; `mean` is the mean (a*, b*) of the photos measured.

    The prior's most common colour is that of `default_prior`, one unit of a* and b* fine.
    """
    counts = default_prior().counts
    a, b = np.unravel_index(counts.argmax(), counts.shape)
    return {
        "grey": constant(0.0, 0.0),
        "mean colour": constant(*mean),
        "commonest colour": constant(float(a) - 128, float(b) - 128),
        "truth": true_colors,
    }


BASELINES = tuple(baselines((0.0, 0.0)))
"""Names of the baselines."""


def folder(images: Path, photos: Sequence[Path], preprocess: Preprocessing) -> Candidate:
    """Images of a folder, made by any program: each takes the place of the photo of its name.

    The suffix doesn't matter, nor the size. Where two photos share a name, the paths below the
    folders must agree instead. Raises ValueError naming photos without an image, and images without
    a photo; PhotoError at an image that can't be read.
    """
    made = list_photos(images)
    # In lists, so that which one is missing can be said by its own file.
    photo_keys, made_keys = (
        keys(photos),
        [path.relative_to(images).with_suffix("") for path in made],
    )
    if len({key.name for key in photo_keys}) == len(photo_keys):
        photo_keys = [Path(key.name) for key in photo_keys]
        made_keys = [Path(key.name) for key in made_keys]
    missing = set(photo_keys) - set(made_keys)
    extra = set(made_keys) - set(photo_keys)
    twice = {key for key, count in Counter(made_keys).items() if count > 1}
    faults = {"no image for": missing, "no photo for": extra, "more than one image for": twice}
    reasons = [f"{fault} {_listed(names)}" for fault, names in faults.items() if names]
    if reasons:
        raise ValueError(f"{images} does not match the photos: {'; '.join(reasons)}")
    image_of = dict(zip(made_keys, made, strict=True))
    match = {str(photo): image_of[key] for photo, key in zip(photos, photo_keys, strict=True)}

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = [preprocess(decode(match[str(file)])) for file in files]
        return torch.stack(shown).to(truth.device, truth.dtype) / 255

    return show


def keys(photos: Sequence[Path]) -> list[Path]:
    """Each photo's path below the folder that holds them all, without its suffix."""
    parents = [photo.parent for photo in photos]
    shared = parents[0]
    for parent in parents:
        while not parent.is_relative_to(shared):
            shared = shared.parent
    return [photo.relative_to(shared).with_suffix("") for photo in photos]


def _listed(names: set[Path]) -> str:
    shown = ", ".join(str(name) for name in sorted(names)[:_LISTED])
    more = len(names) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def find(source: str, photos: Sequence[Path], preprocess: Preprocessing) -> Candidate:
    """The candidate that `source` names.

    A model of `colorlab models` (its trained weights), the folder of a training run, or a folder of
    images made from `photos` by any program. A folder called like a model is reached as "./name".
    Raises ValueError for anything else, and as `folder` does.
    """
    network = _network(source)
    return colorizer(network) if network else _images(source, photos, preprocess)


def _images(source: str, photos: Sequence[Path], preprocess: Preprocessing) -> Candidate:
    if Path(source).is_dir():
        return folder(Path(source), photos, preprocess)
    raise ValueError(
        f"{source} is no folder (of a run or of images), and no model (there are: "
        f"{', '.join(list_models())})"
    )


def _network(source: str) -> Colorizer | None:
    """The trained model that `source` names, or that the run in this folder left."""
    head = Path(source) / "head.safetensors"
    if source in list_models():
        if read_card(source) is None:
            raise ValueError(f"{source} has no trained weights; give the folder of a run of it")
        model = create_model(source)
    elif head.is_file():
        model = create_model(read_run(head.parent).config["model"], weights=str(head))
    else:
        return None
    return for_inference(model)


def find_all(
    sources: Sequence[str],
    photos: Sequence[Path],
    preprocess: Preprocessing,
    lams: Sequence[float] = (),
) -> Mapping[str, Candidate]:
    """`find` for each, by the last part of its name, or the whole where two share that.

    With `lams` every model that takes lambda is one candidate for each: "model@0.5".

    Raises ValueError where one is given twice, or named like a baseline, and for lambdas that no
    model takes.
    """
    short = [Path(source).name or source for source in sources]
    names = sources if len(set(short)) < len(short) else short
    for name, count in Counter([*names, *BASELINES]).items():
        if count > 1:
            raise ValueError(f"there are two candidates called {name!r}")
    found: dict[str, Candidate] = {}
    for name, source in zip(names, sources, strict=True):
        network = _network(source)
        if lams and isinstance(network, LiveColorizer):
            found |= {f"{name}@{lam:g}": colorizer(at_lambda(network, lam)) for lam in lams}
        elif network:
            found[name] = colorizer(network)
        else:
            found[name] = _images(source, photos, preprocess)
    if lams and found.keys() == set(names):
        raise ValueError(f"no lambda can be chosen for {', '.join(names)}")
    return found
