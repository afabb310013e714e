"""Attention along the rows or the columns of a picture: what ColTran is built of.

M. Kumar, D. Weissenborn, N. Kalchbrenner, "Colorization Transformer", ICLR 2021, section 3 and 4;
after J. Ho et al., "Axial Attention in Multidimensional Transformers", 2019. Features are
(B, H, W, d), channels last. LayerNorm stands behind each residual sum, as published ("post-norm").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

Affine = tuple[Tensor, Tensor]
"""Scale and shift behind a normalisation, (d,) or (B, 1, 1, d) each."""


@dataclass(frozen=True)
class Size:
    """Of a picture's features: `side` pixels high and wide, `width` channels."""

    side: int
    width: int
    heads: int = 4


class Dense(nn.Linear):
    """A linear layer with weights as drawn by Glorot and Bengio (2010), and no bias at first."""

    def reset_parameters(self) -> None:
        nn.init.xavier_uniform_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class Past:
    """Keys and values of all that an attention was given so far, along its lines."""

    def __init__(self) -> None:
        self.seen: tuple[Tensor, Tensor] | None = None

    def add(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """(B, N, heads, n, d/heads) both, behind what there was; returns all of it."""
        if self.seen:
            keys = torch.cat([self.seen[0], keys], dim=-2)
            values = torch.cat([self.seen[1], values], dim=-2)
        self.seen = keys, values
        return self.seen


class Attention(nn.Module):
    """Of each pixel to those of its line; `masked`, to itself and those before.

    Queries, keys and values are scaled and shifted by what a linear layer makes of a context of
    `context` channels, if any. A learned bias for each head and distance is added to the scores.
    """

    def __init__(self, size: Size, context: int = 0, masked: bool = False) -> None:
        super().__init__()
        self.size, self.masked = size, masked
        width = size.width
        self.project = Dense(width, 3 * width, bias=False)
        self.condition = Dense(context, 6 * width, bias=False) if context else None
        self.bias = nn.Parameter(torch.zeros(size.heads, 2 * size.side - 1))
        self.out = Dense(width, width, bias=False)

    def forward(self, x: Tensor, context: Tensor | None = None, past: Past | None = None) -> Tensor:
        """N lines (B, N, n, d), and their context (B, N, n, c), to (B, N, n, d).

        With `past`, these are the next n pixels of each line, and it has those before.
        """
        heads = self.size.heads
        together = self.project(x)
        if self.condition is not None:
            scale, shift = self.condition(context).chunk(2, dim=-1)
            together = torch.addcmul(shift, together, scale)
        # (3, B, N, heads, n, d / heads)
        queries, keys, values = together.unflatten(-1, (3, heads, -1)).permute(3, 0, 1, 4, 2, 5)
        if past:
            keys, values = past.add(keys, values)
        scores = (queries * queries.shape[-1] ** -0.5) @ keys.mT
        scores = scores + self._bias(queries.shape[-2], keys.shape[-2])
        return self.out((scores.softmax(-1) @ values).transpose(-2, -3).flatten(-2))

    def _bias(self, queries: int, keys: int) -> Tensor:
        """(heads, queries, keys), the queries being the last ones of the keys' places."""
        places = torch.arange(keys, device=self.bias.device)
        distance = places - places[keys - queries :, None]
        bias = self.bias[:, distance + self.size.side - 1]
        return bias.masked_fill(distance > 0, -torch.inf) if self.masked else bias


class Norm(nn.Module):
    """LayerNorm, its scale and shift learned, or `conditional`: made of an encoded picture.

    That is averaged over the picture, with a learned weight for each place, before a linear layer.
    """

    def __init__(self, size: Size, conditional: bool = False) -> None:
        super().__init__()
        width = size.width
        self.conditional = conditional
        if conditional:
            self.places = nn.Parameter(torch.ones(size.side, size.side))
            self.dense = Dense(width, 2 * width)
        else:
            self.scale, self.shift = (
                nn.Parameter(torch.ones(width)),
                nn.Parameter(torch.zeros(width)),
            )

    def affine(self, encoded: Tensor | None = None) -> Affine:
        """Scale and shift for encoded pictures (B, H, W, d), or for any."""
        if not self.conditional:
            return self.scale, self.shift
        assert encoded is not None
        mean = torch.einsum("bhwd,hw->bd", encoded, self.places / self.places.numel())
        scale, shift = self.dense(mean)[:, None, None].chunk(2, dim=-1)
        return scale, shift

    def forward(self, x: Tensor, affine: Affine) -> Tensor:
        """(B, H, W, d) to the same."""
        scale, shift = affine
        # Keras's epsilon; with torch's of 1e-5 nothing was published.
        return torch.addcmul(shift, layer_norm(x, x.shape[-1:], eps=1e-3), scale)


class AxialLayer(nn.Module):
    """Attention along rows or columns, then an MLP, each with a residual sum and LayerNorm.

    With a context of `context` channels attention, the MLP's output and both norms depend on it.
    """

    def __init__(
        self,
        size: Size,
        along: Literal["rows", "columns"],
        context: int = 0,
        masked: bool = False,
    ) -> None:
        super().__init__()
        width = size.width
        self.along = along
        self.attention = Attention(size, context, masked)
        self.mlp = nn.Sequential(Dense(width, width), nn.ReLU(), Dense(width, width))
        self.condition = Dense(context, 2 * width) if context else None
        self.norms = nn.ModuleList(Norm(size, bool(context)) for _ in range(2))

    def affines(self, encoded: Tensor | None = None) -> list[Affine]:
        """What both norms make of encoded pictures (B, H, W, d)."""
        return [norm.affine(encoded) for norm in self.norms]  # type: ignore[operator]

    def forward(
        self,
        x: Tensor,
        affines: Sequence[Affine],
        context: Tensor | None = None,
        past: Past | None = None,
    ) -> Tensor:
        """(B, H, W, d) to the same; with `past`, the next rows or columns of a picture."""
        if self.along == "columns":
            turned = None if context is None else context.transpose(1, 2)
            attended = self.attention(x.transpose(1, 2), turned, past).transpose(1, 2)
        else:
            attended = self.attention(x, context, past)
        x = self.norms[0](x + attended, affines[0])
        made = self.mlp(x)
        if self.condition is not None:
            scale, shift = self.condition(context).chunk(2, dim=-1)
            made = torch.addcmul(shift, made, scale)
        return self.norms[1](x + made, affines[1])


class Positions(nn.Module):
    """A learned vector for each row, plus one for each column."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        spread = size.width**-0.5
        self.rows = nn.Parameter(spread * torch.randn(size.side, 1, size.width))
        self.columns = nn.Parameter(spread * torch.randn(1, size.side, size.width))

    def forward(self) -> Tensor:
        """(H, W, d)."""
        return self.rows + self.columns


class AxialEncoder(nn.Module):
    """Positions, then `layers` times attention along rows and along columns, without a mask."""

    def __init__(self, size: Size, layers: int) -> None:
        super().__init__()
        self.positions = Positions(size)
        self.layers = nn.ModuleList(
            layer
            for _ in range(layers)
            for layer in (AxialLayer(size, "rows"), AxialLayer(size, "columns"))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, H, W, d) to the same: every pixel knows all others."""
        x = x + self.positions()
        for layer in self.layers:
            x = layer(x, layer.affines())  # type: ignore[operator]
        return x
