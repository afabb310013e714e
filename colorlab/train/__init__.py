"""Training: one readable recipe for every colorizer, on Lightning Fabric.

    from colorlab.train import PRESETS, train
    train("efficientnet_lite0", "scenes", "runs/mine", PRESETS["quick"])

`recipe` says what is learned and how; `machine` on what; `training` is the loop, `validation` its
scores; `checkpoint` and `stopping` are about runs that end early, `journal` about what they leave.
"""

from __future__ import annotations

from colorlab.train.loop import Report
from colorlab.train.machine import (
    Machine,
    fast_precision,
    git_revision,
    is_first_process,
)
from colorlab.train.progress import ProgressLines
from colorlab.train.recipe import PRESETS, Recipe, build_loss, get_recipe, preset_table
from colorlab.train.run import check_settings, resume, train
from colorlab.train.stopping import Stopped

__all__ = [
    "PRESETS",
    "Machine",
    "ProgressLines",
    "Recipe",
    "Report",
    "Stopped",
    "build_loss",
    "check_settings",
    "fast_precision",
    "get_recipe",
    "git_revision",
    "is_first_process",
    "preset_table",
    "resume",
    "train",
]
