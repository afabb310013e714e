"""The network that people use: told lambda, told colours, and aware of the whole photo.

It is the Lite0 colorizer with lambda (`models.live`) and two additions, each of which changes
nothing until it has learned: a context branch at stride 16, which sees far and passes colours on,
and convolutions that bring hints in at every finer scale. Hints as sparse chroma with a mask are
the idea of Zhang et al. 2017, "Real-Time User-Guided Image Colorization with Learned Deep Priors"
(arXiv:1705.02999); a global feature beside local ones is that of Iizuka et al. 2016, "Let there be
Color!" (SIGGRAPH).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from colorlab.models.base import check_luma
from colorlab.models.live import LiveColorizer
from colorlab.models.registry import register


def pool_hints(hints: Tensor, stride: int) -> Tensor:
    """Hints (B, 3, H, W), chroma times mask and mask, to (B, 4, H/stride, W/stride).

    Mean chroma of the hinted pixels, whether there are any, and the share of them.
    """
    pooled = avg_pool2d(hints, stride) if stride > 1 else hints
    chroma, share = pooled[:, :2], pooled[:, 2:]
    there = (share > 0).to(hints.dtype)
    return torch.cat([chroma / share.clamp(min=1e-6) * there, there, share], dim=1)


def smooth(chroma: Tensor, luma: Tensor) -> Tensor:
    """Chroma (B, 2, H, W) evened out on surfaces: guided by the luma (B, 1, H, W), 16 pixels wide.

    K. He, J. Sun and X. Tang, "Guided Image Filtering", PAMI 35(6), 2013, with the coefficients
    found at a quarter of the size (He and Sun 2015, arXiv:1505.00996). A prediction has no edges
    that the luma lacks, but it has blotches: on validation photos this takes a third of the
    deviation off uniform surfaces, and adds no squared error.
    """
    small, guide = avg_pool2d(chroma.float(), _CELL), avg_pool2d(luma.float(), _CELL)
    means = _box(torch.cat([small, guide * small, guide, guide * guide], dim=1))
    mean, product, light, square = means.split((2, 2, 1, 1), dim=1)
    slope = (product - light * mean) / (square - light * light + _EPSILON)
    line = _box(torch.cat([slope, mean - slope * light], dim=1))
    slope, offset = interpolate(line, scale_factor=float(_CELL), mode="bilinear").chunk(2, dim=1)
    return slope * luma + offset


_CELL, _REACH, _EPSILON = 4, 4, 1e-3  # pixels of the luma; cells; of the luma squared


def _box(x: Tensor) -> Tensor:
    """Means of (B, C, H, W) over squares, as far as they lie inside."""
    side = 2 * _REACH + 1
    rows = avg_pool2d(x, (side, 1), 1, (_REACH, 0), count_include_pad=False)
    return avg_pool2d(rows, (1, side), 1, (0, _REACH), count_include_pad=False)


class Residual(nn.Module):
    """Two 3x3 convolutions with BatchNorm, the first one dilated, around a skip."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, C, h, w) and what was learned on top of them, the same shape."""
        return torch.relu(x + self.body(x))


class Context(nn.Module):
    """From the two coarsest taps and the hints to additions for the blocks at strides 16 and 8.

    And to a scale and a shift of all blocks' channels, from the whole photo's mean features.
    """

    def __init__(self, taps: tuple[int, int], blocks: tuple[int, ...], width: int = 96) -> None:
        super().__init__()
        fine, coarse = taps
        self.fine, self.coarse = nn.Conv2d(fine, 64, 1), nn.Conv2d(coarse, 64, 1)
        self.whole = nn.Sequential(nn.Linear(coarse, 32), nn.SiLU())
        self.mix = nn.Sequential(
            nn.Conv2d(64 + 64 + 32 + 4, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.blocks = nn.Sequential(*(Residual(width, dilation) for dilation in (1, 2, 4, 1)))
        self.to16, self.to8 = nn.Conv2d(width, blocks[1], 1), nn.Conv2d(width, blocks[2], 1)
        self.to_film = nn.Linear(32, 2 * sum(blocks))
        for last in (self.to16, self.to8, self.to_film):
            _zero(last)

    def forward(
        self, sixteenth: Tensor, deepest: Tensor, hints: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Taps at strides 16 and 32 and hints (B, 3, H, W) to two additions and a film."""
        size = sixteenth.shape[2:]
        whole = self.whole(deepest.mean(dim=(2, 3)).float())  # (B, 32)
        coarse = interpolate(self.coarse(deepest), size, mode="bilinear")
        spread = whole.to(coarse.dtype)[..., None, None].expand(-1, -1, *size)
        told = coarse.new_zeros(len(coarse), 4, *size)
        if hints is not None:
            told = pool_hints(hints, 16).to(coarse.dtype)
        x = torch.cat([self.fine(sixteenth), coarse, spread, told], dim=1)
        x = self.blocks(self.mix(x))
        to8 = interpolate(self.to8(x), scale_factor=2.0, mode="bilinear")
        return self.to16(x), to8, self.to_film(whole)


class HintedColorizer(LiveColorizer):
    """A live colorizer that also takes hints, (B, 3, H, W): chroma times mask, and the mask.

    In eval mode its answers are made `smooth`.
    """

    additions = ("context.", "hints.")

    def __init__(self, encoder: str, fine: tuple[int, int]) -> None:
        super().__init__(encoder, fine)
        widths = self.decoder.block_widths
        self.context = Context(self.encoder.widths[-2:], widths)
        self.hints = nn.ModuleList(
            nn.Conv2d(4, width, 3, padding=1, bias=False) for width in widths[2:]
        )
        for conv in self.hints:
            _zero(conv)

    def forward(
        self, luma: Tensor, lam: float | Tensor = 1.0, hints: Tensor | None = None
    ) -> Tensor:
        check_luma(luma)
        return self.decode(self.encode(luma), luma, lam, hints)

    def decode(
        self,
        taps: list[Tensor],
        luma: Tensor,
        lam: float | Tensor = 1.0,
        hints: Tensor | None = None,
    ) -> Tensor:
        """As of a live colorizer; `hints` are at the luma's size, None for none."""
        lam = torch.as_tensor(lam, dtype=torch.float32, device=luma.device).reshape(-1)
        to16, to8, film = self.context(taps[3], taps[4], hints)
        added: list[Tensor | None] = [None, to16, to8, None, None, None]
        if hints is not None:
            for place, (conv, stride) in enumerate(
                zip(self.hints, (8, 4, 2, 1), strict=True), start=2
            ):
                told = conv(pool_hints(hints, stride).to(to16.dtype))
                before = added[place]
                added[place] = told if before is None else before + told
        scales, shifts = film.float().chunk(2, dim=1)
        more = torch.stack([scales, shifts]).split(self.film.widths, dim=2)
        films = [of_lambda + plus for of_lambda, plus in zip(self.film(lam), more, strict=True)]
        chroma = self.decoder(taps, luma, films, added)
        return chroma if self.training else smooth(chroma, luma)


def _zero(layer: nn.Module) -> None:
    """Begin with a layer that adds nothing."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


@register("colorlab")
def colorlab() -> HintedColorizer:
    """The default network: Lite0, told lambda and hints."""
    return HintedColorizer("tf_efficientnet_lite0", fine=(32, 16))
