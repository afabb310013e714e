"""Buttons that need the repository's address: the notebook, Colab, Binder, and the source.

The address stands in `_config.yml` alone (`repository_url`, with `repository_branch`). Without one
there is no button, since a chapter is of no use without the package beside it.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

COLAB = "https://colab.research.google.com"
BINDER = "https://mybinder.org"


def add_buttons(app: Sphinx, config: Config) -> None:
    """Tell the theme which buttons to draw; Colab opens notebooks from GitHub alone."""
    address = config.html_theme_options.get("repository_url", "")
    config.html_theme_options |= {
        "use_download_button": bool(address),
        "use_repository_button": bool(address),
    }
    if address:
        config.html_theme_options["launch_buttons"] = {
            "notebook_interface": "jupyterlab",
            "binderhub_url": BINDER,
            "colab_url": COLAB if "github.com/" in address else "",
        }


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", add_buttons)
    return {"parallel_read_safe": True}
