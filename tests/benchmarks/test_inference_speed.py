"""One photo through the networks, against those of Zhang et al.: all timed in one run.

Random weights serve: a network takes as long with them. Theirs come from the package
`rz-colorization`, at the size they are made for (256x256); ours at 224x224, the paper's.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import nn

from colorlab.machine import multiplies_bf16
from colorlab.models import create_model
from colorlab.models.fast import fast

from .timing import best_of_turns

TURNS = 20


def forward(model: nn.Module, luma: torch.Tensor, half: bool) -> Callable[[], object]:
    @torch.inference_mode()
    def run() -> object:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            return model(luma)

    return run


def ours(name: str) -> nn.Module:
    return fast(create_model(name, weights=None))


def test_one_photo(benchmark: BenchmarkFixture) -> None:
    theirs = pytest.importorskip("colorizers", reason="pip install rz-colorization")
    half = multiplies_bf16(torch.device("cpu"))
    luma = torch.rand(1, 1, 224, 224)
    lightness = 100 * torch.rand(1, 1, 256, 256)
    lite0 = ours("efficientnet_lite0")
    sides = {
        "efficientnet_lite0": forward(lite0, luma, half),
        "the same, not folded": forward(create_model("efficientnet_lite0", None), luma, half),
        "the same, folded, fp32": forward(lite0, luma, False),
        "dahl_lite0": forward(ours("dahl_lite0"), luma, half),
        "convnet": forward(ours("convnet"), luma, half),
        "efficientnet_b7": forward(ours("efficientnet_b7"), luma, half),
        "Zhang et al. 2016": forward(theirs.eccv16(pretrained=False).eval(), lightness, False),
        "Zhang et al. 2017": forward(theirs.siggraph17(pretrained=False).eval(), lightness, False),
    }
    best = {name: 1000 * taken for name, taken in best_of_turns(sides, TURNS).items()}
    print(f"\none photo, {torch.get_num_threads()} threads, bf16 {'on' if half else 'not here'}:")
    for name, time_taken in best.items():
        ratio = time_taken / best["efficientnet_lite0"]
        print(f"  {name:24} {time_taken:7.1f} ms, {ratio:5.1f}x efficientnet_lite0")
    benchmark.extra_info.update(best)
    benchmark.pedantic(sides["efficientnet_lite0"], rounds=5)
