"""Colorization before networks: look-up tables and colour by example.

Each method stands in a file of its own and is a function of numpy arrays. Photos are uint8
(H, W, 3) sRGB, luma is float (H, W), chroma float (H, W, 2) in a* and b*. A colorizer here leaves
the luma of its photo as it is: only chroma is new.
"""
