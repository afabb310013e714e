"""The pages that colour a photo in the reader's browser: what they need beside their HTML.

Everything is made or copied from installed packages: the network as ONNX files, ONNX Runtime Web,
the scripts of `book/web/`, and sample photos. The pages ask no other host for anything.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from PIL import Image

from colorlab import DEFAULT_MODEL
from colorlab.data.files import write_whole
from colorlab.data.photo import Photo
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import grey_photo
from colorlab.inference.export import Precision, export
from colorlab.models import read_card

PAGES = ("colour_your_own", "tell_it_the_colour", "what_did_it_look_at")
MODEL = DEFAULT_MODEL
PRECISION: Precision = "int8"
SAMPLES = ("china", "flower", "chelsea", "coffee", "astronaut")
ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "book" / "web"
RUNTIME = WEB / "node_modules" / "onnxruntime-web"
WIDGETS = ROOT / "colorlab" / "course" / "widgets"
FROM_WIDGETS = (
    "studio.css",
    "divider.js",
    "strokes_hints.js",
    "strokes_canvas.js",
    "strokes_canvas.css",
)
# Of ONNX Runtime Web's builds: the module, and its WebAssembly. That for WebGPU suspends inside
# WebAssembly (JSPI), which is why it is not for every browser.
BUILDS = {
    "wasm": ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"),
    "webgpu": ("ort.jspi.bundle.min.mjs", "ort-wasm-simd-threaded.jspi.wasm"),
}


def has_node() -> bool:
    """Whether the pages can be built here."""
    return shutil.which("npm") is not None


def toc_without_pages(toc: Path, target: Path) -> Path:
    """A copy of the table of contents that leaves the pages out."""
    contents = yaml.safe_load(toc.read_text())
    for part in contents["parts"]:
        part["chapters"] = [entry for entry in part["chapters"] if entry["file"] not in PAGES]
    contents["parts"] = [part for part in contents["parts"] if part["chapters"]]
    write_whole(target, yaml.safe_dump(contents, sort_keys=False).encode())
    return target


def build_folder(folder: Path) -> None:
    """Put all that the pages ask for into `folder`; ends the program where npm fails."""
    _install()
    folder.mkdir(parents=True, exist_ok=True)
    scripts = (path for path in WEB.glob("*.js") if path.suffixes == [".js"])  # no tests, no config
    for path in (*scripts, WEB / "style.css", *(WIDGETS / name for name in FROM_WIDGETS)):
        shutil.copy(path, folder)
    card = read_card(MODEL) or {}
    manifest: dict[str, object] = {"model": MODEL, "head": card.get("sha256")}
    for name, (module, binary) in BUILDS.items():
        shutil.copy(RUNTIME / "dist" / module, folder)
        packed = folder / f"{binary}.gz"  # a quarter; plain hosts don't compress
        packed.write_bytes(gzip.compress((RUNTIME / "dist" / binary).read_bytes(), mtime=0))
        manifest[name] = {"module": module, "binary": _served(packed)}
    encoder, decoder = export(MODEL, folder, PRECISION, split=True).files
    manifest |= {"encoder": _served(encoder), "decoder": _served(decoder)}
    write_whole(folder / "manifest.json", json.dumps(manifest, indent=1).encode())
    for photo in sample_photos(*SAMPLES):
        shutil.copy(photo.path, folder)
        small = Image.fromarray(grey_photo(Photo(photo.rgb)))
        small.thumbnail((168, 168))
        small.save(folder / f"{photo.name}_small.jpg", quality=80)


def _install() -> None:
    """ONNX Runtime Web by npm, unless the version that the lock file names is there."""
    locked = json.loads((WEB / "package-lock.json").read_text())["packages"]
    installed = RUNTIME / "package.json"
    if installed.is_file():
        version = json.loads(installed.read_text())["version"]
        if version == locked["node_modules/onnxruntime-web"]["version"]:
            return
    command = ["npm", "ci", "--omit=dev", "--ignore-scripts", "--prefer-offline"]
    command += ["--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=WEB, check=False).returncode:
        sys.exit("npm could not install ONNX Runtime Web (book/web/package.json); see above")


def _served(path: Path) -> dict[str, object]:
    return {"file": path.name, "bytes": path.stat().st_size}
