"""A short run of the fuzzer; `python tests/archive/fuzz.py` is the long one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .fuzz import Worker, clean_files, damage, fuzz


@pytest.mark.slow
def test_damaged_files_are_coloured_or_refused() -> None:
    assert fuzz(files=300, seed=1) == []


def test_the_same_seed_damages_alike() -> None:
    data = bytes(range(256)) * 4
    first, again = (damage(data, [data], random.Random("0 1")) for _ in range(2))
    assert first == again != data


@pytest.mark.slow
def test_a_crash_would_be_found(tmp_path: Path) -> None:
    """The fuzzer itself: a worker that dies is told, and another one takes its place."""
    suffix, data = clean_files()[0]
    source = tmp_path / f"good{suffix}"
    source.write_bytes(data)
    with Worker() as worker:
        assert worker.verdict(source, tmp_path / "out" / f"1{suffix}") == ""
        worker.process.kill()
        worker.process.join()
        assert worker.verdict(source, tmp_path / "out" / f"2{suffix}") == ""
