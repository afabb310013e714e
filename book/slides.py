"""One deck of slides from the chapters' cells tagged `slide`: `make slides`.

A single HTML file, which opens from a disk and asks no network: arrow keys, Page Up and Page Down,
a swipe or the wheel lead through it, and printing gives a page a slide. (The slides exporter of
nbconvert loads reveal.js, require.js, jQuery and MathJax from CDNs.)
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import contents
import prose
from ebook import mathml
from nbformat import NotebookNode

from colorlab.data.files import write_whole

IMAGES = ("image/png", "image/jpeg", "image/gif")
PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Colour from grey: slides</title>
<style>
html { scroll-snap-type: y mandatory;
  font: clamp(16px, 2.1vmin + 6px, 32px) system-ui, sans-serif; }
body { margin: 0; color: #222; background: #eee; }
section { box-sizing: border-box; height: 100vh; height: 100dvh; padding: 4vmin 6vmin; gap: 2vmin;
  display: flex; flex-direction: column; scroll-snap-align: start; background: #fff; }
section.first { justify-content: center; background: #f0ede6; }
p, h1, h2 { margin: 0; }
h1 { font-size: 2.2em; } h2 { font-size: 1.5em; }
.part { color: #565656; font-size: 0.8em; }
figure { flex: 1; min-height: 0; margin: 0; display: flex; flex-direction: column; gap: 1vmin; }
img { flex: 1; min-height: 0; width: 100%; object-fit: contain; }
figcaption { text-align: center; color: #444; font-size: 0.8em; }
@media print { @page { size: 13.33in 7.5in; margin: 0; } section { break-after: page; } }
</style>
<main>
SLIDES
</main>
<script>
const slides = [...document.querySelectorAll("section")];
const step = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, End: Infinity,
  ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -Infinity };
addEventListener("keydown", (event) => {
  if (!(event.key in step) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const now = Math.round(scrollY / innerHeight);
  const next = Math.max(0, Math.min(slides.length - 1, now + step[event.key]));
  slides[next].scrollIntoView({ behavior: "instant" });
});
</script>
</html>
"""


def write(books: Mapping[str, NotebookNode]) -> Path:
    """The deck beside the PDF and the ePub; its path."""
    path = contents.BOOK / "_build" / "take-away" / "slides.html"
    write_whole(path, deck(books).encode())
    return path


def deck(books: Mapping[str, NotebookNode]) -> str:
    """The page; ValueError for a tagged cell that shows no figure."""
    picture = base64.b64encode((contents.BOOK / "_static" / "colorized.jpg").read_bytes()).decode()
    alt = "Photos in rows: grey, coloured by a network, and as taken."
    slides = [_slide("A course on automatic colorization", "Colour from grey", "", "", 1)]
    slides.append(_slide("", "Grey in, ours, truth", "", _figure("image/jpeg", picture, alt, "")))
    known = contents.rows()
    for part, chapters in contents.parts().items():
        for name in chapters:
            figures = list(_figures(name, books[name]))
            first = figures[0] if figures else ""
            slides.append(_slide(part, prose.title(name), known[name][0], first, not figures))
            slides += [_slide(part, prose.title(name), "", figure) for figure in figures[1:]]
    return PAGE.replace("SLIDES", "\n".join(slides))


def _figures(name: str, book: NotebookNode) -> Iterator[str]:
    """Of each tagged cell, its figure under the heading that it stands below."""
    heading = ""
    for cell in book.cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^#+ (.+)$", cell.source, re.M) or [heading])[-1]
        elif "slide" in cell.metadata.get("tags", []):
            found = [(kind, o.data[kind]) for o in cell.outputs for kind in IMAGES if _has(o, kind)]
            if not found and "large" in cell.metadata.tags:
                continue  # kept in the executed chapters alone
            if not found:
                raise ValueError(f"{name}: a cell is tagged `slide` and shows no figure")
            yield _figure(*found[0], cell.metadata["mystnb"]["image"]["alt"], heading)


def _has(output: NotebookNode, kind: str) -> bool:
    return kind in output.get("data", {})


def _figure(kind: str, data: str, alt: str, caption: str) -> str:
    source = f"data:{kind};base64,{''.join(data).replace(chr(10), '')}"
    below = f"<figcaption>{_text(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{source}" alt="{html.escape(alt)}">{below}</figure>'


def _slide(part: str, title: str, asks: str, figure: str, first: bool = False) -> str:
    """`first`: words alone, in the middle of the slide."""
    level = "h1" if first and not asks else "h2"
    above = f'<p class="part">{_text(part)}</p>' if part else ""
    below = f"<p>{_text(asks)}</p>" if asks else ""
    kind = ' class="first"' if first else ""
    return f"<section{kind}>{above}<{level}>{_text(title)}</{level}>{below}{figure}</section>"


def _text(markdown: str) -> str:
    """A line of the course's Markdown as HTML: escapes, code and formulas; no links."""
    parts = re.split(r"(\$[^$]+\$|`[^`]+`)", markdown)
    for place, part in enumerate(parts):
        if part.startswith("$"):
            parts[place] = mathml(part.strip("$"))
        elif part.startswith("`"):
            parts[place] = f"<code>{html.escape(part.strip('`'))}</code>"
        else:
            parts[place] = html.escape(re.sub(r"\\(.)|[*]+", r"\1", part), quote=False)
    return "".join(parts)
