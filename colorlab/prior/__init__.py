"""Colour statistics: priors, their bins, and how photos are counted."""

from colorlab.prior.bins import chroma_bins
from colorlab.prior.prior import ColorPrior, Provenance, default_prior, equation_3, shipped_prior

__all__ = [
    "ColorPrior",
    "Provenance",
    "chroma_bins",
    "default_prior",
    "equation_3",
    "shipped_prior",
]
