"""Damage photo files at random and colour them: each is coloured or refused in one sentence.

    python tests/archive/fuzz.py --files 10000 --seed 0

Truncated, bytes flipped, runs of bytes zeroed or repeated, and headers of one kind on bodies of
another. A traceback, a crash of the process, a hang of over 20 seconds or a result that is half
written ends the run with exit status 1 and the seed of the file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

SECONDS = 20.0


def damage(data: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    """A file's bytes, damaged in one of five ways."""
    way = draw.randrange(5)
    changed = bytearray(data)
    if way == 0:
        return data[: draw.randrange(len(data))]
    if way == 1:
        for _ in range(draw.choice((1, 3, 10, 100))):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    elif way == 2:
        start = draw.randrange(len(changed))
        end = min(len(changed), start + draw.randrange(1, 200))
        changed[start:end] = bytes(end - start) if draw.random() < 0.5 else b"\xff" * (end - start)
    elif way == 3:
        start = draw.randrange(len(changed))
        part = changed[start : start + draw.randrange(1, 500)]
        changed[start:start] = part * draw.choice((1, 2, 20))
    else:
        head = draw.choice(others)
        return head[: draw.randrange(4, min(300, len(head)))] + data[draw.randrange(len(data)) :]
    return bytes(changed)


def clean_files() -> list[tuple[str, bytes]]:
    """Small files of every kind of `combinations`, and animations, with their suffixes."""
    import io

    from PIL import Image

    sys.path.insert(0, str(Path(__file__).parent))
    import combinations

    from colorlab.data import sample_photos

    picture = np.ascontiguousarray(sample_photos("coffee")[0].rgb[40:232:8, 60:316:8])
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in combinations.every_kind()[1::2]:
            path = combinations.write(kind, picture, Path(folder))
            found.append((path.suffix, path.read_bytes()))
    frames = [Image.fromarray(np.roll(picture, 5 * i, 1)) for i in range(3)]
    for suffix, name in ((".gif", "GIF"), (".webp", "WEBP"), (".png", "PNG"), (".tif", "TIFF")):
        file = io.BytesIO()
        frames[0].save(file, name, save_all=True, append_images=frames[1:])
        found.append((suffix, file.getvalue()))
    for suffix, name in ((".bmp", "BMP"), (".avif", "AVIF"), (".jp2", "JPEG2000")):
        file = io.BytesIO()
        frames[0].save(file, name)
        found.append((suffix, file.getvalue()))
    return found


def _work(pipe: Connection) -> None:
    """Colour the files whose paths come; send back "" or what was wrong."""
    import torch

    from colorlab.data.photo import PhotoError, read_photo
    from colorlab.inference.colorize import colorize_file
    from colorlab.models import create_model

    torch.set_num_threads(1)
    network = create_model("dahl_lite0")
    while True:
        try:
            source, target = pipe.recv()
        except EOFError:
            return
        try:
            colorize_file(source, target, network)
            read_photo(target)
            verdict = ""
        except PhotoError as error:
            verdict = "" if len(str(error).splitlines()) == 1 else f"not one sentence: {error}"
            if target.exists():
                verdict = f"a result was left after: {error}"
        except BaseException as error:
            verdict = f"{type(error).__name__}: {error}"
        left = list(target.parent.glob(".*.part"))
        pipe.send(verdict or (f"left {left}" if left else ""))


class Worker:
    """A process that colours files, started anew where one has crashed or hangs."""

    def __init__(self) -> None:
        self.process: Any = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.kill()
            self.process.join()

    def verdict(self, source: Path, target: Path) -> str:
        """What was wrong with colouring a file; "" if nothing was."""
        if self.process is None or not self.process.is_alive():
            context = multiprocessing.get_context("spawn")
            self.pipe, there = context.Pipe()
            self.process = context.Process(target=_work, args=(there,), daemon=True)
            self.process.start()
            there.close()
            patience = 120.0
        else:
            patience = SECONDS
        self.pipe.send((source, target))
        if not self.pipe.poll(patience):
            self.process.kill()
            self.process.join()
            return f"hangs for more than {patience:g} seconds"
        try:
            return str(self.pipe.recv())
        except EOFError:
            self.process.join()
            return f"the process died, exit code {self.process.exitcode}"


def fuzz(files: int, seed: int, keep: Path | None = None) -> list[str]:
    """What was wrong with each of so many damaged files that something was wrong with."""
    clean = clean_files()
    bodies = [data for _, data in clean]
    wrong = []
    with tempfile.TemporaryDirectory() as name, Worker() as worker:
        folder = Path(name)
        for number in range(files):
            draw = random.Random(f"{seed} {number}")
            suffix, data = draw.choice(clean)
            source = folder / f"damaged{suffix}"
            source.write_bytes(damage(data, bodies, draw))
            target = folder / "out" / f"{number}{suffix if suffix != '.gif' else '.png'}"
            if said := worker.verdict(source, target):
                wrong.append(f"file {number} of seed {seed} ({suffix}): {said}")
                if keep:
                    keep.mkdir(exist_ok=True)
                    (keep / f"{number}{suffix}").write_bytes(source.read_bytes())
            target.unlink(missing_ok=True)
    return wrong


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder for the files that something was wrong")
    arguments = parser.parse_args()
    started = time.monotonic()
    wrong = fuzz(arguments.files, arguments.seed, arguments.keep)
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    took = time.monotonic() - started
    sys.stdout.write(f"{arguments.files} files, {len(wrong)} wrong, {took:.0f} s\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
