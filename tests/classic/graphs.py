"""The plain graph of a photo's pixels, to compare faster ones with."""

from __future__ import annotations

from itertools import product

import numpy as np
import scipy.sparse as sparse


def every_edge(luma: np.ndarray) -> sparse.csr_matrix:
    """All eight neighbours of pixels (H, W), as far as luma differs, plus 1e-9.

    Of frames (T, H, W), the same pixel in the frames before and after, too.
    """
    numbers = np.arange(luma.size).reshape(luma.shape)
    entries = []
    for step in product((-1, 0, 1), repeat=luma.ndim):
        if not any(step) or (luma.ndim == 3 and step[0] and any(step[1:])):
            continue
        here = tuple(slice(max(0, -by), min(0, -by) or None) for by in step)
        there = tuple(slice(max(0, by), min(0, by) or None) for by in step)
        far = np.abs(luma[there] - luma[here]) + 1e-9
        entries.append([part.ravel() for part in (far, numbers[here], numbers[there])])
    lengths, rows, columns = (np.concatenate(part) for part in zip(*entries, strict=True))
    return sparse.csr_matrix((lengths, (rows, columns)), shape=(luma.size,) * 2)
