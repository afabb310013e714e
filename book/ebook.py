"""What an ePub needs of Sphinx: formulas as MathML, which its readers draw themselves, and a cover.

MathJax, which draws the formulas of the pages, is JavaScript; a reader of ePubs need not run any.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.config import Config


def mathml(tex: str, block: bool = False) -> str:
    """A formula in LaTeX as MathML, in a line or of its own; its entities are those of XML."""
    formula = tex2mathml(tex, as_block=block)
    return re.sub(r"&(?!amp;|lt;|gt;|quot;|#)\w+;", lambda name: unescape(name[0]), formula)


def draw(translator: Any, node: nodes.Element) -> None:
    """Write a formula to a page."""
    block = isinstance(node, nodes.math_block)
    formula = mathml(node.astext(), block)
    translator.body.append(f'<div class="math">{formula}</div>' if block else formula)
    raise nodes.SkipNode


def add_cover(app: Sphinx, config: Config) -> None:
    """Here and not in `_config.yml`: YAML has no tuples, and Sphinx wants one."""
    config["epub_cover"] = ("_static/colorized.jpg", "")


def drop_late_styles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """MyST-NB writes its style sheet after the ePub is packed: a page must not name it."""
    styles = context.get("css_files", [])
    context["css_files"] = [style for style in styles if "mystnb" not in str(style.filename)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (draw, None), (draw, None))
    app.connect("config-inited", add_cover)
    app.connect("html-page-context", drop_late_styles)
    return {"parallel_read_safe": True}
