"""Pairs for the human test, and a folder of photos to make some from."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from colorlab.course.study import pairs_by_model
from colorlab.course.study.pictures import Pairs


@pytest.fixture(scope="session")
def sample_pairs() -> Pairs:
    """The sample photos' squares."""
    return pairs_by_model()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty plain photos of one colour each, and one that is broken."""
    photos = tmp_path / "photos"
    (photos / "more").mkdir(parents=True)
    for i in range(60):
        place = photos / "more" if i % 2 else photos
        color = (4 * i, 128, 255 - 4 * i)
        Image.new("RGB", (400, 300), color).save(place / f"{i:02}.png")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    return photos
