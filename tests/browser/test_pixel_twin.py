"""The pixel's mind in a browser: its colours are those of `models.classes`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from colorlab.color import LAB
from colorlab.course.widgets.pixel_widget import pixel_twin
from colorlab.data.samples import sample_photos
from colorlab.inference.predict import working_luma
from colorlab.models.classes import annealed_mean
from colorlab.prior.prior import shipped_prior
from colorlab.prior.zhang import zhang_weights
from colorlab.train.classes import begin

if TYPE_CHECKING:
    from playwright.sync_api import Page

HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>The pixel</title>\n'


def colours(page: Page) -> dict[str, list[int]]:
    """Mean, annealed mean, mode and truth, as the page tells them."""
    text = page.locator("[role=status]").inner_text()
    found = re.findall(r"([a-z ]+) \((-?\d+), (-?\d+)\)", text)
    return {name.strip(): [int(a), int(b)] for name, a, b in found}


@pytest.mark.parametrize("lam", [0.5, 1.0])
def test_a_click_tells_what_the_pixel_thinks(page: Page, tmp_path: Path, lam: float) -> None:
    model = begin().eval()
    (tmp_path / "twin.html").write_text(HEAD + pixel_twin("coffee", model, lam=lam, at=(0, 0)))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "twin.html").as_uri())
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('mode')")
    photo = page.locator("canvas.photo")
    photo.press("ArrowDown")
    before = photo.evaluate("c => c.toDataURL()")
    page.locator("input.temperature").fill("0.2")
    assert photo.evaluate("c => c.toDataURL()") != before
    assert not errors
    rgb = torch.from_numpy(sample_photos("coffee")[0].rgb.copy()).permute(2, 0, 1)
    with torch.inference_mode():
        logits = model.answer(working_luma(rgb, LAB)).float()[:, :, 1:2, 0:1]
    kept = logits.topk(20, dim=1).values[:, -1:]
    weights = torch.from_numpy(zhang_weights(shipped_prior("photos"), lam)).log().view(1, -1, 1, 1)
    shares = (logits + weights).masked_fill(logits < kept, -1e9)
    expected = {"mean": 1.0, "annealed mean": 0.2, "mode": 0.0}
    shown = colours(page)
    for name, temperature in expected.items():
        colour = 128 * annealed_mean(shares, temperature).flatten()
        assert shown[name] == pytest.approx(colour.tolist(), abs=1.1)
