"""What a comparison found: scores with their intervals, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

import colorlab
from colorlab.evaluate.intervals import TIMES
from colorlab.evaluate.metrics import Facts
from colorlab.evaluate.metrics.base import Array

if TYPE_CHECKING:
    from rich.table import Table

INTERVAL = f"95 % bootstrap interval over photos (BCa, {TIMES:,} draws, seed 0)"


@dataclass(frozen=True)
class Score:
    """A number, its 95 % interval (NaN where there is none) and the number of photos behind it.

    A missing `value` is NaN, and `why` says the reason.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    photos: int = 0
    why: str = ""


Scores = Mapping[str, Score]
"""Scores by metric."""


def number(value: float) -> str:
    """Four digits for a table; "-" for NaN.

    >>> number(0.123456), number(12345.6), number(math.inf)
    ('0.1235', '12,346', 'inf')
    """
    if math.isnan(value):
        return "-"
    return f"{value:.4g}" if abs(value) < 1000 or math.isinf(value) else f"{value:,.0f}"


@dataclass(frozen=True)
class Report:
    """All that was measured.

    `scores` are by candidate and metric; `differences` are by pairs of models, first minus second,
    photo by photo. `unavailable` has the reason for each metric that could not be had.
    `photo_values` are by candidate and metric, one a photo of `files`, of metrics that photos have.
    `skipped` are photos that can't be read; `warnings` say what leaves numbers without meaning.
    """

    data: str
    preprocessing: str
    photos: int
    models: tuple[str, ...]
    metrics: dict[str, Facts]
    scores: Mapping[str, Scores]
    differences: Mapping[tuple[str, str], Scores]
    unavailable: dict[str, str]
    photo_values: dict[str, dict[str, Array]]
    files: tuple[Path, ...]
    skipped: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Everything but the single photos' values; NaN becomes null, infinity "inf"."""
        content = {
            "colorlab": colorlab.__version__,
            "data": self.data,
            "photos": self.photos,
            "skipped": [str(path) for path in self.skipped],
            "warnings": self.warnings,
            "preprocessing": self.preprocessing,
            "interval": INTERVAL,
            "metrics": {name: asdict(facts) for name, facts in self.metrics.items()},
            "unavailable": self.unavailable,
            "scores": {candidate: _plain(scores) for candidate, scores in self.scores.items()},
            "differences": [
                {"first": first, "second": second, "scores": _plain(scores)}
                for (first, second), scores in self.differences.items()
            ],
        }
        return json.dumps(content, indent=1, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """One line a candidate and metric; a difference's candidate is "first - second"."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["candidate", "metric", "unit", "better", *Score.__dataclass_fields__])
        for candidate, scores in {**self.scores, **self._pairs()}.items():
            for name, score in _plain(scores).items():
                facts = self.metrics[name]
                writer.writerow([candidate, name, facts.unit, facts.better, *score.values()])
        return text.getvalue()

    def _pairs(self) -> dict[str, Scores]:
        """The differences by "first - second"."""
        return {f"{first} - {second}": x for (first, second), x in self.differences.items()}

    def tables(self) -> Iterator[Table]:
        """For the terminal: the scores, the differences, and what the metrics are."""
        from rich.table import Table

        title = f"{self.photos:,} photos of {self.data}\n{self.preprocessing}"
        yield self._sections(title, "candidate", _merged(self.scores))
        if self.differences:
            yield self._sections("Differences, photo by photo", "models", self._pairs())
        definitions = Table("metric", "definition", "source", title="What was measured")
        for name, facts in self.metrics.items():
            missing = self.unavailable.get(name)
            text = f"not available here: {missing}" if missing else facts.definition
            definitions.add_row(f"{facts.title}\n[dim]{name}[/dim]", escape(text), facts.source)
        yield definitions

    def _sections(self, title: str, kind: str, scores: Mapping[str, Scores]) -> Table:
        """A section a metric, a line a candidate: however many there are, nothing is cut."""
        from rich.table import Table

        table = Table("metric", title=escape(title), caption=INTERVAL)
        table.add_column(kind, overflow="fold")
        table.add_column("value", justify="right", no_wrap=True)
        table.add_column("95 % interval", justify="right", no_wrap=True)
        table.add_column("photos", justify="right", no_wrap=True)
        for name, facts in self.metrics.items():
            if name in self.unavailable:
                continue
            unit = f", {facts.unit}" if facts.unit else ""
            left = f"{facts.title}{unit} [dim]({facts.better})[/dim]"
            if any(math.isnan(of_metric[name].value) for of_metric in scores.values()):
                left += f"\n[dim]-: {escape(facts.undefined)}[/dim]"
            for label, of_metric in scores.items():
                score = of_metric[name]
                # "to", which terminals of any encoding can show.
                between = f"{number(score.low)} to {number(score.high)}"
                between = "" if math.isnan(score.low) else between
                table.add_row(
                    left, escape(label), number(score.value), between, f"{score.photos:,}"
                )
                left = ""
            table.add_section()
        return table


def _merged(scores: Mapping[str, Scores]) -> dict[str, Scores]:
    """Candidates that are one and the same (the same object) in one line."""
    names: dict[int, list[str]] = {}
    for name, of_candidate in scores.items():
        names.setdefault(id(of_candidate), []).append(name)
    return {", ".join(same): scores[same[0]] for same in names.values()}


def _plain(scores: Scores) -> dict[str, dict[str, Any]]:
    """Scores for JSON, which has neither NaN nor infinity."""
    return {
        name: {
            key: (None if math.isnan(value) else str(value))
            if isinstance(value, float) and not math.isfinite(value)
            else value
            for key, value in asdict(score).items()
        }
        for name, score in scores.items()
    }
