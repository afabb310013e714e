"""Training: one readable recipe for every colorizer, on Lightning Fabric.

    from colorlab.train import PRESETS, train
    train("efficientnet_lite0", "scenes", "runs/mine", PRESETS["quick"])

`recipe` says what is learned and how, `losses` what is minimised; `machine` where; `loop` is the
loop, `validation` its scores; `checkpoint` and `stopping` are about runs that end early, `log`
about what they leave.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "losses": ["LOSSES", "build_loss", "loss"],
        "loop": ["Status"],
        "machine": ["Machine", "fast_precision", "git_revision", "is_first_process"],
        "presets": ["PRESETS", "get_recipe", "preset_table"],
        "progress": ["ProgressLines"],
        "recipe": ["Recipe"],
        "run": ["check_settings", "resume", "train"],
        "stopping": ["Stopped"],
    },
)
