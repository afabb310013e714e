# %% [markdown]
# # Colour statistics
#
# Much of what a camera sees is nearly grey. A network that is trained to be right on average
# learns this first, and answers with dull colours. The paper ([Lin and Ferreira,
# 2021](https://github.com/hanzhao/image-colorization)) measures how common each colour is, and
# lets rare colours count for more in the loss.
#
# ```{admonition} Goals
# After this chapter you can
# - count the colours of any photos into a *prior*, and read its picture;
# - say what the paper's smoothing does to the counts;
# - turn a prior into weights by Eq. 3, and choose λ knowingly;
# - explain why two ways to write Eq. 3 are one, and what two ways to normalise it change;
# - tell what a prior of scenes means for photos of something else.
# ```
#
# Time: 45 minutes; the cells run in well under a minute without a GPU. You need the chapters on
# colour spaces and on data.

# %% tags=["parameters"]
photos = "sample"  # a folder of your own photos, or "sample"

# %%
import numpy as np
from IPython.display import Markdown

from colorlab.course import check, note, say, show, table, use_style

use_style()

# %% [markdown]
# ## How common is each colour?
#
# Take every pixel's $(a^*, b^*)$, forget its lightness, and count into a table of 256 × 256 bins,
# each one unit wide. Divided by the number of pixels the table is an estimate of $p(a, b)$, the
# share of all pixels that have this chroma. `ColorPrior` holds the counts, and where they come
# from. One such table comes with the package. It was counted on our own training photos, *the
# scenes*: 34 kinds of places from the Intel scene set, SUN397, Houses, CamVid and BSDS500.

# %%
from colorlab.course import default_prior

scenes = default_prior()
scenes.provenance

# %% [markdown]
# A second one is made here, of the photos that this chapter was run with.

# %% tags=["hide-input"]
from colorlab.course import open_photos
from colorlab.prior.prior import ColorPrior

own = ColorPrior.from_photos(
    (
        photo.permute(1, 2, 0).numpy()
        for photo, _ in open_photos(photos).readable()
    ),
    dataset="sample photos" if photos == "sample" else "your photos",
)
Markdown(
    f"{own.provenance.dataset}: {own.provenance.photos:,} photos, "
    f"{own.provenance.pixels:,} pixels"
)

# %% tags=["hide-input", "slide"]
from colorlab.course.figures.chroma import density_figure

names = {"scenes": scenes, own.provenance.dataset: own}
show(
    density_figure({name: prior.pmf for name, prior in names.items()}),
    alt="Two maps of p(a, b) on a log scale over the outline of the sRGB "
    "gamut. The scenes fill a broad shape: a bright peak at grey, an arm "
    "towards yellow and orange, one towards blue, and next to nothing at "
    "purple and pink. The other photos show separate streaks.",
)

# %% [markdown]
# The outline is the part of the plane that sRGB can show at *some* lightness. Mind the log scale:
# it spans a factor of a million, and what is rarer than its lower end is left clear, like what was
# never seen. How much of everything is nearly grey? A pixel's *chroma*, $C^*
# = \sqrt{a^{*2} + b^{*2}}$, is its distance from grey.

# %% tags=["hide-input"]
from colorlab.course.figures.chroma import gamut

a, b = np.mgrid[-128:128, -128:128]
chroma = np.hypot(a, b)
inside = gamut().mask
rows = []
for name, prior in names.items():
    p = prior.pmf
    near = [f"{p[chroma < limit].sum():.0%}" for limit in (5, 10, 20)]
    unseen = f"{((p == 0) & inside).sum() / inside.sum():.0%}"
    far = f"{p[chroma > 50].sum():.1%}"
    rows.append([name, f"{prior.provenance.photos:,}", *near, far, unseen])

# %% tags=["hide-input"]
table(
    [
        "prior of",
        "photos",
        "C* < 5",
        "C* < 10",
        "C* < 20",
        "C* > 50",
        "unseen bins",
    ],
    rows,
)

# %% tags=["remove-cell"]
note(near_grey=f"{scenes.pmf[chroma < 10].sum():.0%}")
note(far=f"{scenes.pmf[chroma > 50].sum():.1%}")

# %% [markdown]
# For scale: pure sRGB red has a $C^*$ of 105, and at about 2 an eye begins to tell a colour from
# grey. So the paper's remark holds for our scenes too: vivid colours are very rare. The nine
# sample photos, with which this chapter runs unless it is told otherwise, are another matter: a
# single one, of a retina, orange all over, is two fifths of their pixels. Nine photos are no
# distribution, and it shows.
#
# A prior for your own photos takes one line in a shell, and for a large collection it can be
# stopped and continued: `colorlab histogram FOLDER -o prior.npz --plot prior.png`.
#
# ## Smoothing
#
# Counts of rare colours are noisy: one bin has 3 pixels, its neighbour none. The paper smooths
# the table "with a Gaussian kernel", 10 × 10 bins large, with $\sigma = 5$. So the bell is cut off
# after one standard deviation to either side, where it still has 61 % of its height: what remains
# is more box than bell. We keep the paper's window so that numbers compare; the appendix of this
# chapter measures what it does to the weights. What an uncut Gaussian would have done shows best
# where little was counted:

# %% tags=["hide-input", "large"]
smoothed = {
    f"{own.provenance.dataset}, counted": own.pmf,
    "σ = 5, window 10": own.smoothed(),
    "σ = 5, window 41": own.smoothed(5, 41),
}
show(
    density_figure(smoothed),
    alt="The second prior as counted, with speckled edges; smoothed with "
    "the paper's window, where single bins became small squares; and with "
    "an uncut Gaussian, wider, round and soft.",
)

# %% [markdown]
# The square corners in the middle picture are the box at work.
#
# ## From rarity to weight: Eq. 3
#
# The loss of Eq. 2 multiplies every pixel's squared error with $v(a, b)$, looked up by its *true*
# colour. Eq. 3 makes it large where the smoothed distribution $\tilde p$ is small:
#
# $$
# v(a, b) \propto \frac{1}{(1 - \lambda)\,\tilde p(a, b) + \lambda \cdot \text{uniform}},
# \qquad \sum_{a, b} \tilde p(a, b)\, v(a, b) = 1 .
# $$
#
# At $\lambda = 1$ only the uniform part is left: every weight is 1, and Eq. 2 is Eq. 1 again.
# Towards $\lambda = 0$ the weights become $1 / \tilde p$, so that every bin, however rare, has
# as much weight in all as any other. The paper takes $\lambda = 0.9$.

# %% tags=["hide-input", "slide", "large"]
from colorlab.course.figures.chroma import weight_figure

tables = {f"λ = {lam}": scenes.weights(lam) for lam in (0.1, 0.5, 0.9)}
show(
    weight_figure(tables),
    alt="Weight maps inside the sRGB gamut for lambda 0.1, 0.5 and 0.9. A "
    "region around grey, long towards yellow and blue, is below 1, "
    "everything else above. The smaller lambda is, the deeper the middle "
    "and the higher the rest.",
)

# %% [markdown]
# The same tables, cut along the two axes of the plane. Far out along $a^*$ the curves become flat:
# there $\tilde p$ is next to nothing and the uniform part alone decides. Along $b^*$ the curve of
# the smallest λ still rises where sRGB ends.

# %% tags=["hide-input"]
from colorlab.course.figures.chroma import profile_figure

show(
    profile_figure(tables),
    alt="Two charts of the weight, on a log scale, along a* and along b*. "
    "All curves have their minimum at grey. Along a* they level off at "
    "about 59 for lambda 0.1, 12 for 0.5 and 3.5 for 0.9. Along b* the "
    "valley is much wider, and the curve of 0.1 still rises at its ends.",
)

# %% [markdown]
# The valley along $b^*$, from blue to yellow, is much wider than the one along $a^*$: daylight
# and shade, sky and soil all lie on it.
#
# ### Move λ yourself
#
# Next to the map is a photo whose pixels have the colours of their weights. The text says what
# the rare colours are worth. We call *rare* the bins of smallest $\tilde p$ that together hold a
# tenth of the prior's pixels; this set does not change with λ, so its share of the loss can be
# compared. The loss is that of a *grey answer*, $a^* = b^* = 0$ everywhere: it is where a
# cautious network starts from.

# %% tags=["twin"]
from IPython.display import HTML

from colorlab.course.widgets import weight_twin

HTML(weight_twin(scenes))

# %% [markdown]
# The figure above works on any page, on a table with bins of two units. With a running kernel the
# next cell has the full table, all sample photos, and sliders for $\sigma$ and the window too.

# %%
from colorlab.course.widgets import weight_sliders

weight_sliders(scenes)

# %% [markdown]
# And what does a network that was trained with such weights answer? As a rule each λ takes a
# training of its own. [Lambda, live](11_live_lambda.ipynb) has a network that has learned them all,
# and here it colours a photo: first, on any page, in ten steps from λ = 1 (left, cautious) to 0.1
# (right, vivid), along which colour grows evenly; then, with a kernel, at every λ.

# %% tags=["hide-input", "twin"]
from colorlab.course.widgets import lambda_twin

HTML(lambda_twin())

# %%
from colorlab.course.widgets import lambda_slider

lambda_slider()

# %% [markdown]
# (The paper's Eq. 3 mixes with $\lambda / 4$, many programs with $\lambda / 2^{16}$. Both are
# right, about different things: see the appendix.)
#
# ## What $v$ ranges over, and a second normalisation
#
# The paper asks that $v$ be 1 on average under $\tilde p$. The notebook that its authors
# published normalises under the *mixed* distribution, the denominator itself. Then $v = 1 /
# (2^{16} \cdot \text{mixture})$, which never exceeds $1 / \lambda$. The two tables differ by a
# constant factor, so for training it is a change of the learning rate (and next to none under
# Adam). But the *values* of the losses can't be compared.

# %% tags=["hide-input"]
p = scenes.smoothed()
order = np.argsort(p, axis=None)
median = order[np.searchsorted(np.cumsum(p.flat[order]), 0.5)]

# %% tags=["hide-input"]
rows = []
for lam in (0.1, 0.5, 0.9, 1.0):
    v = scenes.weights(lam)
    mixture = scenes.weights(lam, normalized="mixture")
    paper, notebook = v[inside], mixture[inside]
    grey = (scenes.pmf * v * chroma**2).sum() / (2 * 128**2)
    ends = f"{paper.min():.3f} … {paper.max():.2f}"
    ratio = f"{paper.max() / paper.min():,.0f}"
    middle = f"{v.flat[median]:.2f}", f"{grey:.4f}"
    last = f"{notebook.min():.4f} … {notebook.max():.3f}"
    rows.append((lam, ends, ratio, *middle, last))

# %% tags=["hide-input"]
table(
    [
        "λ",
        "v in the gamut",
        "ratio",
        "v of the median pixel",
        "grey's loss",
        "v, mixture",
    ],
    rows,
)

# %% [markdown]
# Three things to read off. A pixel of median rarity weighs *less* than 1: few heavy pixels pull
# the average up. The ratio of the largest to the smallest weight, and so the strength of the
# rebalancing, falls steeply with λ; the paper's 0.9 is a mild choice. And the last column but one
# is the loss of grey on the scenes: the row $\lambda = 1$ is Eq. 1. Whoever reports a loss of Eq.
# 2 should say with which λ and which normalisation, or it means nothing.
#
# The expectation is 1 under the *smoothed* distribution. Under the counts it is not quite:

# %% tags=["hide-input"]
Markdown(
    "On the scenes' own pixels the weights for λ = 0.9 are "
    f"{(scenes.pmf * scenes.weights(0.9)).sum():.3f} on average. Smoothing "
    "flattens the peak at grey: a real pixel's colour is a little more "
    "common than the smoothed table says."
)

# %% [markdown]
# ## Where it comes from: 313 bins
#
# Zhang et al. (2016) had the idea first, for a network that *classifies* each pixel into one of
# 313 colour bins, ten units apart. Their prior is smoothed with the same $\sigma = 5$, in
# L\*a\*b\* units and uncut, and mixed with $\lambda = 0.5$.

# %% tags=["hide-input"]
from colorlab.prior.zhang import nearest_bin, zhang_weights

zhang = zhang_weights(scenes)[nearest_bin()]
tables = {
    "2¹⁶ bins, λ = 0.5": scenes.weights(0.5),
    "313 bins, λ = 0.5": zhang,
}
show(
    weight_figure(tables),
    alt="Two weight maps at lambda 0.5. On 313 bins the map is a mosaic of "
    "squares with the same shape; its middle is less deep and its rim less "
    "high.",
)

# %% tags=["hide-input"]
rows = []
for name, v in {**tables, "2¹⁶ bins, λ = 0.9": scenes.weights(0.9)}.items():
    low, high = v[inside].min(), v[inside].max()
    rows.append((name, f"{low:.3f}", f"{high:.2f}", f"{high / low:.0f}"))
table(["weights", "smallest in the gamut", "largest", "ratio"], rows)

# %% tags=["hide-input"]
Markdown(
    f"Of the 2¹⁶ bins only {inside.mean():.0%} are colours that sRGB can "
    "show; the rest of the uniform part is spent where no photo can be. "
    "The 313 bins lie in and around the gamut, so that at the same λ each "
    "real colour gets a larger uniform share. And bins ten units wide level "
    "the peak. Both make the weights differ less."
)

# %% [markdown]
# So a λ has no meaning without its bins. The paper's 0.9 and Zhang's 0.5 are not as far apart as
# they look.
#
# ## A prior of scenes on other photos
#
# Every weight is a statement about the photos that were counted. In the scenes, which colours are
# there at all? Take the pixels with $C^* \ge 15$, sort them by hue angle, and put beside them the
# mean weight that the scenes' prior gives to a colour of that hue with $C^*$ around 40.

# %% tags=["hide-input"]
hue = np.degrees(np.arctan2(b, a)) % 360
edges = np.arange(0, 361, 30)
vivid, ring = chroma >= 15, (chroma >= 30) & (chroma <= 50)
shares = {}
for name, prior in names.items():
    found = np.histogram(hue[vivid], edges, weights=prior.pmf[vivid])[0]
    shares[name] = found / found.sum()
weights = [
    scenes.weights(0.5)[ring & (hue // 30 == k)].mean() for k in range(12)
]

# %% tags=["hide-input"]
from colorlab.course.figures.chroma import hue_figure

show(
    hue_figure(shares, weights, "mean weight, λ = 0.5"),
    alt="Above: hue shares of colourful pixels. The scenes have two groups, "
    "from orange over yellow to green and around blue, and almost no cyan, "
    "purple and pink; the other photos are mostly red and orange. Below: "
    "the scenes' weights, about 3 to 7 for the two groups and near 10 or "
    "above elsewhere.",
)

# %% tags=["hide-input"]
green_blue = shares["scenes"][3:5].sum() + shares["scenes"][8:10].sum()
note(
    pink=f"{min(weights[10:]) / weights[4]:.1f} to "
    f"{max(weights[10:]) / weights[4]:.1f}"
)
averages = {
    name: (prior.pmf * scenes.weights(0.9)).sum()
    for name, prior in names.items()
}

# %% tags=["hide-input"]
Markdown(
    "Hues of 90° to 150°, where foliage lies, and the blues of 240° to "
    f"300° are {green_blue:.0%} of the scenes' colourful pixels; cyan, "
    "purple and pink together are "
    f"{shares['scenes'][[5, 6, 7, 10, 11]].sum():.0%}. With λ = 0.5 and C* "
    f"around 40, a green weighs {weights[4]:.1f}, a blue {weights[8]:.1f} "
    f"and a pink {weights[11]:.1f}. With λ = 0.9 the weights average "
    f"{averages['scenes']:.2f} on the scenes, and "
    f"{averages[own.provenance.dataset]:.2f} on {own.provenance.dataset}."
)

# %% [markdown]
# Three consequences for whoever trains on one kind of photo with the prior of another:

# %% tags=["remove-input"]
say("""
- To a prior of scenes browns, foliage and sky are the *ordinary* vivid colours. A pink or a purple
  that is just as far from grey weighs {pink} times as much as a green. On photos of flowers
  such colours may be common, and then they rule the loss.
- The weights can't add what the training photos lack. Where most vivid pixels are brown, green or
  blue, these are the colours that a network can learn.
- The average weight is about 1 on the photos that were counted, not on others. With another
  prior the loss has another scale, and a learning rate that was right may not be.
""")

# %% [markdown]
# The remedy takes a minute: count the photos that you train on.

# %% tags=["hide-input"]
show(
    weight_figure(
        {
            f"prior of {name}": prior.weights(0.5)
            for name, prior in names.items()
        }
    ),
    alt="Weight maps at lambda 0.5 for the two priors. The scenes push down "
    "a region around grey that is long towards yellow and blue; the other "
    "photos push down grey and an arm to orange.",
)

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("color_statistics")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# Smoothing replaces a bin by a weighted sum of those around it; the weights are called *taps*. A
# *box* of ten taps has equal ones at the offsets −4 … 5. By how many bins does it move the
# centre of mass (the size, without a sign)? (The first appendix draws the paper's ten.)
# ```

# %%
your_shift = None
check("03.1", your_shift)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# The mean of −4, −3, …, 5 is 0.5. The paper's taps are lighter at the far end, where the odd one
# out stands, and so they move the centre by a bit less.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# In the variant that is normalised under the mixture, what is the largest weight that *any* prior
# can give with $\lambda = 0.25$?
# ```

# %%
your_bound = None
check("03.2", your_bound)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# There $v = 1 / (2^{16} ((1 - \lambda)\,\tilde p + \lambda / 2^{16}))$. It is largest where
# $\tilde p = 0$, and then $v = 1 / \lambda = 4$.
# ```
#
# ```{admonition} Exercise 3 (hard)
# :class: tip
# For which λ does the largest weight in the gamut become 10, with the scenes' prior and the
# paper's smoothing? Two digits after the point will do. (`scenes.weights(lam)[inside].max()`)
# ```

# %%
your_lambda = None
check("03.3", your_lambda)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# The largest weight falls as λ rises, so halving an interval finds it. The folded cell below
# does.
# ```

# %% tags=["hide-cell"]
low, high = 0.01, 1.0
while high - low > 0.001:
    middle = (low + high) / 2
    if scenes.weights(middle)[inside].max() > 10:
        low = middle
    else:
        high = middle
round(middle, 2)

# %% [markdown]
# ```{admonition} Exercise 4 (medium)
# :class: tip
# Write Eq. 3: from the shares `p` of any number of bins (an array of any shape, sum 1) and λ to the
# weights, normalised so that their mean under `p` is 1. The uniform distribution has `1 / p.size`
# in each bin.
# ```


# %%
def weights_of(p, lam):
    """v of each bin, in the shape of p."""


check("03.4", weights_of)

# %% [markdown]
# ````{admonition} Solution 4
# :class: dropdown
# ```python
# def weights_of(p, lam):
#     v = 1 / ((1 - lam) * p + lam / p.size)
#     return v / (p * v).sum()
# ```
# ````
#
# ```{admonition} Exercise 5 (open)
# :class: tip
# Make a prior of a single photo with `ColorPrior.from_photos`, and show its weight map beside
# that of the scenes. Which colours would a network overrate that was trained with it? There is no
# number to check here: look, and argue.
# ```
#
# ## Summary

# %% tags=["remove-input"]
say(r"""
- Vivid colours are rare: in our scenes {far} of the pixels are further than 50 units from grey,
  and {near_grey} are within 10.
- The paper's smoothing is nearly a 10 × 10 box, and moves the table by a third of a bin.
- λ sets how strongly rarity counts. It can't be 0 where a bin is empty; at 1 nothing is
  rebalanced.
- $\lambda / 4$ belongs to densities, $\lambda / 2^{16}$ to probabilities of bins. They give the
  same weights.
- Weights belong to the photos that were counted. For other photos, count again.
""")

# %% [markdown]
# **Read next.** Zhang et al. (2016) have the idea of weighting by rarity, with classes in place of
# a squared error. [Colour rebalancing](10_rebalancing.ipynb) trains with these weights and looks
# at what comes out.
#
# Next: [A colorizer in sixty lines](04_build_a_colorizer.ipynb), where you write a network
# yourself.
#
# ## Appendix: the window of ten bins
#
# The paper's Gaussian has $\sigma = 5$ and a window of ten bins. Both numbers deserve a look. Ten
# bins reach one standard deviation to either side, and the bell is cut off there.

# %% tags=["hide-input"]
from colorlab.course.figures.chroma import window_figure
from colorlab.prior.prior import gaussian_window

taps = gaussian_window(5, 10)
show(
    window_figure(taps, gaussian_window(5, 41)),
    alt="Bars for the ten taps of the paper's window, from offset -4 to +5, "
    "falling only from 0.117 at the middle to 0.07 at the end. Beside them "
    "a box of height 0.1, nearly the same, and the uncut bell, lower and "
    "reaching to 15 bins on either side.",
)

# %% tags=["hide-input"]
offsets = np.arange(-4, 6)
mean = offsets @ taps
spread = np.sqrt(offsets**2 @ taps - mean**2)
box_spread = np.sqrt((10**2 - 1) / 12)
Markdown(
    f"The last tap has {taps.min() / taps.max():.0%} of the middle one's "
    f"weight. The window's real standard deviation is {spread:.2f} bins, "
    f"not 5; a plain box of ten has {box_spread:.2f}. And its taps don't "
    f"lie evenly about 0: their mean offset is {mean:.3f} bins."
)

# %% [markdown]
# The last number is a catch of its own. A window with an *even* number of taps has no middle one.
# Ten taps stand at −4 … 5, so the smoothed table is a little off: its support moves by half a
# bin, its centre of mass by the mean offset above, towards *lower* $a^*$ and $b^*$. Put
# everything that was seen into a single bin, and look at where it goes.

# %% tags=["hide-input"]
from colorlab.course.figures.chroma import spike_figure

counts = np.zeros((256, 256), np.int64)
counts[128, 128] = 1_000_000
spike = ColorPrior(
    counts, type(scenes.provenance)("one bin", 1, 1_000_000, "2026-01-01", "")
)
show(
    spike_figure({window: spike.smoothed(5, window) for window in (10, 11)}),
    alt="A single bin after smoothing. Window 10: a square from -5 to 4, "
    "paler to its edges, its centre of mass down and left. Window 11: a "
    "square from -5 to 5, centred on the cross.",
)

# %% [markdown]
# A third of a unit is far below what an eye can see. What becomes of the weights?

# %% tags=["hide-input"]
changes = [
    abs(scenes.weights(0.9) / scenes.weights(0.9, window=window) - 1)
    for window in (11, 41)
]
means = [f"{(scenes.pmf * change).sum():.1%}" for change in changes]
most = [f"{change[inside].max():.0%}" for change in changes]
Markdown(
    "Against a window of 11, which is centred, the weights for λ = 0.9 "
    f"differ by {means[0]} on average over the scenes' pixels, and by at "
    f"most {most[0]} in the gamut. Against the uncut Gaussian, which is "
    f"wider too, it is {means[1]} and {most[1]}."
)

# %% [markdown]
# ## Appendix: λ/4 or λ/2¹⁶?
#
# The paper's Eq. 3 mixes with $\lambda / 4$; many implementations add $\lambda / 2^{16}$. Both
# are right, about different things. Scaled chroma lives in the square $[-1, 1]^2$. Its area is 4,
# so the uniform *density* is $1/4$. The square has $2^{16}$ bins, so the uniform *probability of
# a bin* is $1 / 2^{16}$. A density is a probability divided by the bin's area, here $(1/128)^2$.
# So everything differs by one constant factor, and the normalisation takes it out. The tables
# agree to the last bit, for the factor is a power of two. Only mixing the two goes wrong.

# %%
lam, p = 0.9, scenes.smoothed()
density = p * 128**2  # per unit of area of [-1, 1] x [-1, 1]


def normalised(denominator):
    """Weights of expectation 1 under the smoothed distribution."""
    return (1 / denominator) / (p / denominator).sum()


of_densities = normalised((1 - lam) * density + lam / 4)
of_probabilities = normalised((1 - lam) * p + lam / 2**16)
mixed_up = normalised((1 - lam) * p + lam / 4)

# %%
weights = {
    "density, λ/4": of_densities,
    "probability, λ/2¹⁶": of_probabilities,
    "scenes.weights(0.9)": scenes.weights(lam),
    "probability, λ/4 (wrong)": mixed_up,
}

# %%
rows = [
    (
        name,
        f"{v.min():.4f}",
        f"{v.max():.4f}",
        f"{abs(v - of_densities).max():.1e}",
    )
    for name, v in weights.items()
]
table(
    ["weights", "smallest", "largest", "largest difference from the first"],
    rows,
)

# %% [markdown]
# The last row is what happens if probabilities of bins are mixed with $\lambda / 4$: the uniform
# part drowns everything, all weights are nearly 1, and nothing is rebalanced. No error is raised;
# only a look at the range of $v$ tells.
