"""The metric playground in a browser: its metrics are those of `colorlab.evaluate.metrics`."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from torch import Tensor

from colorlab.color import lab_to_rgb, reduce_to_gamut, rgb_to_lab
from colorlab.course.widgets import metric_playground
from colorlab.data.samples import sample_photos
from colorlab.evaluate.metrics import Images
from colorlab.evaluate.metrics.colorfulness import colorfulness
from colorlab.evaluate.metrics.delta_e import delta_e
from colorlab.evaluate.metrics.fidelity import psnr, ssim
from colorlab.train.chroma_errors import grey_error, squared_error

from .pages import DESKTOP, HEAD, PHONE, SHOTS, complaints, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

SLIDERS = ("chroma times", "hue turned by, in degrees", "chroma blurred by σ pixels")
SLIDERS += ("noise of σ levels",)


class Playground:
    """The page, what a reader does to it, and what it shows."""

    def __init__(self, page: Page, folder: Path, photo: str = "coffee") -> None:
        file = folder / "playground.html"
        file.write_text(HEAD + metric_playground(photo), "utf-8")
        self.page, self.found = page, complaints(page, file.as_uri())
        page.goto(file.as_uri())
        self.found.remove(f"asks {file.as_uri()}")  # itself
        page.wait_for_function("document.querySelectorAll('td').length === 15")

    def set(self, *values: float) -> None:
        for name, value in zip(SLIDERS, values, strict=True):
            self.page.get_by_label(name).fill(f"{value:g}")
        self.settle()

    def settle(self) -> None:
        """Until the page has drawn what it was asked for."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
        )

    def table(self) -> NDArray[np.float64]:
        """Rows PSNR, SSIM, MSE / grey, Delta E, colourfulness; columns changed, grey, truth."""
        cells = self.page.locator("td").all_inner_texts()
        return np.array([float(cell.replace("∞", "inf")) for cell in cells]).reshape(5, 3)

    def shown(self) -> Tensor:
        return _decoded(self.page.locator("canvas.made").evaluate("c => c.toDataURL('image/png')"))

    def truth(self) -> Tensor:
        return _decoded(self.page.locator("img").get_attribute("src") or "")

    def status(self) -> str:
        return self.page.locator("[role=status]").inner_text()


def _decoded(url: str) -> Tensor:
    """A picture in [0, 1], (1, 3, H, W), float64."""
    image = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].double() / 255


def measured(shown: Tensor, truth: Tensor) -> list[float]:
    """The table's rows by the package."""
    pair = Images(shown.float()), Images(truth.float())
    chroma = [image.lab[:, 1:] / 128 for image in pair]
    error = squared_error(*chroma) / grey_error(chroma[1])
    values = (psnr(*pair), ssim(*pair), error, delta_e(*pair), colorfulness(shown))
    return [float(value) for value in values]


ROUNDING = [0.051, 0.00051, 0.0051, 0.051, 0.051]


@pytest.mark.parametrize(
    "change", [(0.5, 0, 0, 0), (1, 120, 0, 0), (1, 0, 6, 0), (1, 0, 0, 20), (1.6, -45, 2.5, 5)]
)
def test_the_metrics_are_the_package_s(
    page: Page, tmp_path: Path, change: tuple[float, ...]
) -> None:
    playground = Playground(page, tmp_path)
    playground.set(*change)
    shown, truth = playground.shown(), playground.truth()
    table = playground.table()
    difference = np.abs(table[:, 0] - measured(shown, truth))
    assert (difference <= ROUNDING).all(), difference
    lab = rgb_to_lab(truth)
    lab[:, 1:] = 0
    grey = (255 * lab_to_rgb(lab)).round() / 255
    assert (
        np.abs(table[:, 1] - measured(grey, truth)) <= np.add(ROUNDING, [0.02, 0, 0, 0, 0.1])
    ).all()
    assert table[:, 2].tolist()[:4] == [np.inf, 1, 0, 0]
    assert abs(table[4, 2] - float(colorfulness(truth))) <= 0.051
    assert playground.found == []


@pytest.mark.parametrize(("times", "turn", "blur"), [(0.5, 0, 0), (1, -70, 0), (1.5, 0, 4)])
def test_chroma_is_changed_as_the_sliders_say(
    page: Page, tmp_path: Path, times: float, turn: float, blur: float
) -> None:
    playground = Playground(page, tmp_path)
    playground.set(times, turn, blur, 0)
    lab = rgb_to_lab(playground.truth())[0].numpy()
    radius = int(np.ceil(3 * blur))
    if blur:
        lab[1:] = [gaussian_filter(x, blur, mode="mirror", radius=radius) for x in lab[1:]]
    angle = np.radians(turn)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lab[1:] = times * np.einsum("ij,jhw->ihw", turned, lab[1:])
    want = 255 * lab_to_rgb(reduce_to_gamut(torch.from_numpy(lab)))
    difference = (255 * playground.shown()[0] - want).abs()
    assert difference.quantile(0.999) <= 0.7
    assert difference.max() <= 2  # at the gamut's edge, found to 1/4096 of the chroma


def test_noise_is_as_strong_as_it_says(page: Page, tmp_path: Path) -> None:
    playground = Playground(page, tmp_path)
    playground.set(1, 0, 0, 8)
    truth = 255 * playground.truth()
    noise = (255 * playground.shown() - truth)[(truth > 60) & (truth < 195)]
    assert float(noise.std()) == pytest.approx(8, rel=0.02)
    assert abs(float(noise.mean())) < 0.1


def test_grey_is_better_than_wrong_colours(page: Page, tmp_path: Path) -> None:
    playground = Playground(page, tmp_path)
    playground.set(1, 180, 0, 0)
    assert playground.status() == "By no metric is it better than grey."
    playground.set(0.8, 0, 0, 0)
    assert playground.status() == "By PSNR, SSIM, MSE / grey, ΔE2000 it is better than grey."


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_keys_move_it_and_a_button_takes_all_back(page: Page, tmp_path: Path, size: dict) -> None:
    page.set_viewport_size(size)
    playground = Playground(page, tmp_path, "motorcycle")
    before = playground.table()
    page.keyboard.press("Tab")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    playground.settle()
    assert page.get_by_label(SLIDERS[0]).input_value() == "0.7"
    assert (playground.table()[:4, 0] != before[:4, 0]).all()
    page.screenshot(path=SHOTS / f"playground_{size['width']}.png", full_page=True)
    page.get_by_role("button", name="As it was").press("Enter")
    np.testing.assert_array_equal(playground.table(), before)
    assert torch.equal(playground.shown(), playground.truth())
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert playground.found == []
    assert violations(page) == []


def test_a_photo_of_the_reader_s_own(page: Page, tmp_path: Path) -> None:
    playground = Playground(page, tmp_path)
    playground.set(0.5, 0, 0, 0)
    photo = tmp_path / "mine.png"
    Image.fromarray(sample_photos("chelsea")[0].rgb).save(photo)
    page.get_by_label("Your own photo").set_input_files(photo)
    page.get_by_text("Your photo: mine.png").wait_for()
    assert playground.truth().shape == (1, 3, 170, 256)
    # What is shown as the truth is the photo, though the sliders had been moved.
    want = Image.open(photo).resize((256, 170), Image.Resampling.BOX)
    small = 255 * playground.truth()[0].permute(1, 2, 0).numpy()
    assert np.abs(small - np.asarray(want)).mean() < 4
    difference = np.abs(playground.table()[:, 0] - measured(playground.shown(), playground.truth()))
    assert (difference <= ROUNDING).all()

    grey = tmp_path / "grey.png"
    Image.new("RGB", (40, 9), (90, 90, 90)).save(grey)
    page.get_by_label("Your own photo").set_input_files(grey)
    page.get_by_text("Your photo: grey.png").wait_for()
    cells = page.locator("tbody tr")
    assert cells.nth(2).locator("td").first.inner_text() == "–"  # MSE / grey of a grey photo
    assert cells.nth(1).locator("td").first.inner_text() == "–"  # SSIM of 9 pixels

    (tmp_path / "notes.txt").write_text("no photo")
    page.get_by_label("Your own photo").set_input_files(tmp_path / "notes.txt")
    page.get_by_text("can't read notes.txt").wait_for()
    assert playground.found == []
