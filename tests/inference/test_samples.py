"""Several colourings of one photo."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from colorlab.color import lightness
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import colorize
from colorlab.inference.samples import draw_colorings
from colorlab.models import Colorizer, create_model
from colorlab.models.axial import Size
from colorlab.models.coltran import CoarseColorizer, ColTran, Upsampler

PHOTO = sample_photos("astronaut")[0].rgb[:300:2, ::4]


def drawing() -> ColTran:
    torch.manual_seed(0)
    size = Size(8, 16)
    return ColTran(CoarseColorizer(size, 1, 1, 1), Upsampler(size, 1, 8)).eval()


@pytest.mark.parametrize("model", [drawing(), "zhang_lite0"], ids=["coltran", "zhang_lite0"])
def test_seeds_give_other_colours_on_the_same_luminance(model: str | Colorizer) -> None:
    drawn = draw_colorings(PHOTO, model, count=3)
    assert len(drawn) == 3
    true = lightness(torch.from_numpy(PHOTO.copy()).permute(2, 0, 1) / 255)
    for one in drawn:
        assert one.shape == PHOTO.shape
        ours = lightness(torch.from_numpy(one).permute(2, 0, 1) / 255)
        assert float((ours - true).abs().max()) < 1.5  # 8 bits of RGB, in the dark
        assert float((ours - true).abs().mean()) < 0.3
    assert not np.array_equal(drawn[0], drawn[1])
    assert np.array_equal(draw_colorings(PHOTO, model, 1, seed=2)[0], drawn[2])


def test_the_first_is_what_colorize_gives() -> None:
    model = drawing()
    assert np.array_equal(draw_colorings(PHOTO, model, count=1)[0], colorize(PHOTO, model))


def test_a_model_with_one_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="one answer"):
        draw_colorings(PHOTO, create_model("convnet", weights=None))
