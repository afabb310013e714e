"""Counting the chroma of any number of photos: on all cores and machines, killed and resumed."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed

from colorlab.data.files import write_whole
from colorlab.data.photos import PathList, Photos
from colorlab.machine import rank_and_world
from colorlab.prior.prior import ColorPrior, provenance
from colorlab.prior.workers import counting

_ROUND = 128  # photos of each rank between two looks at the clock
_BATCH = 64  # photos that a worker counts at a time


@dataclass
class Tally:
    """How far a count has come: `counts` holds the first `done` photos and no other.

    `counts` is int64 (256, 256); `broken` is bool, one entry for each photo of the whole list.
    The three travel in one file, so that table and position can't disagree.
    """

    counts: NDArray[np.int64]
    done: int
    broken: NDArray[np.bool_]

    @classmethod
    def start(cls, photos: int) -> Tally:
        """Nothing counted yet, of so many photos."""
        return cls(np.zeros((256, 256), np.int64), 0, np.zeros(photos, np.bool_))

    def save(self, path: Path, fingerprint: str) -> None:
        """Write it, whole or not at all, with the fingerprint of the list it belongs to."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            counts=self.counts,
            done=np.array(self.done),
            broken=self.broken,
            fingerprint=np.array(fingerprint),
        )
        write_whole(path, buffer.getvalue())

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> Tally:
        """Read what `save` wrote; ValueError where it is damaged or of other photos."""
        data = path.read_bytes()
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                belongs = file["fingerprint"].item() == fingerprint
                tally = cls(file["counts"], int(file["done"]), file["broken"])
        # A damaged archive fails in many ways, by its member and by where the damage is.
        except Exception as error:
            raise ValueError(f"{path} is damaged; delete it to count from the start") from error
        if not belongs:
            raise ValueError(
                f"{path} is the progress of a count of other photos (or some were added, removed "
                "or changed since); delete it to count from the start"
            )
        return tally


def fingerprint(paths: PathList) -> str:
    """A digest of the names and sizes of photos, wherever the folder that holds them lies."""
    digest = hashlib.sha256(str(len(paths)).encode())
    ends = [str(paths[index]) for index in (0, -1)] if len(paths) else []
    # Any shared start will do, and relative and absolute paths may be mixed.
    shared = len(os.path.commonprefix(ends))  # noqa: RUF071
    for path in map(str, paths):
        try:
            size = os.stat(path).st_size
        except OSError:
            size = -1  # it will be found broken, or be another list once it is back
        digest.update(os.fsencode(f"{path[shared:]}\0{size}\0"))
    return digest.hexdigest()


def progress_file(output: Path) -> Path:
    """Where a count that is to become `output` keeps its progress."""
    return output.with_name(f"{output.name}.progress")


def count_photos(
    photos: Photos,
    output: str | Path,
    dataset: str,
    workers: int = 1,
    save_every: float = 5.0,
    progress: Callable[[int], None] = lambda count: None,
) -> ColorPrior:
    """Count the chroma of all photos into the prior file `output`, and return the prior.

    `workers` processes decode and count (with 1, this one does). The progress is saved beside
    `output` at least `save_every` seconds apart; a call that finds it goes on from there, and no
    photo is counted twice. `progress` is called with the number of photos done since the last
    call. Broken photos are skipped and found in `photos.broken`.

    In a process group of torch.distributed every rank calls this with the same photos; each counts
    its share, all return the same prior, and only rank 0 reads and writes files other than photos.

    Raises RuntimeError with the list where more photos are broken than `photos.max_broken` allows,
    and where a worker process died, ValueError where a progress file is damaged or of other photos.
    """
    if workers < 1:
        raise ValueError(f"at least one worker is needed, got {workers}")
    output = Path(output)
    rank, world = rank_and_world()
    mark = fingerprint(photos.paths)
    tally = Tally.start(len(photos))
    if rank == 0:
        if progress_file(output).exists():
            tally = Tally.load(progress_file(output), mark)
        tally.save(progress_file(output), mark)  # a folder that can't be written shows at once
    if world > 1:
        _agree(tally, mark)
    for index in np.flatnonzero(tally.broken).tolist():
        photos.mark_broken(index)
    progress(tally.done)

    with counting(photos.paths, workers) as counters:
        while tally.done < len(photos):
            first, mine = tally.done, 0
            stretch = _Stretch(first, len(photos), save_every)
            broken: list[int] = []
            for batch, unreadable in counters.count(stretch):
                broken += unreadable
                mine += len(batch)
                progress(len(batch))
            counts = counters.take()
            length = stretch.stop - first
            if world > 1:
                counts, broken = _sum_over_ranks(counts, broken, length, first)
                progress(length - mine)
            for index in broken:
                photos.mark_broken(index)
            tally.counts += counts
            tally.broken[broken] = True
            tally.done = stretch.stop
            if rank == 0:
                tally.save(progress_file(output), mark)

    readable = len(photos) - int(tally.broken.sum())
    prior = ColorPrior(tally.counts, provenance(dataset, readable, int(tally.counts.sum())))
    if rank == 0:
        prior.save(output)
        progress_file(output).unlink()
    return prior


class _Stretch:
    """The photos from `start` on, until it is time to save: this rank's share of them, in batches.

    Once there are no more, all photos before `stop` have been given out, by one rank or another.
    """

    def __init__(self, start: int, photos: int, seconds: float) -> None:
        self.stop = start
        self._photos, self._seconds = photos, seconds

    def __iter__(self) -> Iterator[range]:
        rank, world = rank_and_world()
        end = time.monotonic() + self._seconds
        while self.stop < self._photos:
            stop = min(self.stop + _ROUND * world, self._photos)
            share = range(self.stop + rank, stop, world)
            yield from (share[at : at + _BATCH] for at in range(0, len(share), _BATCH))
            self.stop = stop
            if _as_rank_0_says(time.monotonic() >= end):
                return


def _as_rank_0_says(answer: bool) -> bool:
    """The answer of rank 0, on every rank."""
    if rank_and_world()[1] == 1:
        return answer
    told = torch.tensor(answer)
    distributed.broadcast(told, 0)
    return bool(told)


@contextmanager
def process_group() -> Iterator[int]:
    """Join the other processes that torchrun started, if it did; gives this one's rank."""
    if not distributed.is_torchelastic_launched():
        yield 0
        return
    distributed.init_process_group("gloo")
    try:
        yield distributed.get_rank()
    finally:
        distributed.destroy_process_group()


def _agree(tally: Tally, mark: str) -> None:
    """Give all ranks the tally of rank 0; RuntimeError on a rank that has other photos."""
    mine = torch.frombuffer(bytearray.fromhex(mark), dtype=torch.uint8)
    first = mine.clone()
    distributed.broadcast(first, 0)
    if not torch.equal(mine, first):
        raise RuntimeError("this process does not have the same photos as the first one")
    done = torch.tensor(tally.done)
    broken = torch.from_numpy(tally.broken.view(np.uint8))
    for tensor in (torch.from_numpy(tally.counts), done, broken):
        distributed.broadcast(tensor, 0)
    tally.done = int(done)


def _sum_over_ranks(
    counts: NDArray[np.int64], broken: list[int], length: int, first: int
) -> tuple[NDArray[np.int64], list[int]]:
    """All ranks' counts added up, and all their broken ones of the `length` photos from `first`."""
    both = np.zeros(counts.size + length, np.int64)
    both[: counts.size] = counts.reshape(-1)
    both[counts.size + np.array(broken, np.int64) - first] = 1
    distributed.all_reduce(torch.from_numpy(both))
    everywhere = np.flatnonzero(both[counts.size :]) + first
    return both[: counts.size].reshape(counts.shape), everywhere.tolist()
