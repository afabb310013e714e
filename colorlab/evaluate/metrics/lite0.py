"""What EfficientNet-Lite0, or Lite2, sees in a photo: features and ImageNet classes."""

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

from colorlab.models.encoders import packaged_state
from colorlab.models.fast import fast

LITE0, LITE2 = "tf_efficientnet_lite0", "tf_efficientnet_lite2"


@cache
def classifier(name: str = LITE0) -> Any:
    """An ImageNet classifier, as timm builds it, on the weights of its package.

    RuntimeError where the package is missing; Lite0's comes with this one.
    """
    model = timm.create_model(name, pretrained=False)
    model.load_state_dict(packaged_state(name), strict=True)
    return fast(model.eval())


def look(rgb: Tensor, name: str = LITE0) -> tuple[Tensor, Tensor]:
    """RGB (B, 3, H, W) in [0, 1] to features (B, 1280) and class scores (B, 1000).

    Features are the head's activations, averaged over the photo. The photo is squashed to the size
    that the network was trained for (224x224, Lite2 260x260; bilinear, antialiased) and scaled to
    [-1, 1]. RuntimeError as of `classifier`.
    """
    network = classifier(name).to(rgb.device)
    config = network.default_cfg
    size = tuple(config["input_size"][1:])
    if rgb.shape[-2:] != size:
        rgb = interpolate(rgb, size, mode="bilinear", antialias=True)
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
