"""Exercises that ask for a function, and how it is tried: on inputs that no page shows."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from colorlab.color import LAB, lightness, rgb_to_lab
from colorlab.data.samples import sample_photos
from colorlab.prior.prior import equation_3

Function = Callable[..., Any]


@dataclass(frozen=True)
class Task:
    """A function to write.

    `inputs` gives tuples of arguments; `right` is the answer on each; `mistakes` are functions that
    are wrong in a typical way, by the hint for whoever wrote one. `also` may refuse an answer for
    a reason of its own (the reader's function to a text, empty where all is well), and stands alone
    where there is no `right`.
    """

    inputs: Callable[[], list[tuple[Any, ...]]] = list
    right: Function | None = None
    mistakes: Mapping[str, Function] = field(default_factory=dict)
    tolerance: float = 1e-3
    also: Callable[[Function], str] = lambda yours: ""


def try_out(task: Task, yours: Any) -> str:
    """One line on the reader's function."""
    if not callable(yours):
        return "Not yet: a function is asked for."
    try:
        for arguments in task.inputs() if task.right else []:
            answer = yours(*copy.deepcopy(arguments))
            if answer is None:
                return "No answer yet: your function returns None."
            assert task.right is not None
            if complaint := _differs(answer, task.right(*arguments), task.tolerance):
                for hint, mistaken in task.mistakes.items():
                    if not _differs(answer, mistaken(*arguments), task.tolerance):
                        return f"Not yet. {hint}"
                return f"Not yet: {complaint}."
        complaint = task.also(yours)
    except Exception as error:  # whatever the reader's code may raise
        return f"Not yet: it raised {type(error).__name__}: {error}"
    return complaint or "Correct."


def _differs(answer: Any, truth: Any, tolerance: float) -> str:
    """What is off in an answer (number, array or tensors); empty where nothing is."""
    ours, theirs = (_arrays(x) for x in (answer, truth))
    if len(ours) != len(theirs):
        return f"it gives {len(ours)} things, {len(theirs)} are asked for"
    for one, other in zip(ours, theirs, strict=True):
        if one.shape != other.shape:
            return f"it gives the shape {one.shape}, {other.shape} is asked for"
        if not np.allclose(one, other, rtol=tolerance, atol=tolerance):
            return f"on one of the inputs it is off by {np.abs(one - other).max():.3g}"
    return ""


def _arrays(value: Any) -> list[Any]:
    parts = value if isinstance(value, tuple | list) else [value]
    return [
        part.detach().double().numpy() if isinstance(part, Tensor) else np.asarray(part, float)
        for part in parts
    ]


def _random(*shape: int, seed: int = 7) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


# 01.4: L* of sRGB.


def _root_of_bent(rgb: Tensor) -> Tensor:
    y = 0.2126 * rgb[:1] + 0.7152 * rgb[1:2] + 0.0722 * rgb[2:]
    return 116 * y ** (1 / 3) - 16


# 02.3: the share of a turned square that comes from outside.


def _reflected(degrees: float, size: int) -> float:
    line = (torch.arange(size, dtype=torch.float64) * 2 + 1) / size - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    turn = torch.tensor(np.radians(degrees))
    source = torch.stack([x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos()])
    return float((source.abs().amax(dim=0) > 1).double().mean())


# 03.4: Eq. 3. Shares of 4,096 bins, a few of them common.


def _shares() -> Any:
    p = np.random.default_rng(3).pareto(1.5, size=(64, 64))
    return p / p.sum()


def _mixture(p: Any, lam: float) -> Any:
    return 1 / ((1 - lam) * p + lam / p.size)


# 07.4: the answer with the least expected weighted squared error.


def _doubt() -> list[tuple[Any, ...]]:
    random = np.random.default_rng(5)
    p = random.dirichlet(np.ones(6))
    return [(p, random.uniform(0.2, 5, 6), random.normal(0, 30, (6, 2)))]


# 08.4: PSNR of the pooled error.


def _squares(shown: Tensor, truth: Tensor) -> Tensor:
    return (shown - truth).square().flatten(1).mean(1)


def _unequal_photos() -> list[tuple[Any, ...]]:
    truth = _random(3, 3, 16, 16)
    noise = _random(3, 3, 16, 16, seed=8) - 0.5
    return [((truth + noise * torch.tensor([0.9, 0.3, 0.02]).view(3, 1, 1, 1)).clamp(0, 1), truth)]


# 13.2: Welsh's match, 15.2: the training rule's number of hints.


def _matched(ours: Any, theirs: Any) -> Any:
    scaled = (theirs - theirs.mean()) / theirs.std() * ours.std() + ours.mean()
    return np.abs(ours[:, None] - scaled).argmin(1)


def _uniform_in_logarithm(u: Any, most: int = 64) -> Any:
    return np.exp(u * np.log(most)).round()


# 17: a colorizer.


def _loads(load: Function) -> str:
    """Two photos in a folder, one of them upright, beside a file that is none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, size in enumerate([(60, 40), (30, 50)]):
            Image.new("RGB", size, (200, 40 + number, 90)).save(folder / f"{number}.png")
        (folder / "notes.txt").write_text("no photo")
        photos = load(folder, 32)
    if photos is None:
        return "No answer yet: your function returns None."
    if tuple(photos.shape) != (2, 3, 32, 32):
        return f"Not yet: two photos give the shape (2, 3, 32, 32), yours is {tuple(photos.shape)}."
    if not photos.is_floating_point() or photos.max() > 1:
        return "Not yet: floats from 0 to 1 are asked for. Divide by 255."
    red, green, blue = (photos[:, channel].mean().item() for channel in range(3))
    if not (red > blue > green):
        return "Not yet: red, green and blue are mixed up. Mind the order in `permute`."
    return ""


def _decodes(decoder: Function) -> str:
    """The class, given the channels of each tap; then its answer, and whether it can learn."""
    taps = [_random(2, c, s, s, seed=c) for c, s in ((96, 24), (144, 12), (240, 6), (672, 3))]
    network = decoder([96, 144, 240, 672])
    answer = network(taps)
    if answer is None:
        return "No answer yet: `forward` returns None."
    if tuple(answer.shape) != (2, 2, 48, 48):
        return f"Not yet: the answer should be (2, 2, 48, 48), yours is {tuple(answer.shape)}."
    if answer.abs().max() > 1:
        return "Not yet: chroma lies in [-1, 1]. A tanh at the end keeps it there."
    answer.sum().backward()
    silent = [name for name, part in network.named_parameters() if part.grad is None]
    if silent:
        return f"Not yet: no gradient reaches {silent[0]}. Is it used in `forward`?"
    for number, tap in enumerate(taps):
        changed = network([x.flip(-1) if x is tap else x for x in taps])
        if torch.equal(changed, answer):
            return f"Not yet: tap {number} makes no difference to the answer."
    return ""


class _Line(nn.Module):
    """Chroma from a single tap by one convolution: what a correct loop learns in no time."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 2, 1)

    def forward(self, taps: list[Tensor]) -> Tensor:
        answer: Tensor = self.layer(taps[0])
        return answer


def _trains(fit: Function) -> str:
    """A loop, on a problem that has a solution."""
    torch.manual_seed(0)
    network, inputs = _Line(), _random(8, 3, 6, 6)
    with torch.no_grad():
        chroma = nn.Conv2d(3, 2, 1)(inputs)
    before = (network([inputs]) - chroma).square().mean().item()
    losses = fit(network, [inputs], chroma, 600)
    if losses is None:
        return "No answer yet: your function returns None."
    if len(losses) != 600:
        return f"Not yet: 600 losses are asked for, one a step; yours are {len(losses)}."
    after = (network([inputs]) - chroma).square().mean().item()
    if after > 0.5 * before:
        return (
            f"Not yet: on a simple problem the loss went from {before:.3f} to {after:.3f}. Does "
            "each step call zero_grad, backward and step, in this order?"
        )
    return ""


def _merged(network: Any, luma: Tensor, taps: list[Tensor]) -> Tensor:
    chroma = nn.functional.interpolate(network(taps), luma.shape[-2:], mode="bilinear")
    return LAB.merge(luma, chroma)


def _photo() -> Tensor:
    (photo,) = sample_photos("coffee")
    return torch.from_numpy(photo.rgb[:64, :96].copy()).permute(2, 0, 1)[None].float() / 255


TASKS: dict[str, Task] = {
    "01.4": Task(
        lambda: [(_random(3, 5, 4),), (torch.full((3, 1, 1), 0.5),)],
        lightness,
        {
            "It takes the root of the sRGB values: undo the transfer curve first.": _root_of_bent,
            "That is L*/100.": lambda rgb: lightness(rgb) / 100,
            "That is all of L*a*b*: L* alone is asked for, (1, H, W).": rgb_to_lab,
        },
        tolerance=0.05,
    ),
    "02.3": Task(
        lambda: [(0, 64), (36, 224), (45, 96), (20, 128)],
        _reflected,
        {"That is what stays of the photo.": lambda *at: 1 - _reflected(*at)},
        tolerance=0.004,
    ),
    "03.4": Task(
        lambda: [(_shares(), 0.9), (_shares(), 0.2), (_shares(), 1.0)],
        equation_3,
        {
            "Normalise: the mean weight under p is 1.": _mixture,
            "The plain mean of your weights is 1; the mean under p is asked for.": lambda p, lam: (
                _mixture(p, lam) / _mixture(p, lam).mean()
            ),
            "λ/4 belongs to densities; p has shares of bins.": lambda p, lam: (
                1 / ((1 - lam) * p + lam / 4) / (p / ((1 - lam) * p + lam / 4)).sum()
            ),
        },
    ),
    "10.4": Task(
        _doubt,
        lambda p, v, c: (p * v) @ c / (p @ v),
        {
            "That is the plain mean: the weights are missing.": lambda p, v, c: p @ c,
            "Divide by the sum of the weighted probabilities.": lambda p, v, c: (p * v) @ c,
            "The probabilities are missing.": lambda p, v, c: v @ c / v.sum(),
        },
    ),
    "16.4": Task(
        _unequal_photos,
        lambda shown, truth: -10 * _squares(shown, truth).mean().log10(),
        {
            "That is the mean of each photo's decibels: average the errors first.": lambda x, y: (
                -10 * _squares(x, y).log10()
            ).mean(),
            "Mind the sign: a smaller error has more decibels.": lambda x, y: (
                10 * _squares(x, y).mean().log10()
            ),
        },
    ),
    "05.2": Task(
        lambda: [(100 * x, y) for x, y in (np.random.default_rng(2).random((2, 2, 40)),)],
        _matched,
        {
            "Shift and scale theirs first.": lambda ours, theirs: np.abs(
                ours[:, None] - theirs
            ).argmin(1),
            "It is theirs that is scaled to ours, and an index into theirs.": lambda ours, theirs: (
                _matched(theirs, ours)
            ),
        },
    ),
    "12.2": Task(
        lambda: [(np.random.default_rng(1).random(50), most) for most in (64, 10)],
        _uniform_in_logarithm,
        {
            "That is uniform in the number, not in its logarithm.": lambda u, most=64: (
                1 + u * (most - 1)
            ).round(),
            "A whole number: round it.": lambda u, most=64: np.exp(u * np.log(most)),
        },
    ),
    "04.1": Task(also=_loads),
    "04.2": Task(
        lambda: [(_random(2, 3, 8, 8),)],
        LAB.split,
        {
            "L* runs to 100: divide it by 100.": lambda rgb: (
                rgb_to_lab(rgb)[:, :1],
                rgb_to_lab(rgb)[:, 1:] / 128,
            ),
            "a* and b* run beyond 100: divide them by 128.": lambda rgb: (
                rgb_to_lab(rgb)[:, :1] / 100,
                rgb_to_lab(rgb)[:, 1:],
            ),
        },
    ),
    "04.3": Task(also=_decodes),
    "04.4": Task(
        lambda: [(_random(2, 2, 5, 5), _random(2, 2, 5, 5, seed=9))],
        lambda answer, truth: (answer - truth).square().mean(),
        {
            "That is the sum over the two channels: Eq. 1 averages them.": lambda x, y: (
                (x - y).square().sum(1).mean()
            ),
            "That is its root.": lambda x, y: (x - y).square().mean().sqrt(),
            "That is the absolute error.": lambda x, y: (x - y).abs().mean(),
        },
        tolerance=1e-4,
    ),
    "04.5": Task(also=_trains),
    "04.6": Task(
        lambda: [(lambda taps: taps[0] * 0.5, LAB.luma(_photo()), [_random(1, 2, 16, 24) - 0.5])],
        _merged,
        tolerance=0.02,
    ),
}
"""By exercise, as `check` calls it."""
