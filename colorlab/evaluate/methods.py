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
from colorlab.evaluate.classic import METHODS
from colorlab.evaluate.guided import by_example, by_network, network_by_example
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


def _method(source: str) -> Candidate | None:
    """A method before networks, or a network told colours, that `source` names; None for others."""
    told = re.fullmatch(r"(.+)\+(\d{1,4}|next)", source)
    name, what = told.groups() if told else (source, "")
    count = [int(what)] if what.isdecimal() else []
    form = f"{name}+10" if count else source
    if form in METHODS:
        return METHODS[form](*count)
    if not told:
        return None
    if network := _network(name):
        return by_network(network, *count) if count else by_example(network_by_example(network))
    raise ValueError(f"{source} is no method ({', '.join(METHODS)}), and {name} no model")


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

    Or it is one of `evaluate.classic.METHODS`, or a model told as they are (`evaluate.guided`):
    "levin+10" and "colorlab+10" know ten true colours a photo, "welsh+next" and "colorlab+next" the
    next photo.

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
        if method := _method(source):
            found[name] = method
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
                f"{source} is no folder (of a run or of images), and no model or method (there "
                f"are: {', '.join([*list_models(), *METHODS])})"
            )
    if lams and found.keys() == set(names):
        raise ValueError(f"no lambda can be chosen for {', '.join(names)}")
    return found
