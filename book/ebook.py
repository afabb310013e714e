"""What an ePub needs of Sphinx: formulas as MathML, which its readers draw themselves, and a cover.

MathJax, which draws the formulas of the pages, is JavaScript; a reader of ePubs need not run any.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.config import Config

MATHML = '<math xmlns="http://www.w3.org/1998/Math/MathML"'


def mathml(tex: str, block: bool = False) -> str:
    """A formula in LaTeX as MathML, in a line or of its own."""
    return tex2mathml(tex, as_block=block).replace("<math", MATHML, 1)


def draw(translator: Any, node: nodes.Element) -> None:
    """Write a formula to a page."""
    block = isinstance(node, nodes.math_block)
    formula = mathml(node.astext(), block)
    translator.body.append(f'<div class="math">{formula}</div>' if block else formula)
    raise nodes.SkipNode


def add_cover(app: Sphinx, config: Config) -> None:
    """Here and not in `_config.yml`: YAML has no tuples, and Sphinx wants one."""
    config["epub_cover"] = ("_static/colorized.jpg", "")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (draw, None), (draw, None))
    app.connect("config-inited", add_cover)
    return {"parallel_read_safe": True}
