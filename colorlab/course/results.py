"""The table of recorded runs: which networks were trained, how each scored, and how to repeat it.

A run's folder under `records.RUNS` holds `scores.json` beside its log: errors on the scenes' test
photos and on photos of another origin. What was not recorded is said, never left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorlab import DEFAULT_MODEL
from colorlab.course.tables import table
from colorlab.models import read_card
from colorlab.train import records

if TYPE_CHECKING:
    from IPython.display import HTML, Markdown

NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class Row:
    """One row of the table: a recorded run, or one that can't be made here (`name` is None).

    `loss` is "mse", lambda of the rebalanced loss, or "live"; `paper` is the paper's own figure, as
    printed in its Figure 6; `options` are further ones of the command, for a run unlike the others;
    `by` is the command itself where it is another one.
    """

    title: str
    model: str
    name: str | None
    loss: str = "mse"
    seed: int = 0
    paper: str = ""
    options: str = ""
    by: str = ""

    @property
    def command(self) -> str:
        """The shell command that makes this run (`scenes` is the folder of photos)."""
        if self.by:
            return self.by
        loss = {"mse": "", "live": " --loss live"}.get(
            self.loss, f" --loss rebalanced --lam {self.loss}"
        )
        if self.name is None:
            run = self.model if self.loss == "mse" else f"{self.model}_rebalanced"
            return (
                f"colorlab train --model {self.model} --data places365 --preset paper{loss} "
                f"--run runs/{run}"
            )
        return (
            f"colorlab train --model {self.model} --data scenes --preset scenes{loss} "
            f"{self.options}--seed {self.seed} --run runs/{self.name}"
        )


_LITE0 = "efficientnet_lite0"
_LARGE = "--epochs 1 --size 192 --final-size 192 --rate 5e-4"
ROWS = (
    Row("ConvNet", "convnet", "convnet_mse_seed0", paper="0.0082"),
    Row("Dahl on VGG-16 (YUV)", "dahl_vgg16", None, paper="0.054"),
    Row("Dahl on Lite0 (YUV), a stand-in", "dahl_lite0", "dahl_lite0_mse_seed0"),
    Row("EfficientNet-B7", "efficientnet_b7", None, paper="0.0075"),
    Row("EfficientNet-Lite0", _LITE0, f"{_LITE0}_mse_seed0"),
    Row("EfficientNet-Lite0, another seed", _LITE0, f"{_LITE0}_mse_seed1", seed=1),
    Row(
        "EfficientNet-Lite0, 7 epochs more",
        _LITE0,
        f"{_LITE0}_mse_long",
        seed=2,
        options=f"--epochs 6 --start runs/{_LITE0}_mse_seed0/head.safetensors ",
    ),
    Row(
        "EfficientNet-Lite0, then 2 more of 192 px",
        _LITE0,
        f"{_LITE0}_mse_large",
        seed=3,
        options=f"{_LARGE} --start runs/{_LITE0}_mse_long/head.safetensors ",
    ),
    Row(
        "EfficientNet-Lite0, then again 2 more",
        _LITE0,
        f"{_LITE0}_mse_larger",
        seed=4,
        options=f"{_LARGE} --start runs/{_LITE0}_mse_large/head.safetensors ",
    ),
    Row("EfficientNet-B7, λ = 0.9", "efficientnet_b7", None, "0.9", paper="0.5848"),
    Row("EfficientNet-Lite0, λ = 0.9", _LITE0, f"{_LITE0}_rebalanced09_seed0", "0.9"),
    Row(
        "EfficientNet-Lite0, λ = 0.9, another seed",
        _LITE0,
        f"{_LITE0}_rebalanced09_seed1",
        "0.9",
        seed=1,
    ),
    Row("EfficientNet-Lite0, λ = 0.5", _LITE0, f"{_LITE0}_rebalanced05_seed0", "0.5"),
    Row(
        "EfficientNet-Lite0, then 4 more, told λ (here 1)",
        f"{_LITE0}_live",
        f"{_LITE0}_live",
        "live",
        seed=6,
        options="--epochs 3 --size 192 --final-size 192 --rate 7e-4 "
        f"--start runs/{_LITE0}_mse_larger/head.safetensors ",
    ),
)
"""All rows, in the paper's order; those of the paper's encoders can't be run without a download."""


_MORE = "colorlab train --data scenes,everyday --size 128 --final-epochs"
_DRAWN = (read_card("coltran_small") or {"steps": 40_000})["steps"]
OTHER_ROWS = (
    Row(
        "colorlab, the default network",
        "colorlab",
        "colorlab",
        by="python -m colorlab.train.hinted scenes,everyday runs/colorlab "
        "--learn blocks.2,blocks.3,blocks.4,blocks.5,blocks.6,conv_head,bn2",
    ),
    Row(
        "Zhang et al. on Lite0: 313 colours",
        "zhang_lite0",
        "zhang_lite0",
        by=f"{_MORE} 1 --epochs 5 --rate 7e-4 --model zhang_lite0 --loss classes --lam 1 "
        "--start runs/zhang_lite0_first/head.safetensors --run runs/zhang_lite0",
    ),
    Row(
        "Larsson et al. on Lite0: hue and chroma",
        "larsson_lite0",
        "larsson_lite0",
        by=f"{_MORE} 0 --epochs 4 --rate 1e-3 --model larsson_lite0 --loss hue_chroma "
        "--run runs/larsson_lite0",
    ),
    Row(
        "Kumar et al., small: one sample",
        "coltran_small",
        "coltran_small",
        by=f"python -m colorlab.train.coltran scenes,everyday runs/coltran_small --steps {_DRAWN}",
    ),
)
"""Networks of other photos and losses than the paper's: scenes and everyday photos."""


GREY = Row("grey everywhere", "grey", "grey")
"""What no network at all scores: the last row of every table."""


def rows_of(*models: str, loss: str | None = None) -> list[Row]:
    """The rows of these models: of one loss, as in `Row`, or of all."""
    return [row for row in ROWS if row.model in models and loss in (None, row.loss)]


def read_scores(name: str, runs: Path | None = None) -> dict[str, Any] | None:
    """The scores of a recorded run: a dictionary a photo set ("test", ...); None without any.

    Those of the default network are on its card.
    """
    path = (records.RUNS if runs is None else runs) / name / "scores.json"
    scores: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
    if scores is None and name == DEFAULT_MODEL and (card := read_card(name)):
        return {"test": card["scores"]} | card["other_scores"]
    return scores


def recorded_score(name: str, measure: str, photos: str = "test", digits: int = 3) -> str:
    """One figure of a recorded run as text; "not recorded" where there is none."""
    value = (read_scores(name) or {}).get(photos, {}).get(measure)
    return NOT_RECORDED if value is None else f"{value:.{digits}f}"


def interval(name: str, measure: str, photos: str = "test", digits: int = 3) -> str:
    """The 95 % interval over photos of such a figure, as "low to high"; empty without one."""
    ends = (read_scores(name) or {}).get(photos, {}).get("intervals", {}).get(measure)
    return f"{ends[0]:.{digits}f} to {ends[1]:.{digits}f}" if ends else ""


def recorded(*names: str) -> dict[str, records.Run]:
    """Those of the named runs that are there, by name."""
    there = [name for name in names if (records.RUNS / name / "metrics.csv").is_file()]
    return {name: records.read_run(name) for name in there}


def with_starts(name: str) -> records.Run:
    """The named run behind the recorded runs that it went on from, as one."""
    run = records.read_run(name)
    start = run.config["start"]
    if start in ("encoder", name) or not recorded(start):
        return run
    before = with_starts(start).validation
    keys = before.keys() & run.validation.keys()
    after = {key: np.concatenate([before[key], run.validation[key]]) for key in keys}
    return records.Run(run.config, {}, after)


_COLUMNS = (  # title, photo set, measure, digits
    ("MSE", "test", "mse", 5),
    ("MSE / grey", "test", "mse_to_grey", 3),
    ("chroma / truth", "test", "chroma_to_truth", 2),
    ("ImageNet: MSE / grey", "imagenet_samples", "mse_to_grey", 3),
    ("ImageNet: PSNR, dB", "imagenet_samples", "psnr", 1),
)


def score_table(rows: Sequence[Row] = ROWS) -> HTML:
    """The rows with the paper's MSE, and their scores on the scenes' test photos and on ImageNet's.

    The paper's column is left out where it printed none of these networks. In brackets the 95 %
    interval over photos: what other photos would change, not another seed.
    The last row is what answering grey scores on the same photos.
    """
    lines: list[tuple[str, ...]] = []
    printed = any(row.paper for row in rows)
    for row in (*rows, GREY):
        if row.name is None:
            cells = ["not run here", *["-"] * (len(_COLUMNS) - 1)]
        else:
            cells = [
                recorded_score(row.name, measure, on, digits) for _, on, measure, digits in _COLUMNS
            ]
            if row is not GREY and (around := interval(row.name, "mse_to_grey")):
                cells[1] += f" ({around})"
        lines.append((row.title, *([row.paper or "-"] if printed else []), *cells))
    header = ["network", *(["paper"] if printed else []), *(column[0] for column in _COLUMNS)]
    return table(header, lines)


METHODS = {
    "grey": "grey",
    "look-up": "look-up by lightness",
    "cheng2015": "Cheng et al. 2015",
    "colorlab": "network",
    "reinhard+next": "Reinhard et al. 2001, by the next photo",
    "welsh+next": "Welsh et al. 2002, by the next photo",
    "analogies+next": "Hertzmann et al. 2001, by the next photo",
    "colorlab+next": "network, by the next photo",
    "yatziv+10": "Yatziv and Sapiro 2006, ten hints",
    "levin+10": "Levin et al. 2004, ten hints",
    "colorlab+10": "network, ten hints",
}
"""The methods of the recorded comparison, by their names for `colorlab evaluate`, as titles."""


def read_methods(photos: str) -> dict[str, Any]:
    """What `colorlab evaluate --json` recorded on "scenes", "everyday" or "imagenet" photos.

    The first two are of `METHODS`; "imagenet" is of one network, with recognition by two judges.
    """
    found: dict[str, Any] = json.loads((records.RUNS / "methods" / f"{photos}.json").read_text())
    return found


def read_kinds() -> dict[str, dict[str, Any]]:
    """What `evaluate.kinds` recorded of the default network, by kind of everyday photo, best first.

    All photos together are "all", at their place in the order.
    """
    text = (records.RUNS / DEFAULT_MODEL / "kinds.json").read_text()
    kinds: dict[str, dict[str, Any]] = json.loads(text)["kinds"]
    return dict(sorted(kinds.items(), key=lambda kind: kind[1]["mse_to_grey"]))


def measure_cells(report: Mapping[str, Any], name: str, measures: Sequence[str]) -> list[str]:
    """A candidate's measures in a report of `colorlab evaluate`, with their intervals, as text."""
    cells = []
    for measure in measures:
        score = report["scores"][name][measure]
        value, low, high = (float(score[key]) for key in ("value", "low", "high"))
        share = report["metrics"][measure]["unit"] == "share"
        ends = [f"{100 * x:.0f}" if share else f"{x:.2f}" for x in (value, low, high)]
        first = f"{ends[0]} %" if share else ends[0]
        cells.append(f"{first} ({ends[1]} to {ends[2]})" if np.isfinite(value) else "∞")
    return cells


def method_table() -> HTML:
    """Squared error over grey's of every method on both photo sets, with its 95 % interval.

    And colourfulness: mean chroma over the true one's.
    """
    reports = [read_methods(photos)["scores"] for photos in ("scenes", "everyday")]
    lines = []
    for name, title in METHODS.items():
        cells = []
        for scores in reports:
            error, chroma = (scores[name][key] for key in ("mse_to_grey", "chroma_ratio"))
            cells.append(f"{error['value']:.2f} ({error['low']:.2f} to {error['high']:.2f})")
            cells.append(f"{chroma['value']:.2f}")
        lines.append((title, *cells))
    measures = ("MSE / grey", "chroma / truth")
    heads = [f"{photos}: {what}" for photos in ("scenes", "everyday") for what in measures]
    return table(["method", *heads], lines)


def commands(rows: Sequence[Row] = ROWS) -> Markdown:
    """The command behind each row, as a block of shell lines."""
    from IPython.display import Markdown  # the library itself works without IPython

    lines = "\n".join(f"# {row.title}\n{row.command}" for row in rows)
    return Markdown(f"```bash\n{lines}\n```")
