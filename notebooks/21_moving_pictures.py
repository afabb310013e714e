# %% [markdown]
# # Moving pictures
#
# A film is many photos, twenty-four a second. Colour each one on its own, and each may be good; run
# them, and the colours boil. This chapter shows the flicker, measures it, and lessens it.
#
# ```{admonition} Goals
# After this chapter you can
# - show flicker in a still picture, and measure it in two ways;
# - say what averaging over time costs where something moves;
# - follow the motion, and say where the past may not be trusted;
# - colour a film of yours, and say what its file keeps.
# ```
#
# Time: 40 minutes; the cells run in about a minute on two CPU cores. You need [Colour
# spaces](01_color_spaces.ipynb), and [Old photographs](19_old_photos.ipynb) for grain. MSE / grey
# is the squared error as a share of what grey would cost.

# %% tags=["parameters"]
photo = "flower"  # the sample photo that the camera pans over
frames = 24  # one second
grain = 8  # standard deviation, of 255

# %%
import numpy as np
import torch

from colorlab.course import check, note, photo_grid, say, show, use_style

use_style()

# %% [markdown]
# ## A film whose truth is known
#
# To know what is wrong we need a film whose colours *and* motion we know. So we make one: a camera
# pans and zooms over a colour photo. It is *simulated*: nothing in the scene moves by itself. Each
# frame gets grain of its own, as film has.

# %%
from colorlab.course import sample_photos
from colorlab.data.pan import simulate_pan
from colorlab.inference.old import simulate_grain

scene = sample_photos(photo)[0].rgb
made = simulate_pan(scene, (96, 128), (0, 0, 320), (280, 100, 300), frames)
truth, flows = zip(*made, strict=True)
greys = [
    simulate_grain(frame, grain, seed) for seed, frame in enumerate(truth)
]

# %% [markdown]
# `flows` says of each pixel where it was a frame before. The network colours frame after frame,
# knowing nothing of the others:

# %%
from colorlab.course import load_model
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import predict_chroma, working_luma

model = load_model("colorlab")


# %%
@torch.inference_mode()
def answer(grey):
    """What the network sees, luma (h, w), and says, chroma (2, h, w)."""
    pixels = to_pixels(grey)
    luma = working_luma(pixels, model.space)[0, 0]
    return luma, predict_chroma(pixels, model).float()


def join(greys, chroma):
    """Grey frames with chroma, as pictures."""
    pairs = zip(greys, chroma, strict=True)
    return [
        join_luminance(to_pixels(g), c, model.space).numpy() for g, c in pairs
    ]


# %%
answers = [answer(grey) for grey in greys]
alone = [chroma for _, chroma in answers]
coloured = {"frame by frame": join(greys, alone)}
at = [0, 1, frames - 1]
rows = [[film[k] for k in at] for film in (truth, coloured["frame by frame"])]
figure = photo_grid(
    rows, [f"frame {k + 1}" for k in at], ["truth", "coloured"], height=0.9
)
show(
    figure,
    alt="Three frames of a pan over a photo in true colours, and below as "
    "coloured.",
)

# %% [markdown]
# Frames 1 and 2 are nearly the same picture. Are their colours?
#
# ## Flicker in a still picture
#
# Take one row of pixels from every frame, and stack the rows: time goes down. This is a *slice* of
# the film. What moves draws slanted lines. What flickers draws horizontal stripes. The slices here
# show a\* and b\* alone, at one lightness, two and a half times as strong.

# %%
from colorlab.color import LAB
from colorlab.course import to_picture, to_tensor


def chroma_slice(film, row=60):
    """A row's colours over time at one lightness, each frame five pixels
    high.
    """
    rows = np.stack([frame[row] for frame in film]).repeat(5, axis=0)
    luma, chroma = LAB.split(to_tensor(rows))
    return to_picture(LAB.merge(torch.full_like(luma, 0.65), 2.5 * chroma)[0])


slices = [chroma_slice(film) for film in (truth, coloured["frame by frame"])]
figure = photo_grid([slices], columns=["truth", "frame by frame"], height=1.7)

# %%
show(
    figure,
    alt="Slices over time: true colours are smooth slanted bands; coloured, "
    "striped.",
)

# %% [markdown]
# Why? Grain and framing differ from frame to frame, and where the network is in doubt a little
# tips it over.
#
# ## Two measures
#
# **Colour distribution consistency** (CDC, [Liu et al., 2021](https://arxiv.org/abs/2110.04562))
# compares the histograms of R, of G and of B in frames $t$ and $t + k$, $p$ and $q$, by their
# Jensen-Shannon divergence $\frac12 \sum p \ln \frac{p}{m} + \frac12 \sum q \ln \frac{q}{m}$ with
# $m = \frac{p + q}2$, and averages over $t$, channels, and $k = 1, 2, 4$. It needs neither truth
# nor motion.
# It does not ask *where* a colour is, and what comes into view counts as flicker.
#
# **Warped difference**: take a point's colour, go along the motion to where it was a frame before,
# and measure how far a\* and b\* have moved, after
# ([Lai et al., 2018](https://arxiv.org/abs/1808.00449)). It needs the motion. We know it.
#
# Neither asks whether colours are right. Leave the film grey, and its warped difference is 0, the
# best of all. (Its CDC is not: grey values change with the view, too.) So the squared error against
# the truth stands beside them.

# %%
from colorlab.evaluate.flicker import (
    color_distribution_consistency,
    warped_difference,
)
from colorlab.evaluate.metrics import ChromaErrors


def measures(film, truth=truth, flows=flows):
    """CDC in thousandths, warped difference in L*a*b* units, MSE / grey."""
    errors = ChromaErrors()
    for ours, true in zip(film, truth, strict=True):
        errors.add(to_tensor(ours), to_tensor(true))
    cdc = 1000 * color_distribution_consistency(film)
    return cdc, warped_difference(film, flows), errors.mse_to_grey


# %% tags=["remove-cell"]
found = {
    "truth": measures(truth),
    "alone": measures(coloured["frame by frame"]),
}
for name, (cdc, warped, error) in found.items():
    note({f"{name} cdc": f"{cdc:.1f}", f"{name} warped": f"{warped:.2f}"})
    note({f"{name} error": f"{error:.3f}"})

# %% tags=["remove-input"]
say("""
The true film has a CDC of {truth cdc} thousandths and a warped difference of {truth warped} units:
the view changes, and each frame samples the photo anew, so not even the truth has 0. Coloured frame
by frame it is {alone cdc} and {alone warped}.
""")

# %% [markdown]
# ## First cure: average
#
# Keep seven eighths of the last colour, add an eighth of the new one:

# %%
share = 1 / 8
averaged = [alone[0]]
for now in alone[1:]:
    averaged.append((1 - share) * averaged[-1] + share * now)
coloured["averaged"] = join(greys, averaged)

# %% [markdown]
# On a scene that stands still, nothing could be said against it. Here the camera moves, and colours
# lag behind the things they belong to.
#
# ## Second cure: follow
#
# Before averaging, move the past to where things are now. Where each pixel was is found from
# the grey frames: *optical flow*, here by registering small windows, coarse to fine
# ([Le Besnerais and Champagnat, 2005](https://doi.org/10.1109/ICIP.2005.1529706)). This is how
# noise was removed from television pictures (Dubois and Sabri, 1984). Three things make it work:
#
# - the past is warped along the flow;
# - where its luminance then does not fit the frame's, it counts less: something was hidden, or the
#   flow is wrong;
# - every pixel knows of how many frames it is the mean, so a new pixel starts with its own colour.

# %% tags=["lesson"]
import inspect

from IPython.display import Markdown

from colorlab.inference.steady import follow, is_cut, steady

Markdown(f"```python\n{inspect.getsource(steady)}```")

# %%
coloured["following"] = join(greys, steady(answers, follow, memory=8))

# %% [markdown]
# How good could it be? As the motion is known, we can cheat: colour the whole photo once, and pan
# over that. (The network then sees more than a frame shows, and no grain.)

# %%
from colorlab.course import colorize_rgb

once = colorize_rgb(scene, model)
views = simulate_pan(once, (96, 128), (0, 0, 320), (280, 100, 300), frames)
coloured["one colouring"] = join(
    greys, [LAB.split(to_tensor(f))[1][0] for f, _ in views]
)
figure = photo_grid(
    [[chroma_slice(f) for f in coloured.values()]], list(coloured), height=1.6
)
show(
    figure,
    alt="Slices: stripes alone, smeared when averaged, clean bands when "
    "following.",
)

# %%
from colorlab.course import table

grey = join(greys, [0 * chroma for chroma in alone])
named = {"truth": truth, "grey": grey} | coloured
numbers = {name: measures(film) for name, film in named.items()}
head = ["colours", "CDC, thousandths", "warped difference", "MSE / grey"]
rows = [
    (n, f"{c:.1f}", f"{w:.2f}", f"{e:.3f}")
    for n, (c, w, e) in numbers.items()
]
table(head, rows)

# %% tags=["remove-cell"]
for name, (cdc, warped, error) in numbers.items():
    note(
        {
            f"{name} w": f"{warped:.2f}",
            f"{name} e": f"{error:.3f}",
            f"{name} c": f"{cdc:.1f}",
        }
    )
note(times=f"{numbers['frame by frame'][1] / numbers['following'][1]:.1f}")

# %% tags=["remove-input"]
say("""
Averaging brings the warped difference from {frame by frame w} to {averaged w}, and the error from
{frame by frame e} to {averaged e}: steadier, and more wrong. Following brings it to {following w},
{times} times less than frame by frame, at an error of {following e}. (That this is below the
truth's {truth w} and below {one colouring w} of one colouring is no merit: paler colours move
less.) CDC has less to say:
{frame by frame c}, {averaged c}, {following c}, as most of it is the view that changes. It would
not have told us that averaging smears. Steady is not right: what the network has wrong in every
frame stays wrong.
""")

# %% [markdown]
# Is that luck? Half a second of another pan over the flower, and of three other photos, coloured
# frame by frame and following:


# %%
def both_ways(name):
    """Warped difference and MSE over grey's of two ways to colour a pan over
    a photo.
    """
    scene = sample_photos(name)[0].rgb
    pan = simulate_pan(scene, (96, 128), (0, 0, 300), (200, 90, 270), 24)
    truth, flows = zip(*list(pan)[:12], strict=True)
    greys = [
        simulate_grain(frame, grain, seed) for seed, frame in enumerate(truth)
    ]
    answers = [answer(grey) for grey in greys]
    ways = [chroma for _, chroma in answers], steady(answers, follow)
    return [measures(join(greys, way), truth, flows)[1:] for way in ways]


# %%
luck = {
    name: both_ways(name)
    for name in ("flower", "china", "coffee", "motorcycle")
}
ways = ["warped, alone", "warped, following", "error, alone"]
head = ["photo", *ways, "error, following"]
rows = [
    (n, *(f"{way[k]:.{k + 2}f}" for k in (0, 1) for way in both))
    for n, both in luck.items()
]
table(head, rows)

# %% tags=["remove-cell"]
changes = [b[1] / a[1] - 1 for a, b in luck.values()]
note(least=f"{min(changes):+.1%}", most=f"{max(changes):+.1%}")

# %% tags=["remove-input"]
say("""
The flicker falls on all of them; the error moves by {least} to {most}. Following is loyal: if the
network thinks better of a thing once more of it is in view, its first opinion is still averaged in.
""")

# %% [markdown]
# The film itself: frame by frame at the left, following at the right. It moves when you start it.

# %%
from fractions import Fraction

import av


# %%
def write_film(path, pictures, crf):
    """Pictures (H, W, 3) as a film, 24 a second; a small `crf` is good."""
    with av.open(path, "w") as film:
        video = film.add_stream("libx264", rate=24, options={"crf": str(crf)})
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))


# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())

# %% tags=["hide-input"]
import base64

from IPython.display import HTML

from colorlab.data.formats import data_uri

pairs = zip(coloured["frame by frame"], coloured["following"], strict=True)
both = [np.hstack(pair) for pair in pairs]
write_film(folder / "both.mp4", both + both[::-1], crf=27)
data = base64.b64encode((folder / "both.mp4").read_bytes()).decode()

# %% tags=["hide-input", "twin"]
HTML(
    f'<video poster="{data_uri(both[0])}" '
    'controls loop muted playsinline width="512" style="max-width: '
    '100%" aria-label="A pan over a photo: at the left its colours '
    'flicker, at the right they are steady." '
    f'src="data:video/mp4;base64,{data}"></video>'
)

# %% [markdown]
# ## Shots
#
# A film is cut from shots, and across a cut there is nothing to follow. Two frames belong to
# different shots if the histograms of their four quarters differ too much, each frame taken
# relative to its mean, since the light of old film flickers. Such criteria have long been compared
# (Boreczky and Rowe, 1996). Our film, then, cut to another:

# %%
cup = sample_photos("coffee")[0].rgb
other = simulate_pan(cup, (96, 128), (50, 0, 400), (90, 40, 400), 4)
cut = greys[-3:] + [
    simulate_grain(f, grain, 99 + k) for k, (f, _) in enumerate(other)
]
answered = answers[-3:] + [answer(grey) for grey in cut[3:]]
lumas = [luma for luma, _ in answered]
print(
    "a cut before frame:",
    [k + 1 for k in range(1, 7) if is_cut(lumas[k - 1], lumas[k])],
)

# %%
leak = averaged[-3:]
for _, now in answered[3:]:
    leak.append((1 - share) * leak[-1] + share * now)
both = join(cut, leak), join(cut, steady(answered, follow))
rows = [[film[k] for k in (2, 3, 6)] for film in both]
figure = photo_grid(
    rows, ["before", "after", "four after"], ["averaged", "shots"], height=0.9
)
show(
    figure,
    alt="After a cut, averaged: the flower's colours lie on the cup. By "
    "shots: they don't.",
)

# %% [markdown]
# ## Two things that move
#
# A pan is easy: the whole frame moves as one. So we draw a harder film. A cat's face, cut from
# another photo, goes to the right while the background goes to the left. It hides what it passes,
# and uncovers it again. No camera took this film, either.

# %%
cat = sample_photos("chelsea")[0].rgb[30:230, 110:310][::5, ::5]
y, x = np.mgrid[-1:1:40j, -1:1:40j]
inside = x**2 + y**2 < 1
moving, masks = [f.copy() for f in truth], []
for k, frame in enumerate(moving):
    left = 4 + 3 * k  # three pixels a frame
    mask = np.zeros(frame.shape[:2], bool)
    mask[30:70, left : left + 40] = inside
    frame[mask] = cat[inside]
    masks.append(mask)

# %% tags=["hide-input"]
cat_flows = []
for k, flow in enumerate(flows):
    flow = flow.copy()
    rows, columns = np.round(
        np.nan_to_num(flow) + np.mgrid[:96, :128]
    ).astype(int)
    was = masks[k - 1][rows.clip(0, 95), columns.clip(0, 127)]
    flow[:, was] = np.nan  # hidden a frame before
    flow[0, masks[k]], flow[1, masks[k]] = 0, -3
    cat_flows.append(flow)

# %%
grey_cats = [
    simulate_grain(frame, grain, 200 + k) for k, frame in enumerate(moving)
]
cats = [answer(grey) for grey in grey_cats]
smooth = list(steady(cats, memory=8))
whole = iter([*flows[1:], None])


# %%
def pan_only(now, before):
    """The known motion of the background, for every pixel."""
    flow = torch.from_numpy(np.nan_to_num(next(whole)))[None]
    scale = torch.tensor([now.shape[0] / 96, now.shape[1] / 128]).view(
        2, 1, 1
    )
    return (
        torch.nn.functional.interpolate(flow, now.shape, mode="bilinear")[0]
        * scale
    )


# %%
ways = {"frame by frame": [c for _, c in cats], "averaged": smooth}
ways |= {
    "the background's motion": steady(cats, pan_only),
    "following": steady(cats, follow),
}
films = {name: join(grey_cats, chroma) for name, chroma in ways.items()}
middle = frames // 2
few = {"truth": moving} | {
    n: f for n, f in films.items() if "background" not in n
}
figure = photo_grid(
    [[film[middle] for film in few.values()]], list(few), height=1.1
)

# %% tags=["slide"]
show(
    figure,
    alt="A cat's face over a flower: true, frame by frame, averaged, and "
    "following.",
)


# %%
def on_the_cat(film):
    """MSE over grey's where the cat is."""
    errors = ChromaErrors()
    for ours, true, mask in zip(film, moving, masks, strict=True):
        errors.add(to_tensor(ours[mask][None]), to_tensor(true[mask][None]))
    return errors.mse_to_grey


rows = []
for name, film in films.items():
    _, warped, error = measures(film, moving, cat_flows)
    rows.append(
        (name, f"{warped:.2f}", f"{error:.3f}", f"{on_the_cat(film):.3f}")
    )
    note({f"{name} cat": rows[-1][3], f"{name} cat w": rows[-1][1]})

# %%
table(["colours", "warped difference", "MSE / grey", "on the cat"], rows)

# %% tags=["remove-input"]
say("""
On the cat alone, averaging has an error of {averaged cat}, following {following cat}, frame by
frame {frame by frame cat}. The background's own motion is exactly right for most of the frame, and
with it the cat is at {the background's motion cat}: where the past does not fit, its luminance says
so, and it counts for less. That check keeps a wrong flow from doing more harm. None is better on
the cat than frame by frame: at its edge a window of the flow holds both motions, and two things of
one grey value look alike to the check, whatever their colours.
""")

# %% [markdown]
# ## Your own film
#
# The command does all of it, with the photo's rules: the frames keep their luminance, at their full
# size; the times stay as they are; the sound is copied, packet for packet; the metadata say that a
# machine guessed the colours; and a result is written whole or not at all. It needs PyAV, the extra
# `film`.

# %%
import subprocess
import sys

write_film(folder / "film.mp4", greys, crf=4)
command = [
    str(Path(sys.executable).with_name("colorlab")),
    "colorize",
    "film.mp4",
]
done = subprocess.run(
    [*command, "-o", "coloured.mp4"], cwd=folder, capture_output=True
)

# %%
with av.open(folder / "coloured.mp4") as film:
    words = film.metadata["comment"]
    decoded = [
        frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)
    ]
print(f"exit status {done.returncode}, {len(decoded)} frames: {words}")

# %% tags=["remove-cell"]
lightness = [
    LAB.split(to_tensor(np.stack(f).reshape(-1, 128, 3)))[0]
    for f in (greys, decoded)
]
note(off=f"{100 * float((lightness[0] - lightness[1]).abs().mean()):.1f}")
note(coded=f"{warped_difference(decoded, flows):.2f}")

# %% tags=["remove-input"]
say(r"""
After two encodings L\* is off by {off} of 100 on average, as a codec rounds. It stores colours at
half the size, too: the warped difference of what comes out is {coded}, for {following w} before.
""")

# %% [markdown]
# What is not done: nothing looks into the future, so the first frame of a shot is as unsure as
# ever. A colour that is forgotten while something hides it may come back as another. A film whose
# frames are interlaced should be deinterlaced first. Networks that are trained on films look both
# ways, and learn what belongs together ([Liu et al., 2021](https://arxiv.org/abs/2110.04562)).
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("moving_pictures")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A film is averaged with a share of 1/8, across a cut. After how many frames of the new shot has at
# least nine tenths of the old colour gone?
# ```

# %%
your_frames = None
check("21.1", your_frames)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Of the old colour $(7/8)^n$ is left. After 17 frames that is 0.103, after 18 it is 0.090.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# A film goes black, white, black, white, and so on. What is its CDC, with the natural logarithm?
# ```

# %%
your_cdc = None
check("21.2", your_cdc)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# Two distributions with nothing in common are $\ln 2$ apart. That is so for $k = 1$; for 2 and 4
# the frames are alike. The mean is $\ln 2 / 3 = 0.231$.
# ```
#
# ```{admonition} Exercise 3 (hard)
# :class: tip
# The camera moves by 4 pixels a frame, and colours are averaged with a share of 1/8. By how many
# pixels, on average, do colours lag behind what they belong to?
# ```

# %%
your_lag = None
check("21.3", your_lag)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# A frame of age $n$ has the share $\frac18 (\frac78)^n$. The mean age is $\frac{7/8}{1/8} = 7$
# frames, so 28 pixels.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# Set `photo` to `"china"`, whose parts are small, or let the grain be 20. Which of the four ways
# changes its place in the table?
# ```
#
# ## Summary
#
# - A slice over time shows flicker in a still picture: stripes.
# - CDC asks whether the mixture of colours stays; the warped difference, whether a thing keeps its
#   colour. Neither asks whether it is right.
# - Averaging trades flicker for smear. Following the motion does so less, as long as the past is
#   dropped where it no longer fits.
# - Across a cut nothing is carried.
# - Steady colours are no truer than the network's.
#
# **Read next.** Liu et al. (2021), on networks for films; Lai et al. (2018), who make any filter
# steady; and once more [The studio](00_studio.ipynb), with what you know now.
