"""Measuring colorizers on colour photos, with baselines, intervals and differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from colorlab.data.photos import Photos
from colorlab.evaluate.alignment import Alignment
from colorlab.evaluate.baselines import Candidate, baseline_needs, make_baselines
from colorlab.evaluate.intervals import bootstrap_means, interval, left_out_means, plain_means
from colorlab.evaluate.methods import Preprocessing, listed
from colorlab.evaluate.metrics import Images, Metric, SetStatistic, Statistic, Unavailable
from colorlab.evaluate.metrics.base import Array, check_pair, get_metric, list_metrics
from colorlab.evaluate.metrics.chroma import scaled_chroma
from colorlab.evaluate.report import Report, Score
from colorlab.machine import keep_freed_memory
from colorlab.train.chroma_errors import colorless

_BATCH = 8  # larger ones leave the processor's cache


def spread(photos: Photos, limit: int | None) -> Photos:
    """`limit` of the photos, evenly spaced; the first ones would be those of a few categories.

    Raises ValueError for a limit below 1.

    >>> [path.name for path in spread(Photos("abcdef"), 3).paths]
    ['a', 'c', 'e']
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
    usable = {name: entry for name, entry in chosen.items() if name not in unavailable}
    needs = baseline_needs()
    for entry in usable.values():
        needs |= entry.needs.of_set
    known = survey(photos, preprocess, needs, lambda done: progress("true colours", done))
    broken = set(photos.broken)  # these are known, and told, by now
    readable = Photos((path for path in photos.paths if path not in broken), photos.max_broken)
    candidates = {**models, **make_baselines(known)}
    # Equal candidates are one object: the work is done once.
    tallies = {candidate: _Tally(usable) for candidate in candidates.values()}
    alignments = {name: Alignment() for name in models}
    files: list[Path] = []
    grey: list[str] = []
    with torch.inference_mode():
        for rgb, paths in batches(readable, preprocess):
            truth = Images(rgb, paths, known)
            shown = {x: truth if (y := x(rgb, paths)) is rgb else Images(y) for x in tallies}
            for candidate, tally in tallies.items():
                tally.add(shown[candidate], truth)
            for name, alignment in alignments.items():
                alignment.add(shown[models[name]], truth)
            no_color = colorless(scaled_chroma(truth)).tolist()
            grey += [path.name for path, is_grey in zip(paths, no_color, strict=True) if is_grey]
            files += paths
            progress("measuring", len(paths))
    results = {candidate: tally.results() for candidate, tally in tallies.items()}
    found = {name: results[candidate] for name, candidate in candidates.items()}
    warnings = [f"{name}: {fault}" for name, x in alignments.items() for fault in x.faults()]
    if grey:
        warnings.insert(0, f"{len(grey)} of {len(files)} photos have no colour ({listed(grey)})")
    return Report(
        data=data,
        preprocessing=str(preprocess),
        photos=len(files),
        models=tuple(models),
        metrics={name: entry.facts for name, entry in chosen.items()},
        scores={name: scores for name, (scores, _) in found.items()},
        differences={
            (first, second): _difference(found[first], found[second])
            for first, second in combinations(models, 2)
        },
        unavailable=unavailable,
        photo_values={name: tallies[x].photo_values() for name, x in candidates.items()},
        files=tuple(files),
        skipped=tuple(sorted(broken)),
        warnings=tuple(warnings),
    )


def _prepare(metrics: Mapping[str, Metric | Statistic], download: bool) -> dict[str, str]:
    """Prepare metrics; return the reason for each one that is unavailable."""
    reasons = {}
    for name, entry in metrics.items():
        try:
            entry.needs.prepare(download)
        except Unavailable as reason:
            reasons[name] = str(reason)
    return reasons


def survey(
    photos: Photos,
    preprocess: Preprocessing,
    needs: Mapping[str, Callable[[], SetStatistic]],
    progress: Callable[[int], None] = lambda photos: None,
) -> dict[str, Any]:
    """The statistics `needs` of all photos, by name.

    Photos that can't be read are logged, and listed in `photos.broken`; RuntimeError where they are
    too many, or all.
    """
    running = {name: start() for name, start in needs.items()}
    for rgb, paths in batches(photos, preprocess):
        truth = Images(rgb, paths)
        for statistic in running.values():
            statistic.add(truth)
        progress(len(paths))
    if len(photos.broken) == len(photos):
        raise RuntimeError(photos.broken_report())
    return {name: statistic.value() for name, statistic in running.items()}


def batches(photos: Photos, preprocess: Preprocessing) -> Iterator[tuple[Tensor, list[Path]]]:
    """True RGB (B, 3, S, S) in [0, 1] and files; broken photos are left out."""
    squares = ((preprocess(photo), path) for photo, path in photos.readable())
    while batch := list(islice(squares, _BATCH)):
        yield torch.stack([square for square, _ in batch]).float() / 255, [x for _, x in batch]


Results = tuple[dict[str, Score], dict[str, tuple[Array, Array]]]
"""A candidate's scores, and its metrics' values on the drawn sets and on all photos but one.

Both kinds of set are the same for every candidate."""


class _Tally:
    """One candidate's rows, a few numbers a photo, and its running statistics."""

    def __init__(self, metrics: Mapping[str, Metric | Statistic]) -> None:
        self._metrics = {n: entry for n, entry in metrics.items() if isinstance(entry, Metric)}
        self._running = {
            name: (entry.start(), entry.facts)
            for name, entry in metrics.items()
            if isinstance(entry, Statistic)
        }
        self._parts: dict[str, list[Array]] = {name: [] for name in self._metrics}
        self._photos = 0

    def add(self, shown: Images, truth: Images) -> None:
        check_pair(shown, truth)
        for name, entry in self._metrics.items():
            self._parts[name].append(entry.rows(shown, truth).double().cpu().numpy())
        for running, _ in self._running.values():
            running.add(shown, truth)
        self._photos += len(truth.rgb)

    def _rows(self) -> dict[str, Array]:
        """(N, k) of each metric."""
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}

    def photo_values(self) -> dict[str, Array]:
        """Each metric's value for each photo, (N,)."""
        return {name: self._metrics[name].combine(rows) for name, rows in self._rows().items()}

    def results(self) -> Results:
        """The scores, and the values on the drawn sets and on all photos but one."""
        rows = self._rows()
        sizes = [part.shape[1] for part in rows.values()]
        side_by_side = np.concatenate([np.zeros((self._photos, 0)), *rows.values()], axis=1)
        means = plain_means(side_by_side)
        sets = bootstrap_means(side_by_side), left_out_means(side_by_side)
        scores, spread, end = {}, {}, 0
        for (name, part), size in zip(rows.items(), sizes, strict=True):
            columns, end = slice(end, end + size), end + size
            entry = self._metrics[name]
            value = float(entry.combine(means[columns]))
            drawn, left_out = (entry.combine(found[:, columns]) for found in sets)
            spread[name] = drawn, left_out
            missing = math.isnan(value)
            low, high = interval(value, drawn, left_out)
            count = int((~np.isnan(part)).all(axis=1).sum())
            scores[name] = Score(value, low, high, count, entry.facts.undefined if missing else "")
        for name, (running, facts) in self._running.items():
            value = running.value()
            why = facts.undefined if math.isnan(value) else ""
            scores[name] = Score(value, photos=self._photos, why=why)
        return scores, spread


def _difference(first: Results, second: Results) -> dict[str, Score]:
    """First minus second, photo by photo."""
    scores = {}
    for name, ours in first[0].items():
        low = high = math.nan
        with np.errstate(invalid="ignore"):
            value = float(np.subtract(ours.value, second[0][name].value))
            if name in first[1] and not math.isnan(ours.low):
                drawn, left_out = (
                    a - b for a, b in zip(first[1][name], second[1][name], strict=True)
                )
                low, high = interval(value, drawn, left_out)
        scores[name] = Score(value, low, high, ours.photos, ours.why)
    return scores
