"""What can be scored: models, runs of training, and folders of images made by any program."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from colorlab.data.batches import Augmentation
from colorlab.data.decode import decode
from colorlab.data.photos import list_photos
from colorlab.evaluate.baselines import Candidate, constant, list_baselines
from colorlab.evaluate.cheng import CHENG, by_features
from colorlab.evaluate.guided import (
    EXAMPLES,
    STROKES,
    by_example,
    by_network,
    by_strokes,
    network_by_example,
)
from colorlab.models import Colorizer, create_model, list_models, read_card
from colorlab.models.fast import fast
from colorlab.models.live import LiveColorizer, at_lambda

__all__ = ["Candidate", "Preprocessing", "colorizer", "constant", "find_all", "folder"]

_LISTED = 5  # how many file names a message names


@dataclass(frozen=True)
class Preprocessing:
    """How a photo becomes a square of `size` pixels; it moves every number, so reports name it.

    "squash" takes no notice of the aspect ratio, as the paper; "crop" keeps the middle. Raises
    ValueError for another `fit` and a size below 32.

    >>> str(Preprocessing(256))
    'squashed to 256x256 (bilinear, antialiased)'
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


def folder(images: Path, photos: Sequence[Path], preprocess: Preprocessing) -> Candidate:
    """Images of a folder, made by any program: each takes the place of the photo of its name.

    The suffix doesn't matter, nor the size. Where two photos share a name, the paths below the
    folders must agree instead. Raises ValueError naming photos without an image, and images without
    a photo; PhotoError at an image that can't be read.
    """
    made = list_photos(images)
    shared = os.path.commonpath([photo.parent for photo in photos])
    keys = [photo.relative_to(shared).with_suffix("") for photo in photos]
    made_keys = [path.relative_to(images).with_suffix("") for path in made]
    if len({key.name for key in keys}) == len(keys):
        keys, made_keys = ([Path(key.name) for key in x] for x in (keys, made_keys))
    faults = {
        "no image for": set(keys) - set(made_keys),
        "no photo for": set(made_keys) - set(keys),
        "more than one image for": {key for key, count in Counter(made_keys).items() if count > 1},
    }
    reasons = [f"{fault} {listed(names)}" for fault, names in faults.items() if names]
    if reasons:
        raise ValueError(f"{images} does not match the photos: {'; '.join(reasons)}")
    image_of = dict(zip(made_keys, made, strict=True))
    match = {photo: image_of[key] for photo, key in zip(photos, keys, strict=True)}

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = [preprocess(decode(match[file])) for file in files]
        return torch.stack(shown).to(truth.device, truth.dtype) / 255

    return show


def listed(names: Collection[Path | str]) -> str:
    """The first five names in their order, and how many more there are."""
    shown = ", ".join(str(name) for name in sorted(names)[:_LISTED])
    more = len(names) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def _network(source: str) -> Colorizer | None:
    """The trained model that `source` names, or that the run in this folder left."""
    head = Path(source) / "head.safetensors"
    if source in list_models():
        if read_card(source) is None:
            raise ValueError(f"{source} has no trained weights; give the folder of a run of it")
        model = create_model(source)
    elif head.is_file():
        model = create_model(source)
    else:
        return None
    return fast(model)


def _guided(source: str, what: str) -> Candidate:
    """A method or model told `what`: so many true colours, or the "next" photo as a reference."""
    if what == "next":
        if source in EXAMPLES:
            return by_example(EXAMPLES[source])
        if network := _network(source):
            return by_example(network_by_example(network))
        raise ValueError(f"{source} is no model, and none of {', '.join(EXAMPLES)}")
    if source in STROKES:
        return by_strokes(STROKES[source], int(what))
    if network := _network(source):
        return by_network(network, int(what))
    raise ValueError(f"{source} is no model, and none of {', '.join(STROKES)}")


def find_all(
    sources: Sequence[str],
    photos: Sequence[Path],
    preprocess: Preprocessing,
    lams: Sequence[float] = (),
) -> Mapping[str, Candidate]:
    """What `sources` name, by the last part of their names, or the whole where two share that.

    A source is a model of `colorlab models` (its trained weights), the folder of a training run, or
    a folder of images made from `photos` by any program; a folder called like a model is reached as
    "./name". With `lams` every model that takes lambda is one candidate for each: "model@0.5".

    "levin+10", "yatziv+10" or "colorlab+10", or another model, is told ten true colours a photo;
    "welsh+next", "colorlab+next" and the like are given the next photo as a reference
    (`evaluate.guided`). "cheng2015" is the method of `classic.cheng`.

    Raises ValueError for anything else, as `folder` does, where one is given twice or named like a
    baseline, and for lambdas that no model takes.
    """
    short = [Path(source).name or source for source in sources]
    names = sources if len(set(short)) < len(short) else short
    for name, count in Counter([*names, *list_baselines()]).items():
        if count > 1:
            raise ValueError(f"there are two candidates called {name!r}")
    found: dict[str, Candidate] = {}
    for name, source in zip(names, sources, strict=True):
        if source == CHENG:
            found[name] = by_features()
            continue
        if told := re.fullmatch(r"(.+)\+(\d{1,4}|next)", source):
            found[name] = _guided(told[1], told[2])
            continue
        network = _network(source)
        if lams and isinstance(network, LiveColorizer):
            found |= {f"{name}@{lam:g}": colorizer(at_lambda(network, lam)) for lam in lams}
        elif network:
            found[name] = colorizer(network)
        elif Path(source).is_dir():
            found[name] = folder(Path(source), photos, preprocess)
        else:
            raise ValueError(
                f"{source} is no folder (of a run or of images), and no model (there are: "
                f"{', '.join(list_models())})"
            )
    if lams and found.keys() == set(names):
        raise ValueError(f"no lambda can be chosen for {', '.join(names)}")
    return found
