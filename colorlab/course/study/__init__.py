"""The human test: which of two pictures has the fake colours?

The two-alternative forced choice of Zhang, Isola and Efros, "Colorful Image Colorization" (ECCV
2016), section 3.1: `sessions` plans and runs a session and keeps its answers, `pictures` makes the
pairs, `analysis` turns answers into rates with intervals, and `simulate` has simulated raters for
tests and for planning. `colorlab.course.widgets.human_test` shows a session in a notebook.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "analysis": [
            *("attentive", "by_vision", "compare_models", "fooling_rate", "judgements"),
            "rank_photos",
        ],
        "pictures": ["pairs_by_model", "pairs_by_results"],
        "csv_files": ["export_csv", "read_csv"],
        "sessions": ["merge", "read_answers"],
    },
)
