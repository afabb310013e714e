"""The a*b* picker and the doubt machine in a browser: their numbers are colorlab's."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from colorlab.color import in_gamut, lab_to_rgb, reduce_to_gamut
from colorlab.course.widgets import ab_picker, doubt_machine
from colorlab.course.widgets.parts import static_file
from colorlab.prior.prior import default_prior

from .pages import DESKTOP, HEAD, PHONE, SHOTS, numbers, opened, said, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def picker(page: Page, folder: Path, **options: object) -> list[str]:
    found = opened(page, folder, ab_picker(**options))  # type: ignore[arg-type]
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('Half')")
    return found


def test_the_colour_maths_is_colorlab_s(page: Page, tmp_path: Path) -> None:
    (tmp_path / "twin.html").write_text(HEAD, "utf-8")
    page.goto((tmp_path / "twin.html").as_uri())
    page.add_script_tag(content=re.sub(r"^export ", "", static_file("lab.js"), flags=re.MULTILINE))
    random = np.random.default_rng(0)
    lab = np.stack([random.uniform(0, 100, 800), *random.uniform(-110, 110, (2, 800))], 1)
    lab[:100, 1:] *= 0.02  # nearly grey
    lab[100] = [50, 0, 0]
    rows = "rows => rows.map(([one, two]) => deltaE2000(one, two))"
    pairs = [*zip(lab[::2], lab[1::2], strict=True), (lab[7], lab[7]), (lab[100], lab[300])]
    far = page.evaluate(rows, [[one.tolist(), two.tolist()] for one, two in pairs])
    want = [float(deltaE_ciede2000(one, two)) for one, two in pairs]
    np.testing.assert_allclose(far, want, atol=1e-6)

    tensor = torch.from_numpy(lab.T[:, None].copy())
    inside = page.evaluate("rows => rows.map(inGamut)", lab.tolist())
    assert inside == in_gamut(tensor)[0].tolist()
    reduced = np.array(page.evaluate("rows => rows.map(reduceToGamut)", lab.tolist()))
    np.testing.assert_allclose(reduced, reduce_to_gamut(tensor)[:, 0].T, atol=0.06)
    rgb = np.array(page.evaluate("rows => rows.map(labToRgb)", lab.tolist()))
    assert np.abs(rgb - 255 * lab_to_rgb(tensor)[:, 0].T.numpy()).max() <= 0.6
    levels = random.integers(0, 256, (400, 3))
    back = page.evaluate("rows => rows.map(rgbToLab)", levels.tolist())
    np.testing.assert_allclose(back, rgb2lab(levels / 255), atol=2e-4)


def test_the_plane_shows_what_srgb_can(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, doubt_machine(default_prior(), lightness=65))
    url = page.locator("canvas.plane").evaluate("c => c.toDataURL('image/png')")
    image = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")
    drawn = np.asarray(image).astype(int)
    units = (torch.arange(448) + 0.5) / 2 - 112
    b, a = torch.meshgrid(-units, units, indexing="ij")
    lab = torch.stack([torch.full_like(a, 65), a, b]).double()
    inside = in_gamut(lab).numpy()
    want = (255 * lab_to_rgb(lab)).permute(1, 2, 0).numpy()
    same = np.abs(drawn - want).max(-1) <= 0.6
    assert same[inside].mean() > 0.9  # axes, words and marks take the rest
    free = inside & (a > 30).numpy() & (b < -16).numpy()
    assert free.sum() > 3000
    assert same[free].all()
    assert (drawn[~inside] == 119).all(-1).mean() > 0.97


def test_the_picker_tells_how_far_two_colours_are(page: Page, tmp_path: Path) -> None:
    picker(page, tmp_path, pinned=(40, -20, 30))
    for slider, value in zip(page.locator("input").all(), (70, 25, -10), strict=True):
        slider.fill(str(value))
    one, two = np.array([70.0, 25, -10]), np.array([40.0, -20, 30])
    e76, e2000 = numbers(said(page).replace("ΔE76", "").replace("ΔE2000", ""))[:2]
    assert e76 == pytest.approx(np.linalg.norm(one - two), abs=0.06)
    assert e2000 == pytest.approx(float(deltaE_ciede2000(one, two)), abs=0.06)
    page.get_by_role("button", name="Pin this colour").click()
    assert "ΔE76 is 0.0, ΔE2000 0.0" in said(page)


def test_a_colour_outside_the_gamut_is_marked(page: Page, tmp_path: Path) -> None:
    picker(page, tmp_path)
    for slider, value in zip(page.locator("input").all(), (20, -40, 40), strict=True):
        slider.fill(str(value))
    lab = torch.tensor([20.0, -40, 40]).view(3, 1, 1)
    shown = float(reduce_to_gamut(lab)[1:].norm())
    cut = (255 * lab_to_rgb(lab)).round().flatten()
    lightness = rgb2lab(cut.numpy() / 255)[0]
    assert f"C* {shown:.0f} in place of 57" in said(page)
    assert f"({', '.join(f'{x:.0f}' for x in cut)}), with L* {lightness:.0f}" in said(page)
    row = page.locator("tbody tr").first.inner_text()
    made = (255 * lab_to_rgb(reduce_to_gamut(lab))).round().flatten().int().tolist()
    assert row.split()[-1] == "#{:02x}{:02x}{:02x}".format(*made)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_picker_moves_by_mouse_and_by_keys(page: Page, tmp_path: Path, size: dict) -> None:
    page.set_viewport_size(size)
    found = picker(page, tmp_path, at=(0.5, 0.5))
    ring = page.get_by_label("The colour in the plane")
    square = page.get_by_label("The picked pixel")
    ring.hover()  # scrolls there
    box = page.locator("canvas.plane").bounding_box()
    assert box
    unit = box["width"] / 224
    page.mouse.down()
    for a, b in ((10, 10), (30, 20)):
        page.mouse.move(box["x"] + (112 + a) * unit, box["y"] + (112 - b) * unit)
    page.mouse.up()
    assert ring.get_attribute("aria-valuetext") == "a* 30, b* 20"
    page.mouse.move(box["x"], box["y"])  # let go of, it stays
    assert ring.get_attribute("aria-valuetext") == "a* 30, b* 20"
    ring.press("ArrowLeft")
    ring.press("Shift+ArrowUp")
    assert ring.get_attribute("aria-valuetext") == "a* 29, b* 30"
    values = [slider.input_value() for slider in page.locator("input").all()]
    assert values[1:] == ["29", "30"]

    square.press("ArrowRight")
    square.press("ArrowDown")
    before = said(page)
    assert (square.get_attribute("aria-valuetext") or "").startswith("column 161, row 107, sRGB")
    square.press("Shift+ArrowLeft")
    assert (square.get_attribute("aria-valuetext") or "").startswith("column 151, row 107, sRGB")
    assert said(page) != before
    photo = page.locator("img").bounding_box()
    assert photo
    page.mouse.click(photo["x"] + 3, photo["y"] + 2)
    assert re.match("column [0-3], row [0-3], sRGB", square.get_attribute("aria-valuetext") or "")
    rgb = numbers((square.get_attribute("aria-valuetext") or "").partition("sRGB")[2])
    assert f"In sRGB it is ({', '.join(f'{x:.0f}' for x in rgb)})" in said(page)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"ab_picker_{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert found == []
    assert violations(page) == []


def answers(page: Page) -> dict[str, list[float]]:
    """The (a*, b*) of mean, weighted mean, mode and sample, and what A or B weighs."""
    found = re.findall(
        r"(weighs|mean is|weighted mean|mode is|first sample) (.*?)[);t]", said(page)
    )
    return {name: numbers(text) for name, text in found}


def errors(page: Page) -> list[list[float]]:
    rows = page.locator("tbody tr").all()[1:]
    return [[float(cell) for cell in row.locator("td").all_inner_texts()[1:]] for row in rows]


@pytest.mark.parametrize(("p", "lam"), [(0.3, 0.9), (0.75, 0.5), (0.5, 1.0), (0.2, 0.1)])
def test_the_answers_are_those_of_the_equations(
    page: Page, tmp_path: Path, p: float, lam: float
) -> None:
    colours = np.array([[45.0, 60], [12, 16]])
    pair = ((45.0, 60.0), (12.0, 16.0))
    found = opened(page, tmp_path, doubt_machine(default_prior(), pair, lightness=60))
    chance, strength, _ = page.locator("input").all()
    chance.fill(str(p))
    strength.fill(str(lam))
    table = default_prior().weights(lam)
    v = np.array([table[128 + 45, 128 + 60], table[128 + 12, 128 + 16]])
    plain = np.array([p, 1 - p])
    weighted = plain * v
    mean, pulled = plain @ colours, weighted @ colours / weighted.sum()
    mode = colours[int(p < 0.5)]
    shown = answers(page)
    assert shown["weighs"] == [pytest.approx(max(v) / min(v), rel=4e-4, abs=0.005)]
    assert shown["mean is"] == pytest.approx(mean.tolist(), abs=0.51)
    assert shown["weighted mean"] == pytest.approx(pulled.tolist(), abs=0.51)
    assert shown["mode is"] == mode.tolist()
    assert shown["first sample"] in colours.tolist()
    for column, w in enumerate((plain, weighted)):

        def error(answer: np.ndarray, w: np.ndarray = w) -> float:
            return float(w @ ((colours - answer) ** 2).sum(1) / (w @ (colours**2).sum(1)))

        sampled = plain @ [error(colour) for colour in colours]
        want = [error(mean), error(pulled), error(mode), sampled]
        assert [row[column] for row in errors(page)] == pytest.approx(want, abs=0.0051)
    assert found == []


def test_samples_come_as_often_as_the_colours_and_others_on_demand(
    page: Page, tmp_path: Path
) -> None:
    opened(page, tmp_path, doubt_machine(default_prior(), p=0.3))
    first = page.locator("tbody tr").last.locator("i")
    red, seen = 0, set()
    for _ in range(60):
        page.get_by_role("button", name="Other balloons").click()
        colours = first.evaluate_all("discs => discs.map(disc => disc.style.background)")
        red += sum(numbers(colour)[0] > 200 for colour in colours)
        seen.add(tuple(colours))
    assert red / 600 == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / 600) ** 0.5)
    assert len(seen) > 50
    mean = page.locator("tbody tr").nth(1).locator("i")
    assert len(set(mean.evaluate_all("discs => discs.map(disc => disc.style.background)"))) == 1


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_doubt_machine_moves_by_mouse_and_by_keys(
    page: Page, tmp_path: Path, size: dict
) -> None:
    page.set_viewport_size(size)
    found = opened(page, tmp_path, doubt_machine(default_prior()))
    one, two = page.get_by_label("Colour A"), page.get_by_label("Colour B")
    before = answers(page)
    one.press("ArrowLeft")
    one.press("Shift+ArrowDown")
    assert one.get_attribute("aria-valuetext") == "a* 59, b* 30"
    assert answers(page)["mean is"] != before["mean is"]
    two.hover()  # scrolls there
    box = page.locator("canvas.plane").bounding_box()
    assert box
    unit = box["width"] / 224
    page.mouse.down()
    page.mouse.move(box["x"] + (112 - 30) * unit, box["y"] + (112 - 30) * unit, steps=3)
    page.mouse.up()
    assert two.get_attribute("aria-valuetext") == "a* -30, b* 30"
    # Beyond the edge it stops where sRGB does.
    two.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + 2, box["y"] + 2, steps=3)
    page.mouse.up()
    a, b = (numbers(two.get_attribute("aria-valuetext") or "")[i] for i in (0, 1))
    assert in_gamut(torch.tensor([50.0, a, b]).view(3, 1, 1)).item()
    assert a < -35 < 35 < b
    chance = page.get_by_label("probability of A")
    chance.focus()
    chance.press("ArrowRight")
    assert chance.input_value() == "0.41"
    page.screenshot(path=SHOTS / f"doubt_machine_{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert found == []
    assert violations(page) == []


def test_a_finger_drags_a_handle_and_taps(chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    opened(page, tmp_path, doubt_machine(default_prior()))
    box = page.locator("canvas.plane").bounding_box()
    assert box
    unit = box["width"] / 224
    page.touchscreen.tap(box["x"] + (112 + 40) * unit, box["y"] + (112 - 20) * unit)
    assert page.get_by_label("Colour A").get_attribute("aria-valuetext") == "a* 40, b* 20"
    session = context.new_cdp_session(page)
    path = [(40, 20), (30, 10), (20, -10)]
    for kind, (a, b) in zip(("touchStart", "touchMove", "touchMove"), path, strict=True):
        at = {"x": box["x"] + (112 + a) * unit, "y": box["y"] + (112 - b) * unit}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.get_by_label("Colour A").get_attribute("aria-valuetext") == "a* 20, b* -10"
    context.close()


def test_both_live_on_one_page_and_twice(page: Page, tmp_path: Path) -> None:
    both = ab_picker() + doubt_machine(default_prior())
    found = opened(page, tmp_path, both + both)
    page.wait_for_function("document.querySelectorAll('[data-alive]').length === 4")
    assert found == []
