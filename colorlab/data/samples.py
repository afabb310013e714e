"""The sample photos: colour photos inside the scikit-image and scikit-learn packages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from colorlab.data.decode import decode


@dataclass(frozen=True)
class SamplePhoto:
    """A photo inside an installed package: `rgb` is uint8 (H, W, 3), sRGB."""

    name: str
    rgb: NDArray[np.uint8]
    credit: str
    licence: str
    path: Path


_CC0 = "CC0 1.0"
_CC_BY = "CC BY 2.0"
_NASA = "public domain (NASA)"
# name: (package, file in it, credit, licence)
_SAMPLES = {
    "astronaut": ("skimage", "data/astronaut.png", "Eileen Collins, NASA", _NASA),
    "chelsea": ("skimage", "data/chelsea.png", "Stefan van der Walt", _CC0),
    "coffee": ("skimage", "data/coffee.png", "Rachel Michetti", _CC0),
    "rocket": ("skimage", "data/rocket.jpg", "SpaceX", _CC0),
    "motorcycle": (
        "skimage",
        "data/motorcycle_left.png",
        "Middlebury Stereo 2014, D. Scharstein et al.",
        _CC0,
    ),
    "hubble": (
        "skimage",
        "data/hubble_deep_field.jpg",
        "NASA, ESA, Hubble eXtreme Deep Field",
        _NASA,
    ),
    "retina": ("skimage", "data/retina.jpg", "Mikael Häggström", _CC0),
    "china": ("sklearn", "datasets/images/china.jpg", "danielbuechele (Flickr)", _CC_BY),
    "flower": ("sklearn", "datasets/images/flower.jpg", "vultilion (Flickr)", _CC_BY),
}


def sample_names() -> list[str]:
    """The names of all sample photos."""
    return list(_SAMPLES)


def sample_paths(*names: str) -> list[Path]:
    """The files of all sample photos, or of the named ones in that order.

    Raises ValueError for an unknown name.
    """
    unknown = [name for name in names if name not in _SAMPLES]
    if unknown:
        raise ValueError(f"no sample photo {unknown[0]!r}; there are: {', '.join(_SAMPLES)}")
    chosen = (_SAMPLES[name] for name in names or _SAMPLES)
    return [Path(str(files(package).joinpath(file))) for package, file, *_ in chosen]


def sample_photos(*names: str) -> list[SamplePhoto]:
    """Colour photos inside the scikit-image and scikit-learn packages; none is in a training set.

    All of them, or the named ones in that order. They are read from their files: the rocket,
    stored as Adobe RGB, has its true colours here and paler ones in `skimage.data.rocket()`.
    Raises ValueError for an unknown name.

    >>> sample_photos("coffee")[0].rgb.shape
    (400, 600, 3)
    """
    photos = []
    for name, path in zip(names or _SAMPLES, sample_paths(*names), strict=True):
        *_, credit, licence = _SAMPLES[name]
        rgb = np.ascontiguousarray(decode(path).permute(1, 2, 0).numpy())
        photos.append(SamplePhoto(name, rgb, credit, licence, path))
    return photos
