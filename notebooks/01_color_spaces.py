# %% [markdown]
# # Colour spaces
#
# A colorizer is handed lightness and asked for colour. Before any network, this chapter looks at
# that question itself: which numbers make up a colour, which of them a grey photo keeps, and which
# spaces hold the rest apart from it.
#
# ```{admonition} Goals
# After this chapter you can
# - say what each step from sRGB to CIE L\*a\*b\* and to YUV is for, and work out L\* yourself;
# - say what a grey photo keeps, and how much freedom is left;
# - read the gamut of sRGB in the (a\*, b\*) plane;
# - explain why a small colour picture on a large grey one looks sharp;
# - judge the paper's claim that squared error in L\*a\*b\* is what the eye sees.
# ```
#
# Time: 45 minutes; the cells run in well under a minute without a GPU.

# %% tags=["parameters"]
photo = "coffee"  # the name of a sample photo
other = "chelsea"  # the partner in the luminance swap

# %%
import numpy as np
import torch

from colorlab import color
from colorlab.color import LAB, YUV
from colorlab.course import check, note, sample_photos, say, show, use_style

use_style()
chosen, partner = (sample.rgb for sample in sample_photos(photo, other))

# %% [markdown]
# ## Three channels of light
#
# A photo file holds, for each pixel, how much red, green and blue a screen shall give. Each of
# the three is a picture by itself, and the three look much alike: where there is light, there is
# most often light of every colour. Colour is in their *differences*.

# %%
from colorlab.course import photo_grid

channels = [np.ascontiguousarray(chosen[..., i]) for i in range(3)]
figure = photo_grid([[chosen, *channels]], columns=["photo", "R", "G", "B"])
show(
    figure,
    alt="A photo and its red, green and blue channels as three similar grey "
    "pictures.",
)

# %%
correlation = np.corrcoef(chosen.reshape(-1, 3).T)
note(r_g=f"{correlation[0, 1]:.2f}", g_b=f"{correlation[1, 2]:.2f}")
note(r_b=f"{correlation[0, 2]:.2f}")
correlation.round(2)

# %% tags=["remove-input"]
say("""
Even in this very orange photo red and green correlate at {r_g}, green and blue at {g_b}, and red
and blue at {r_b}. A space that puts the common part into one channel and the differences into two
others suits us better: the common part is what a grey photo shows, and the differences are what
we must predict.
""")

# %% [markdown]
# ## From sRGB to L\*a\*b\*
#
# The numbers in the file are not amounts of light. They went through a *transfer curve* that
# spends more of the 256 steps on dark tones, where the eye tells more of them apart (IEC, 1999).
# So the way to CIE L\*a\*b\* (CIE, 2018) has three steps:
#
# 1. undo the curve: from sRGB, $s$ in [0, 1], to linear light: $((s + 0.055) / 1.055)^{2.4}$, and
#    $s / 12.92$ for $s$ up to 0.04045;
# 2. a 3x3 matrix: from the light of the screen's three lamps to X, Y, Z, three numbers that
#    describe any light for a standard observer; Y is its luminance;
# 3. a cube root (near black a straight line) of each, relative to white, and differences:
#    $L^* = 116 f(Y) - 16$, $a^* = 500 (f(X) - f(Y))$, $b^* = 200 (f(Y) - f(Z))$.

# %%
from colorlab.course import line_figure

steps = torch.linspace(0, 1, 256)
curves = {
    "linear light (step 1)": color.srgb_to_linear(steps),
    "L*/100 of that grey (step 3)": color.lightness(
        steps.expand(3, 1, 256)
    ).flatten()
    / 100,
}

# %%
labels = {"xlabel": "sRGB value of a grey pixel", "ylabel": "share of white"}
show(
    line_figure(steps, curves, (6, 3.6), xlim=(0, 1), ylim=(0, 1), **labels),
    alt="Linear light bends below the diagonal, and L* comes back close to "
    "the diagonal.",
)

# %% [markdown]
# Steps 1 and 3 nearly cancel: sRGB values are already close to even steps for the eye, and L\*
# (dashed) is close to them for greys. For colours they differ, as we shall see.
#
# Here are the three channels of the photo. L\* runs from 0 (black) to 100 (white). a\* goes from
# green (negative) to red, b\* from blue (negative) to yellow; both are 0 for every grey.

# %%
import matplotlib.pyplot as plt

from colorlab.course import to_tensor

rgb = to_tensor(chosen)[0]
lab = color.rgb_to_lab(rgb)

# %%
figure, axes = plt.subplots(1, 3, figsize=(10, 2.9), layout="constrained")
limits = {"L*": (0, 100), "a*": (-60, 60), "b*": (-60, 60)}
maps = ("gray", "PiYG_r", "PuOr_r")
parts = zip(axes, lab, limits.items(), maps, strict=True)
for axis, channel, (name, (low, high)), cmap in parts:
    drawn = axis.imshow(channel, vmin=low, vmax=high, cmap=cmap)
    figure.colorbar(drawn, ax=axis, shrink=0.8, label=name)
    axis.set_axis_off()
show(
    figure,
    alt="L* shows the photo in grey; a* is largest on the saucer, b* in "
    "the coffee, and both show the wood's grain.",
)

# %% [markdown]
# L\* alone shows the whole picture. The other two have their edges where L\* has some: even the
# grain of the wood is in all three. A network that has L\* as its input need not draw; it has to
# tint.
#
# ## YUV, the cheaper way
#
# Television put a colour signal beside the grey one long before, and did it with one matrix on R, G
# and B as they are after its own transfer curve; here they are sRGB's (ITU-R, 2011):
# $Y = 0.299 R + 0.587 G + 0.114 B$, and $U \propto B - Y$, $V \propto R - Y$. Dahl's colorizer
# works in it ([Dahl, 2016](https://tinyclouds.org/colorize/)).
#
# This Y is not that of step 2, which is of light. The grey channel that a network is given, L\*/100
# or this Y, we call *luma* (or, loosely, the photo's luminance), and the other two *chroma*.
#
# So "the grey version of a photo" is not one thing. Below, six colours and what the two spaces
# call their grey.

# %%
from colorlab.course import group_figure

six = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
six |= {
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
}
pure = torch.tensor(list(six.values())).T[:, None].float() / 255  # (3, 1, 6)
lumas = {
    "L*/100": LAB.luma(pure).flatten(),
    "Y of YUV": YUV.luma(pure).flatten(),
}

# %%
show(
    group_figure(
        list(six), lumas, (7, 3.2), ylabel="luma, 1 is white", ylim=(0, 1)
    ),
    alt="Bars of L* and Y for six pure colours; L* is the larger one for "
    "each of them.",
)

# %% [markdown]
# Blue is the plainest case: Y calls it nearly black, L\* a dark middle grey. A network trained on
# one kind of grey and fed the other sees a photo that is too light or too dark where it matters.
# This is worth remembering when two programs are compared.
#
# ## What grey keeps, and what it leaves open
#
# All these patches have the same L\*, 60. In grey they are one.

# %%
from torch.nn.functional import interpolate

from colorlab.course import to_picture

angles = torch.linspace(0, 2 * torch.pi, 9)[:-1]
patches = torch.stack(
    [torch.full((8,), 60.0), 34 * angles.cos(), 34 * angles.sin()]
)[:, None]
coloured = color.lab_to_rgb(patches)  # (3, 1, 8)
same_grey = LAB.merge(LAB.luma(coloured), torch.zeros(2, 1, 8))
two_rows = torch.cat([coloured, same_grey], dim=1)
swatches = to_picture(
    interpolate(two_rows[None], scale_factor=60.0, mode="nearest")[0]
)

# %%
figure = photo_grid([[swatches]], height=1.8)
show(
    figure,
    alt="Eight patches of different hue above the same eight in grey, all "
    "of one tone.",
)

# %% [markdown]
# How many colours are there behind one grey? Count the (a\*, b\*) squares of one unit that a
# screen can show at a given lightness.

# %%
units = torch.arange(-128.0, 128.0)
a, b = torch.meshgrid(units, units, indexing="ij")


def plane(lightness):
    """Where in the (a*, b*) plane sRGB has a colour: bool (256, 256)."""
    return color.in_gamut(torch.stack([torch.full_like(a, lightness), a, b]))


# %%
counts = {
    lightness: int(plane(lightness).sum()) for lightness in range(1, 100)
}
labels = {"xlabel": "L*", "ylabel": "colours (unit squares)"}
figure = line_figure(
    list(counts),
    {"": list(counts.values())},
    (6, 3.2),
    xlim=(0, 100),
    **labels,
)

# %%
figure.axes[0].set_ylim(0, None)
show(
    figure,
    alt="The number of colours rises from none at black to a peak and falls "
    "to white.",
)
widest = max(counts, key=counts.get)
note(widest=widest, most=f"{counts[widest]:,}", at50=f"{counts[50]:,}")
note(at1=counts[1], at99=counts[99])

# %% tags=["remove-input"]
say(r"""
At L\* = 50 there are {at50} of them, and most, {most}, at L\* = {widest}. Only at the very ends
is there hardly a choice: {at1} are left at L\* = 1, and {at99} at 99. Those ends are short: pure
yellow is at L\* = 97, and far from grey. Most of the freedom is in the middle tones, and only
knowledge of the world reduces it: a patch of L\* 60 above a horizon is probably sky.
""")

# %% [markdown]
# ## The gamut
#
# The set of colours that a screen can show is called its *gamut*. In L\*a\*b\* it is a skewed
# solid; here are four slices.

# %%
from colorlab.course import GREY


def draw_slice(axis, lightness):
    """The colours of one lightness over (a*, b*), on grey."""
    lab = torch.stack([torch.full_like(a, lightness), a, b])
    inside, grey = plane(lightness), int(GREY[1:3], 16) / 255
    shown = torch.where(inside, color.lab_to_rgb(lab), grey).permute(2, 1, 0)
    axis.imshow(shown, origin="lower", extent=(-128, 128, -128, 128))
    limits = {"xlim": (-110, 110), "ylim": (-110, 110)}
    axis.set(title=f"L* = {lightness}", xlabel="a*", **limits)
    axis.grid(visible=False)


# %%
figure, axes = plt.subplots(1, 4, figsize=(10, 3), layout="constrained")
for axis, lightness in zip(axes, (25, 50, 75, 90), strict=True):
    draw_slice(axis, lightness)
    axis.label_outer()
axes[0].set_ylabel("b*")
alt = "Slices of the sRGB gamut at four lightnesses: irregular patches of "
show(figure, alt + "colour on grey.")

# %%
ever = torch.stack([plane(lightness) for lightness in range(1, 100)]).any(
    dim=0
)
share = float(ever.float().mean())
note(share=f"{100 * share:.0f} %")
share

# %% tags=["remove-input"]
say("""
The network of the paper answers with two numbers in [-1, 1], times 128: the whole square. Of
that square only {share} can be shown at *any* lightness. The simplest thing to do with what a
network puts outside is to cut R, G and B each to the nearest value, as `LAB.merge` does; then even
the lightness is no longer the photo's. `colorlab.colorize` gives up chroma instead, at the same
lightness and hue.
""")

# %% [markdown]
# ### Hold a colour in your hand
#
# Drag the ring, and then L\*: the plane of what can be shown opens and closes. Outside its edge the
# swatch keeps lightness and hue, and gives up chroma. Then click at the photo, first inside the
# saucer and then at its rim: neighbours lie close together in the plane, except where one thing
# ends. C\* is the length of (a\*, b\*), often called chroma too. The two rings about the pinned
# colour are ten units by two formulas: ΔE76 is the distance in L\*a\*b\*, ΔE2000 (CIEDE2000) is a
# later one. The section on squared error compares them.

# %% tags=["twin"]
from IPython.display import HTML

from colorlab.course.widgets import ab_picker

HTML(ab_picker(photo))

# %% [markdown]
# ## Swapping the luminance
#
# Which of the two carries the picture, luminance or chroma? Take the luminance of one photo and
# the chroma of another.

# %%
height, width = chosen.shape[:2]
fitted = interpolate(
    to_tensor(partner), (height, width), mode="bilinear", antialias=True
)[0]
luma_one, chroma_one = LAB.split(rgb)
luma_two, chroma_two = LAB.split(fitted)
swaps = [
    [to_picture(rgb), to_picture(fitted)],
    [
        to_picture(LAB.merge(luma_one, chroma_two)),
        to_picture(LAB.merge(luma_two, chroma_one)),
    ],
]

# %% tags=["slide", "large"]
figure = photo_grid(swaps, labels=["photos", "chroma swapped"], height=2.4)
show(
    figure,
    alt="Two photos, and both again with each other's colours: the shapes "
    "stay in place.",
)

# %% [markdown]
# Each of the lower two is recognised as the photo whose *luminance* it has; the other's colours lie
# on it like a stain. Shape is in the luminance.
#
# That has a happy consequence. Keep the luminance at full resolution, and make the chroma
# coarser and coarser:


# %%
def coarser(factor):
    """The photo with its chroma, and it alone, at 1/factor of the size."""
    small = interpolate(
        chroma_one[None],
        scale_factor=1 / factor,
        mode="bilinear",
        antialias=True,
    )
    return LAB.merge(
        luma_one, interpolate(small, (height, width), mode="bilinear")[0]
    )


# %% tags=["large"]
pictures = {factor: coarser(factor) for factor in (1, 4, 16, 64)}
row = [to_picture(picture) for picture in pictures.values()]
figure = photo_grid(
    [row], columns=[f"chroma / {factor}" for factor in pictures], height=2.1
)
show(
    figure,
    alt="The photo with chroma at a quarter, a 16th, a 64th: only the last "
    "looks wrong.",
)

# %%
from skimage.color import deltaE_ciede2000


def channels_last(picture):
    """L*a*b* (H, W, 3), as scikit-image wants it."""
    return color.rgb_to_lab(picture).permute(1, 2, 0).numpy()


# %%
differences = {
    factor: float(
        deltaE_ciede2000(channels_last(rgb), channels_last(picture)).mean()
    )
    for factor, picture in pictures.items()
}
note(quarter=f"{differences[4]:.1f}", sixteenth=f"{differences[16]:.1f}")
{factor: round(value, 2) for factor, value in differences.items()}

# %% tags=["remove-input"]
say("""
The mean colour difference (CIEDE2000; about 1 is just noticeable) is {quarter} at a quarter of
the resolution and {sixteenth} at a sixteenth: not nothing, but the picture stays sharp. At a
quarter the chroma of this photo has 100 rows. A network has 224, which `colorlab.colorize` enlarges
and puts on the photo's own luminance, of twelve megapixels if need be. JPEG files and television
keep chroma small too, most often at half the resolution.
""")

# %% [markdown]
# ## Is squared error what the eye sees?
#
# The paper chooses L\*a\*b\* because equal distances in it are meant to look equally large, and
# concludes that a squared error there is perceptual error ([Lin and Ferreira,
# 2021](https://github.com/hanzhao/image-colorization)). Test it: step 10 units away from colours
# of growing chroma, and let the later formula CIEDE2000, fitted to how people judge differences,
# say how large that step looks.

# %%
chromas = np.arange(0, 91, 2.0)
steps = {}
for name, degrees in {"yellow": 90, "green": 150, "blue": 290}.items():
    direction = np.array(
        [0, np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]
    )
    start = np.array([60.0, 0, 0]) + chromas[:, None] * direction
    steps[f"{name} ({degrees} deg)"] = deltaE_ciede2000(
        start, start + 10 * direction
    )

# %%
labels = {"xlabel": "chroma at which the step begins", "ylabel": "CIEDE2000"}
figure = line_figure(chromas, steps, (6.4, 3.6), ylim=(0, 11.5), **labels)
figure.axes[0].axhline(10, color="#999999", linewidth=1)
figure.axes[0].text(
    88, 10.15, "all steps are 10 units long", ha="right", color="#555555"
)
show(
    figure,
    alt="A step of 10 units outward looks like 8 to 11 near grey and like "
    "about 2 at chroma 80, whatever the hue.",
)

# %%
near, far = (
    float(
        deltaE_ciede2000(np.array([60.0, c, 0]), np.array([60.0, c + 10, 0]))
    )
    for c in (0, 80)
)
across = float(
    deltaE_ciede2000(np.array([60.0, 80, -5]), np.array([60.0, 80, 5]))
)

# %% tags=["remove-cell"]
note(
    near=f"{near:.1f}",
    far=f"{far:.1f}",
    across=f"{across:.1f}",
    overstated=f"{near / far:.0f}",
    squared=f"{(near / far) ** 2:.0f}",
)

# %% tags=["remove-input"]
say(r"""
Towards red, which the figure leaves out, ten units outward look like {near} next to grey and like
{far} at chroma 80. There a distance in L\*a\*b\* overstates a difference in chroma by a factor of
about {overstated}, and a squared one by its square, about {squared}. It is less for other hues, and
for a step across, from hue to hue, which looks like {across} at chroma 80. So a network that is
trained on it pays most where colours are vivid and the eye forgives most. Whether that makes its
colours paler has not been tested here; vivid colours are also rare.
""")

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("color_spaces")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# What is L\* of the sRGB grey (119, 119, 119)? Work it out by the steps above, without
# `colorlab`, to one decimal.
# ```

# %%
your_lightness = None
check("01.1", your_lightness)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $119/255 = 0.4667$; undoing the curve gives $((0.4667 + 0.055)/1.055)^{2.4} = 0.1845$. For a grey
# $Y$ is that number, its cube root 0.5693, and $L^* = 116 \cdot 0.5693 - 16 = 50.0$. A surround of
# this grey is what the figures here use: it is in the middle between black and white.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# The paper's network ends in a tanh times 128. What is the largest chroma
# $\sqrt{a^{*2} + b^{*2}}$ of any sRGB colour, to the nearest unit? (Search the 8 corners of the
# RGB cube.) And is the output range a limit in practice?
# ```

# %%
your_chroma = None
check("01.2", your_chroma)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# With `corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).T[:, None]`,
# `color.rgb_to_lab(corners)[1:].norm(dim=0).max()` gives 134, for pure blue: a\* = 79, b\* = -108.
# Each of the two alone stays inside +-128, so the range is no limit. The tanh is nearly straight
# where almost all photos are.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# A colorizer's output is cut to the gamut. Which patch loses more of its chroma when it is shown:
# "dark" (L\* 20) or "middle" (L\* 60), both with a\* = -40, b\* = 40?
# ```

# %%
your_patch = None
check("01.3", your_patch)

# %% [markdown]
# ````{admonition} Solution 3
# :class: dropdown
# ```python
# patches = torch.tensor([[20.0, -40, 40], [60.0, -40, 40]]).T[:, None]
# shown = color.rgb_to_lab(color.lab_to_rgb(patches))
# shown[1:].norm(dim=0) / patches[1:].norm(dim=0)
# ```
# The dark one keeps 0.74 of its chroma, the middle one all of it: the gamut is narrow near black.
# ````
#
# ```{admonition} Exercise 4 (hard)
# :class: tip
# Write the lightness yourself: sRGB in [0, 1], a tensor (3, H, W), to L\*, (1, H, W), by the three
# steps above and without `colorlab.color`. Y is $0.2126 R + 0.7152 G + 0.0722 B$ of linear light,
# and $f(Y)$ its cube root (the straight line near black does not matter here).
# ```


# %%
def lightness(rgb):
    """L* of sRGB."""


check("01.4", lightness)

# %% [markdown]
# ````{admonition} Solution 4
# :class: dropdown
# ```python
# def lightness(rgb):
#     bent = ((rgb + 0.055) / 1.055) ** 2.4
#     linear = torch.where(rgb > 0.04045, bent, rgb / 12.92)
#     y = 0.2126 * linear[:1] + 0.7152 * linear[1:2] + 0.0722 * linear[2:]
#     return 116 * y ** (1 / 3) - 16
# ```
# ````
#
# ## Summary
#
# - L\*a\*b\* and YUV put what a grey photo shows into one channel and colour into two.
# - Their greys differ; never feed one network the other's.
# - One grey stands for thousands of colours, most of them in the middle tones.
# - Shape is in the luminance, so chroma may be small: predict at 224 pixels, colour at any size.
# - Distance in L\*a\*b\* is not perceptual for vivid colours.
#
# Next: [Photos as data](02_data.ipynb), where photos become inputs and answers.
