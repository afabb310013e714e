"""Batches: sizes, reproducibility, and shares of processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from colorlab.data.batches import (
    PAPER_AUGMENTATION,
    Augmentation,
    ColorizationData,
    EpochSampler,
    TrainingPhotos,
    squash,
)
from colorlab.data.photos import Photos
from colorlab.data.samples import sample_photos
from colorlab.data.sources import open_photos

from ..batches import batches, numbered

(COFFEE,) = sample_photos("coffee")
ORDER = [5, 2, 1, 4, 0, 3]  # of six photos, at seed 7 in the third epoch


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


def test_the_draw_never_changes(folder: Path) -> None:
    """Orders come from NumPy's documented SeedSequence alone, on any machine and version."""
    sampler = EpochSampler(6, seed=7)
    sampler.set_epoch(2)
    assert list(sampler) == [(2, index) for index in ORDER]
    (seed,) = np.random.SeedSequence((7, 2)).generate_state(1, np.uint64).tolist()
    assert torch.randperm(6, generator=torch.Generator().manual_seed(seed)).tolist() == ORDER


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
@given(count=st.integers(1, 200), ranks=st.integers(1, 9))
def test_validation_shares_are_disjoint_and_complete(count: int, ranks: int) -> None:
    photos = Photos([f"{number}.png" for number in range(count)])
    data = ColorizationData((photos, photos), workers=0)
    shares = []
    for rank in range(ranks):
        with patch("colorlab.data.batches.rank_and_world", return_value=(rank, ranks)):
            shares.append(list(data.val_dataloader().sampler))
    assert sorted(index for share in shares for index in share) == list(range(count))


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
from torch import distributed
from colorlab.data.batches import Augmentation, ColorizationData

distributed.init_process_group("gloo")
data = ColorizationData(sys.argv[1], [4], 4, Augmentation(min_area=1, flip=False), 4, workers=0)
train, val = data.train_dataloader(), data.val_dataloader()
seen = {"train": [], "val": []}
for epoch in (0, 1):
    train.sampler.set_epoch(epoch)
    for name, loader in (("train", train), ("val", val)):
        seen[name] += [(epoch, photos[:, 0, 0, 0].tolist()) for photos in loader]
Path(sys.argv[2], f"rank{distributed.get_rank()}").write_text(repr(seen))
distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_two_torchrun_processes_share_the_photos(tmp_path: Path) -> None:
    """Each takes part in every epoch, and each validation photo is seen once."""
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
