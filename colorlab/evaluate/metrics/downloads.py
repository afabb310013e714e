"""LPIPS and FID: their networks come from the internet, or these two are not available.

Nothing is fetched unless a metric is asked for by name. What can't be had is said at once: the
network is tried with a short limit first.
"""

from __future__ import annotations

import math
import threading
import urllib.request
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Images, Needs, Unavailable, metric

SECONDS = 6.0
"""How long a server may take to answer at all."""

_ALEXNET = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"
_INCEPTION = (
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
    "weights-inception-2015-12-05-6726825d.pth"
)


def obtain(url: str, size: str, download: bool) -> None:
    """Make sure that torch's hub has the file of `url`; fetch it only where `download` is true.

    Raises Unavailable, with the reason, where it isn't there and can't be or may not be fetched.
    """
    file = Path(torch.hub.get_dir(), "checkpoints", url.rsplit("/", 1)[1])
    if file.is_file():
        return
    host = url.split("/")[2]
    if not download:
        raise Unavailable(
            f"its network ({size} from {host}) is fetched only when asked for by name"
        )
    reason = _unreachable(url)
    if reason:
        raise Unavailable(f"its network can't be fetched from {host} ({reason})")
    start_of_sha256 = file.stem.rsplit("-", 1)[1]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(file), start_of_sha256, progress=False)
    except (OSError, RuntimeError) as error:
        raise Unavailable(f"fetching its network from {host} failed ({error})") from None


def _unreachable(url: str) -> str:
    """Why a server does not answer within `SECONDS`; "" where it does."""
    result = [f"no answer within {SECONDS:.0f} s"]

    def ask() -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")
            urllib.request.urlopen(request, timeout=SECONDS).close()
            result[0] = ""
        except OSError as error:
            result[0] = str(getattr(error, "reason", error))

    # In a thread: looking up a name can take minutes, and obeys no limit.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS + 1)
    return result[0]


@cache
def _lpips_network() -> Any:
    from torchmetrics.image import LearnedPerceptualImagePatchSimilarity

    # normalize=True: the input is in [0, 1]. Left out, it would silently be taken for [-1, 1].
    return LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True).net


@metric(
    "lpips",
    "LPIPS",
    better="lower",
    source="Zhang et al. 2018",
    needs=Needs(lambda download: obtain(_ALEXNET, "233 MB", download)),
)
def lpips(shown: Images, truth: Images) -> Tensor:
    """Distance of AlexNet's features with learned weights (version 0.1), RGB scaled from [0, 1] to
    [-1, 1]; mean over photos (torchmetrics).
    """
    network = _lpips_network().to(shown.rgb.device)
    distances: Tensor = network(shown.rgb, truth.rgb, normalize=True)
    return distances.reshape(-1, 1)


def _prepare_fid(download: bool) -> None:
    if find_spec("torch_fidelity") is None:
        raise Unavailable("it needs one more package: pip install torch-fidelity")
    obtain(_INCEPTION, "91 MB", download)


@metric(
    "fid",
    "FID",
    better="lower",
    source="Heusel et al. 2017",
    undefined="it takes two photos or more",
    needs=Needs(_prepare_fid),
)
class _Inception:
    """Frechet distance of Inception-v3's 2,048 pooled features of outputs and of the same true
    photos, resized to 299x299 (torchmetrics with torch-fidelity's network); comparable only at one
    protocol and one number of photos.
    """

    def __init__(self) -> None:
        from torchmetrics.image.fid import FrechetInceptionDistance

        self._fid = FrechetInceptionDistance(feature=2048, normalize=True)
        self._photos = 0

    def add(self, shown: Images, truth: Images) -> None:
        self._photos += len(truth.rgb)
        self._fid.update(truth.rgb, real=True)
        self._fid.update(shown.rgb, real=False)

    def value(self) -> float:
        return float(self._fid.compute()) if self._photos >= 2 else math.nan
