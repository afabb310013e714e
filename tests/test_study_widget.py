"""The human test's pairs and its widget: the kernel's end directly, the page's end in a browser.

In the browser the real page script talks to the real widget, over HTTP in place of Jupyter.
"""

from __future__ import annotations

import io
import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

import colorlab.study
from colorlab.inference import colorize_rgb, load_model
from colorlab.photo import PhotoError
from colorlab.samples import sample_photos
from colorlab.study import pairs_by_model, pairs_by_results, read_answers
from colorlab.study.pictures import Pairs, middle_square, readable_photos, with_colors_of
from colorlab.study.trials import Trial, plan_trials

pytest.importorskip("anywidget", reason="needs anywidget (extra: course)")
webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium (extra: test)")

from colorlab.study.widget import HumanTest, human_test  # noqa: E402

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
DRIVER = shutil.which("chromedriver")
in_browser = pytest.mark.skipif(
    BROWSER is None or DRIVER is None, reason="needs Chromium and its chromedriver"
)


@pytest.fixture(scope="module")
def sample_pairs() -> Pairs:
    return pairs_by_model()


def test_every_public_name_is_there() -> None:
    assert all(callable(getattr(colorlab.study, name)) for name in colorlab.study.__all__)
    with pytest.raises(AttributeError, match="no attribute 'rater'"):
        colorlab.study.rater  # noqa: B018


def flat(color: tuple[int, int, int], height: int = 300, width: int = 400) -> np.ndarray:
    return np.full((height, width, 3), color, np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty plain photos of one colour each, and one that is broken."""
    photos = tmp_path / "photos"
    (photos / "more").mkdir(parents=True)
    for i in range(60):
        place = photos / "more" if i % 2 else photos
        Image.fromarray(flat((4 * i, 128, 255 - 4 * i))).save(place / f"{i:02}.png")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    return photos


def test_a_sample_is_recoloured_from_its_own_grey(sample_pairs: Pairs) -> None:
    assert len(sample_pairs.photos) == 54
    assert set(sample_pairs.photos.values()) == {photo.name for photo in sample_photos()}
    assert "only 9 sample photos" in sample_pairs.note
    real, fake = sample_pairs.real("coffee-4"), sample_pairs.fake("coffee-4")
    assert real.shape == fake.shape == (256, 256, 3)
    assert real.dtype == fake.dtype == np.uint8
    np.testing.assert_array_equal(fake, colorize_rgb(real, load_model("efficientnet_lite0")))
    lightness = abs(rgb2lab(real)[..., 0] - rgb2lab(fake)[..., 0])
    assert np.median(lightness) < 1
    squares = {sample_pairs.real(name).tobytes() for name in sample_pairs.photos}
    assert len(squares) == 54


def test_random_colours_are_another_picture_s(sample_pairs: Pairs) -> None:
    real, donor = sample_pairs.real("chelsea-1"), sample_pairs.real("china-1")
    mixed = rgb2lab(real)
    mixed[..., 1:] = rgb2lab(donor)[..., 1:]
    with np.errstate(all="ignore"), pytest.warns(UserWarning, match="negative Z"):
        want = np.round(lab2rgb(mixed) * 255)
    ours = with_colors_of(real, donor)
    assert (abs(ours - want) <= 1).mean() > 0.999


def test_the_fake_stands_where_the_trial_says(sample_pairs: Pairs) -> None:
    real, fake = sample_pairs.real("flower-1"), sample_pairs.fake("flower-1")
    donor = sample_pairs.real("rocket-1")
    for side, place in (("left", 0), ("right", 1)):
        for colors, made in (("", fake), ("rocket-1", with_colors_of(real, donor))):
            trial = Trial(11, "flower-1", "flower", side, False, colors)  # type: ignore[arg-type]
            shown = sample_pairs.shown(trial)
            np.testing.assert_array_equal(shown[place], made)
            np.testing.assert_array_equal(shown[1 - place], real)


def test_the_middle_square_is_the_middle() -> None:
    photo = np.zeros((40, 100, 3), np.uint8)
    photo[:, 30:70] = 200
    assert (middle_square(photo) == 200).all()
    assert (middle_square(photo.transpose(1, 0, 2), 64) == 200).all()
    assert middle_square(flat((1, 2, 3), 20, 10)).shape == (256, 256, 3)


def test_a_folder_s_photos_are_drawn_and_broken_ones_passed_over(folder: Path) -> None:
    pairs = pairs_by_model(folder)
    assert len(pairs.photos) == 61
    assert pairs.note == ""
    drawn = readable_photos(pairs, seed=1)
    assert len(drawn) == 50
    assert "broken" not in drawn
    assert "more/01" in readable_photos(pairs, seed=1, count=61)
    assert drawn != readable_photos(pairs, seed=2)
    assert len(readable_photos(pairs, seed=1, count=61)) == 60
    with pytest.raises(PhotoError, match="broken"):
        pairs.real("broken")
    for path in list(folder.rglob("*.png"))[3:]:
        path.unlink()
    assert "only 4 photos for 50 pairs" in pairs_by_model(folder).note


def test_another_program_s_results(folder: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (folder / "broken.jpg").unlink()
    with pytest.raises(FileNotFoundError, match="no photos"):
        pairs_by_results(folder, results, "theirs")
    (results / "more").mkdir()
    for path in folder.rglob("*.png"):  # half the size, and in another format
        made = flat((9, 99, 199), 150, 200)
        Image.fromarray(made).save(results / path.relative_to(folder).with_suffix(".webp"))
    pairs = pairs_by_results(folder, results, "theirs")
    assert pairs.model == "theirs"
    assert abs(pairs.fake("more/01").astype(int) - (9, 99, 199)).max() <= 3
    Image.fromarray(flat((0, 0, 0), 200, 200)).save(results / "02.webp")
    with pytest.raises(PhotoError, match=r"02\.webp: not of the same shape"):
        pairs.fake("02")
    (results / "00.webp").unlink()
    with pytest.raises(ValueError, match=r"no result for 00 \(1 are missing\)"):
        pairs_by_results(folder, results, "theirs")


def test_a_loaded_model_needs_a_name() -> None:
    model = load_model("efficientnet_lite0")
    with pytest.raises(ValueError, match="needs a name"):
        pairs_by_model(model=model)
    assert pairs_by_model(model=model, name="mine").model == "mine"


def reply(widget: HumanTest, side: str, **other: Any) -> None:
    """What the page sends when a rater has answered."""
    measured = {"left_ms": 1000.0, "right_ms": 1000.0, "answer_ms": 700.0, "showings": 1}
    number = {"number": widget.state.get("number")}
    widget.receive({"kind": "answer", "side": side} | measured | number | other)


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_a_whole_session_by_hand(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs, seed=5)
    assert widget.state["phase"] == "ready"
    assert "only 9 sample photos" in widget.state["text"]
    assert not study.exists()  # a notebook that is only run through leaves nothing behind
    widget.receive({"kind": "go"})
    trials = plan_trials(readable_photos(sample_pairs, 5), 5)
    for trial in trials:
        assert widget.state["phase"] == "pair"
        assert widget.state["number"] == trial.number
        if trial.catch or trial.number % 10 == 3:
            left, right = sample_pairs.shown(trial)
            np.testing.assert_array_equal(decoded(widget.left), left)
            np.testing.assert_array_equal(decoded(widget.right), right)
        assert "fake" not in widget.state  # nor anything else that tells
        reply(widget, "left")
        reply(widget, "right", number=trial.number)  # a second view of the same pair: too late
        if trial.practice:
            assert widget.state["phase"] == "feedback"
            assert widget.state["fake"] == trial.fake_side
            verdict = "Right" if trial.fake_side == "left" else "Wrong"
            assert widget.state["text"] == f"{verdict}: the {trial.fake_side} picture is the fake."
            widget.receive({"kind": "go"})
        if trial.number == 9:
            assert widget.state["title"] == "That was the practice"
            widget.receive({"kind": "go"})
    assert widget.state["phase"] == "over"
    answers = read_answers(study)
    assert [answer.said_fake for answer in answers] == ["left"] * 50
    fooled = sum(a.fooled for a in answers if not (a.practice or a.catch))
    assert f"{fooled} of 36 fakes for real" in widget.state["text"]
    seen = sum(not a.fooled for a in answers if a.catch and not a.practice)
    assert (
        f"Of 4 pairs with the colours of quite another photo you saw through {seen}."
        in (widget.state["text"])
    )
    again = human_test(study, "anna", sample_pairs)
    again.receive({"kind": "go"})
    assert "one a person" in again.state["text"]


def test_a_lost_kernel_s_session_goes_on(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs, seed=5)
    for _ in range(4):
        widget.receive({"kind": "go"})
        reply(widget, "right")
    again = human_test(study, "anna", sample_pairs)
    assert again.state["text"] == "4 of 50 pairs are answered."
    again.receive({"kind": "go"})
    assert again.state["number"] == 4
    left, _ = sample_pairs.shown(plan_trials(readable_photos(sample_pairs, 5), 5)[4])
    np.testing.assert_array_equal(decoded(again.left), left)


def test_trouble_is_said_in_words(sample_pairs: Pairs, tmp_path: Path) -> None:
    study = tmp_path / "s.sqlite"
    widget = human_test(study, "anna", sample_pairs)
    widget.receive({"kind": "go"})
    kept = study.read_bytes()
    study.write_text("not a study any more " * 99)
    reply(widget, "left")
    assert widget.state["phase"] == "ready"
    assert "not usable as a study" in widget.state["text"]
    assert widget.state["button"] == "Try again"
    study.write_bytes(kept)
    widget.receive({"kind": "go"})
    assert (widget.state["phase"], widget.state["number"]) == ("pair", 0)
    for name in ("", "simulated 3"):
        with pytest.raises(ValueError, match="a rater needs a name"):
            human_test(study, name, sample_pairs)


def test_of_a_large_folder_only_a_session_s_photos_are_used(folder: Path, tmp_path: Path) -> None:
    widget = human_test(tmp_path / "s.sqlite", "anna", pairs_by_model(folder), seed=2)
    widget.receive({"kind": "go"})
    assert widget.state["phase"] == "pair"
    assert widget.session is not None
    used = {trial.picture for trial in widget.session.trials}
    assert len(used) == 50
    assert "broken" not in used


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The human test</title>
<meta name="viewport" content="width=device-width"><style>{css}</style><main></main>
<script type="module">
import widget from "/study.js";
let known = await (await fetch("/state")).json();
const buffers = {{}};
async function fill() {{
  for (const side of ["left", "right"])
    buffers[side] = new DataView(await (await fetch("/" + side)).arrayBuffer());
}}
const handlers = [];
const model = {{
  get: (name) => buffers[name] ?? known[name],
  set: (name, value) => {{ known[name] = value; }},
  save_changes: () => fetch("/showings", {{method: "POST", body: known.showings}}),
  on: (_, handler) => handlers.push(handler),
  off: () => {{}},
  async send(message) {{
    known = await (await fetch("/", {{method: "POST", body: JSON.stringify(message)}})).json();
    await fill();
    for (const handler of handlers) handler();
  }},
}};
await fill();
// An eye of its own: when does a picture really become visible, and vanish?
window.seen = [];
const looks = {{}};
(function look(now) {{
  for (const side of ["left", "right"]) {{
    const picture = document.querySelector("img." + side);
    const visible = picture && getComputedStyle(picture).visibility === "visible";
    const stage = document.querySelector("section")?.dataset.stage;
    if (visible) looks[side] ??= [now, stage];
    if (!visible && looks[side]) {{
      window.seen.push([side, now - looks[side][0], looks[side][1]]);
      looks[side] = null;
    }}
  }}
  requestAnimationFrame(look);
}})(0);
widget.render({{model, el: document.querySelector("main")}});
</script>"""


class Page:
    """The test's page in a browser, and what a rater does there."""

    def __init__(self, driver: Any, widget: HumanTest) -> None:
        self.driver = driver
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                css, script = str(widget._css), str(widget._esm)
                kind, body = {
                    "/": ("text/html", PAGE.format(css=css).encode()),
                    "/study.js": ("text/javascript", script.encode()),
                    "/state": ("application/json", Page.known(widget)),
                    "/left": ("application/octet-stream", widget.left),
                    "/right": ("application/octet-stream", widget.right),
                }.get(self.path, ("text/plain", b""))
                self.reply(kind, body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    if self.path == "/showings":
                        widget.showings = int(body)
                    else:
                        widget.receive(json.loads(body))
                self.reply("application/json", Page.known(widget))

            def reply(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.open()

    @staticmethod
    def known(widget: HumanTest) -> bytes:
        traits = {"state": widget.state, "timing": widget.timing, "showings": widget.showings}
        return json.dumps(traits).encode()

    def open(self) -> None:
        self.driver.get(f"http://127.0.0.1:{self.server.server_address[1]}/")
        self.wait("ready", "paused")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", f".colorlab-study {selector}".strip())

    @property
    def stage(self) -> str:
        root = self.driver.find_elements("css selector", ".colorlab-study")
        return str(root[0].get_attribute("data-stage")) if root else ""

    def wait(self, *stages: str) -> None:
        end = time.monotonic() + 30
        while self.stage not in stages:
            assert time.monotonic() < end, f"still in {self.stage}"
            time.sleep(0.02)

    def exposures(self) -> list[tuple[str, float]]:
        """The pictures that became visible before a question, and for how many milliseconds."""
        looks = self.driver.execute_script("return window.seen")
        return [(side, ms) for side, ms, stage in looks if stage == "pair"]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER or ""
    profile = tmp_path_factory.mktemp("profile")
    for flag in (
        *("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-sync"),
        *("disable-background-networking", "disable-component-update", "disable-dev-shm-usage"),
        *("window-size=900,800", f"user-data-dir={profile}"),
    ):
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def page(driver: Any, sample_pairs: Pairs, tmp_path: Path) -> Iterator[Page]:
    driver.get_log("browser")  # of the page before, whose server is gone
    page = Page(driver, human_test(tmp_path / "s.sqlite", "anna", sample_pairs, seed=5))
    yield page
    page.close()


@in_browser
@pytest.mark.slow
def test_five_pairs_in_the_browser_are_five_rows(page: Page, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    page.find("[data-act=go]").click()
    given = []
    for number in range(5):
        page.wait("question")
        assert page.find(".title").text == f"Practice {number + 1} of 10"
        assert page.find(".text").text == "Which one is fake?"
        side = "left" if number in (0, 3) else "right"
        if number < 3:
            page.find(f"[data-side={side}]").click()
        else:  # by keyboard, with the focus where the page has put it
            page.driver.switch_to.active_element.send_keys(
                Keys.ARROW_LEFT if side == "left" else Keys.ARROW_RIGHT
            )
        given.append(side)
        page.wait("feedback")
        assert page.find(".text").text.startswith(("Right", "Wrong"))
        assert len(read_answers(tmp_path / "s.sqlite")) == number + 1
        page.driver.switch_to.active_element.send_keys(Keys.ENTER)

    answers = read_answers(tmp_path / "s.sqlite")
    assert [answer.said_fake for answer in answers] == given
    seen = page.exposures()[:10]
    assert [side for side, _ in seen] == ["left", "right"] * 5
    reported = [ms for answer in answers for ms in (answer.left_ms, answer.right_ms)]
    # A second each, to the frame (17 ms); never less, more only where the machine stutters.
    assert np.median(reported) == pytest.approx(1000, abs=17)
    assert 980 < min(reported) <= max(reported) < 1500
    apart = abs(np.array([ms for _, ms in seen]) - reported)
    assert np.median(apart) <= 17
    assert apart.max() < 200
    assert all(answer.showings == 1 for answer in answers)
    assert all(0 < answer.answer_ms < 10_000 for answer in answers)


@in_browser
def test_a_page_loaded_again_or_paused_waits_for_a_click(page: Page, tmp_path: Path) -> None:
    page.find("[data-act=go]").click()
    page.wait("pair")
    page.open()  # in the middle of the pair
    page.wait("paused")
    assert page.find(".text").text == "Ready when you are."
    page.find("[data-act=go]").click()
    page.wait("question")
    page.find("[data-act=pause]").click()
    page.find("[data-side=left]").click()
    page.wait("feedback")
    page.find("[data-act=go]").click()
    page.wait("paused")
    (answer,) = read_answers(tmp_path / "s.sqlite")
    assert answer.showings == 2


@in_browser
def test_it_fits_a_phone_and_logs_no_error(page: Page) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.find("[data-act=go]").click()
    page.wait("question")
    wide = page.driver.execute_script("return document.documentElement.scrollWidth")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390
    assert [entry for entry in page.driver.get_log("browser") if "favicon" not in str(entry)] == []
