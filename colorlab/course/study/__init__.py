"""The human test: which of two pictures has the fake colours?

The two-alternative forced choice of Zhang, Isola and Efros, "Colorful Image Colorization" (ECCV
2016), section 3.1: `trials` plans and runs a session, `store` keeps the answers, `pictures` makes
the pairs, `widget` shows them, `analysis` turns answers into rates with intervals, and `simulate`
has simulated raters for tests and for planning. Importing this package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from colorlab.lazy import load_from

if TYPE_CHECKING:
    from colorlab.course.study.analysis import (
        attentive,
        compare_models,
        fooling_rate,
        judgements,
        rank_photos,
    )
    from colorlab.course.study.pictures import pairs_by_model, pairs_by_results
    from colorlab.course.study.store import export_csv, merge, read_answers
    from colorlab.course.study.widget import human_test

__all__ = [
    "attentive",
    "compare_models",
    "export_csv",
    "fooling_rate",
    "human_test",
    "judgements",
    "merge",
    "pairs_by_model",
    "pairs_by_results",
    "rank_photos",
    "read_answers",
]

_HOME = {
    "attentive": "analysis",
    "compare_models": "analysis",
    "export_csv": "store",
    "fooling_rate": "analysis",
    "human_test": "widget",
    "judgements": "analysis",
    "merge": "store",
    "pairs_by_model": "pictures",
    "pairs_by_results": "pictures",
    "rank_photos": "analysis",
    "read_answers": "store",
}

__getattr__ = load_from(__name__, _HOME)
