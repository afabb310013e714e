"""How far a colorized photo is from the true one, by number.

Each module holds one idea; the imports below put its metrics on the list, in this order.
"""

from __future__ import annotations

# isort: off
from colorlab.evaluate.metrics import chroma, fidelity, delta_e, colorfulness, auc  # noqa: F401
from colorlab.evaluate.metrics import accuracy, interpretability, frechet, downloads  # noqa: F401

# isort: on
from colorlab.evaluate.metrics.base import (
    Facts,
    Images,
    Metric,
    Needs,
    SetStatistic,
    Statistic,
    Unavailable,
    get_metric,
    list_metrics,
    measure,
    metric,
)
from colorlab.evaluate.metrics.chroma import ChromaErrors

__all__ = [
    "ChromaErrors",
    "Facts",
    "Images",
    "Metric",
    "Needs",
    "SetStatistic",
    "Statistic",
    "Unavailable",
    "get_metric",
    "list_metrics",
    "measure",
    "metric",
]
