"""Telling how a training goes: a bar on a terminal, one line an epoch everywhere."""

from __future__ import annotations

import time

from rich.progress import Progress

from colorlab.train.loop import Report


class ProgressLines:
    """Listens to a training; moves `bar`, and prints a line for each epoch beside it."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.task = bar.add_task("starting", total=None)
        self._photos = 0  # done when the epoch was first heard of
        self._started = self._seconds = 0.0
        self._epoch = -1

    def __call__(self, report: Report) -> None:
        """Take in a report."""
        if report.scores:
            self.bar.console.print(self._line(report))
            return
        if report.epoch != self._epoch:
            self._epoch, self._photos = report.epoch, report.photos
            self._started = time.monotonic()
        self.bar.update(
            self.task,
            description=f"epoch {report.epoch + 1}/{report.epochs}, loss {report.loss:.4f}",
            completed=report.epoch * report.of + report.photos,
            total=report.epochs * report.of,
        )
        if report.photos == report.of:
            self._seconds = time.monotonic() - self._started

    def _line(self, report: Report) -> str:
        scores = report.scores
        line = (
            f"epoch {report.epoch + 1}/{report.epochs}: validation loss {scores['val_loss']:.5f}, "
            f"MSE / grey {scores['val_mse_to_grey']:.3f}, "
            f"chroma / truth {scores['val_chroma_to_truth']:.3f}"
        )
        photos = report.of - self._photos
        if photos > 0 and self._epoch == report.epoch:
            line += f", {photos / self._seconds:.0f} photos/s"
        return line
