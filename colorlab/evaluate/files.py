"""The files around an evaluation: whether results can be written, what in a folder is no photo."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from colorlab.data.files import write_json
from colorlab.data.photos import PHOTO_SUFFIXES
from colorlab.evaluate.methods import listed


def check_writable(*paths: Path) -> None:
    """Make sure, before work whose results go to `paths`, that each can be written.

    Missing folders are made. Raises OSError naming the first path that can't be, IsADirectoryError
    for a folder, and ValueError where two are the same.
    """
    for path in paths:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder, not a file to write")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path.parent).close()
        except OSError as error:
            raise OSError(f"{path} can't be written: {error.strerror or error}") from None
    if len({path.resolve() for path in paths}) < len(paths):
        raise ValueError("each result needs a file of its own")


def other_files(folder: str | Path) -> str:
    """Names of the files below a folder that are no photos by their suffix; "" without any.

    Hidden files and folders are passed over, and what is no folder has none.
    """
    root = Path(folder)
    found = [path.relative_to(root) for path in root.rglob("*")] if root.is_dir() else []
    seen = [path for path in found if not any(part.startswith(".") for part in path.parts)]
    return listed(
        [
            path
            for path in seen
            if path.suffix.lower() not in PHOTO_SUFFIXES and (root / path).is_file()
        ]
    )


def recording(module: str, limit: int, first: str = "") -> argparse.ArgumentParser:
    """What the commands that measure on photos and record it share; `first` is an argument more."""
    parser = argparse.ArgumentParser(prog=f"python -m colorlab.evaluate.{module}")
    if first:
        parser.add_argument(first)
    parser.add_argument("data", nargs="+", help="folders, lists or names of photos")
    parser.add_argument("--limit", type=int, default=limit, help="photos of each, evenly chosen")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--output", type=Path, required=True)
    parser.set_defaults(command=parser.prog, first=first)
    return parser


def record_sets(
    asked: argparse.Namespace, measure: Callable[[str], dict[str, Any]], **more: Any
) -> None:
    """Write what was measured on each of the sets, and the command; paths by their ends alone."""
    check_writable(asked.output)
    ends = [Path(data).parts[-2 if Path(data).name == "test" else -1 :] for data in asked.data]
    names = ["/".join(parts) for parts in ends]
    before = [Path(getattr(asked, asked.first)).name] if asked.first else []
    words = [asked.command, *before, *names, f"--limit {asked.limit} --size {asked.size}"]
    record = {"command": " ".join(words), "size": asked.size, **more}
    record["sets"] = {name: measure(data) for name, data in zip(names, asked.data, strict=True)}
    write_json(asked.output, record)
