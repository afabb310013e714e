"""Widgets for a live notebook: thin shells over functions that work without them.

On a page without a kernel `colorlab.course.widgets.twin` takes the place of the lambda widget.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorlab.course.widgets.weight_view import Picture, WeightView, photo_bins, render
from colorlab.data.encoding import data_uri
from colorlab.data.samples import sample_names
from colorlab.prior.prior import ColorPrior

if TYPE_CHECKING:
    import ipywidgets

    from colorlab.course.widgets.studio import Studio


def lambda_widget(prior: ColorPrior, photo: str = "motorcycle") -> ipywidgets.VBox:
    """Sliders for lambda, sigma and window and a choice of photo, over the weights of `prior`.

    Raises ValueError for an unknown photo. Needs the extra "course" (ipywidgets).
    """
    import ipywidgets as w

    photo_bins(photo)  # refuse an unknown name here rather than inside the widget
    wide = {"style": {"description_width": "7em"}, "layout": w.Layout(width="32em")}
    lam = w.FloatSlider(0.9, min=0, max=1, step=0.01, description="λ", **wide)
    sigma = w.FloatSlider(5, min=0.5, max=20, step=0.5, description="σ (bins)", **wide)
    window = w.IntSlider(10, min=1, max=60, description="window (bins)", **wide)
    chosen = w.Dropdown(options=sample_names(), value=photo, description="photo", **wide)
    status, pictures = w.HTML(), w.HTML()

    def redraw(_: Any = None) -> None:
        try:
            view = render(lam.value, sigma.value, window.value, chosen.value, prior)
        except ValueError as reason:  # lambda = 0, most often: say why and leave the pictures
            status.value = f'<p role="status"><strong>No weights:</strong> {reason}.</p>'
            return
        status.value = f'<p role="status">{describe(view)}</p>'
        pictures.value = _gallery(view, photo_bins(chosen.value).rgb, chosen.value)

    for control in (lam, sigma, window, chosen):
        control.observe(redraw, names="value")
    redraw()
    return w.VBox([lam, sigma, window, chosen, status, pictures])


def describe(view: WeightView) -> str:
    """The view's numbers in words."""
    return (
        f"Weights inside the sRGB gamut go from {view.lowest:.3g} to {view.highest:.3g}; "
        f"{view.pushed_up:.1%} of the photo's pixels weigh more than 1. Rare colours (those that "
        f"make up the rarest tenth of the prior) are {view.rare_pixels:.1%} of its pixels. They "
        f"carry {view.rare_loss:.1%} of the loss of a grey answer; if all pixels weighed the same "
        f"(λ = 1) it would be {view.rare_loss_plain:.1%}."
    )


def studio(
    photo: str | Path | Picture = "china",
    model: str = "efficientnet_lite0",
    old: bool = False,
) -> Studio:
    """The studio: choose a photo, compare its colours before and after, save the full result.

    It begins with `photo`: a sample's name, a file, or an array that `read_photo` takes. `model`
    has trained weights; `old` is for an old photograph. Raises ValueError for a photo that can't be
    read and an unknown model. Needs the extra "course" (anywidget, ipywidgets).
    """
    from colorlab.course.widgets.studio import Studio
    from colorlab.course.widgets.studio_view import Look

    return Studio(photo, Look(model, old))


def _gallery(view: WeightView, rgb: Picture, name: str) -> str:
    panels = (
        (view.weight_map, "Weight map: from purple (1/16 or less) to brown (16 or more); line: 1"),
        (view.profile, "Weight profile along the two axes, cut at 1/64 and 64"),
        (rgb, f"The photo: {name}"),
        (view.photo_map, "The weight of each of its pixels; dotted where above 1"),
    )
    return _figures(panels)


def _figures(panels: Sequence[tuple[Picture, str]]) -> str:
    """Pictures in a row, each with its caption."""
    figures = "".join(
        f'<figure style="margin:0.5em"><img alt="{caption}" src="{data_uri(picture, "PNG")}" '
        f'style="max-height:17em;max-width:100%"><figcaption>{caption}</figcaption></figure>'
        for picture, caption in panels
    )
    return f'<div style="display:flex;flex-wrap:wrap">{figures}</div>'
