"""Interactive views, each in one file with its page's parts (js, css, html) beside it.

A widget is a thin shell of controls over a pure function (`render`) or an object that works without
it (`StudioPhoto`, `Session`). Its twin is HTML that still moves on a page without a kernel.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "causal_widget": ["causal_mask"],
        "doubt_widget": ["doubt_machine"],
        "human_test_twin": ["human_test_twin"],
        "human_test_widget": ["human_test"],
        "judge_widget": ["adjust_chroma", "judge", "judge_twin", "verdicts"],
        "lambda_widget": ["lambda_slider", "lambda_twin"],
        "layers_widget": ["feature_browser", "layer_walk"],
        "occlusion_widget": ["occlusion"],
        "picker_widget": ["ab_picker"],
        "playground_widget": ["metric_playground"],
        "scrubber_widget": ["scrubber"],
        "strokes_photo": ["StrokesPhoto"],
        "strokes_widget": ["strokes"],
        "studio_photo": ["Look", "StudioPhoto", "open_photo", "shrink"],
        "studio_widget": ["divider_twin", "studio"],
        "weight_widget": ["draw_photo_map", "weight_sliders", "weight_twin"],
    },
)
