"""What EfficientNet-Lite0 sees in a photo: features and ImageNet classes, with nothing fetched."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import timm
import torch
from timm.data.imagenet_info import ImageNetInfo
from torch import Tensor
from torch.nn.functional import interpolate

from colorlab.models.encoders import lite0_imagenet_state
from colorlab.models.fast import fast

SIZE = 224
"""The size the classifier was trained for; photos of another are resized to it."""


@cache
def classifier() -> Any:
    """The ImageNet classifier, as timm builds it, on the weights that come with the package."""
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    model.load_state_dict(lite0_imagenet_state(), strict=True)
    return fast(model.eval())


def look(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """RGB (B, 3, H, W) in [0, 1] to features (B, 1280) and class scores (B, 1000).

    Features are the head's activations, averaged over the photo. The photo is squashed to 224x224
    (bilinear, antialiased) and scaled to [-1, 1], as the network was trained.
    """
    network = classifier().to(rgb.device)
    if rgb.shape[-2:] != (SIZE, SIZE):
        rgb = interpolate(rgb, (SIZE, SIZE), mode="bilinear", antialias=True)
    config = network.default_cfg
    mean, std = (rgb.new_tensor(config[key]).view(3, 1, 1) for key in ("mean", "std"))
    rgb = ((rgb - mean) / std).contiguous(memory_format=torch.channels_last)
    features = network.forward_head(network.forward_features(rgb), pre_logits=True)
    return features, network.classifier(features)


@cache
def _classes() -> dict[str, int]:
    """WordNet ids of the 1,000 classes of ILSVRC 2012, in the order of the classifier's scores."""
    return {synset: index for index, synset in enumerate(ImageNetInfo("imagenet-1k").label_names())}


def wordnet_label(path: Path) -> int:
    """The class of a photo whose file or folder name begins with a WordNet id; -1 for another.

    So `n01440764_tench.jpg` and `n01440764/10026.JPEG` are 0.
    """
    for name in (path.name, path.parent.name):
        match = re.match(r"n\d{8}(?!\d)", name)
        if match and match[0] in _classes():
            return _classes()[match[0]]
    return -1
