"""Many photo files: which they are, where their results go, and what became of each.

All mistakes in the arguments are told before any photo is coloured.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from colorlab.data.formats import FILMS, FORMATS, format_of
from colorlab.data.photo import PhotoError

ALIASES = {"jpg": "jpeg", "tif": "tiff", "jp2": "jpeg2000"}
"""Names of formats that people type, and what they stand for."""

MARK = "_color"
"""What a result's name has more than its photo's where it stands beside it."""

_NAME_BYTES = 255  # a file name's, on nearly every system

Status = Literal["colored", "skipped", "failed"]


@dataclass(frozen=True)
class Source:
    """A photo to colour: its file, and its place below the folder that was asked for."""

    path: Path
    place: Path


@dataclass(frozen=True)
class Done:
    """What became of one photo; `error` is one sentence, empty unless it failed.

    `notes` are sentences about what was left out or is doubtful.
    """

    photo: Path
    result: Path
    status: Status
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Counts:
    """How many photos were coloured, skipped and failed."""

    colored: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, status: Status) -> None:
        """Count one more."""
        setattr(self, status, getattr(self, status) + 1)

    def __str__(self) -> str:
        parts = [f"{self.colored} coloured"]
        parts += [f"{self.skipped} skipped"] if self.skipped else []
        parts += [f"{self.failed} failed"] if self.failed else []
        return ", ".join(parts)


def find_sources(arguments: Sequence[str | Path], recursive: bool = True) -> list[Source]:
    """The photos that arguments name: files, folders and glob patterns, each photo once.

    Of a folder all photos are taken, those of its folders too if `recursive`, and keep their place
    below it. A pattern that a shell has left alone ("scans/*.tif", "**" for any depth) is matched
    here. A name that is not there stays on the list, for its own error. Raises PhotoError for a
    folder or pattern without a photo.
    """
    from colorlab.data.photos import HEIF_SUFFIXES, PHOTO_SUFFIXES

    found: dict[Path, Source] = {}

    def add(path: Path, place: Path) -> None:
        found.setdefault(path, Source(path, place))

    for argument in map(Path, arguments):
        if argument.is_dir():
            inside = argument.rglob("*") if recursive else argument.glob("*")
            wanted = PHOTO_SUFFIXES | HEIF_SUFFIXES  # HEIC that can't be read is reported
            photos = sorted(p for p in inside if p.suffix.lower() in wanted and p.is_file())
            if not photos:
                raise PhotoError(f"{argument}: no photos in this folder")
            for photo in photos:
                add(photo, photo.relative_to(argument))
        elif not argument.exists() and glob.has_magic(str(argument)):
            matches = sorted(glob.glob(str(argument), recursive=True))
            if not matches:
                raise PhotoError(f"{argument}: no file matches this pattern")
            for match in matches:
                if Path(match).is_file():
                    add(Path(match), Path(Path(match).name))
        else:
            add(argument, Path(argument.name))
    return list(found.values())


def is_film(path: Path) -> bool:
    """Whether a file is a film, by its suffix."""
    return path.suffix.lower() in FILMS


def check_options(sources: Sequence[Source], of_photos: Mapping[str, object]) -> None:
    """ValueError for options, by name, that don't go together, or not with what is to be coloured.

    `of_photos` has those that a film can't have; those that are not set are falsy.
    """
    given = [f"--{name}" for name, value in of_photos.items() if value]
    if "--hints" in given and len(sources) > 1:
        raise ValueError(f"--hints are of one photo, got {len(sources)}")
    if "--old" in given and {"--hints", "--reference"} & {*given}:
        raise ValueError("--old takes no --hints and no --reference")
    film = next((source.path for source in sources if is_film(source.path)), None)
    if film and given:
        raise ValueError(f"{film}: a film takes no {' and no '.join(given)}")


@dataclass(frozen=True)
class Targets:
    """Where results go: `output` is a folder, one file, or None for beside each photo.

    `format` is one of `FORMATS` in place of each photo's own. Raises PhotoError for a file as the
    output of several photos, and for a suffix that can't be written.
    """

    output: Path | None
    format: str | None = None
    photos: int = 1
    taken: dict[Path, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.one_file:
            return
        if self.photos > 1:
            raise PhotoError(f"{self.output}: one file can't hold {self.photos} photos")
        assert self.output is not None
        if self.format and format_of(self.output.suffix) != self.format:
            raise PhotoError(f"{self.output}: is no {self.format} file by its name")

    @property
    def one_file(self) -> bool:
        """Whether the output is a file's name, by its suffix."""
        if self.output is None or self.output.is_dir():
            return False
        return format_of(self.output.suffix) is not None or is_film(self.output)

    def of(self, source: Source) -> Path:
        """The result's path. Raises PhotoError where another photo has the same one."""
        if self.one_file:
            assert self.output is not None
            return self.output
        if self.output is None:
            target = source.path.with_name(result_name(source.path, self.format, MARK))
        else:
            target = self.output / source.place.with_name(result_name(source.path, self.format))
        other = self.taken.setdefault(target, source.path)
        if other != source.path:
            raise PhotoError(f"{source.path}: has the same result file as {other}")
        return target


def result_name(photo: Path, format: str | None, mark: str = "") -> str:
    """A result's name: the photo's, with a suffix that can be written; PNG where its own can't.

    A film stays one, as Matroska where its own container can't be written.

    Only what names a format is a suffix: "St. Mary" has none. Raises PhotoError for a name that
    would be too long.
    """
    from colorlab.data.photos import HEIF_SUFFIXES, PHOTO_SUFFIXES

    suffix = photo.suffix
    known = suffix.lower() in PHOTO_SUFFIXES | HEIF_SUFFIXES or format_of(suffix) is not None
    stem = photo.stem if known else photo.name
    if is_film(photo):
        stem, suffix = photo.stem, suffix if FILMS[suffix.lower()] else ".mkv"
    elif format is not None or format_of(suffix) is None:
        suffix = FORMATS[format or "png"].suffixes[0]
    name = f"{stem}{mark}{suffix}"
    if len(os.fsencode(name)) > _NAME_BYTES:
        raise PhotoError(f"{photo}: the result's name would be too long")
    return name


def known_format(name: str) -> str:
    """The format of that name or alias, such as "jpg"; PhotoError naming what there is."""
    chosen = ALIASES.get(name.lower(), name.lower())
    if chosen not in FORMATS:
        raise PhotoError(f"no format {name!r}; there are: {', '.join(sorted(FORMATS))}")
    return chosen


def shard_of(text: str | None, environment: Mapping[str, str] = os.environ) -> tuple[int, int]:
    """Which part of how many, from 0: "2/8" is (1, 8).

    Without a text that of torchrun (RANK, WORLD_SIZE) or of a SLURM array; else (0, 1). Raises
    ValueError for anything else than i/n with 1 <= i <= n.
    """
    if text is not None:
        number, slash, count = text.partition("/")
        if slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
            return int(number) - 1, int(count)
        raise ValueError(f"a shard is i/n with i from 1 to n, such as 2/8; got {text!r}")
    if "WORLD_SIZE" in environment:
        return int(environment.get("RANK", 0)), int(environment["WORLD_SIZE"])
    if "SLURM_ARRAY_TASK_COUNT" in environment:
        first = int(environment.get("SLURM_ARRAY_TASK_MIN", 0))
        step = int(environment.get("SLURM_ARRAY_TASK_STEP", 1))
        task = int(environment["SLURM_ARRAY_TASK_ID"])
        return (task - first) // step, int(environment["SLURM_ARRAY_TASK_COUNT"])
    return 0, 1


def color_all(
    sources: Sequence[Source],
    targets: Targets,
    color: Callable[[Path, Path], Sequence[str] | None],
    skip_existing: bool = False,
) -> Iterator[Done]:
    """Colour each photo by `color(photo, result)`, which may return notes; tell what became of it.

    One that fails (ValueError, OSError, MemoryError) does not stop the rest.
    """
    for source in sources:
        target = source.path
        try:
            target = targets.of(source)
            if skip_existing and target.exists():
                yield Done(source.path, target, "skipped")
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            notes = tuple(color(source.path, target) or ())
        except (ValueError, OSError, MemoryError) as error:
            yield Done(source.path, target, "failed", str(error) or type(error).__name__)
        else:
            yield Done(source.path, target, "colored", notes=notes)
