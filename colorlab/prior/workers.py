"""Photo files counted in this process, or in several that work side by side."""

from __future__ import annotations

import signal
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.data.decode import decode
from colorlab.data.photo import PhotoError
from colorlab.machine import keep_freed_memory
from colorlab.prior.table import ColorCounter, bin_table

_HELD = 12 << 20  # bytes of decoded photos: 64 of 256x256
_AHEAD = 2  # batches that a worker has, so that it never waits for the next


def count_files(paths: Iterable[str | Path], counter: ColorCounter) -> list[int]:
    """Count photo files; gives the positions of those that can't be read.

    Photos are decoded by the dozen and then counted by the dozen. Done in turns photo by photo,
    the decoder and the counter drive each other's data out of the processor's cache, and both are
    slower.
    """
    broken: list[int] = []
    held: list[Tensor] = []
    size = 0
    for position, path in enumerate(paths):
        try:
            photo = decode(Path(path))
        except PhotoError:
            broken.append(position)
            continue
        held.append(photo)
        size += photo.numel()
        if size >= _HELD:
            _count(held, counter)
            size = 0
    _count(held, counter)
    return broken


def _count(held: list[Tensor], counter: ColorCounter) -> None:
    for photo in held:
        counter.add(photo.permute(1, 2, 0).numpy())
    held.clear()


class Counting(Protocol):
    """What `counting` gives. Photos go by their index in its `paths`."""

    def count(self, batches: Iterable[range]) -> Iterator[tuple[range, list[int]]]:
        """Count photos; gives each batch once it is done, and which of its photos are broken.

        Batches may come back in another order. When there are no more, all are counted.
        """

    def take(self) -> NDArray[np.int64]:
        """The counts since the last call, int64 (256, 256), a* first."""


@contextmanager
def counting(paths: Sequence[Path], workers: int) -> Iterator[Counting]:
    """Something that counts photo files: this process alone, or `workers` processes that it starts.

    The processes are gone at the end, whatever it is that ends it, this process's death included.
    Where a process can't be forked (Windows, macOS) a script that counts with more than one needs
    the usual `if __name__ == "__main__":`.

    Counting raises RuntimeError where a worker died.
    """
    if workers == 1:
        with _one_thread_an_operation():
            yield _Here(paths)
        return
    bin_table()  # forked workers find it made
    crew = _Crew(paths)
    try:
        crew.start(workers)
        yield crew
    finally:
        crew.end()


class _Here:
    """Counts in this process."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        keep_freed_memory()
        self._counter = ColorCounter()

    def count(self, batches: Iterable[range]) -> Iterator[tuple[range, list[int]]]:
        for batch in batches:
            broken = count_files((self._paths[index] for index in batch), self._counter)
            yield batch, [batch[position] for position in broken]

    def take(self) -> NDArray[np.int64]:
        return self._counter.take()


class _Crew:
    """Counts in processes that are sent lists of paths; threads would wait for Python's lock."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._workers: dict[Connection, BaseProcess] = {}

    def start(self, workers: int) -> None:
        for _ in range(workers):
            here, there = Pipe()
            process = get_context().Process(target=_work, args=(there, here), daemon=True)
            with warnings.catch_warnings():
                # Forking beside threads may hang a child that uses their locks. This one doesn't:
                # it leaves torch's threads alone, and prints nothing.
                warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
                process.start()
            there.close()  # so that the worker's end is seen as the end of the pipe
            self._workers[here] = process

    def end(self) -> None:
        for pipe, process in self._workers.items():
            pipe.close()
            process.kill()  # there is nothing that it could leave half done
            process.join()

    def count(self, batches: Iterable[range]) -> Iterator[tuple[range, list[int]]]:
        queue = iter(batches)
        given: dict[Connection, deque[range]] = {pipe: deque() for pipe in self._workers}

        def give(pipe: Connection) -> None:
            batch = next(queue, None)
            if batch is not None:
                self._send(pipe, [str(self._paths[index]) for index in batch])
                given[pipe].append(batch)

        for _ in range(_AHEAD):
            for pipe in given:
                give(pipe)
        while busy := [pipe for pipe, batches_there in given.items() if batches_there]:
            for pipe in cast(list[Connection], wait(busy)):
                broken = self._receive(pipe)
                batch = given[pipe].popleft()
                give(pipe)
                yield batch, [batch[position] for position in broken]

    def take(self) -> NDArray[np.int64]:
        for pipe in self._workers:
            self._send(pipe, None)
        return np.sum([self._receive(pipe) for pipe in self._workers], axis=0)

    def _send(self, pipe: Connection, message: list[str] | None) -> None:
        try:
            pipe.send(message)
        except OSError:
            raise self._death(pipe) from None

    def _receive(self, pipe: Connection) -> Any:
        try:
            reply = pipe.recv()
        except (EOFError, OSError):
            raise self._death(pipe) from None
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _death(self, pipe: Connection) -> RuntimeError:
        process = self._workers[pipe]
        process.join(5)
        return RuntimeError(
            f"a process that counts photos died (exit code {process.exitcode}; -9 mostly means "
            "that memory ran out); the same call again goes on from what was saved"
        )


def _work(pipe: Connection, main_end: Connection) -> None:
    """What a worker does: count the lists of paths that come, and at a None send the counts."""
    # A forked worker has copies of the main process's ends, of its own pipe and of those of the
    # workers before it. Without this one no worker's pipe outlives the main process: the last
    # worker's ends first, and it with it, then that of the one before.
    main_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the main process sees to it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whatever a forked worker's main process made it
    torch.set_num_threads(1)
    keep_freed_memory()
    counter = ColorCounter()
    while True:
        try:
            paths = pipe.recv()
            pipe.send(counter.take() if paths is None else _reply(paths, counter))
        except (EOFError, OSError):
            return  # the main process is gone


def _reply(paths: list[str], counter: ColorCounter) -> list[int] | Exception:
    try:
        return count_files(paths, counter)
    except Exception as error:  # whatever it is, it is for the main process to raise
        return error


@contextmanager
def _one_thread_an_operation() -> Iterator[None]:
    """Keep torch from splitting small operations: that takes longer than they do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
