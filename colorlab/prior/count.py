"""Counting the chroma of any number of photos: on all cores and machines, killed and resumed."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed
from torch.utils.data import DataLoader, Dataset

from colorlab.data.decode import decode
from colorlab.data.files import write_whole
from colorlab.data.photo import PhotoError
from colorlab.data.photos import PathList, Photos
from colorlab.machine import keep_freed_memory, rank_and_world
from colorlab.prior.bins import ColorCounter, bin_table
from colorlab.prior.prior import ColorPrior, provenance

_BATCH = 64  # photos that a worker counts at a time
_HELD = 12 << 20  # bytes of decoded photos: 64 of 256x256


@dataclass
class Tally:
    """How far a count has come: `counts` holds the first `done` photos and no other.

    `counts` is int64 (256, 256); `broken` is bool, one entry for each photo of the whole list.
    The three are in one file, so that table and position can't disagree.
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
        np.savez_compressed(buffer, **vars(self), fingerprint=np.array(fingerprint))
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
        tally = _agree(tally, mark)
    for index in np.flatnonzero(tally.broken).tolist():
        photos.mark_broken(index)
    progress(tally.done)

    # In each round every rank counts a batch; the last ones may be short or empty.
    rounds = range(tally.done, len(photos), _BATCH * world)
    starts = (first + rank * _BATCH for first in rounds)
    batches = [range(at, min(at + _BATCH, len(photos))) for at in starts]
    counts, broken = np.zeros((256, 256), np.int64), list[int]()
    due = time.monotonic() + save_every
    with _counted(photos.paths, batches, workers) as results:
        for first, (new, unreadable) in zip(rounds, results, strict=True):
            counts += new.numpy()
            broken += unreadable
            stop = min(first + _BATCH * world, len(photos))
            progress(stop - first)
            if stop < len(photos) and not _as_rank_0_says(time.monotonic() >= due):
                continue
            if world > 1:
                broken = _sum_over_ranks(counts, broken)
            for index in broken:
                photos.mark_broken(index)
            tally.counts += counts
            tally.broken[broken] = True
            tally.done = stop
            if rank == 0:
                tally.save(progress_file(output), mark)
            counts[:], broken = 0, []
            due = time.monotonic() + save_every

    readable = len(photos) - int(tally.broken.sum())
    prior = ColorPrior(tally.counts, provenance(dataset, readable, int(tally.counts.sum())))
    if rank == 0:
        prior.save(output)
        progress_file(output).unlink()
    return prior


# -- the photos of one process, counted by it or by its workers


def count_files(paths: Iterable[str | Path], counter: ColorCounter) -> list[int]:
    """Count photo files; gives the positions of those that can't be read.

    Photos are decoded by the dozen and then counted by the dozen. Done in turns photo by photo,
    the decoder and the counter drive each other's data out of the processor's cache, and both are
    slower.
    """
    broken: list[int] = []
    held: list[Tensor] = []
    size = 0

    def count() -> None:
        for photo in held:
            counter.add(photo.permute(1, 2, 0).numpy())
        held.clear()

    for position, path in enumerate(paths):
        try:
            photo = decode(Path(path))
        except PhotoError:
            broken.append(position)
            continue
        held.append(photo)
        size += photo.numel()
        if size >= _HELD:
            count()
            size = 0
    count()
    return broken


class _Batches(Dataset[tuple[Tensor, list[int]]]):
    """For a range of photos: their counts, int64 (256, 256), and the indices of the broken ones."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths

    @cached_property
    def counter(self) -> ColorCounter:
        """Made in the worker: its buffers overlap, and would not any more after a pickling."""
        keep_freed_memory()
        return ColorCounter()

    def __getitem__(self, batch: range) -> tuple[Tensor, list[int]]:
        broken = count_files((self.paths[index] for index in batch), self.counter)
        return torch.from_numpy(self.counter.take()), [batch[position] for position in broken]


@contextmanager
def _counted(
    paths: Sequence[Path], batches: list[range], workers: int
) -> Iterator[Iterator[tuple[Tensor, list[int]]]]:
    """What `_Batches` gives for each batch, in order; no worker is left at the end.

    Where a process can't be forked (Windows, macOS) a script that counts with more than one needs
    the usual `if __name__ == "__main__":`. Raises RuntimeError where a worker died.
    """
    bin_table()  # forked workers find it made
    loader = DataLoader(
        _Batches(paths),
        batch_size=None,  # the dataset's items are batches already
        sampler=batches,
        num_workers=workers if workers > 1 else 0,
        # Ctrl-C reaches all processes, but only the main one acts on it.
        worker_init_fn=_ignore_interrupts,
        generator=torch.Generator(),  # the caller's random numbers are left alone
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # splitting such small operations takes longer than they do
    results: Any = iter(loader)
    try:
        yield results
    except (RuntimeError, ConnectionError, EOFError) as error:
        # Torch's words for a dead one; or it died while it sent its photos.
        if isinstance(error, RuntimeError) and "DataLoader worker (pid" not in str(error):
            raise
        workers_left: list[Any] = getattr(results, "_workers", [])
        with suppress(RuntimeError):  # torch tells of a death by a signal, too: now, not below
            wait([worker.sentinel for worker in workers_left], timeout=5)
        raise RuntimeError(
            "a process that counts photos died, mostly because memory ran out; the same call again "
            "goes on from what was saved"
        ) from error
    finally:
        torch.set_num_threads(threads)
        if workers > 1:
            results._shutdown_workers()  # now: an error's traceback would hold them


def _ignore_interrupts(worker: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# -- several ranks


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


def _as_rank_0_says(answer: bool) -> bool:
    """The answer of rank 0, on every rank."""
    if rank_and_world()[1] == 1:
        return answer
    told = torch.tensor(answer)
    distributed.broadcast(told, 0)
    return bool(told)


def _agree(tally: Tally, mark: str) -> Tally:
    """The tally of rank 0; RuntimeError where not all ranks have the same photos."""
    marks: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(marks, mark)
    if len(set(marks)) > 1:
        raise RuntimeError("not all processes have the same photos")
    box = [tally]
    distributed.broadcast_object_list(box, 0)
    return box[0]


def _sum_over_ranks(counts: NDArray[np.int64], broken: list[int]) -> list[int]:
    """Make `counts` the sum of all ranks' counts; returns all their broken photos."""
    distributed.all_reduce(torch.from_numpy(counts))
    lists: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(lists, broken)
    return [index for part in lists for index in part]
