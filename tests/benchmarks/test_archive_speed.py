"""Files in, coloured files out: seconds and peak memory, the share of reading and writing in it."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.data import sample_photos
from colorlab.data.photo import read_pages, write_photo
from colorlab.inference.colorize import colorize_file, load_model

from .timing import best_of_turns


@pytest.mark.parametrize("kind", ["2 MP JPEG", "12 MP JPEG", "50 MP 16-bit TIFF"])
def test_one_file(benchmark: BenchmarkFixture, tmp_path: Path, kind: str) -> None:
    """Once loaded. The memory is the most since the process began."""
    photo = sample_photos("china")[0].rgb
    if kind.endswith("TIFF"):
        source = tmp_path / "photo.tif"
        deep = np.tile(photo, (14, 13, 1)).astype(np.uint16) * 257
        tifffile.imwrite(source, deep, photometric="rgb")
    else:
        source = tmp_path / "photo.jpg"
        size = (4000, 3000) if kind.startswith("12") else (1632, 1224)
        Image.fromarray(photo).resize(size).save(source, quality=92)
    target, network = source.with_stem("result"), load_model("colorlab")
    pages = list(read_pages(source))
    sides = {
        "read": lambda: list(read_pages(source)),
        "write": lambda: write_photo(pages, target, overwrite=True),
        "all": lambda: colorize_file(source, target, network, overwrite=True),
    }
    best = best_of_turns(sides, 2 if kind.endswith("TIFF") else 5)
    share = (best["read"] + best["write"]) / best["all"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\n{kind}: {best['all']:.2f} s, reading and writing {share:.0%} of it, peak {peak:.2f} GB"
    )
    benchmark.extra_info.update(best)
    benchmark.pedantic(sides["all"], rounds=1)
