"""Colour statistics: priors, their bins, and how photos are counted."""
