"""The mean of several looks, against the looks taken one by one."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from typer.testing import CliRunner

from colorlab import colorize
from colorlab.cli import app
from colorlab.data.samples import sample_photos
from colorlab.inference.averaged import Averaged
from colorlab.inference.colorize import load_model


def test_it_is_the_mean_and_has_no_left_or_right():
    model = load_model("colorlab")
    luma = torch.rand(1, 1, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        both = Averaged(model, scales=(1.0,))(luma)
        mean = (model(luma) + model(luma.flip(3)).flip(3)) / 2
        torch.testing.assert_close(both, mean, atol=1e-5, rtol=0)
        two = Averaged(model)
        torch.testing.assert_close(two(luma).flip(3), two(luma.flip(3)), atol=1e-5, rtol=0)
        assert two(luma).shape == (1, 2, 64, 96)


def test_best_is_offered_by_function_and_command(tmp_path):
    photo = sample_photos("coffee")[0].rgb[::2, ::2]
    best = colorize(photo, best=True)
    apart = np.abs(best.astype(int) - colorize(photo)).mean()
    assert 0.2 < apart < 20
    source, target = tmp_path / "coffee.png", tmp_path / "coloured.png"
    Image.fromarray(photo).save(source)
    done = CliRunner().invoke(app, ["colorize", str(source), "-o", str(target), "--best"])
    assert done.exit_code == 0, done.output
    assert np.array_equal(np.asarray(Image.open(target)), best)
