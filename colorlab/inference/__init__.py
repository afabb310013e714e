"""Colouring photos with trained networks, and taking networks elsewhere."""
