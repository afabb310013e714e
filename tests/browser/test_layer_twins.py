"""The walk through the network and the feature browser: what they show is the network's."""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from colorlab.course.figures.layers import activations
from colorlab.course.lessons import to_picture
from colorlab.course.widgets import feature_browser, layer_walk
from colorlab.course.widgets.layers_widget import KEPT, WORDS, _opened

from .pages import DESKTOP, PHONE, SHOTS, numbers, opened, said, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHOTO = "coffee"
NAMES = list(WORDS)
twin = cache(lambda make: make(PHOTO, at=(0.3, 0.6)))


@cache
def layers() -> dict[str, Tensor]:
    network, luma, _ = _opened(PHOTO)
    with torch.inference_mode():
        found = activations(network, luma)
        return found | {"colours": network.space.merge(luma, found["joined"][:, 1:])}


def walking(page: Page, folder: Path) -> list[str]:
    found = opened(page, folder, twin(layer_walk))
    page.wait_for_function("document.querySelector('output').textContent === 'luma'")
    return found


def browsing(page: Page, folder: Path) -> list[str]:
    found = opened(page, folder, twin(feature_browser))
    page.wait_for_function("document.querySelectorAll('[aria-pressed=true]').length === 1")
    return found


def picture(page: Page) -> np.ndarray:
    uri = page.locator("img.layer").get_attribute("src") or ""
    data = base64.b64decode(uri.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_the_walk_ends_with_the_network_s_colours(page: Page, tmp_path: Path) -> None:
    found = walking(page, tmp_path)
    slider = page.get_by_label("layer", exact=True)
    slider.press("End")
    want = to_picture(layers()["colours"][0]).astype(int)
    assert np.abs(picture(page) - want).mean() < 3  # JPEG
    slider.press("Home")
    grey = picture(page)
    assert np.abs(grey - grey.mean(2, keepdims=True)).max() < 3
    for name in NAMES[1:]:
        slider.press("ArrowRight")
        assert page.locator("output").inner_text() == name
        assert said(page) == WORDS[name]
        facts = page.locator(".facts dd").all_inner_texts()
        _, channels, high, wide = layers()[name].shape
        assert facts[1] == f"{channels} × {high} × {wide}"
        assert len(picture(page)) == high
    assert found == []


def test_what_a_place_depends_on_grows_through_the_encoder(page: Page, tmp_path: Path) -> None:
    walking(page, tmp_path)
    halves, maps = [], set()
    for step in range(6):
        page.get_by_label("layer", exact=True).fill(str(step))
        facts = page.locator(".facts dd").all_inner_texts()
        halves.append(numbers(facts[3])[0])
        maps.add(page.locator("canvas").evaluate("c => c.toDataURL()"))
    assert halves == sorted(set(halves))
    assert len(maps) == 6
    assert facts[2] == "all of the photo"


def ranking(tap: int, x: float, y: float) -> tuple[list[int], list[float]]:
    """The tap's channels that vary most, those that stand out most at a place first."""
    name, kept = list(KEPT.items())[tap]
    maps = layers()[name]
    maps = adaptive_avg_pool2d(maps, min(56, maps.shape[-1]))[0]
    side, flat = maps.shape[-1], maps.flatten(1)
    busiest = flat.std(dim=1).topk(kept).indices
    place = int(y * side) * side + int(x * side)
    flat = flat[busiest]
    stands = (flat[:, place] - flat.mean(1)) / flat.std(1, correction=0)
    order = stands.argsort(descending=True)
    return busiest[order].tolist(), stands[order].tolist()


def first(page: Page) -> tuple[list[int], list[float]]:
    """The channels that the page shows, and by how much they stand out."""
    words = page.locator(".channels span").all_inner_texts()
    found = [re.fullmatch(r"(\d+): ([+−])(.*) σ", each) for each in words]
    rows = [each.groups() for each in found if each]
    signed = [float(("-" if sign == "−" else "") + value) for _, sign, value in rows]
    return [int(number) for number, *_ in rows], signed


@pytest.mark.parametrize("tap", [0, 2, 4])
def test_channels_come_in_the_order_of_the_place(page: Page, tmp_path: Path, tap: int) -> None:
    found = browsing(page, tmp_path)
    page.get_by_label("how deep in the encoder").fill(str(tap))
    box = page.locator(".stage").bounding_box()
    assert box
    for x, y in ((0.53, 0.36), (0.83, 0.11)):  # the mark is larger than a cell: away from it
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        _, stands = ranking(tap, x, y)
        names, shown = first(page)
        assert len(names) == 12
        # Steps of 1/255 of a channel's range: neighbours in the order may change places.
        assert shown == pytest.approx(stands[:12], abs=0.11)
        assert names[0] in ranking(tap, x, y)[0][:2]
    assert found == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_keys_move_the_place_and_a_channel_is_chosen(page: Page, tmp_path: Path, size: Any) -> None:
    page.set_viewport_size(size)
    found = browsing(page, tmp_path)
    handle = page.get_by_label("Place in the photo")
    before, words = first(page), handle.get_attribute("aria-valuetext")
    handle.press("ArrowRight")
    handle.press("Shift+ArrowUp")
    assert handle.get_attribute("aria-valuetext") != words
    assert first(page) != before
    shown = page.locator(".stage canvas")
    map_before = shown.evaluate("c => c.toDataURL()")
    page.locator(".channels button").nth(5).press("Enter")
    assert page.locator(".channels button").nth(5).get_attribute("aria-pressed") == "true"
    assert shown.evaluate("c => c.toDataURL()") != map_before
    assert said(page).endswith(f"Over the photo: channel {first(page)[0][5]}.")
    for _ in range(40):
        handle.press("ArrowDown")
    assert "from the top" in (handle.get_attribute("aria-valuetext") or "")
    page.screenshot(path=SHOTS / f"feature_browser_{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert found == []
    assert violations(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_walk_fits_and_can_be_read_by_all(page: Page, tmp_path: Path, size: Any) -> None:
    page.set_viewport_size(size)
    found = walking(page, tmp_path)
    box = page.get_by_label("layer", exact=True).bounding_box()
    assert box
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    assert page.locator("output").inner_text() == NAMES[7]
    page.screenshot(path=SHOTS / f"layer_walk_{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert found == []
    assert violations(page) == []


def test_a_finger_drags_the_place_and_the_slider(chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    browsing(page, tmp_path)
    box = page.locator(".stage").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    handle = page.get_by_label("Place in the photo")
    assert handle.get_attribute("aria-valuetext") == "60 % from the left, 40 % from the top"
    session = context.new_cdp_session(page)
    path = [(0.6, 0.4), (0.5, 0.5), (0.2, 0.7)]
    for kind, (x, y) in zip(("touchStart", "touchMove", "touchMove"), path, strict=True):
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert handle.get_attribute("aria-valuetext") == "20 % from the left, 70 % from the top"
    walking(page, tmp_path)
    box = page.get_by_label("layer", exact=True).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    assert page.locator("output").inner_text() == "joined"
    context.close()


def test_both_live_on_one_page(page: Page, tmp_path: Path) -> None:
    found = opened(page, tmp_path, twin(layer_walk) + twin(feature_browser))
    page.wait_for_function("document.querySelectorAll('[data-alive]').length === 2")
    assert found == []
