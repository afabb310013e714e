"""Measuring colorizers on colour photos, with baselines, intervals and differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from colorlab.data.photo import PhotoError
from colorlab.data.photos import Photos
from colorlab.evaluate.intervals import bootstrap_means, interval, plain_means
from colorlab.evaluate.methods import Candidate, Preprocessing, baselines, true_colors
from colorlab.evaluate.metrics import Images, Metric, Statistic, Unavailable
from colorlab.evaluate.metrics.auc import class_counts, rarity
from colorlab.evaluate.metrics.base import Accumulator, Array, check_pair, get_metric, list_metrics
from colorlab.evaluate.metrics.lite0 import wordnet_label
from colorlab.evaluate.report import Report, Score
from colorlab.machine import keep_freed_memory

_BATCH = 8  # larger ones leave the processor's cache


def spread(photos: Photos, limit: int | None) -> Photos:
    """`limit` of the photos, evenly spaced; the first ones would be those of a few categories.

    Raises ValueError for a limit below 1.
    """
    if limit is None or limit >= len(photos):
        return photos
    if limit < 1:
        raise ValueError(f"at least one photo is needed, got a limit of {limit}")
    chosen = (photos.paths[index * len(photos) // limit] for index in range(limit))
    return Photos(chosen, photos.max_broken)


def compare(
    models: Mapping[str, Candidate],
    photos: Photos,
    preprocess: Preprocessing,
    metrics: Sequence[str] | None = None,
    data: str = "photos",
    progress: Callable[[str, int], None] = lambda stage, photos: None,
) -> Report:
    """Every metric of every model and baseline, with intervals and paired differences.

    The photos are read twice, batch by batch: once for the colours they have, once to measure. Only
    a few numbers a photo are kept. `metrics` are names; None means all that need no download, and
    one that is named may fetch its network. `progress` is told the stage and the photos done.

    Raises ValueError for an unknown metric, RuntimeError where too many photos can't be read.
    """
    keep_freed_memory()
    chosen = {name: get_metric(name) for name in metrics or list_metrics()}
    unavailable = _prepare(chosen, download=metrics is not None)
    facts = {name: entry.facts for name, entry in chosen.items()}
    usable = {name: entry for name, entry in chosen.items() if name not in unavailable}
    found = survey(photos, preprocess, lambda done: progress("true colours", done))
    candidates = {**models, **baselines(found.mean_chroma)}
    # Equal candidates are one object: the work is done once.
    tallies = {candidate: _Tally(usable) for candidate in candidates.values()}
    files: list[Path] = []
    with torch.inference_mode():
        for rgb, paths in _batches(photos, preprocess):
            labels = torch.tensor([wordnet_label(path) for path in paths])
            truth = Images(rgb, labels, found.rarity)
            for candidate, tally in tallies.items():
                is_truth = candidate is true_colors
                tally.add(truth if is_truth else Images(candidate(rgb, paths)), truth)
            files += paths
            progress("measuring", len(paths))
    photos.log_broken()
    done = {name: tallies[candidate] for name, candidate in candidates.items()}
    scores, differences = _score(done, tuple(models), len(files))
    return Report(
        data=data,
        preprocessing=str(preprocess),
        photos=len(files),
        models=tuple(models),
        metrics=facts,
        scores=scores,
        differences=differences,
        unavailable=unavailable,
        photo_values={name: tally.photo_values() for name, tally in done.items()},
        files=tuple(files),
    )


def _prepare(metrics: Mapping[str, Metric | Statistic], download: bool) -> dict[str, str]:
    """Ready what the metrics need; the reasons for those that can't be had."""
    reasons = {}
    for name, entry in metrics.items():
        try:
            entry.prepare(download)
        except Unavailable as reason:
            reasons[name] = str(reason)
    return reasons


@dataclass(frozen=True)
class Survey:
    """The colours of a set: mean (a*, b*), and how much each colour counts where classes do."""

    mean_chroma: tuple[float, float]
    rarity: Tensor


def survey(
    photos: Photos,
    preprocess: Preprocessing,
    progress: Callable[[int], None] = lambda photos: None,
) -> Survey:
    """Look at all photos once; RuntimeError where none or too few can be read."""
    sums, number, counts = torch.zeros(2, dtype=torch.float64), 0, np.zeros(0)
    for rgb, paths in _batches(photos, preprocess):
        images = Images(rgb)
        sums += images.lab[:, 1:].mean(dim=(2, 3), dtype=torch.float64).sum(0)
        number += len(paths)
        counts = class_counts(images) + (counts if len(counts) else 0)
        progress(len(paths))
    if not number:
        raise RuntimeError(photos.broken_report())
    a, b = (sums / number).tolist()
    return Survey((a, b), rarity(counts))


def _batches(photos: Photos, preprocess: Preprocessing) -> Iterator[tuple[Tensor, list[Path]]]:
    """True RGB (B, 3, S, S) in [0, 1] and files; broken photos are marked and left out."""
    squares: list[Tensor] = []
    paths: list[Path] = []
    for index in range(len(photos)):
        try:
            photo, path = photos[index]
        except PhotoError:
            photos.mark_broken(index)
        else:
            squares.append(preprocess(photo))
            paths.append(path)
        if paths and (len(paths) == _BATCH or index == len(photos) - 1):
            yield torch.stack(squares).float() / 255, paths
            squares, paths = [], []


class _Tally:
    """One candidate's rows, a few numbers a photo, and its running statistics."""

    def __init__(self, metrics: Mapping[str, Metric | Statistic]) -> None:
        self.metrics = {n: entry for n, entry in metrics.items() if isinstance(entry, Metric)}
        self.statistics = {n: entry for n, entry in metrics.items() if n not in self.metrics}
        self._running: dict[str, Accumulator] = {
            name: entry.start()
            for name, entry in self.statistics.items()
            if isinstance(entry, Statistic)
        }
        self._rows: list[Array] = []
        self._columns: dict[str, slice] = {}

    def add(self, shown: Images, truth: Images) -> None:
        check_pair(shown, truth)
        parts = {n: entry.rows(shown, truth).double().cpu() for n, entry in self.metrics.items()}
        start = 0
        for name, part in parts.items():
            self._columns[name] = slice(start, start := start + part.shape[1])
        self._rows.append(np.concatenate([*parts.values(), np.zeros((len(truth.rgb), 0))], axis=1))
        for running in self._running.values():
            running.add(shown, truth)

    @property
    def rows(self) -> Array:
        """(N, K), the metrics side by side."""
        return np.concatenate(self._rows)

    def values(self, means: Array) -> dict[str, Array]:
        """Means (..., K) of `rows` to each metric's value (...)."""
        return {n: entry.combine(means[..., self._columns[n]]) for n, entry in self.metrics.items()}

    def photo_values(self) -> dict[str, Array]:
        """Each metric's value for each photo, (N,)."""
        return self.values(self.rows)

    def counts(self) -> dict[str, int]:
        """How many photos each metric applies to."""
        applies = ~np.isnan(self.rows)
        return {n: int(applies[:, self._columns[n]].all(axis=1).sum()) for n in self.metrics}

    def running(self) -> dict[str, float]:
        """The statistics' values."""
        return {name: running.value() for name, running in self._running.items()}


def _score(
    tallies: Mapping[str, _Tally], models: tuple[str, ...], photos: int
) -> tuple[dict[str, dict[str, Score]], dict[tuple[str, str], dict[str, Score]]]:
    """Values with intervals of all candidates, and paired differences between all models."""
    scores: dict[str, dict[str, Score]] = {}
    drawn: dict[str, dict[str, Array]] = {}
    known: dict[_Tally, tuple[dict[str, Score], dict[str, Array]]] = {}
    for name, tally in tallies.items():
        if tally not in known:
            known[tally] = _score_one(tally, photos)
        scores[name], drawn[name] = known[tally]
    differences = {}
    for first, second in combinations(models, 2):
        pair = {}
        for name, ours in scores[first].items():
            theirs = scores[second][name]
            low = high = math.nan
            with np.errstate(invalid="ignore"):
                value = float(np.subtract(ours.value, theirs.value))
                if name in drawn[first] and photos > 1:
                    low, high = interval(drawn[first][name] - drawn[second][name])
            pair[name] = Score(value, low, high, ours.photos, ours.why)
        differences[first, second] = pair
    return scores, differences


def _score_one(tally: _Tally, photos: int) -> tuple[dict[str, Score], dict[str, Array]]:
    """A candidate's scores, and the metrics' values on the drawn sets (the same for everyone)."""
    rows = tally.rows
    drawn = tally.values(bootstrap_means(rows))
    values, counts = tally.values(plain_means(rows)), tally.counts()
    scores = {}
    for name, entry in tally.metrics.items():
        value = float(values[name])
        missing = math.isnan(value)
        low, high = (math.nan, math.nan) if photos < 2 or missing else interval(drawn[name])
        why = entry.facts.undefined if missing else ""
        scores[name] = Score(value, low, high, counts[name], why)
    for name, value in tally.running().items():
        why = tally.statistics[name].facts.undefined if math.isnan(value) else ""
        scores[name] = Score(value, photos=photos, why=why)
    return scores, drawn
