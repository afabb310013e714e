"""Telling how a training goes: a bar on a terminal, one line an epoch everywhere."""

from __future__ import annotations

import time

from rich.progress import Progress

from colorlab.train.log import share
from colorlab.train.loop import Status


class ProgressLines:
    """Listens to a training; moves `bar`, and prints a line for each epoch beside it."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.task = bar.add_task("starting", total=None)
        self._photos = 0  # done when the epoch was first heard of
        self._started = self._seconds = 0.0
        self._epoch = -1

    def __call__(self, status: Status) -> None:
        """Take in a status."""
        if status.scores:
            self.bar.console.print(self._line(status))
            return
        if status.epoch != self._epoch:
            self._epoch, self._photos = status.epoch, status.photos
            self._started = time.monotonic()
        self.bar.update(
            self.task,
            description=f"epoch {status.epoch + 1}/{status.epochs}, loss {status.loss:.4f}",
            completed=status.epoch * status.of + status.photos,
            total=status.epochs * status.of,
        )
        if status.photos == status.of:
            self._seconds = time.monotonic() - self._started

    def _line(self, status: Status) -> str:
        scores = status.scores
        line = (
            f"epoch {status.epoch + 1}/{status.epochs}: validation loss {scores['val_loss']:.5f}, "
            f"MSE / grey {share(scores['val_mse_to_grey'])}, "
            f"chroma / truth {share(scores['val_chroma_to_truth'])}"
        )
        photos = status.of - self._photos
        if photos > 0 and self._epoch == status.epoch:
            line += f", {photos / self._seconds:.0f} photos/s"
        return line
