"""Which photos are meant, where results go, and how an archive is spread over machines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.data.photo import PhotoError
from colorlab.inference.files import (
    Counts,
    Source,
    Targets,
    color_all,
    find_sources,
    known_format,
    shard_of,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "in/b.PNG", "in/deep/c.tif", "in/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def places(sources: list[Source]) -> list[str]:
    return [str(source.place) for source in sources]


def test_folders_patterns_and_files(folder: Path) -> None:
    assert places(find_sources([folder])) == ["a.jpg", "in/b.PNG", "in/deep/c.tif"]
    assert places(find_sources([folder], recursive=False)) == ["a.jpg"]
    assert places(find_sources([f"{folder}/**/*.tif"])) == ["c.tif"]
    both = find_sources([folder / "a.jpg", folder])
    assert places(both) == ["a.jpg", "in/b.PNG", "in/deep/c.tif"], "each photo once"
    assert places(find_sources([folder / "gone.jpg"])) == ["gone.jpg"]
    with pytest.raises(PhotoError, match="no file matches"):
        find_sources([f"{folder}/*.gif"])
    (folder / "empty").mkdir()
    with pytest.raises(PhotoError, match="no photos in this folder"):
        find_sources([folder / "empty"])


@pytest.mark.parametrize(
    ("photo", "format", "name"),
    [
        ("a.jpg", None, "a.jpg"),
        ("a.JPEG", None, "a.JPEG"),
        ("scan.gif", None, "scan.png"),
        ("St. Mary", None, "St. Mary.png"),
        ("v1.2 final.tif", "jpeg", "v1.2 final.jpg"),
        ("no suffix", "tiff", "no suffix.tif"),
    ],
)
def test_names(photo: str, format: str | None, name: str, tmp_path: Path) -> None:
    source = Source(tmp_path / photo, Path("box") / photo)
    assert Targets(tmp_path / "out", format).of(source) == tmp_path / "out" / "box" / name
    beside = Targets(None, format).of(source)
    assert beside.parent == tmp_path
    assert beside.stem.endswith("_color")


def test_long_names(tmp_path: Path) -> None:
    fits = Source(tmp_path / ("a" * 251 + ".jpg"), Path("a" * 251 + ".jpg"))
    assert Targets(tmp_path / "out").of(fits).name == fits.path.name
    with pytest.raises(PhotoError, match="too long"):
        Targets(None).of(fits)


def test_two_photos_of_one_name(tmp_path: Path) -> None:
    targets = Targets(tmp_path)
    targets.of(Source(Path("x/a.jpg"), Path("a.jpg")))
    with pytest.raises(PhotoError, match="y/a.jpg: has the same result file as x/a.jpg"):
        targets.of(Source(Path("y/a.jpg"), Path("a.jpg")))


def test_formats() -> None:
    assert known_format("JPG") == "jpeg"
    assert known_format("tif") == "tiff"
    with pytest.raises(PhotoError, match="no format 'psd'; there are: "):
        known_format("psd")
    with pytest.raises(PhotoError, match="is no png file by its name"):
        Targets(Path("a.jpg"), "png")


@given(photos=st.integers(0, 200), count=st.integers(1, 40))
def test_shards_cover_every_photo_once(photos: int, count: int) -> None:
    parts = [
        range(photos)[i::n] for i, n in (shard_of(f"{k}/{count}") for k in range(1, count + 1))
    ]
    assert sorted(index for part in parts for index in part) == list(range(photos))


def test_shards_of_schedulers() -> None:
    assert shard_of(None, {}) == (0, 1)
    assert shard_of(None, {"RANK": "2", "WORLD_SIZE": "3"}) == (2, 3)
    array = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "3"}
    array |= {"SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_STEP": "2"}
    assert shard_of(None, array) == (1, 3)
    for wrong in ("0/3", "4/3", "1", "a/b", "1/0", "-1/2"):
        with pytest.raises(ValueError, match="a shard is i/n"):
            shard_of(wrong, {})


def test_one_failure_does_not_stop_the_rest(folder: Path) -> None:
    def color(photo: Path, result: Path) -> None:
        if photo.suffix == ".PNG":
            raise PhotoError(f"{photo}: broken")
        result.write_bytes(photo.read_bytes())

    counts = Counts()
    sources = find_sources([folder])
    for done in color_all(sources, Targets(folder / "out"), color):
        counts.add(done.status)
        assert bool(done.error) == (done.status == "failed")
    assert str(counts) == "2 coloured, 1 failed"
    again = [d.status for d in color_all(sources[:1], Targets(folder / "out"), color, True)]
    assert again == ["skipped"]
