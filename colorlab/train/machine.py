"""Where and how a run is computed: processors, processes, precision.

The command line makes its options of `Machine`, so torch is imported inside the functions.
"""

from __future__ import annotations

import logging
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colorlab.options import option

if TYPE_CHECKING:
    from lightning.fabric import Fabric


@dataclass(frozen=True)
class Machine:
    """What a run is computed on; the recipe says what is computed.

    `devices` counts the processes on each of `nodes` hosts, each with a GPU where there are GPUs;
    torchrun decides both by itself. With more than one, gradients are averaged over all, and
    BatchNorm sees each process's own batch. `compile` has `torch.compile` make the network faster
    (it needs a compiler, and minutes at first). `save_every`: seconds between checkpoints, 0 for
    one after every step.
    """

    devices: int = option(1, "GPUs, or processes, on each host.")
    nodes: int = option(1, "Hosts.")
    compile: bool = option(False, "Use torch.compile.")
    save_every: float = option(300.0, "Seconds between checkpoints.")

    def launch(self) -> Fabric:
        """Start the other processes, if any, or join them; what follows runs in each of them."""
        from lightning.fabric import Fabric
        from lightning.fabric.strategies.ddp import DDPStrategy
        from torch import distributed

        devices, nodes = self.devices, self.nodes
        if distributed.is_torchelastic_launched():
            devices = int(os.environ["LOCAL_WORLD_SIZE"])
            nodes = int(os.environ["WORLD_SIZE"]) // devices
        with _quiet_lightning():
            fabric = Fabric(
                devices=devices,
                num_nodes=nodes,
                # BatchNorm's statistics are made alike where they matter, before each validation.
                strategy=DDPStrategy(broadcast_buffers=False) if devices * nodes > 1 else "auto",
                precision=fast_precision(),
            )
            fabric.launch()
        return fabric


def is_first_process() -> bool:
    """Whether this is the process that writes and speaks: the only one, or the first of several."""
    from lightning.fabric.utilities.rank_zero import rank_zero_only

    return getattr(rank_zero_only, "rank", 0) == 0


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Keep Lightning from telling what hardware it found."""
    loggers = [logging.getLogger(f"lightning.{part}") for part in ("fabric", "pytorch")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def fast_precision() -> Literal["bf16-mixed", "32-true"]:
    """ "bf16-mixed" where the processor or GPU multiplies bf16 natively, else "32-true"."""
    import torch

    from colorlab.machine import multiplies_bf16

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return "bf16-mixed" if multiplies_bf16(device) else "32-true"


def git_revision() -> str:
    """The commit the code was at, with "+" where it was changed since; "unknown" without git."""
    try:
        here = Path(__file__).parent
        ask = ["git", "-C", str(here), "describe", "--always", "--dirty=+", "--abbrev=12"]
        return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def environment(fabric: Fabric) -> dict[str, Any]:
    """What the run is computed with: versions, device, processes, threads, precision."""
    import lightning
    import torch

    device = fabric.device
    on_gpu = device.type == "cuda"
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "lightning": lightning.__version__,
        "device": torch.cuda.get_device_name(device) if on_gpu else platform.machine(),
        "processes": fabric.world_size,
        "threads": torch.get_num_threads(),
        "precision": fast_precision(),
    }
