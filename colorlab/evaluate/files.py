"""The files around an evaluation: whether results can be written, what in a folder is no photo."""

from __future__ import annotations

import tempfile
from pathlib import Path

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
