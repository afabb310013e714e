"""Batches: sizes, augmentation, reproducibility, shares of processes, and broken photos."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.transform import rotate as skimage_rotate
from torch import Tensor

from colorlab.data import (
    PAPER_AUGMENTATION,
    Augmentation,
    ColorizationData,
    EpochSampler,
    ShareSampler,
    SquashedPhotos,
    TrainingPhotos,
    open_photos,
    rotate,
    squash,
)
from colorlab.photos import Photos
from colorlab.samples import sample_photos

(COFFEE,) = sample_photos("coffee")
PHOTO = torch.from_numpy(COFFEE.rgb).permute(2, 0, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty training and eleven validation crops of a sample photo, as JPEGs."""
    root = tmp_path_factory.mktemp("photos")
    for split, count in (("train", 40), ("val", 11)):
        (root / split).mkdir()
        for number in range(count):
            left = 8 * number
            crop = COFFEE.rgb[left // 2 : left // 2 + 90, left : left + 120]
            Image.fromarray(crop).save(root / split / f"{number:02d}.jpg")
    return root


def batches(data: ColorizationData, epoch: int = 0) -> list[Tensor]:
    loader = data.train_dataloader()
    assert isinstance(loader.sampler, EpochSampler)
    loader.sampler.set_epoch(epoch)
    return list(loader)


def numbered(folder: Path, count: int) -> list[Path]:
    """Tiny photos, the red of each being its number."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(path)
    return paths


PLAIN = Augmentation(min_area=1, flip=False)


# -- augmentation


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    size=st.integers(2, 48),
    min_area=st.sampled_from([0.05, 0.35, 1.0]),
    flip=st.booleans(),
    rotation=st.sampled_from([0.0, 36.0, 180.0]),
    fit=st.sampled_from(["squash", "crop"]),
)
def test_any_photo_becomes_a_square_within_its_own_colours(
    height: int, width: int, size: int, min_area: float, flip: bool, rotation: float, fit: str
) -> None:
    photo = torch.randint(0, 256, (3, height, width), dtype=torch.uint8)
    augment = Augmentation(min_area, flip, rotation, fit)  # type: ignore[arg-type]
    for square in (augment(photo, size), augment.validation(photo, size)):
        assert square.shape == (3, size, size)
        assert square.dtype == torch.uint8
        # Interpolating and reflecting invent no brightness, and a grey border would.
        assert (square.amax((1, 2)) <= photo.amax((1, 2))).all()
        assert (square.amin((1, 2)) >= photo.amin((1, 2))).all()


@pytest.mark.parametrize("degrees", [-36.0, -10.0, 0.0, 5.0, 36.0, 90.0])
def test_rotation_agrees_with_scikit_image(degrees: float) -> None:
    square = squash(PHOTO, 96)
    expected = skimage_rotate(square.permute(1, 2, 0).numpy() / 255.0, degrees, mode="symmetric")
    turned = rotate(square, degrees).permute(1, 2, 0).numpy() / 255.0
    assert np.abs(turned - expected).max() < 1.01 / 255


def test_rotations_fill_the_range() -> None:
    """The paper turns by up to 0.1 of a turn either way; a half-black photo shows the angle."""
    line = torch.zeros(3, 64, 64, dtype=torch.uint8)
    line[:, :, 32:] = 255
    augment = Augmentation(min_area=1, flip=False, rotation=36.0)
    angles = []
    for _ in range(300):
        turned = augment(line, 64)[0].float() / 255
        # On the upper edge the border stands away from the middle by 32 tan(angle).
        edges = turned[[16, 47]].sum(dim=1)
        angles.append(float(torch.rad2deg(torch.atan((edges[0] - edges[1]) / 31))))
    assert max(map(abs, angles)) < 36.5
    assert max(angles) > 33
    assert min(angles) < -33
    assert abs(sum(angles)) / 300 < 5


def test_half_of_the_photos_are_mirrored() -> None:
    augment = Augmentation(min_area=1)
    square = squash(PHOTO, 32)
    seen = [augment(square, 32) for _ in range(200)]
    mirrored = sum(torch.equal(photo, square.flip(-1)) for photo in seen)
    assert sum(torch.equal(photo, square) for photo in seen) + mirrored == 200
    assert 70 < mirrored < 130


def test_crop_keeps_the_aspect_ratio_and_squash_does_not() -> None:
    circle = torch.zeros(3, 60, 120, dtype=torch.uint8)
    y, x = torch.meshgrid(torch.arange(60) - 29.5, torch.arange(120) - 59.5, indexing="ij")
    circle[:, (x**2 + y**2) < 20**2] = 255
    cropped, squashed = (
        Augmentation(min_area=1, fit=fit).validation(circle, 60)[0] > 127
        for fit in ("crop", "squash")
    )
    assert int(cropped.any(0).sum()) == int(cropped.any(1).sum()) == 40
    assert int(squashed.any(0).sum()) * 2 == int(squashed.any(1).sum()) == 40


def test_the_papers_augmentation_is_as_documented() -> None:
    assert Augmentation(1.0, flip=True, rotation=36.0, fit="squash") == PAPER_AUGMENTATION


# -- batches


def test_batches(folder: Path) -> None:
    data = ColorizationData(folder, sizes=[32, 48], batch=8, val_size=40, workers=0)
    first = batches(data)
    assert [photo.shape for photo in first] == [(8, 3, 32, 32)] * 5
    assert all(photo.dtype == torch.uint8 for photo in first)
    assert first[0].is_contiguous(memory_format=torch.channels_last)
    assert batches(data, epoch=1)[0].shape[-1] == 48
    assert batches(data, epoch=9)[0].shape[-1] == 48
    assert [len(batch) for batch in data.val_dataloader()] == [8, 3]
    val = torch.cat(list(data.val_dataloader()))
    for photo, (original, _) in zip(val, data.val_photos, strict=True):
        assert torch.equal(photo, squash(original, 40))


def test_a_set_smaller_than_a_batch_is_one_batch(folder: Path) -> None:
    data = ColorizationData(folder, sizes=[16], batch=64, workers=0)
    assert [len(batch) for batch in batches(data)] == [40]


def test_samples_and_pairs_are_sources(folder: Path) -> None:
    data = ColorizationData("sample", sizes=[16], batch=4, workers=0)
    assert (len(data.train_photos), len(data.val_photos)) == (8, 1)
    pair = (Photos(sorted((folder / "val").iterdir())), Photos([COFFEE.path]))
    data = ColorizationData(pair, sizes=[16], batch=11, workers=0)
    assert [len(batch) for batch in batches(data)] == [11]


@pytest.mark.parametrize("augment", [Augmentation(), PAPER_AUGMENTATION], ids=["own", "paper"])
def test_batches_do_not_depend_on_the_number_of_workers(
    folder: Path, augment: Augmentation
) -> None:
    seen = []
    for workers in (0, 1, 2):
        torch.manual_seed(workers)  # the surrounding random state must not matter either
        data = ColorizationData(folder, [32], 8, augment, workers=workers, seed=5)
        # Two epochs of one loader: workers persist.
        loader = data.train_dataloader()
        epochs = []
        for epoch in (0, 1):
            loader.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
            epochs += list(loader)
        seen.append(torch.stack([*epochs]))
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(seen[0], seen[2])
    assert not torch.equal(seen[0][:5], seen[0][5:])


def test_batches_depend_on_seed_and_epoch_alone(folder: Path) -> None:
    def photos(seed: int, epoch: int) -> Tensor:
        data = ColorizationData(folder, [16], 8, workers=0, seed=seed)
        return torch.cat(batches(data, epoch))

    assert torch.equal(photos(1, 2), photos(1, 2))
    assert not torch.equal(photos(1, 2), photos(2, 2))
    assert not torch.equal(photos(1, 2), photos(1, 3))


def test_augmenting_leaves_the_global_random_state_alone(folder: Path) -> None:
    photos = TrainingPhotos(open_photos(folder, "train"), [16], PAPER_AUGMENTATION, seed=0)
    state = torch.get_rng_state()
    assert torch.equal(photos[0, 1], photos[0, 1])
    assert torch.equal(state, torch.get_rng_state())


# -- processes


@settings(deadline=None)
@given(count=st.integers(0, 200), ranks=st.integers(1, 9), epoch=st.integers(0, 5))
def test_training_shares_are_even_disjoint_and_complete_but_for_a_remainder(
    count: int, ranks: int, epoch: int
) -> None:
    shares = []
    for rank in range(ranks):
        sampler = EpochSampler(count, seed=3, rank=rank, ranks=ranks)
        sampler.set_epoch(epoch)
        share = list(sampler)
        assert len(share) == len(sampler) == count // ranks
        assert all(key_epoch == epoch for key_epoch, _ in share)
        shares += [index for _, index in share]
    assert len(set(shares)) == len(shares) == count - count % ranks


@settings(deadline=None)
@given(count=st.integers(0, 200), ranks=st.integers(1, 9))
def test_validation_shares_are_disjoint_and_complete(count: int, ranks: int) -> None:
    samplers = [ShareSampler(count, rank, ranks) for rank in range(ranks)]
    assert sorted(index for sampler in samplers for index in sampler) == list(range(count))
    assert all(len(sampler) == len(list(sampler)) for sampler in samplers)


def test_one_process_goes_through_everything_in_a_new_order_each_epoch() -> None:
    sampler = EpochSampler(50, seed=0)
    orders = []
    for epoch in (0, 1):
        sampler.set_epoch(epoch)
        orders.append([index for _, index in sampler])
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(50))
    assert orders[0] != orders[1]


_TWO_RANKS = """
import sys
from pathlib import Path
import lightning, torch
from colorlab.data import Augmentation, ColorizationData

class Watcher(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen = {"train": [], "val": []}
    def training_step(self, photos, batch_idx):
        self.seen["train"].append((self.current_epoch, photos[:, 0, 0, 0].tolist()))
        return self.weight.square()
    def validation_step(self, photos, batch_idx):
        self.seen["val"].append((self.current_epoch, photos[:, 0, 0, 0].tolist()))
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

module = Watcher()
data = ColorizationData(sys.argv[1], [4], 4, Augmentation(min_area=1, flip=False), 4, workers=0)
trainer = lightning.Trainer(
    accelerator="cpu", devices=2, strategy="ddp", max_epochs=2, logger=False,
    enable_checkpointing=False, enable_progress_bar=False, num_sanity_val_steps=0,
    enable_model_summary=False,
)
trainer.fit(module, datamodule=data)
Path(sys.argv[2], f"rank{trainer.global_rank}").write_text(repr(module.seen))
"""


@pytest.mark.slow
def test_two_torchrun_processes_share_the_photos(tmp_path: Path) -> None:
    """Under Lightning, which would put its own sampler in the place of one it doesn't know."""
    import ast

    (tmp_path / "data").mkdir()
    numbered(tmp_path / "data" / "train", 25)
    numbered(tmp_path / "data" / "val", 7)
    script = tmp_path / "watch.py"
    script.write_text(_TWO_RANKS)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*command, script, tmp_path / "data", tmp_path],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    ranks = [ast.literal_eval((tmp_path / f"rank{rank}").read_text()) for rank in (0, 1)]
    orders = []
    for epoch in (0, 1):
        shares = [
            [int(red) for at, reds in seen["train"] if at == epoch for red in reds]
            for seen in ranks
        ]
        assert [len(share) for share in shares] == [12, 12]
        assert len({*shares[0], *shares[1]}) == 24
        orders.append(shares)
        val = [
            int(red) for seen in ranks for at, reds in seen["val"] if at == epoch for red in reds
        ]
        assert sorted(val) == list(range(7))
    assert orders[0] != orders[1]


# -- broken photos


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
        data.teardown("fit")
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
