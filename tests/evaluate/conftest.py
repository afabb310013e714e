"""Photos to evaluate on, and what another program might have made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorlab.data.photos import list_photos
from colorlab.data.samples import sample_photos


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five photos, small."""
    root = tmp_path_factory.mktemp("truth")
    for photo in sample_photos("chelsea", "china", "coffee", "flower", "rocket"):
        Image.fromarray(photo.rgb).resize((120, 90)).save(root / f"{photo.name}.png")
    return root


@pytest.fixture(scope="session")
def sepia(truth: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a foreign program might leave: other formats and sizes, one toned result a photo."""
    root = tmp_path_factory.mktemp("sepia")
    for number, path in enumerate(list_photos(truth)):
        grey = np.asarray(Image.open(path).convert("L")) / 255
        toned = (grey[..., None] ** (0.8, 1.0, 1.3) * 255).round().astype(np.uint8)
        suffix = (".jpg", ".webp", ".bmp", ".tif", ".jpeg")[number]
        Image.fromarray(toned).resize((160, 120)).save(root / f"{path.stem}{suffix}")
    return root
