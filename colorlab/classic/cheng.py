"""Colour from hand-made features by a small network: the first "deep" colorization.

Z. Cheng, Q. Yang and B. Sheng, "Deep Colorization", ICCV 2015. Each pixel has 128 features: the 7x7
patch of luma around it, a DAISY descriptor (E. Tola, V. Lepetit and P. Fua, PAMI 32(5), 2010), and
what kind of thing it is part of. A network with three hidden layers of 64 answers with U and V; a
joint bilateral filter, guided by the luma, smooths them. The sizes are recalled, not re-read.

Replaced: the paper's third part are the 47 class probabilities of a scene parser (a fully
convolutional network trained on labelled scenes), of which no weights are at hand. Here they are
soft memberships in 47 clusters, found by k-means, of features of the frozen, ImageNet-trained
EfficientNet-Lite0 at strides 8 and 16. No labels made them, and they have no names. The encoder
pads with zeros, so that unlike the other two parts this one can tell the photo's edge.

Kept from the paper, with choices of ours where its values aren't known here: its adaptive clusters,
one network for each kind of photo (`ChengNetwork`, `colorlab.train.cheng`). What is shipped has a
single one: on 2,800 photos the clusters erred more (`runs/cheng2015/ablation.json`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from colorlab.classic.guided import guided_upsample
from colorlab.classic.planes import Photo, check_photo, join, lightness_of
from colorlab.color import luma_601, rgb_to_lab, yuv_to_rgb
from colorlab.models.encoders import TappedEncoder, Taps, load_encoder, read_state

Floats = NDArray[np.float32]

PATCH, DAISY, CLASSES = 7 * 7, 32, 47
PARTS = {
    "patch": slice(0, PATCH),
    "daisy": slice(PATCH, PATCH + DAISY),
    "semantic": slice(PATCH + DAISY, PATCH + DAISY + CLASSES),
}
"""Where in a pixel's 128 features its three parts stand."""

FEATURES = PATCH + DAISY + CLASSES
HIDDEN = 64
GRID = 4  # the photo's descriptor: mean DAISY in 4x4 parts of it
DESCRIPTOR = GRID * GRID * DAISY
CELL = 240 + 672  # channels of the encoder's two taps
SHORT_SIDE = 224  # pixels: features depend on scale, so a larger photo is coloured at this size

_REACH = 15  # pixels from a DAISY's middle to that of its outer histograms
_NEAREST = 3  # clusters by descriptor, among which the semantic histogram chooses
_TAPS = Taps({"blocks.3.0.bn1": 8, "blocks.5.0.bn1": 16}, unused=("blocks.6", "conv_head", "bn2"))
WEIGHTS = Path(__file__).parents[1] / "weights" / "classic" / "cheng2015.safetensors"


def patch_features(luma: Floats) -> Floats:
    """The 7x7 luma around each pixel, row by row: (H, W) in [0, 1] to (H, W, 49).

    Beyond its edge the photo is mirrored; the middle one, number 24, is the pixel itself.
    """
    padded = np.pad(luma, 3, mode="reflect")
    return np.lib.stride_tricks.sliding_window_view(padded, (7, 7)).reshape(*luma.shape, PATCH)


def daisy_features(luma: Floats) -> Floats:
    """DAISY at each pixel: (H, W) in [0, 1] to (H, W, 32), each row of sum 1.

    Four histograms of 8 orientations: the pixel's own, then three in a ring. They tell directions,
    not contrast; without any gradient all are 1/32. Beyond its edge the photo is mirrored.
    """
    from skimage.feature import daisy

    padded = np.pad(luma, _REACH, mode="reflect")
    found = daisy(padded, step=1, radius=_REACH, rings=1, histograms=3, orientations=8)
    return np.ascontiguousarray(found, np.float32)


@cache
def scene_encoder() -> TappedEncoder:
    """EfficientNet-Lite0 with ImageNet weights, tapped at strides 8 and 16; frozen."""
    encoder = TappedEncoder("tf_efficientnet_lite0", _TAPS)
    load_encoder(encoder, "imagenet")
    return encoder


def encode_cells(luma: Floats) -> Floats:
    """The encoder's features of cells of 8x8 pixels: (H, W) in [0, 1] to (H/8, W/8, 912)."""
    encoder = scene_encoder()
    with torch.inference_mode():
        fine, coarse = encoder(encoder.preprocess(torch.from_numpy(luma)[None, None]))
        coarse = interpolate(coarse, fine.shape[2:], mode="bilinear")
        cells = torch.cat([fine, coarse], dim=1)[0].permute(1, 2, 0)
    return np.ascontiguousarray(cells.numpy())


class ChengNetwork(nn.Module):
    """All that is learned: 47 classes of scene features, and one network for each kind of photo.

    `nets` answer standardized features (P, 128) with U, V (P, 2). `descriptors` (N, 512) and
    `histograms` (N, 47) are the means of the photos that each of N networks is for. A part of the
    features whose `scale` is 0 is not used.
    """

    mean: Tensor
    scale: Tensor
    cell_mean: Tensor
    cell_scale: Tensor
    centres: Tensor
    temperature: Tensor
    descriptors: Tensor
    histograms: Tensor

    def __init__(self, kinds: int = 1) -> None:
        super().__init__()
        self.nets = nn.ModuleList(_network() for _ in range(kinds))
        for name, shape in (
            ("mean", (FEATURES,)),
            ("scale", (FEATURES,)),
            ("cell_mean", (CELL,)),
            ("cell_scale", (CELL,)),
            ("centres", (CLASSES, CELL)),
            ("temperature", ()),
            ("descriptors", (kinds, DESCRIPTOR)),
            ("histograms", (kinds, CLASSES)),
        ):
            self.register_buffer(name, torch.zeros(shape))

    @torch.inference_mode()
    def memberships(self, cells: Floats) -> Floats:
        """How much each cell (h, w, 912) is of each class, (h, w, 47) of sum 1.

        softmax(-d**2 / temperature), d the distance to the class's centre.
        """
        x = (torch.from_numpy(cells) - self.cell_mean) * self.cell_scale
        distance = torch.cdist(
            x.flatten(0, 1), self.centres, compute_mode="donot_use_mm_for_euclid_dist"
        )
        share = (-distance.square() / self.temperature).softmax(dim=1)
        return share.reshape(*cells.shape[:2], CLASSES).numpy()

    def kind_of(self, descriptor: Floats, histogram: Floats) -> int:
        """Which network is for a photo: of the three nearest by descriptor, by histogram."""
        far = (self.descriptors - torch.from_numpy(descriptor)).square().sum(1)
        near = far.argsort(stable=True)[:_NEAREST]
        unlike = (self.histograms[near] - torch.from_numpy(histogram)).square().sum(1)
        return int(near[unlike.argmin()])

    @torch.inference_mode()
    def chroma(self, features: PhotoFeatures) -> Floats:
        """U and V of each pixel, (H, W, 2), before the filter."""
        net = self.nets[self.kind_of(features.descriptor, features.histogram)]
        x = (torch.from_numpy(features.pixels) - self.mean) * self.scale
        found: Floats = net(x).numpy()
        return found


def _network() -> nn.Sequential:
    sizes = [FEATURES, HIDDEN, HIDDEN, HIDDEN]
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(HIDDEN, 2))


def load_network(path: Path = WEIGHTS) -> ChengNetwork:
    """A trained network from a safetensors file, by default the shipped one; strict.

    RuntimeError where the file is missing or holds something else.
    """
    state = {name: tensor.float() for name, tensor in read_state(path).items()}
    if "histograms" not in state:
        raise RuntimeError(f"{path} holds no network of Cheng's method")
    network = ChengNetwork(len(state["histograms"]))
    network.load_state_dict(state)
    return network.eval()


@dataclass(frozen=True)
class PhotoFeatures:
    """A photo's `pixels` (H, W, 128), its `descriptor` (512,) and semantic `histogram` (47,)."""

    pixels: Floats
    descriptor: Floats
    histogram: Floats


def photo_features(luma: Floats, network: ChengNetwork) -> PhotoFeatures:
    """All features of a photo's luma Y, float32 (H, W) in [0, 1].

    Memberships come from cells of 8 pixels to pixels along the luma's edges, by a guided filter.
    """
    daisy = daisy_features(luma)
    shares = network.memberships(encode_cells(luma))
    small = adaptive_avg_pool2d(torch.from_numpy(luma)[None, None], shares.shape[:2])[0, 0].numpy()
    semantic = guided_upsample(shares, small, luma, radius=1, epsilon=1e-3).clip(0, 1)
    semantic /= semantic.sum(-1, keepdims=True)
    parts = adaptive_avg_pool2d(torch.from_numpy(daisy).permute(2, 0, 1), GRID)
    return PhotoFeatures(
        np.concatenate([patch_features(luma), daisy, semantic], axis=-1),
        parts.flatten().numpy(),
        shares.mean((0, 1)),
    )


def joint_bilateral(
    values: Floats, luma: Floats, space: float = 4.0, contrast: float = 0.1
) -> Floats:
    """Smooth (H, W, C) where the luma (H, W) is smooth: a bilateral filter with luma as its guide.

    Weights are Gaussian in distance (`space`, pixels; up to twice that in each direction) and in
    difference of luma (`contrast`), and none beyond 3 `contrast`: nothing mixes across such a step.
    Pixels beyond the photo's edge have no weight. G. Petschnigg et al., SIGGRAPH 2004 (recalled).
    """
    reach = math.ceil(2 * space)
    edge = ((reach, reach), (reach, reach))
    guide = np.pad(luma.astype(np.float32), edge, constant_values=np.inf)
    padded = np.pad(values.astype(np.float32), (*edge, (0, 0)))
    height, width = luma.shape
    total = np.zeros((height, width, 1), np.float32)
    result = np.zeros(values.shape, np.float32)
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            there = slice(down, down + height), slice(right, right + width)
            step = np.abs(guide[there] - luma)
            far = ((down - reach) ** 2 + (right - reach) ** 2) / (2 * space**2)
            weight = np.exp(-(step**2) / (2 * contrast**2) - far) * (step <= 3 * contrast)
            total += weight[..., None]
            result += weight[..., None] * padded[there]
    return result / total


def uv_to_ab(luma: Tensor, uv: Tensor) -> Tensor:
    """a* and b* (2, H, W) of Y (1, H, W) in [0, 1] with U and V (2, H, W), in gamut or not."""
    return rgb_to_lab(yuv_to_rgb(torch.cat([luma, uv]), clip=False))[1:]


def predict_ab(rgb: Tensor, network: ChengNetwork) -> Tensor:
    """a* and b* (2, H, W) for the BT.601 luma of RGB (3, H, W) in [0, 1].

    Colours in RGB are not used beyond their luma. A photo whose short side is above 224 pixels is
    coloured at that size, and its chroma enlarged bicubically.
    """
    luma = luma_601(rgb)  # (1, H, W)
    height, width = luma.shape[1:]
    factor = SHORT_SIDE / min(height, width)
    small = luma
    if factor < 1:
        size = (round(height * factor), round(width * factor))
        small = interpolate(luma[None], size, mode="bilinear", antialias=True)[0]
    plane = small[0].numpy()
    uv = joint_bilateral(network.chroma(photo_features(plane, network)), plane)
    chroma = torch.from_numpy(uv).permute(2, 0, 1)
    if factor < 1:
        chroma = interpolate(chroma[None], (height, width), mode="bicubic")[0]
    return uv_to_ab(luma, chroma)


def colorize_by_features(photo: Photo, network: ChengNetwork | None = None) -> Photo:
    """Colour a uint8 (H, W, 3) photo by Cheng's method; its own colours, if any, are not used.

    `network` is the shipped one by default. The photo keeps its L*; colours out of gamut lose
    chroma. Raises ValueError for another shape or type, RuntimeError where weights are missing.
    """
    check_photo(photo)
    rgb = torch.from_numpy(np.array(photo)).permute(2, 0, 1).float() / 255
    ab = predict_ab(rgb, network or load_network())
    return join(lightness_of(photo), ab.permute(1, 2, 0).numpy())
