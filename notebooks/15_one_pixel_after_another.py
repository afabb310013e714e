# %% [markdown]
# # One pixel after another
#
# A network that says for each pixel what it may be, and is then asked for a picture, must choose.
# In [A distribution a pixel](13_a_distribution_a_pixel.ipynb) every pixel chose for itself, and
# the patches did not agree. The Colorization Transformer, ColTran (Kumar et al., 2021), draws one
# pixel after another: each is told what has been drawn, and goes along.
#
# ```{admonition} Goals
# After this chapter you can
# - write the probability of a picture as a product, and draw from it;
# - say what axial attention costs, and what it can see;
# - find with a gradient what a pixel is told, and say why masks need shifts;
# - check that a sampler draws what was taught, and count what a cache saves;
# - compare ways to draw by eye, diversity, best of several and bits a pixel.
# ```
#
# Time: 50 minutes; the cells run in about a minute on two CPU cores. You need the chapter on a
# distribution a pixel.

# %% tags=["parameters"]
names = ["coffee", "china", "chelsea"]  # sample photos
count = 4  # colourings of each
steps = 120  # of the live fits

# %%
import numpy as np
import torch

from colorlab.course import check, note, photo_grid, say, show, use_style

use_style()

# %% [markdown]
# ## Pixels that don't ask each other
#
# `zhang_lite0` gives each pixel a distribution over 313 colours. Draw once with every pixel alone,
# and once with noise that is smooth over the photo. At any one pixel both draw from the very same
# distribution.

# %%
from colorlab.color import LAB
from colorlab.course import load_model, sample_batch
from colorlab.models.classes import sample
from colorlab.models.zhang import enlarge

photos = sample_batch(224, *names)
luma, chroma = LAB.split(photos)
zhang = load_model("zhang_lite0")
with torch.inference_mode():
    logits = zhang.answer(luma).float()
drawn = {"alone": sample(logits, 1, 0), "smooth": sample(logits, 1, 4)}

# %% tags=["hide-input", "large"]
from colorlab.course import to_pictures

shown = [to_pictures(LAB.merge(luma, enlarge(one))) for one in drawn.values()]
rows = list(zip(*shown, to_pictures(photos), strict=True))[:2]
show(
    photo_grid(rows, columns=[*drawn, "photo"], labels=names, height=2.6),
    alt="Two photos in rows: drawn with each pixel alone they are covered "
    "with coloured specks; with smooth noise they have large patches of "
    "colour that end anywhere; then the photo.",
)

# %% [markdown]
# Confetti on the left, camouflage in the middle. What is missing is not in any pixel's
# distribution: if this tile is red, so is the next. That is a distribution of *pairs*, and of all
# pixels together. A picture of 1,024 pixels has $512^{1024}$ colourings in 512 colours; nobody can
# list their probabilities. But there is a way to write them:
#
# $$p(x \mid g) = \prod_{i=1}^{n} p(x_i \mid x_1, \ldots, x_{i-1}, g)$$
#
# The grey photo is $g$. This is the chain rule, it is exact, and it holds for any order of the
# pixels. ColTran takes the order in which one reads (the *raster order*), and *one* network for all
# factors. To draw a picture, draw its first pixel, tell the network, draw the second, and so on.
#
# ## Coarse colours
#
# 1,024 draws are slow, so what is drawn is kept small: 32 x 32 pixels here (64 x 64 in the paper),
# and 3 bits of red, green and blue each, $8^3 = 512$ colours. A second network, the *colour
# upsampler*, finds the other 5 bits of each channel, all pixels at once. The paper has a third one
# for the size; we enlarge the chroma, and take the luminance of the photo.

# %%
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from colorlab.models.coltran import from_bins, to_bins, to_grey

small = sample_batch(32, *names)
bins = to_bins((255 * small).round().byte())  # (B, 32, 32), 64 r + 8 g + b
grey = to_grey(LAB.luma(small))  # 0 to 255
coarse = from_bins(bins) + 16  # the middle of each bin
joined = interpolate(LAB.split(small)[1], (224, 224), mode="bicubic")

# %% tags=["hide-input"]
shown = [list(grey.numpy()), list(coarse.permute(0, 2, 3, 1).numpy())]
shown += [to_pictures(LAB.merge(luma, joined)), to_pictures(photos)]
columns = ["seen", "coarse", "joined", "photo"]
show(
    photo_grid(
        list(zip(*shown, strict=True))[-1:], columns=columns, height=1.0
    ),
    alt="A photo: grey of 32 x 32 pixels, the same in 512 coarse colours, "
    "all colours of 32 x 32 pixels joined to the full photo's "
    "luminance, and the photo.",
)

# %% tags=["remove-cell"]
from colorlab.models import create_model, trainable_parameters

torch.manual_seed(0)
untrained = create_model("coltran_small", weights=None)
with torch.inference_mode():
    first = untrained.losses((255 * small).round().byte())["bits"]
lost = float((joined - chroma).square().mean() / chroma.square().mean())
network = load_model("coltran_small")
with torch.device("meta"):
    published = create_model("coltran", weights=None)
note(first=f"{first:.1f}", lost=f"{lost:.0%}")
note(size=f"{trainable_parameters(network) / 1e6:.2f}")
note(large=f"{trainable_parameters(published.colorizer) / 1e6:.0f}")

# %% tags=["remove-input"]
say(r"""
The third column is the best that can come out: true colours of 32 x 32 pixels, joined. Over the
three photos {lost} of the chroma's energy is lost so. An untrained network should not know any
of 512 colours better than another: $\log_2 512 = 9$ bits a pixel. Ours has {size} million
parameters
(the paper's colorizer alone has {large} million), and without training it pays {first}.
""")

# %% [markdown]
# ## Attention along rows, then columns
#
# In *attention* a pixel asks all others, and weighs what they answer. All pairs of $n^2$ pixels are
# $n^4$ questions. *Axial* attention asks those of one's row, and in the next layer those of one's
# column: $2 n^3$. Two such layers reach everything, since each pixel of the column has asked its
# whole row before. Here is what one pixel learns of, found with the gradient: where it is not
# exactly 0, the input can change the answer.

# %%
from colorlab.course.figures.causality import encoder_parts, influence
from colorlab.models.axial import Size
from colorlab.models.coltran import CoarseColorizer

torch.manual_seed(0)
tiny = CoarseColorizer(Size(8, 16), encoder=1, outer=1, inner=1)
parts = encoder_parts(tiny.encoder)
seen = {name: influence(part, 8, 16) for name, part in parts.items()}
at = (3, 2)  # row and column

# %% tags=["hide-input"]
from colorlab.course.figures.causality import influence_figure

titles = ["along the row", "along the column", "one, then the other"]
maps = {
    title: each[at] for title, each in zip(titles, seen.values(), strict=True)
}
show(
    influence_figure(maps, at, causal=False),
    alt="Three grids of 8 x 8 pixels with one framed: a layer along rows is "
    "told of its row, one along columns of its column, and both "
    "together of all pixels.",
)

# %% tags=["hide-input"]
from colorlab.course import table

sides = [
    ("here", 32),
    ("its spatial upsampler", 256),
]
rows = [
    (f"{name}: {n} x {n}", f"{n**4:,}", f"{2 * n**3:,}") for name, n in sides
]
table(["pairs", "all with all", "rows, then columns"], rows)

# %% [markdown]
# ## What a pixel may be told
#
# The *encoder* sees the grey photo, all of it: no mask. Colours are another matter. In training the
# true colours of *all* pixels go in at once, and all 1,024 answers come out at once (*teacher
# forcing*). So the network itself must not let a pixel know its own colour, or a later one's. Two
# parts see to that:
#
# - The **outer decoder** looks along rows without a mask, then along columns with one: each pixel
#   asks itself and those above. Now it knows its own row, and all rows above. That is a row too
#   much, so all is *shifted down* by one.
# - The **inner decoder** looks along its row with a mask: to itself and those to the left. That is
#   a pixel too much, so its colours are *shifted right* by one beforehand.
#
# Move the pixel, choose a part, and take the shift away:

# %% tags=["hide-input", "twin"]
from IPython.display import HTML

from colorlab.course.widgets import causal_mask

HTML(causal_mask(names[0], at=(7, 5)))

# %% [markdown]
# The figure follows rules, and a network could break them by a slip in one index. So ask the
# network. Its two shifts are methods of their own, and can be taken away:


# %%
class Unshifted(CoarseColorizer):
    """Without the shifts."""

    down = right = staticmethod(lambda x: x)


torch.manual_seed(0)
leaky = Unshifted(Size(8, 16), encoder=1, outer=1, inner=1)

# %%
from colorlab.course.figures.causality import decoder_parts

told = {}
for ending, core in (("", tiny), (",\nno shift", leaky)):
    for name, part in decoder_parts(core).items():
        told[name + ending] = influence(part, 8, 16)[at]

# %% tags=["hide-input"]
show(
    influence_figure(told, at, rows=2),
    alt="Two rows of five grids, with shifts and without: one layer along "
    "rows, one along columns, the outer decoder, the inner decoder, "
    "all. With shifts no pixel that is not drawn yet is reached. "
    "Without, the pixel itself is, and in three of them the rest of its "
    "row.",
)

# %% [markdown]
# Orange and crossed is what nobody can know when the pixel is drawn: itself, and what comes later.
#
# ### What goes wrong without the shifts
#
# Let both learn three tiny photos by heart, and draw them.

# %%
from colorlab.models.coltran import bits

pages = sample_batch(16, *names)
page_bins = to_bins((255 * pages).round().byte())
page_grey = to_grey(LAB.luma(pages))


# %%
def learn(kind):
    """A network that saw the three photos `steps` times, and its bits."""
    torch.manual_seed(0)
    core = kind(Size(16, 32), encoder=1, outer=1, inner=1)
    adam = torch.optim.Adam(core.parameters(), 5e-3)
    for _ in range(steps):
        loss = bits(core(page_grey, page_bins)[0], page_bins)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return core.eval(), loss.item()


# %% tags=["hide-input"]
cores, losses = zip(*map(learn, (CoarseColorizer, Unshifted)), strict=True)
shown = [from_bins(page_bins) + 16]
shown += [
    from_bins(core.sample(page_grey, [0, 1, 2])[0]) + 16 for core in cores
]
pictures = [list(one.permute(0, 2, 3, 1).numpy()) for one in shown]
columns = ["photo", "shifts", "none"]

# %% tags=["hide-input", "large"]
show(
    photo_grid(
        list(zip(*pictures, strict=True))[:2],
        columns=columns,
        labels=names,
        height=2.0,
    ),
    alt="Two photos of 16 x 16 coarse colours, and what both networks draw: "
    "the one with shifts draws the photos again, the one without draws "
    "blotches.",
)

# %% tags=["remove-cell"]
note(learned=f"{losses[0]:.2f}", leaked=f"{losses[1]:.2f}")
same = [(one == shown[0]).all(1).float().mean().item() for one in shown[1:]]
note(redrawn=f"{same[0]:.0%}", failed=f"{same[1]:.0%}")

# %% tags=["remove-input"]
say("""
In training both end at next to nothing, {learned} bits with the shifts and {leaked} without: by
the loss one would not know. When they draw, the answers aren't there to be copied. Of the pixels
{redrawn} come out right with the shifts, and {failed} without. With photos that nobody can know by
heart there is one symptom, given time: a loss that is too good.
""")

# %% [markdown]
# ## Two checks
#
# Both are cheap. The first finds colours that are told too early, the second a sampler that does
# other things than training. First, causality. Change one colour of a photo; the logits of all
# pixels up to that one must be *bit for bit* what they were.

# %%
y, x = 12, 20
other = bins.clone()
other[:, y, x] = (bins[:, y, x] + 100) % 512
core = network.colorizer
with torch.inference_mode():
    encoded = core.encode(grey)
    before = core.decode(encoded, bins).flatten(1, 2)
    after = core.decode(encoded, other).flatten(1, 2)
place = 32 * y + x
equal = torch.equal(before[:, : place + 1], after[:, : place + 1])
moved = (before != after).any(-1)[:, place + 1 :].float().mean().item()

# %% [markdown]
# Second, draw a picture pixel by pixel, and keep the probability of each draw. Then hand the whole
# picture in, as in training. The same probabilities must come out.

# %%
drawn, logs = core.sample(grey, seeds=[0, 1, 2])
with torch.inference_mode():
    shares = core.decode(encoded, drawn).log_softmax(-1)
taught = shares.gather(-1, drawn[..., None])[..., 0]
apart = (logs - taught).abs().max().item()

# %% tags=["remove-cell"]
note(
    place=f"{place + 1:,}",
    equal="equal" if equal else "NOT EQUAL",
    moved=f"{moved:.0%}",
)
note(
    apart=f"{apart:.0e}".replace("e-0", "e-"),
    least=f"{logs.min().item():.0f}",
)

# %% tags=["remove-input"]
say("""
The first {place} pixels' logits are {equal}, bit for bit, and {moved} of the later ones have moved.
Drawn and taught log-probabilities, down to {least} nats, are at most {apart} apart, which is
rounding.
""")

# %% [markdown]
# ## Keys and values
#
# The second check compares two ways to compute. In training all goes through the network once. To
# draw, one could do that for every pixel, and take one answer each time. But a pixel's *keys* and
# *values*, what it is asked by and what it answers, never change once it is drawn: later colours
# can't reach it. They are kept. The grey is encoded once, the outer decoder runs a row at a time,
# the inner decoder a pixel at a time. Count what goes through the layers:

# %%
through = {}


def counting(name):
    """A hook that counts the pixels that a layer is given."""

    def hook(layer, inputs, output):
        _, height, width, _ = inputs[0].shape
        through[name] = through.get(name, 0) + height * width

    return hook


# %%
layers = {"encoder": core.encoder.layers[0], "outer": core.outer[0]}
layers["inner"] = core.inner[0]
hooks = [
    x.register_forward_hook(counting(name)) for name, x in layers.items()
]
core.sample(grey[:1], seeds=[0])
kept = dict(through)

# %% tags=["hide-input"]
through.clear()
with torch.inference_mode():
    core(
        grey[:1], bins[:1]
    )  # one pass: without a cache there is one for each pixel
for hook in hooks:
    hook.remove()
rows = [
    (name, f"{kept[name]:,}", f"{1024 * through[name]:,}") for name in layers
]
table(["pixels through each layer of", "with a cache", "without"], rows)

# %% [markdown]
# A factor of 1,024 in every part. What is left is that 1,024 steps wait for each other. A pixel is
# little work, but the next one can't begin before it is drawn; only other pictures can be drawn
# beside it.
#
# ## Several colourings
#
# Now the network that comes with the package. One photo, four seeds:

# %%
with torch.inference_mode():
    pooled = to_grey(adaptive_avg_pool2d(luma[:1], 32))  # as in `samples`
    one = pooled.expand(count, -1, -1)
    coarse_drawn, _ = core.sample(one, range(count))
    chromas = network.samples(luma[:1], range(count))

# %% tags=["hide-input", "large"]
rows = [list((from_bins(coarse_drawn) + 16).permute(0, 2, 3, 1).numpy())]
rows += [to_pictures(LAB.merge(luma[:1].expand(count, -1, -1, -1), chromas))]
columns = [f"no. {seed + 1}" for seed in range(count)]
show(
    photo_grid(rows, columns=columns, labels=["drawn", "joined"], height=2.0),
    alt="Four colourings of one photo, each in 32 x 32 coarse colours, and "
    "joined to the photo's luminance. They differ.",
)

# %% [markdown]
# And two ways to draw, side by side: ColTran's, and the smooth noise of the network of 313
# colours, twice each. Which would you print?

# %% tags=["hide-input", "slide"]
from colorlab.course import sample_photos
from colorlab.inference.samples import draw_colorings

rows, columns = [], []
for photo in sample_photos(*names[:2]):
    rgb = photo.rgb[::2, ::2]
    ours, theirs = (draw_colorings(rgb, m, 2) for m in (network, zhang))
    rows.append([*ours, *theirs])
columns = ["ColTran", "again", "smooth noise", "again"]
show(
    photo_grid(rows, columns=columns, labels=names, height=0.9),
    alt="Two photos in rows: two colourings drawn one pixel after another, "
    "and two with smooth noise.",
)

# %% [markdown]
# ## What is it worth?
#
# Measured on photos that no network here was trained on. Diversity is the mean distance of two
# samples of a photo, in L\*a\*b\* units. *Unrest* is how far a pixel is from the next one in its
# row, at 32 x 32, over the photos' own: 1 is as calm as photos are. The error is squared, over
# grey's.

# %%
import json

from colorlab.train import records

folder = records.RUNS / "coltran_small"
record = json.loads((folder / "samples.json").read_text())["sets"]
kinds = {"scenes": record["scenes/test"]}
kinds["objects"] = record["imagenet_samples"]

# %% tags=["hide-input"]
rows = []

# %% tags=["hide-input"]
for kind, found in kinds.items():
    for name, way in found["ways"].items():
        told = (way[x] for x in ("unrest", "chroma_ratio", "mse"))
        cells = [f"{way['diversity']:.1f}", *(f"{x:.2f}" for x in told)]
        cells.append(f"{way['best'][-1]:.2f}")
        rows.append((f"{kind}: {name}", *cells))
    rows.append((f"{kind}: grey", "0.0", "0.00", "0.00", "1.00", "1.00"))

# %% tags=["hide-input"]
head = ["drawn by", "diversity", "unrest", "chroma", "MSE / grey, one sample"]
table([*head, f"best of {len(way['best'])}"], rows)

# %% tags=["remove-cell"]
scenes, objects = kinds.values()
ours, theirs, alone = scenes["ways"].values()
note(
    {
        "photos": scenes["photos"],
        "of": len(ours["best"]),
        "bits": f"{scenes['bits']:.2f}",
    }
)
rows = [
    f"{np.mean(scenes['rows'][part]):.2f}"
    for part in (slice(1), slice(1, None))
]
note({"first rows": rows[0], "middle rows": rows[1]})

# %% tags=["remove-cell"]
note(
    {
        "guess": f"{scenes['guess']:.2f}",
        "bits objects": f"{objects['bits']:.2f}",
    }
)
note({"guess objects": f"{objects['guess']:.2f}"})
saved = scenes["guess"] - scenes["bits"]
note({"saved": f"{abs(saved):.2f} bits " + ("less" if saved > 0 else "more")})

# %% tags=["remove-cell"]
for name, way in {"ours": ours, "theirs": theirs, "alone": alone}.items():
    note(
        {
            f"{name} unrest": f"{way['unrest']:.1f}",
            f"{name} best": f"{way['best'][-1]:.2f}",
            f"{name} one": f"{way['mse']:.2f}",
        }
    )
nearer = min((ours, theirs), key=lambda way: abs(np.log(way["unrest"])))
closer = min((ours, theirs), key=lambda way: way["best"][-1])
who = {id(ours): "ColTran", id(theirs): "smooth noise"}
note(calm=who[id(nearer)], close=who[id(closer)])

# %% tags=["remove-cell"]
above = (
    "above"
    if min(ours["best"][-1], theirs["best"][-1]) > 1
    else "not both above"
)
note(grey=above)

# %% tags=["remove-input"]
say("""
({photos} photos of each, {of} samples a photo; no intervals were recorded, so trust large gaps
alone.) With each pixel alone, neighbours on scenes are
{alone unrest} times as far apart as in photos; with smooth noise {theirs unrest} times, and drawn
one after another {ours unrest} times; by this measure {calm} is nearer to photos. The best of {of}
has {ours best} of grey's error for ColTran, {theirs best} for smooth noise: there {close} is
ahead, but one must know the truth to pick it. A single sample has {ours one} and {theirs one}. Grey
stands at 1, and in most rows a single sample is worse than that: it is one of many possible
pictures, and the photo is another.

Best-of-several rewards diversity, whatever it is good for; unrest rewards a sample that is grey.
What such a network is trained for is neither, but **bits a pixel**: how many it needs to tell the
true coarse colours, one after another. Here they are {bits} on scenes and {bits objects} on
objects, of 9. A head on the encoder alone, which is told no colour, needs {guess} and
{guess objects}: {saved} on scenes for the one that is told. Not all of that is what colours are
worth: the head has a hundredth of the loss, so that the encoder is shaped for the decoders and not
for it. The uppermost row, with nothing drawn above it, costs {first rows} bits a pixel, all others
{middle rows}.
""")

# %% [markdown]
# ## How long was it trained?

# %% tags=["hide-input"]
import csv
from itertools import pairwise

from colorlab.course import line_figure, read_card

with open(folder / "validation.csv") as file:
    log = [
        {key: float(value) for key, value in row.items()}
        for row in csv.DictReader(file)
    ]

# %% tags=["hide-input"]
parts = {"told colours": "bits", "grey alone": "guess"}
show(
    line_figure(
        [row["step"] for row in log],
        {name: [row[key] for row in log] for name, key in parts.items()},
        size=(6.4, 2.8),
        xlabel="step",
        ylabel="bits a pixel, validation",
        ylim=(0, 9),
    ),
    alt="Bits a pixel on validation photos at steps 1,000 and 1,500: told "
    "colours falls from 1.2 to 1.0, grey alone from 3.6 to 3.4.",
)

# %% tags=["remove-cell"]
from colorlab.evaluate.published import select

card = read_card("coltran_small")

# %% tags=["remove-cell"]
last = log[-1]["bits"]
half = next(row["bits"] for row in log if 2 * row["step"] >= log[-1]["step"])
clock = [
    0.0,
    *(row["seconds"] for row in log),
]  # from 0 again where it was stopped
spent = sum(b - a if b > a else b for a, b in pairwise(clock))
note({"trained": f"{card['steps']:,}", "minutes": f"{spent / 60:.0f}"})
note(
    {
        "batch": card["recipe"]["batch"],
        "last": f"{last:.2f}",
        "fall": f"{half - last:.2f}",
    }
)

# %% tags=["remove-cell"]
note(end="it had not finished" if half - last > 0.02 else "nearly flat")
epochs = card["steps"] * card["recipe"]["batch"] / card["data"]["train"]
note({"epochs": f"{epochs:.1f}"})
asked = {
    "fooled": "ColTran",
    "plain": "Palette's regression",
    "palette": "Palette",
}
fooled = {
    row.method: row.value
    for row in select(metric="fooled", protocol="palette")
}
note({key: f"{fooled[method]:.0f}" for key, method in asked.items()})

# %% tags=["remove-input"]
say("""
{trained} steps of {batch} photos, each photo {epochs} times, in {minutes} minutes on one core that
had other work as well. Between the two measurements, the figure's ends, the bits fell by {fall},
to {last}: {end}. The
paper took 450,000 steps for its colorizer, on a slice of 4 x 4 TPUs, each core with 7 photos, and
300,000 for each upsampler. Published ColTran is another matter: when the authors of Palette
(Saharia et al., 2022) asked people, its pictures were taken for photos in {fooled} % of the cases,
those of a plain regression in {plain} %, and Palette's own, drawn by diffusion, in {palette} %
([Results, and an audit of the paper's table](17_results.ipynb) has more of them). To draw does not
make better pictures by itself; it makes several, each in one piece, once the network is good.
""")

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("one_pixel_after_another")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A picture of 4 x 4 pixels. How many pixels' colours may tell something to the one in row 2, column
# 1, counted from 0?
# ```

# %%
your_count = None
check("15.1", your_count)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Two rows of four above it, and one pixel to its left: 9.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# A network gave the true colours of three pixels the probabilities 1/2, 1/8 and 1/64. How many bits
# a pixel is that?
# ```

# %%
your_bits = None
check("15.2", your_bits)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# 1, 3 and 6 bits: 10 in all, and $10/3 = 3.33$ a pixel. Together the three have the probability
# $2^{-10}$: bits add up because probabilities multiply.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# A picture of 64 x 64 pixels. How many pairs of pixels are compared by a layer along rows and one
# along columns together, without masks?
# ```

# %%
your_pairs = None
check("15.3", your_pairs)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# 4,096 pixels, each with the 64 of its row and the 64 of its column: 524,288. All with all would
# be 16,777,216.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# `core.sample` takes a temperature. Draw at 0.3 and at 1.5, and look at what happens to the unrest
# (`colorlab.evaluate.samples.unrest`) and to the diversity. Which temperature would you print at?
# Then think of the order: what would change if pixels were drawn from the middle outwards?
# ```
#
# ## Summary
#
# - The chain rule makes a picture's probability a product of one pixel's distributions, each told
#   what came before. Nothing is assumed, but drawing is sequential.
# - Axial attention asks along rows and columns: $2n^3$ pairs in place of $n^4$.
# - Masks let a pixel see itself; a shift down and a shift right take that away. Without them the
#   loss is splendid and the pictures are not.
# - Two checks: logits before a changed pixel are bit-equal; drawn and taught probabilities agree.
# - A cache of keys and values saves a factor of the number of pixels.
# - One sample is not the most accurate answer. Several show what could have been.
#
# **Read next.** Kumar et al. (2021), sections 3 and 4.
#
# Next: [Judging colour](16_metrics.ipynb), on what numbers reward.
