"""How far a colorized photo is from the true one, by number.

Each module holds one idea; the imports below put its metrics on the list, in this order.
"""

from __future__ import annotations

# isort: off
from colorlab.evaluate.metrics import chroma, fidelity, delta_e, colorfulness, auc
from colorlab.evaluate.metrics import interpretability, frechet, downloads

# isort: on
from colorlab.evaluate.metrics.base import (
    Facts,
    Images,
    Metric,
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
    "Statistic",
    "Unavailable",
    "auc",
    "chroma",
    "colorfulness",
    "delta_e",
    "downloads",
    "fidelity",
    "frechet",
    "get_metric",
    "interpretability",
    "list_metrics",
    "measure",
    "metric",
]
