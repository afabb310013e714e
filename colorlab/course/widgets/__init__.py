"""Interactive views, for the notebook and as static twins for the page."""
