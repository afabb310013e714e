"""The paper's network layer by layer: what each part holds, how far it sees, how large it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorlab.course.figures.features import principal_colors
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.models.encoders import TappedEncoder


@dataclass(frozen=True)
class Stop:
    """One stop of a photo's way through the network.

    `name` is "luma", "tap 2", "block32", "a*" or "joined", for example. `picture` is RGB (h, w, 3)
    in [0, 1] at the layer's own size, `shape` (C, h, w). `field` is the side of the receptive field
    in pixels of the photo, by the sizes of the kernels; None in the decoder, which sees all that
    the encoder's last layer does. `gradient` (H, W) is how strongly one place depends on each
    pixel of the luma. `parameters` are those of the part that ends here.
    """

    name: str
    picture: Tensor
    shape: tuple[int, ...]
    field: int | None
    gradient: NDArray[np.float64]
    parameters: int


def tap_facts(encoder: TappedEncoder) -> list[tuple[int, int]]:
    """Receptive field, and parameters since the tap before, of each of an encoder's taps.

    A convolution of k pixels widens the field by k - 1 of its input's pixels, which lie as many of
    the photo's apart as all strides before it multiply to. Side branches that look at the whole
    photo (squeeze and excitation) are not counted.
    """
    field, jump, parameters = 1, 1, 0
    found: dict[str, tuple[int, int]] = {}

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            nonlocal field, jump, parameters
            parameters += sum(each.numel() for each in module.parameters(recurse=False))
            if isinstance(module, nn.Conv2d):
                field += (module.kernel_size[0] - 1) * jump
                jump *= module.stride[0]
            if name in encoder.taps.strides:
                found[name] = field, parameters
                parameters = 0

        return hook

    modules = encoder.backbone.named_modules()
    hooks = [module.register_forward_hook(note(name)) for name, module in modules]
    try:
        with torch.inference_mode():
            encoder(torch.zeros(1, 3, 64, 64))
    finally:
        for each in hooks:
            each.remove()
    return [found[tap] for tap in encoder.taps.strides]


def activations(network: EfficientNetColorizer, luma: Tensor) -> dict[str, Tensor]:
    """What each part puts out for luma (1, 1, H, W), by name, in running order, (1, C, h, w)."""
    parts: dict[str, Tensor] = {}

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            parts[name] = output

        return hook

    taps = network.encode(luma)
    names = (f"tap {stride}" for stride in network.encoder.taps.strides.values())
    seen = {"luma": luma, **dict(zip(names, taps, strict=True))}
    blocks = [part for part in network.decoder.named_children() if part[0] != "to_chroma"]
    hooks = [block.register_forward_hook(note(name)) for name, block in blocks]
    try:
        chroma = network.decode(taps, luma)
    finally:
        for each in hooks:
            each.remove()
    ends = {"a*": chroma[:, :1], "b*": chroma[:, 1:], "joined": torch.cat([luma, chroma], 1)}
    return seen | parts | ends


def walk(
    network: EfficientNetColorizer, luma: Tensor, at: tuple[float, float] = (0.5, 0.5)
) -> list[Stop]:
    """From the luma (1, 1, H, H) through taps and decoder to a*, b* and the joined photo.

    Features are shown by their three principal components, a* and b* at one L*. `at` is the place,
    in shares of width and height, whose channels' sum the gradient is of.
    """
    luma = luma.detach().clone().requires_grad_()
    layers = activations(network, luma)
    facts = iter(tap_facts(network.encoder))
    stops = []
    for name, features in layers.items():
        _, channels, high, wide = features.shape
        pixel = features[..., int(at[1] * high), int(at[0] * wide)].sum()
        (gradient,) = torch.autograd.grad(pixel, luma, retain_graph=True)
        field, count = (1, 0) if name == "luma" else (None, _parameters(network, name))
        if name.startswith("tap"):
            field, count = next(facts)
        picture = _picture(network, name, features.detach(), layers["joined"].detach())
        moved = gradient[0, 0].abs().double().numpy()
        stops.append(Stop(name, picture, (channels, high, wide), field, moved, count))
    return stops


def _parameters(network: EfficientNetColorizer, name: str) -> int:
    if name in ("a*", "b*"):  # each has half of the last convolution
        return sum(each.numel() for each in network.decoder.to_chroma.parameters()) // 2
    part = dict(network.decoder.named_children()).get(name)
    return sum(each.numel() for each in part.parameters()) if part else 0


def _picture(network: EfficientNetColorizer, name: str, features: Tensor, joined: Tensor) -> Tensor:
    luma, chroma = joined[:, :1], joined[:, 1:]
    if name in ("a*", "b*"):
        luma, chroma = torch.full_like(luma, _SHOWN_AT), chroma.clone()
        chroma[:, int(name == "a*")] = 0
    elif name == "luma":
        chroma = torch.zeros_like(chroma)
    elif name != "joined":
        return principal_colors(features, features.shape[-1])
    return network.space.merge(luma, chroma)[0].permute(1, 2, 0)


_SHOWN_AT = 0.65  # the luma that a* and b* are shown at
