"""One pixel after another: colours drawn from what was drawn before, by axial attention.

M. Kumar, D. Weissenborn, N. Kalchbrenner, "Colorization Transformer", ICLR 2021. A colorizer draws
coarse colours, 3 bits a channel, in raster order; a colour upsampler finds all 8 bits of each
channel, a spatial upsampler those of a larger picture. `coltran` is as published; `coltran_small`
draws 32 x 32 pixels, whose chroma is enlarged and joined to the photo's own luminance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, cross_entropy, interpolate, pad

from colorlab.color import LAB, lab_to_rgb
from colorlab.models.axial import AxialEncoder, AxialLayer, Dense, Norm, Past, Positions, Size
from colorlab.models.base import Colorizer
from colorlab.models.registry import register

COLORS = 512  # 8 steps of red, green and blue
AUXILIARY = 0.01  # the share of the encoder's own guess in the loss


def to_bins(rgb: Tensor) -> Tensor:
    """The coarse colours of uint8 RGB (..., 3, H, W): int64 (..., H, W), 64 r + 8 g + b.

    >>> to_bins(torch.full((3, 1, 1), 128, dtype=torch.uint8)).item()
    292
    """
    red, green, blue = (rgb.long() // 32).unbind(-3)
    return 64 * red + 8 * green + blue


def from_bins(bins: Tensor) -> Tensor:
    """Coarse colours (..., H, W) as uint8 RGB (..., 3, H, W), each the darkest of its bin.

    As published: on average 15.5 of 255 too dark, which the colour upsampler makes good.

    >>> from_bins(torch.tensor([[292]])).flatten().tolist()
    [128, 128, 128]
    """
    return 32 * torch.stack([bins // 64, bins // 8 % 8, bins % 8], dim=-3).to(torch.uint8)


def to_grey(luma: Tensor) -> Tensor:
    """The sRGB grey, 0 to 255, that is as light as luma (B, 1, H, W), L*/100: int64 (B, H, W).

    Published is BT.601's luma: the same for a grey photo, another number for most colours.
    """
    lab = torch.cat([100 * luma, torch.zeros_like(luma), torch.zeros_like(luma)], dim=1)
    return (255 * lab_to_rgb(lab)[:, 1]).round().long()


def bits(logits: Tensor, symbols: Tensor) -> Tensor:
    """Mean -log2 of the share given to symbols (B, H, W) by logits (B, H, W, symbols): a scalar."""
    return cross_entropy(logits.float().flatten(0, -2), symbols.flatten()) / math.log(2)


class CoarseColorizer(nn.Module):
    """The distribution of each pixel's coarse colour, given all grey and the colours before it.

    The *encoder* sees the grey. The *outer decoder* sees all colours of rows above, the *inner
    decoder* those to the left, too. Both decoders are conditioned on the encoder everywhere, the
    inner one also on the outer, but for its norms: these see all of the picture, and so the future.
    """

    def __init__(self, size: Size, encoder: int, outer: int, inner: int) -> None:
        super().__init__()
        self.size = size
        width = size.width
        self.grey = nn.Embedding(256, width)
        self.encoder = AxialEncoder(size, encoder)
        self.guess = Dense(width, COLORS, bias=False)
        self.color = nn.Embedding(COLORS, width)
        self.outer_positions, self.inner_positions = Positions(size), Positions(size)
        self.outer = nn.ModuleList(
            layer
            for _ in range(outer)
            for layer in (
                AxialLayer(size, "rows", width),
                AxialLayer(size, "columns", width, masked=True),
            )
        )
        self.inner = nn.ModuleList(
            AxialLayer(size, "rows", 2 * width, masked=True) for _ in range(inner)
        )
        self.norm = Norm(size)
        self.to_logits = Dense(width, COLORS)
        for table in (self.grey, self.color):
            nn.init.xavier_uniform_(table.weight)

    def encode(self, grey: Tensor) -> Tensor:
        """Grey (B, S, S), 0 to 255, to features (B, S, S, d)."""
        return self.encoder(self.grey(grey))

    def decode(self, encoded: Tensor, bins: Tensor) -> Tensor:
        """Features (B, S, S, d) and true colours (B, S, S) to logits (B, S, S, 512)."""
        colors = self.color(bins)
        return self.beside(encoded, colors, self.above(encoded, colors))

    def above(self, encoded: Tensor, colors: Tensor) -> Tensor:
        """The outer decoder: what each pixel is told of embedded colours (B, S, S, d) above it."""
        x = colors + self.outer_positions() + encoded
        for layer in self.outer:
            x = layer(x, layer.affines(encoded), encoded)  # type: ignore[operator]
        return self.down(x)

    def beside(self, encoded: Tensor, colors: Tensor, above: Tensor) -> Tensor:
        """The inner decoder: logits, from colours to the left and what was told of those above."""
        x = self.right(colors) + self.inner_positions() + encoded + above
        context = torch.cat([encoded, above], dim=-1)
        for layer in self.inner:
            x = layer(x, layer.affines(encoded), context)  # type: ignore[operator]
        return self._logits(x)

    @staticmethod
    def down(x: Tensor) -> Tensor:
        """Shifted by a row: (B, S, S, d), of which each row is told what the one above it was."""
        return pad(x[:, :-1], (0, 0, 0, 0, 1, 0))

    @staticmethod
    def right(x: Tensor) -> Tensor:
        """Shifted by a column: each pixel gets what was its left neighbour's."""
        return pad(x[:, :, :-1], (0, 0, 1, 0))

    def _logits(self, x: Tensor) -> Tensor:
        return self.to_logits(self.norm(x, self.norm.affine()))

    def forward(self, grey: Tensor, bins: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, S, S, 512) of true colours, and the encoder's own, which knows no colour."""
        encoded = self.encode(grey)
        return self.decode(encoded, bins), self.guess(encoded)

    @torch.no_grad()
    def sample(
        self, grey: Tensor, seeds: Sequence[int], temperature: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Colours (B, S, S) drawn for grey (B, S, S), one seed each, and log-probabilities.

        The encoder runs once, the outer decoder once a row, the inner one once a pixel: keys and
        values of what is drawn stay. A draw is the largest of logits / temperature plus Gumbel
        noise; log-probabilities (B, S, S), in nats, are those at temperature 1. Raises ValueError
        for a temperature that isn't positive, or another number of seeds than of pictures.
        """
        if temperature <= 0 or len(seeds) != len(grey):
            raise ValueError("a sample needs a temperature above 0 and a seed for each picture")
        side = self.size.side
        noise = torch.stack([_gumbel(seed, side) for seed in seeds]).to(grey.device)
        encoded = self.encode(grey)
        outer = [(layer, layer.affines(encoded)) for layer in self.outer]  # type: ignore[operator]
        inner = [(layer, layer.affines(encoded)) for layer in self.inner]  # type: ignore[operator]
        outer_positions, inner_positions = self.outer_positions(), self.inner_positions()
        columns = [Past() if layer.along == "columns" else None for layer in self.outer]
        above = torch.zeros_like(encoded[:, :1])
        bins, logs = torch.zeros_like(grey), torch.zeros_like(grey, dtype=torch.float32)
        for y in range(side):
            here = encoded[:, y : y + 1]
            context = torch.cat([here, above], dim=-1)
            start = here + above + inner_positions[y]
            left: Tensor | int = 0
            rows = [Past() for _ in inner]
            for x in range(side):
                at = slice(x, x + 1)
                features = start[:, :, at] + left
                for (layer, affines), past in zip(inner, rows, strict=True):
                    features = layer(features, affines, context[:, :, at], past)
                logits = self._logits(features)[:, 0, 0].float()
                drawn = (logits / temperature + noise[:, y, x]).argmax(-1)
                bins[:, y, x] = drawn
                logs[:, y, x] = logits.log_softmax(-1).gather(1, drawn[:, None])[:, 0]
                left = self.color(drawn)[:, None, None]
            above = self.color(bins[:, y : y + 1]) + outer_positions[y] + here
            for (layer, affines), seen in zip(outer, columns, strict=True):
                above = layer(above, affines, here, seen)
        return bins, logs


def _gumbel(seed: int, side: int) -> Tensor:
    """Gumbel noise (side, side, 512)."""
    generator = torch.Generator().manual_seed(seed)
    uniform = torch.rand(side, side, COLORS, generator=generator, dtype=torch.float64)
    return -(-uniform.clamp(min=1e-300).log()).log().float()


class Upsampler(nn.Module):
    """All 8 bits of a channel from coarse ones and the grey, every pixel by itself (parallel).

    `symbols` is how many values the coarse channel has: 8 for the colour upsampler, 256 for the
    spatial one, where it is of a smaller picture, enlarged.
    """

    def __init__(self, size: Size, layers: int, symbols: int) -> None:
        super().__init__()
        self.size, self.symbols = size, symbols
        self.channel = nn.Embedding(3 * symbols, size.width)
        self.grey = nn.Embedding(256, size.width)
        self.join = Dense(2 * size.width, size.width)
        self.encoder = AxialEncoder(size, layers)
        self.to_logits = Dense(size.width, 256)
        for table in (self.channel, self.grey):
            nn.init.xavier_uniform_(table.weight)

    def forward(self, coarse: Tensor, grey: Tensor, number: Tensor) -> Tensor:
        """Channels (B, S, S) of `number` (B,), 0 to 2, and grey to logits (B, S, S, 256)."""
        channel = self.channel(coarse + self.symbols * number[:, None, None])
        return self.to_logits(self.encoder(self.join(torch.cat([channel, self.grey(grey)], -1))))

    def fill(self, coarse: Tensor, grey: Tensor) -> Tensor:
        """Channels (B, 3, S, S), below `symbols`, and grey (B, S, S) to uint8 RGB (B, 3, S, S)."""
        channels = [
            self(coarse[:, k], grey, torch.full_like(grey[:, 0, 0], k)).argmax(-1) for k in range(3)
        ]
        return torch.stack(channels, dim=1).to(torch.uint8)


class ColTran(Colorizer):
    """Coarse colours drawn, all bits found, joined to a photo: another answer for each seed.

    As a colorizer it answers with one sample, of `seed` for the first photo of a batch, `seed` + 1
    for the next. A photo of any shape is squeezed to the square that the network sees.
    """

    space = LAB
    seed = 0
    temperature = 1.0

    def __init__(
        self, colorizer: CoarseColorizer, color: Upsampler, spatial: Upsampler | None = None
    ) -> None:
        super().__init__()
        self.colorizer, self.color, self.spatial = colorizer, color, spatial

    def losses(self, rgb: Tensor) -> dict[str, Tensor]:
        """What the parts have to learn of uint8 photos (B, 3, S, S): scalars, in bits.

        "bits" a pixel of the true coarse colours, "guess" those of the encoder alone, and "color"
        a channel of the colour upsampler, for one channel of each photo, drawn at random.
        """
        grey, bins = to_grey(LAB.luma(rgb.float() / 255)), to_bins(rgb)
        logits, guess = self.colorizer(grey, bins)
        number = torch.randint(3, (len(rgb),), device=rgb.device)
        channel = rgb[torch.arange(len(rgb)), number].long()
        fine = self.color(channel // 32, grey, number)
        return {
            "bits": bits(logits, bins),
            "guess": bits(guess, bins),
            "color": bits(fine, channel),
        }

    def predict(self, luma: Tensor) -> Tensor:
        return self.samples(luma, range(self.seed, self.seed + len(luma)))

    @torch.no_grad()
    def samples(self, luma: Tensor, seeds: Sequence[int]) -> Tensor:
        """Chroma (B, 2, H, W) drawn for luma (B, 1, H, W); of one photo, one for each seed.

        Raises ValueError where there are neither one photo nor as many as seeds.
        """
        luma = luma.float().expand(len(seeds) if len(luma) == 1 else -1, -1, -1, -1)
        with torch.autocast(luma.device.type, enabled=False):  # drawn by exact numbers
            grey = _seen(luma, self.colorizer.size)
            bins, _ = self.colorizer.sample(grey, seeds, self.temperature)
            rgb = self.color.fill(from_bins(bins).long() // 32, grey)
            if self.spatial:
                side = self.spatial.size.side
                large = interpolate(rgb.float(), (side, side), mode="bicubic").round().clamp(0, 255)
                rgb = self.spatial.fill(large.long(), _seen(luma, self.spatial.size))
        _, chroma = LAB.split(rgb.float() / 255)
        # Bicubically: of true 32 x 32 chroma a filter guided by the luma has four times the error.
        return interpolate(chroma, luma.shape[2:], mode="bicubic")


def _seen(luma: Tensor, size: Size) -> Tensor:
    """Luma (B, 1, H, W) as the grey (B, S, S) of a square."""
    return to_grey(adaptive_avg_pool2d(luma, size.side))


@register("coltran")
def coltran() -> ColTran:
    """As published: colours drawn at 64 x 64, photos of 256 x 256; 512 channels, 4 heads."""
    small, large = Size(64, 512), Size(256, 512)
    colorizer = CoarseColorizer(small, encoder=4, outer=2, inner=2)
    return ColTran(colorizer, Upsampler(small, 4, 8), Upsampler(large, 3, 256))


@register("coltran_small")
def coltran_small() -> ColTran:
    """A small one that two CPU cores can train: 32 x 32, 64 channels, and no spatial upsampler."""
    size = Size(32, 64)
    return ColTran(CoarseColorizer(size, encoder=2, outer=1, inner=1), Upsampler(size, 1, 8))
