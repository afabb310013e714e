"""A JupyterLab of its own on a copy of the chapters, and a chapter opened and run in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHAPTERS = Path(__file__).parents[2] / "notebooks"
SETTINGS = {
    # All cells stand in the page, those out of sight too.
    "notebook-extension/tracker": {"windowingMode": "none"},
    # What is asked of jupyter.org, and of a person who sees JupyterLab for the first time.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
RUNNING = "[...document.querySelectorAll('.jp-InputPrompt')].filter(e => e.innerText === '[*]:')"


@dataclass(frozen=True)
class Lab:
    """A server's address, and the folder where the chapters are and run."""

    address: str
    chapters: Path


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[Lab]:
    """Start the server in `folder`, as `make lab` does, on a copy, with settings of its own."""
    chapters = folder / "chapters"
    chapters.mkdir()
    for file in (*CHAPTERS.glob("*.ipynb"), *CHAPTERS.glob("*.py")):
        shutil.copy(file, chapters)
    for name, values in SETTINGS.items():
        package, plugin = name.split("/")
        file = folder / "settings" / "@jupyterlab" / package / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), "utf-8")
    places = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "IPYTHONDIR": folder / "ipython",
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--config", str(CHAPTERS.parent / "book" / "jupyter_lab.json")]
    command += [f"--ServerApp.root_dir={chapters}", "--IdentityProvider.token="]
    command += [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
    ]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            env={**os.environ, **{name: str(place) for name, place in places.items()}},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(server, f"{address}/api/status", folder / "server.log")
        yield Lab(address, chapters)
    finally:
        server.terminate()  # the kernels end with it
        server.wait(30)


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < end:
        try:
            with urlopen(address, timeout=10):
                return
        except (URLError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def run_all(page: Page, lab: Lab, chapter: str) -> None:
    """Open a chapter and run all its cells from the menu, as a person does; wait for the end."""
    page.set_default_timeout(90_000)  # a kernel takes its time where all cores are busy
    page.goto(f"{lab.address}/lab/tree/{chapter}.ipynb")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(f"{RUNNING}.length > 0")
    page.wait_for_function(f"{RUNNING}.length === 0", timeout=240_000)
    failed = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert failed.count() == 0, failed.first.inner_text()
