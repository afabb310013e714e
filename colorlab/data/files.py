"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place at the end of the block.

    A reader, or a power cut, meets the old file or the new one. The folder is made if missing; if
    the block raises, nothing is left. Raises OSError where the folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the file's own name: that may be as long as the file system allows.
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` whole or not at all, as `whole_file` does."""
    with whole_file(path) as part, part.open("xb") as file:
        file.write(data)


def write_json(path: Path, content: object) -> None:
    """Write `content` as JSON, a value a line, whole or not at all."""
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())
