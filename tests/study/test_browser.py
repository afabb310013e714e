"""The human test in a browser: the real page script and the real widget.

They talk over HTTP in place of Jupyter.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from colorlab.study import read_answers
from colorlab.study.pictures import Pairs

pytest.importorskip("anywidget", reason="needs anywidget (extra: course)")

from colorlab.study.widget import HumanTest, human_test

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


@pytest.fixture
def page(driver: Any, sample_pairs: Pairs, tmp_path: Path) -> Iterator[Page]:
    page = Page(driver, human_test(tmp_path / "s.sqlite", "anna", sample_pairs, seed=5))
    yield page
    page.close()


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


def test_it_fits_a_phone_and_logs_no_error(page: Page) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.find("[data-act=go]").click()
    page.wait("question")
    wide = page.driver.execute_script("return document.documentElement.scrollWidth")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390
    assert [entry for entry in page.driver.get_log("browser") if "favicon" not in str(entry)] == []
