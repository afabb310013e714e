"""Broken photos: skipped, counted and listed, and too many of them are an error."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from colorlab.data.batches import Augmentation, ColorizationData, SquashedPhotos
from colorlab.data.photos import Photos

from ..batches import batches, numbered

PLAIN = Augmentation(min_area=1, flip=False)


def break_photos(paths: list[Path], *which: int) -> list[Path]:
    for index in which:
        paths[index].write_bytes(b"broken")
    return [paths[index] for index in which]


def test_broken_photos_are_skipped_counted_and_listed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = numbered(tmp_path, 200)
    broken = break_photos(paths, 3, 150)
    photos = Photos(paths)
    assert len(photos) == 200
    with caplog.at_level(logging.WARNING, "colorlab"):
        read = [path for _, path in photos.readable()]
    assert read == [path for path in paths if path not in broken]
    assert photos.broken == broken
    (message,) = caplog.messages
    assert message == (f"skipped: 2 of 200 photos could not be read: {broken[0]}, {broken[1]}")


def test_no_broken_photo_no_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    photos = Photos(numbered(tmp_path, 3))
    assert len(list(photos.readable())) == 3
    assert photos.broken == []
    assert caplog.messages == []


def test_more_than_one_percent_broken_stops_with_the_list(tmp_path: Path) -> None:
    paths = numbered(tmp_path, 200)
    broken = break_photos(paths, 3, 50, 150)
    with pytest.raises(RuntimeError, match="3 of 200 photos could not be read") as caught:
        list(Photos(paths).readable())
    assert all(str(path) in str(caught.value) for path in broken)
    assert "at most 1% may be broken" in str(caught.value)
    # Both the share and the skipping are the caller's to set.
    assert len(list(Photos(paths, max_broken=0.015).readable())) == 197
    with pytest.raises(RuntimeError, match="1 of 200 photos"):
        list(Photos(paths, max_broken=0).readable())


def test_a_long_list_is_cut_in_the_message_alone(tmp_path: Path) -> None:
    paths = numbered(tmp_path, 30)
    break_photos(paths, *range(25))
    photos = Photos(paths, max_broken=1)
    assert len(list(photos.readable())) == 5
    assert len(photos.broken) == 25
    assert photos.broken_report().endswith(f"{paths[19]}, and 5 more")


def test_nothing_but_broken_photos_ends(tmp_path: Path) -> None:
    paths = numbered(tmp_path, 3)
    break_photos(paths, 0, 1, 2)
    with pytest.raises(RuntimeError, match="3 of 3 photos"):
        Photos(paths, max_broken=1).read_or_next(0)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_stay_whole_around_broken_photos(
    workers: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The next readable photo takes the place, and workers tell the main process."""
    train, val = numbered(tmp_path / "train", 150), numbered(tmp_path / "val", 100)
    broken = break_photos(train, 149), break_photos(val, 10)
    pair = Photos(train), Photos(val)
    data = ColorizationData(pair, [4], 10, PLAIN, val_size=4, workers=workers)
    seen = torch.cat(batches(data))[:, 0, 0, 0].tolist()
    assert sorted(seen) == [0, *range(149)]
    validated = torch.cat(list(data.val_dataloader()))[:, 0, 0, 0].tolist()
    assert validated == [*range(10), 11, *range(11, 100)]
    assert (data.train_photos.broken, data.val_photos.broken) == broken
    with caplog.at_level(logging.WARNING, "colorlab"):
        data.log_broken()
    assert [message.split(":")[1] for message in caplog.messages] == [
        " 1 of 150 photos could not be read",
        " 1 of 100 photos could not be read",
    ]


def test_too_many_broken_photos_stop_the_workers(tmp_path: Path) -> None:
    train = numbered(tmp_path / "train", 50)
    (broken,) = break_photos(train, 7)
    data = ColorizationData((Photos(train), Photos(train)), [4], 10, PLAIN, workers=1)
    with pytest.raises(RuntimeError, match="1 of 50 photos could not be read") as caught:
        batches(data)
    assert str(broken) in str(caught.value)


def test_plain_paths_must_all_be_readable(tmp_path: Path) -> None:
    paths = numbered(tmp_path, 200)
    break_photos(paths, 5)
    with pytest.raises(RuntimeError, match=r"005\.png"):
        SquashedPhotos(paths, 4)[5]
    assert SquashedPhotos(paths, 4)[6].shape == (3, 4, 4)
