"""For maintainers: how `classic.cheng` is trained, with the variants that its ablation needs.

    taskset -c 0 nice -n 10 python -m colorlab.train.cheng scenes,everyday runs/cheng2015

Features of some pixels of some photos are computed once and kept in the run's folder, in half
precision; the networks are small, and learn from these. Whatever is there already is not computed
again: called with the same arguments, a run that was ended goes on. It leaves a safetensors file a
variant and `training.json`.
"""

from __future__ import annotations

import argparse
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from sklearn.cluster import KMeans, MiniBatchKMeans
from torch import Tensor
from torch.nn.functional import mse_loss

from colorlab.classic.cheng import (
    CLASSES,
    PARTS,
    ChengNetwork,
    encode_cells,
    load_network,
    photo_features,
)
from colorlab.color import rgb_to_yuv
from colorlab.data.batches import squash
from colorlab.data.files import whole_file, write_json
from colorlab.data.photos import Photos
from colorlab.data.sources import training_photos

logger = logging.getLogger(__name__)

VARIANTS: dict[str, tuple[str, ...]] = {
    "full": ("patch", "daisy", "semantic"),
    "without_semantic": ("patch", "daisy"),
    "without_daisy": ("patch", "semantic"),
    "without_patch": ("daisy", "semantic"),
}
"""The parts of the features that each single network sees."""


@dataclass(frozen=True)
class Settings:
    """One line a setting; photos are squashed to 224x224."""

    photos: int = 2800  # to train on, drawn evenly from all
    held_out: int = 160  # photos of the validation split, to report errors on
    pixels: int = 400  # of each photo, drawn at random
    class_photos: int = 400  # of the first photos, whose cells make the classes
    epochs: int = 30
    batch: int = 4096
    rate: float = 2e-3  # falls along half a cosine
    kinds: int = 4  # clusters of photos a layer
    layers: int = 2  # photos worse than the median PSNR of a layer are clustered again in the next
    kind_epochs: int = 15  # a cluster's network starts from the full one
    seed: int = 0


@dataclass(frozen=True)
class Pixels:
    """Sampled pixels of N photos, half precision: features (N, P, 128), U and V (N, P, 2).

    With each photo's descriptor (N, 512) and semantic histogram (N, 47).
    """

    features: NDArray[np.float16]
    uv: NDArray[np.float16]
    descriptors: NDArray[np.float16]
    histograms: NDArray[np.float16]

    def of(self, chosen: NDArray[np.intp]) -> Pixels:
        """Those of some photos."""
        return Pixels(*(getattr(self, name)[chosen] for name in self.__annotations__))


def learn_classes(photos: Sequence[Tensor], seed: int) -> ChengNetwork:
    """A network whose 47 classes are known and nothing else; photos are RGB (3, S, S), uint8.

    k-means of standardized cells, 100 of each photo. The temperature is how much further, squared,
    a cell's second centre is than its first, on average.
    """
    rng = np.random.default_rng(seed)
    cells = []
    for rgb in photos:
        found = encode_cells(_yuv(rgb)[0].numpy())
        found = found.reshape(-1, found.shape[-1])
        cells.append(found[rng.permutation(len(found))[:100]])
    every = np.concatenate(cells)
    network = ChengNetwork()
    network.cell_mean = torch.from_numpy(every.mean(0))
    network.cell_scale = 1 / torch.from_numpy(every.std(0)).clamp(min=0.1)  # rare channels
    standard = (torch.from_numpy(every) - network.cell_mean) * network.cell_scale
    kmeans = MiniBatchKMeans(CLASSES, batch_size=4096, n_init=3, max_iter=60, random_state=seed)
    kmeans.fit(standard.numpy())
    network.centres = torch.from_numpy(kmeans.cluster_centers_).float()
    first, second = torch.cdist(standard, network.centres).square().sort(dim=1)[0][:, :2].unbind(1)
    network.temperature = (second - first).mean()
    return network


def _yuv(rgb: Tensor) -> Tensor:
    return rgb_to_yuv(rgb.float() / 255)


def sample_pixels(rgb: Tensor, network: ChengNetwork, count: int, seed: list[int]) -> Pixels:
    """`count` random pixels of one photo, uint8 RGB (3, S, S)."""
    yuv = _yuv(rgb)
    found = photo_features(yuv[0].numpy(), network)
    at = np.random.default_rng(seed).permutation(yuv[0].numel())[:count]
    return Pixels(
        found.pixels.reshape(-1, found.pixels.shape[-1])[at][None].astype(np.float16),
        yuv[1:].flatten(1).T.numpy()[at][None].astype(np.float16),
        found.descriptor[None].astype(np.float16),
        found.histogram[None].astype(np.float16),
    )


def collect(
    photos: Photos, order: Sequence[int], network: ChengNetwork, cache: Path, asked: Settings
) -> Pixels:
    """Sampled pixels of the photos in `order`, 100 photos a file in `cache`."""
    parts = []
    for start in range(0, len(order), 100):
        path = cache / f"{start:05}.npz"
        if not path.is_file():
            each = [
                sample_pixels(
                    squash(photos.read_or_next(index), 224),
                    network,
                    asked.pixels,
                    [asked.seed, index],
                )
                for index in order[start : start + 100]
            ]
            made = _joined(each)
            with whole_file(path) as part, part.open("wb") as file:
                np.savez(
                    file,
                    features=made.features,
                    uv=made.uv,
                    descriptors=made.descriptors,
                    histograms=made.histograms,
                )
            logger.info("%s: %d photos of %d", cache.name, start + len(each), len(order))
        with np.load(path, allow_pickle=False) as stored:
            parts.append(Pixels(**dict(stored)))
    return _joined(parts)


def _joined(parts: Sequence[Pixels]) -> Pixels:
    names = Pixels.__annotations__
    return Pixels(*(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def standardize(network: ChengNetwork, pixels: Pixels, parts: Sequence[str]) -> None:
    """Set mean and scale of the features by those of `pixels`, and scale 0 for other parts."""
    flat = pixels.features.reshape(-1, pixels.features.shape[-1])
    some = flat[:: max(1, len(flat) // 200_000)].astype(np.float32)
    network.mean = torch.from_numpy(some.mean(0))
    scale = 1 / torch.from_numpy(some.std(0)).clamp(min=1e-4)
    used = torch.zeros_like(scale)
    for part in parts:
        used[PARTS[part]] = 1
    network.scale = scale * used


def fit(network: ChengNetwork, kind: int, pixels: Pixels, epochs: int, asked: Settings) -> None:
    """Train one of the networks by Adam on mean squared U, V."""
    net = network.nets[kind]
    features = torch.from_numpy(pixels.features.reshape(-1, pixels.features.shape[-1]))
    uv = torch.from_numpy(pixels.uv.reshape(-1, 2))
    each = math.ceil(len(uv) / asked.batch)
    adam = torch.optim.Adam(net.parameters(), asked.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs * each)
    drawn = torch.Generator().manual_seed(asked.seed)
    for _ in range(epochs):
        for chosen in torch.randperm(len(uv), generator=drawn).split(asked.batch):
            x = (features[chosen].float() - network.mean) * network.scale
            loss = mse_loss(net(x), uv[chosen].float())
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()


@torch.inference_mode()
def squared_errors(network: ChengNetwork, pixels: Pixels, kind: int | None = None) -> Tensor:
    """Mean squared U, V of each photo, (N,); by the network that is for it, or by `kind`."""
    found = []
    for features, uv, descriptor, histogram in zip(
        pixels.features, pixels.uv, pixels.descriptors, pixels.histograms, strict=True
    ):
        x = (torch.from_numpy(features).float() - network.mean) * network.scale
        own = kind
        if own is None:
            own = network.kind_of(descriptor.astype(np.float32), histogram.astype(np.float32))
        found.append(mse_loss(network.nets[own](x), torch.from_numpy(uv).float()))
    return torch.stack(found)


def fit_clusters(full: ChengNetwork, pixels: Pixels, asked: Settings) -> ChengNetwork:
    """The paper's adaptive clusters: a network for each kind of photo, in layers.

    Photos are clustered by descriptor, and each cluster's network is trained. Photos whose PSNR
    reaches the layer's median stay with it; the others are clustered again in the next layer. The
    last layer keeps all. (The paper has a fixed threshold, whose value isn't known here.)
    """
    left = np.arange(len(pixels.uv))
    states, descriptors, histograms = [], [], []
    for layer in range(asked.layers):
        kinds = min(asked.kinds, len(left))
        if not kinds:
            break
        chosen = pixels.descriptors[left].astype(np.float32)
        label = KMeans(kinds, n_init=4, random_state=asked.seed).fit_predict(chosen)
        network = ChengNetwork(kinds)
        network.mean, network.scale = full.mean, full.scale
        errors = np.zeros(len(left))
        for kind in range(kinds):
            network.nets[kind].load_state_dict(full.nets[0].state_dict())
            mine = pixels.of(left[label == kind])
            fit(network, kind, mine, asked.kind_epochs, asked)
            errors[label == kind] = squared_errors(network, mine, kind).numpy()
            logger.info("layer %d: cluster %d has %d photos", layer, kind, len(mine.uv))
        last = layer == asked.layers - 1
        stays = np.ones(len(left), bool) if last else errors <= np.median(errors)
        for kind in range(kinds):
            members = left[(label == kind) & stays]
            if len(members):
                states.append(network.nets[kind].state_dict())
                descriptors.append(pixels.descriptors[members].mean(0, dtype=np.float32))
                histograms.append(pixels.histograms[members].mean(0, dtype=np.float32))
        left = left[~stays]
    result = ChengNetwork(len(states))
    shared = {name: value for name, value in full.state_dict().items() if name[:4] != "nets"}
    shared["descriptors"] = torch.from_numpy(np.stack(descriptors))
    shared["histograms"] = torch.from_numpy(np.stack(histograms))
    nets = {f"nets.{k}.{n}": v for k, state in enumerate(states) for n, v in state.items()}
    result.load_state_dict(shared | nets)
    return result


def train(photos: tuple[Photos, Photos], run: Path, asked: Settings) -> dict[str, Any]:
    """Classes, features, networks, in this order; whatever `run` has already is read from there.

    Returns the record: settings, and mean squared U, V over grey's on held-out photos by variant.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(asked.seed)
    order = np.random.default_rng(asked.seed).permutation(len(photos[0]))[: asked.photos]
    first = order[: asked.class_photos].tolist()

    def classes() -> ChengNetwork:
        return learn_classes([squash(photos[0].read_or_next(i), 224) for i in first], asked.seed)

    base = _made(run / "classes.safetensors", classes)
    spread = np.linspace(0, len(photos[1]) - 1, min(asked.held_out, len(photos[1]))).astype(int)
    held_out = collect(photos[1], spread.tolist(), base, run / "held_out", asked)
    pixels = collect(photos[0], order.tolist(), base, run / "pixels", asked)
    grey = np.square(held_out.uv.astype(np.float32)).mean()
    record: dict[str, Any] = {"settings": asdict(asked), "train_photos": len(order)}
    record |= {"held_out_photos": len(spread), "uv_mse_to_grey": {}, "seconds": {}}

    def single(parts: Sequence[str]) -> ChengNetwork:
        torch.manual_seed(asked.seed)
        network = ChengNetwork()
        network.load_state_dict(base.state_dict() | network.nets.state_dict(prefix="nets."))
        standardize(network, pixels, parts)
        fit(network, 0, pixels, asked.epochs, asked)
        return network

    for name in (*VARIANTS, "clusters"):
        began = time.monotonic()
        if name == "clusters":
            full = load_network(run / "full.safetensors")
            network = _made(run / f"{name}.safetensors", lambda: fit_clusters(full, pixels, asked))  # noqa: B023
        else:
            network = _made(run / f"{name}.safetensors", lambda: single(VARIANTS[name]))  # noqa: B023
        ratio = float(squared_errors(network, held_out).mean() / grey)
        record["uv_mse_to_grey"][name] = round(ratio, 4)
        record["seconds"][name] = round(time.monotonic() - began)
        logger.info("%s: %.4f of grey", name, ratio)
    write_json(run / "training.json", record)
    return record


def _made(path: Path, make: Callable[[], ChengNetwork]) -> ChengNetwork:
    """The network of a file in half precision; made, saved and read again where there is none."""
    if not path.is_file():
        state = {name: x.half().contiguous() for name, x in make().state_dict().items()}
        with whole_file(path) as part:
            save_file(state, part)
    return load_network(path)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.train.cheng")
    parser.add_argument("data", help="as of `colorlab train`")
    parser.add_argument("run", type=Path, help="folder for the run; an old one is gone on with")
    parser.add_argument("--photos", type=int, default=Settings.photos)
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument("--seed", type=int, default=Settings.seed)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    settings = Settings(photos=asked.photos, epochs=asked.epochs, seed=asked.seed)
    train(training_photos(asked.data), asked.run, settings)


if __name__ == "__main__":
    main()
