"""Photos by name: published datasets, the sample photos, folders, lists of files, several at once.

A new dataset is a function that lists its photos and its line in `DATASETS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from colorlab.data.photos import PHOTO_SUFFIXES, Photos, list_photos
from colorlab.data.samples import sample_paths

ROOT_VARIABLE = "COLORLAB_DATA"
_SPLIT_SEED = 0

Source = str | Path | list[str | Path]
"""What `open_photos` takes."""


@dataclass(frozen=True)
class NamedDataset:
    """A published dataset: what is known of it, and how its files are found.

    `splits` gives the published number of photos in each; `expects` names what must lie below the
    root; `paths` lists the files, given root, split and whether to download; `validation` is the
    split to validate on.
    """

    title: str
    page: str
    size: str
    splits: dict[str, int]
    expects: tuple[str, ...]
    paths: Callable[[Path, str, bool], Iterable[str | Path]]
    validation: str = "val"
    downloads: bool = True


def open_photos(
    source: Source,
    split: str | None = None,
    root: str | Path | None = None,
    download: bool = False,
) -> Photos:
    """The photos that `source` names, as a dataset of (uint8 RGB (3, H, W), path) pairs.

    `source` is "sample", a dataset's name (`DATASETS`), a folder of any layout, or a text file with
    one path a line (relative ones count from that file's folder). A folder or file called like a
    dataset is reached as "./food101". Several of these, in a list or with commas between, are
    joined in that order: "scenes,everyday".

    `split` is one of the dataset's own; None means its training photos. A folder with `train` and
    `val` inside has these splits (and perhaps `test`); any other folder, a list or the samples are
    split 9:1 into "train" and "val", always alike, and None means all photos.

    `root` (else the environment's COLORLAB_DATA) is the folder that holds the named datasets; with
    `download` one that is missing is fetched there where its terms permit that.

    Raises ValueError for a wrong name or split, FileNotFoundError for missing photos, RuntimeError
    for a failed download.

    >>> len(open_photos("sample")), len(open_photos("sample", "train"))
    (9, 8)
    """
    return Photos(chain.from_iterable(_paths(one, split, root, download) for one in _each(source)))


def training_photos(source: Source) -> tuple[Photos, Photos]:
    """The photos of `source` to train on, and those to validate on; raises as `open_photos`."""
    each = [(one, training_splits(one)) for one in _each(source)]
    train, val = (
        Photos(chain.from_iterable(_paths(one, splits[part]) for one, splits in each))
        for part in (0, 1)
    )
    return train, val


def training_splits(source: str | Path) -> tuple[str, str]:
    """The splits of a single source to train and to validate on."""
    name = str(source)
    return "train", DATASETS[name].validation if name in DATASETS else "val"


def source_name(source: Source) -> str:
    """What to call the photos of `source`: the last part of each path, joined by " + "."""
    return " + ".join(Path(one).name or Path(one).resolve().name for one in _each(source))


def _each(source: Source) -> list[str | Path]:
    """The single sources; a comma separates them where no file or folder has it in its name."""
    if isinstance(source, str) and "," in source and not Path(source).exists():
        source = [part.strip() for part in source.split(",")]
    each = source if isinstance(source, list) else [source]
    if not each or "" in each:
        raise ValueError(f"no name, or an empty one, among the sources of photos: {source!r}")
    return each


def _paths(
    source: str | Path,
    split: str | None,
    root: str | Path | None = None,
    download: bool = False,
) -> Iterable[str | Path]:
    """The files of a single source."""
    name = str(source)
    if name == "sample":
        return _nine_to_one(sample_paths(), split)
    if name in DATASETS:
        return _dataset_paths(name, split or "train", root, download)
    path = Path(source)
    if path.is_dir():
        if split is None or not ((path / "train").is_dir() and (path / "val").is_dir()):
            return _nine_to_one(list_photos(path), split)
        if split not in ("train", "val", "test"):
            raise ValueError(f"no split {split!r} in {path}; there may be: train, val, test")
        return list_photos(path / split)
    if path.suffix.lower() in PHOTO_SUFFIXES:
        raise ValueError(f"{path} is one photo; give a folder or a text file that lists photos")
    if path.is_file():
        return _nine_to_one(_listed_paths(path), split)
    known = ", ".join(["sample", *DATASETS])
    raise FileNotFoundError(f"{name} is no folder, no file and no dataset (there are: {known})")


def _listed_paths(file: Path) -> list[Path]:
    # File names are bytes to the system: those that are no UTF-8 come through unharmed.
    lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    paths = [file.parent / line.strip() for line in lines if line.strip()]
    if not paths:
        raise FileNotFoundError(f"no photos listed in {file}")
    return paths


def _nine_to_one(paths: list[Path], split: str | None) -> list[Path]:
    """All paths, or the "train" or "val" part of them, in their order."""
    if split is None:
        return paths
    if split not in ("train", "val"):
        raise ValueError(f"no split {split!r}; there are: train, val")
    if len(paths) < 2:
        raise ValueError("one photo alone can't be split into train and val")
    # The legacy generator: NumPy promises that its stream never changes.
    order = np.random.RandomState(_SPLIT_SEED).permutation(len(paths))
    held_out = max(1, round(len(paths) / 10))
    chosen = order[:held_out] if split == "val" else order[held_out:]
    return [paths[index] for index in sorted(chosen.tolist())]


def _dataset_paths(
    name: str, split: str, root: str | Path | None, download: bool
) -> Iterable[str | Path]:
    dataset = DATASETS[name]
    if split not in dataset.splits:
        raise ValueError(f"no split {split!r} in {name}; there are: {', '.join(dataset.splits)}")
    root = root or os.environ.get(ROOT_VARIABLE)
    if not root:
        raise ValueError(f"say where {name} lies: root=..., or {ROOT_VARIABLE} in the environment")
    if download and not dataset.downloads:
        raise ValueError(f"{dataset.title} may not be downloaded freely; see {dataset.page}")
    root = Path(root).expanduser()
    try:
        return dataset.paths(root, split, download)
    except (OSError, RuntimeError) as error:
        if download:
            raise RuntimeError(f"downloading {dataset.title} failed: {error}") from error
        expected = "".join(f"\n  {root / place}" for place in dataset.expects)
        otherwise = ", or with download=True." if dataset.downloads else "."
        raise FileNotFoundError(
            f"{dataset.title} is missing or incomplete; expected:{expected}\n"
            f"Get it ({dataset.size}) from {dataset.page}{otherwise}"
        ) from error


# torchvision's classes are imported where they are used: each costs time that samples don't need.


def _places365(root: Path, split: str, download: bool) -> Iterable[str]:
    from torchvision.datasets import Places365

    official = "train-standard" if split == "train" else split
    data = Places365(root / "places365", official, small=True, download=download)
    if not Path(data.images_dir).is_dir():  # torchvision checks the file lists alone
        raise FileNotFoundError(data.images_dir)
    return (path for path, _ in data.imgs)


def _imagenet_val(root: Path, split: str, download: bool) -> Iterable[Path]:
    # torchvision's ImageNet wants the development kit for class names; colours need none.
    # Sorting by file name makes one order, and so one split, of the flat and the foldered layout.
    paths = list_photos(root / "imagenet" / "val")
    return _nine_to_one(sorted(paths, key=lambda path: path.name), split)


def _food101(root: Path, split: str, download: bool) -> Iterable[Path]:
    from torchvision.datasets import Food101

    return Food101(root, split, download=download)._image_files


def _imagenette(root: Path, split: str, download: bool) -> Iterable[str]:
    from torchvision.datasets import Imagenette

    data = Imagenette(root, split, size="320px", download=download)
    return (path for path, _ in data._samples)


DATASETS = {
    "places365": NamedDataset(
        "Places365-Standard, small (256x256)",
        "http://places2.csail.mit.edu/download.html",
        "24 GB for train, 0.5 GB for val, 4.4 GB for test",
        {"train": 1_803_460, "val": 36_500, "test": 328_500},
        (
            "places365/categories_places365.txt",
            "places365/places365_{train_standard,val,test}.txt",
            "places365/data_256_standard/ (the train archive's data_256/, renamed)",
            "places365/val_256/",
            "places365/test_256/",
        ),
        _places365,
    ),
    "imagenet-val": NamedDataset(
        "ImageNet 2012, validation photos",
        "https://image-net.org/challenges/LSVRC/2012/2012-downloads.php",
        "6.3 GB, after signing up",
        {"train": 45_000, "val": 5_000},
        ("imagenet/val/ (ILSVRC2012_img_val.tar unpacked, with or without class folders)",),
        _imagenet_val,
        downloads=False,
    ),
    "food101": NamedDataset(
        "Food-101",
        "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
        "5 GB",
        {"train": 75_750, "test": 25_250},
        ("food-101/meta/{train,test}.json", "food-101/images/"),
        _food101,
        validation="test",
    ),
    "imagenette": NamedDataset(
        "Imagenette, 320 pixels",
        "https://github.com/fastai/imagenette",
        "0.3 GB",
        {"train": 9_469, "val": 3_925},
        ("imagenette2-320/train/", "imagenette2-320/val/"),
        _imagenette,
    ),
}
"""The published datasets by name."""
