# %% [markdown]
# # Adversaries
#
# A loss that a person writes down is fooled by a dull answer: mauve, for a balloon that is red or
# blue, is never very wrong. What if the loss were learned? Train a second network to tell photos
# from colorizations, and let the first one try to pass (Goodfellow et al., 2014). A mauve balloon
# doesn't pass. A red one does, and so does a blue one.
#
# ```{admonition} Goals
# After this chapter you can
# - write the game of a painter and a judge down, on logits, and say why each label is what it is;
# - say what pulls an answer off the mean, and why it may never settle;
# - read a training with an adversary, and measure what it gained and what it cost;
# - tell a gradient penalty from the one that much code has in its place.
# ```
#
# Time: 50 minutes; the cells run in about a minute on two CPU cores. You need the chapters on the
# ConvNet and on rebalancing.

# %% tags=["parameters"]
steps = 400  # of the toy game
turns = 150  # of the small critics

# %%
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss

from colorlab.color import LAB
from colorlab.course import check, note, say, show, use_style

# %%
use_style()
torch.set_num_threads(1)  # small networks, faster so

# %% [markdown]
# ## A judge that learns
#
# The judge gives a photo, or an answer, a *logit* $z$: above 0 it takes it for a photo. Its loss is
# the cross-entropy of a logit towards a label $t$, $\ell(z, t) = \log(1 + e^z) - t z$. So, with a
# photo $x$ and an answer $\hat x$, the game is
#
# $$\text{judge: } \min\ \ell(D(x), 0.9) + \ell(D(\hat x), 0)$$
#
# $$\text{painter: } \min\ 100\,|\hat x - x| + \ell(D(\hat x), 1)$$
#
# and both take steps in turn. Two details matter.
#
# **The painter's label is 1.** It could also maximise the judge's loss, that is, minimise
# $-\ell(z, 0)$. It wants the same, but look at the gradients. Early on the judge is sure, and
# rightly: its logits for answers are far below 0. There one of the two forms teaches next to
# nothing.

# %%
logits = torch.tensor([-8.0, -4.0, 0.0, 4.0], requires_grad=True)
slopes = {}
for name, label, sign in (("towards 1", 1.0, 1), ("away from 0", 0.0, -1)):
    labels = torch.full_like(logits, label)
    loss = sign * binary_cross_entropy_with_logits(
        logits, labels, reduction="sum"
    )
    slopes[name] = torch.autograd.grad(loss, logits)[0].abs()

# %% tags=["hide-input"]
from colorlab.course import table

rows = [
    (name, *(f"{x:.4f}" for x in slope)) for name, slope in slopes.items()
]
table(["gradient's length at a logit of", "−8", "−4", "0", "4"], rows)

# %% [markdown]
# **A photo's label is 0.9.** A judge that is to say 1 can always gain by larger logits. At 0.9 it
# is done at $\log 9 = 2.2$. Answers stay at 0: a label of 0.1 there would tell the judge to like
# whatever the painter makes now, at every tenth time (Salimans et al., 2016).
#
# ## Two colours and a point
#
# The smallest game there is. A pixel is red six times in ten and blue otherwise. The painter is a
# single point of the a\*b\* plane, the judge a network of 32 hidden units. Beside the judge's
# opinion there is squared error. (Absolute error, which Nazeri et al. take, is for exercise 1.)

# %%
from colorlab.train.adversarial import discriminator_loss

red, blue = torch.tensor([60.0, 40]) / 128, torch.tensor([-4.0, -38]) / 128


def adam(parameters):
    """Without momentum, as in Nazeri et al.'s code: it would remember where
    the other one was.
    """
    return torch.optim.Adam(parameters, 0.01, betas=(0.0, 0.999))


# %% tags=["lesson"]
def play(weight):
    """The painter's answers (steps, 2), with a weight on the judge."""
    torch.manual_seed(0)
    answer = nn.Parameter(torch.zeros(1, 2))
    judge = nn.Sequential(
        nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1)
    )
    painters, judges = adam([answer]), adam(judge.parameters())
    path = []
    for _ in range(steps):
        truth = torch.where(torch.rand(32, 1) < 0.6, red, blue)
        verdicts = discriminator_loss(judge(truth), judge(answer.detach()))
        judges.zero_grad()
        verdicts.backward()
        judges.step()
        opinion = binary_cross_entropy_with_logits(
            judge(answer), torch.ones(1, 1)
        )
        loss = 4 * (answer - truth).square().mean() + weight * opinion
        painters.zero_grad()
        loss.backward()
        painters.step()
        path.append(128 * answer.detach()[0].clone())
    return torch.stack(path)


# %%
paths = {"without": play(0.0), "with a judge": play(1.0)}

# %% tags=["hide-input"]
from matplotlib.figure import Figure

figure = Figure(figsize=(4.2, 2.6), layout="constrained")
axes = figure.subplots()
inks = {"with a judge": "#222222", "without": "#d55e00"}
ends = {"with a judge": ("judge", 5), "without": ("no judge", 7)}
for name, ink in inks.items():
    path = paths[name]
    axes.plot(*path.T, ".-", color=ink, linewidth=0.6, markersize=2)
for name, colour, ink in (("red", red, "#cc2222"), ("blue", blue, "#2255cc")):
    axes.plot(*(128 * colour), "s", color=ink, markersize=10, label=name)
for name in ("without", "with a judge"):
    label, size = ends[name]
    style = {"color": inks[name], "markersize": size, "label": label}
    axes.plot(*paths[name][-1], "o", **style)

# %% tags=["hide-input"]
axes.set(xlabel="a*", ylabel="b*", xlim=(-30, 110))
axes.legend(fontsize=8, loc="lower right")
show(
    figure,
    alt="Two paths in the plane of a* and b* from grey. One ends between a "
    "red and a blue square; the other goes on to the red one and from "
    "there to the blue one.",
)

# %% tags=["remove-cell"]
colours = 128 * torch.stack([red, blue])


def nearest(path):
    """The distance to the nearer of both colours at each step, and which one it is."""
    return (path[:, None] - colours).norm(dim=2).min(dim=1)


# %% tags=["remove-cell"]
near, which = nearest(paths["with a judge"])
note(mean="({:.0f}, {:.0f})".format(*paths["without"][-100:].mean(0)))
note(
    off=f"{nearest(paths['without'])[0][-1]:.0f}",
    on=f"{near[-steps // 4 :].median():.0f}",
)
reached = (near < 10).nonzero()[0].item()
changed = (which[1:] != which[:-1]).nonzero().flatten() + 1
late = [int(k) for k in changed if k > reached]
say_change = (
    f"at step {late[-1]} it goes over to the other"
    if late
    else "and it stays there"
)

# %% tags=["remove-cell"]
note(
    reached=reached + 1,
    first=("red", "blue")[which[reached]],
    change=say_change,
)

# %% tags=["remove-input"]
say("""
Without a judge the answer goes to the mean, {mean}, which is {off} units from the nearer of the
two colours there are, and trembles there. With one, it comes within ten units of {first} at step
{reached}; {change}. In the last quarter its median distance from the nearer colour is {on} units.

It need not come to rest. Where the painter always says {first}, that colour becomes suspicious,
for photos are only sometimes so, and the other is a way out. This seed was chosen because it
shows that: with most others the point stays with the colour that it found first. A judge asks
whether *this* could be a photo. It does not ask for both colours, and a painter without chance
can't give both. Which of them a pixel gets hangs on chance: on the seed, and sometimes on the step
at which you stop.
""")

# %% [markdown]
# ## The painter and the judge of Nazeri et al.
#
# The painter of Nazeri et al. (2018) is a U-Net (Ronneberger et al., 2015), as in
# [A ConvNet from scratch](07_convnet.ipynb), but what comes from the way down is put *beside* what
# goes up, not added. The judge, of (Isola et al., 2017), sees grey and colours together, so that it
# can say "not for this photo", and gives not one logit but a map of them: each judges a patch.
# Overall composition is left to the other loss. How large is a patch?

# %%
from colorlab.course import create_model, trainable_parameters
from colorlab.course.figures.receptive import extent, input_gradient
from colorlab.models.nazeri import discriminator_of

torch.manual_seed(0)
painter = create_model("nazeri_small", weights=None)
judge = discriminator_of(painter).eval()
sheet = judge.layers(torch.rand(1, 3, 128, 128))
patch = extent(
    input_gradient(judge.layers, torch.rand(1, 3, 128, 128), 8, 8, channels=1)
)
with torch.device("meta"):  # only to be counted
    published = create_model("nazeri2018", weights=None)
millions = [trainable_parameters(each) / 1e6 for each in (painter, published)]
note(patch=patch, sheet=f"{sheet.shape[2]} × {sheet.shape[3]}")

# %% tags=["remove-cell"]
note(ours=f"{millions[0]:.1f}", theirs=f"{millions[1]:.0f}")

# %% tags=["remove-input"]
say("""
For 128 pixels it gives {sheet} logits, and each sees {patch} × {patch} of them: in photos of 64
pixels, which are what we can afford, a "patch" is wider than the photo. The published painter has
{theirs} million parameters; ours, `nazeri_small`, {ours}. Theirs answers with lightness too, and
is judged on it; ours has chroma alone, on the true lightness.
""")

# %% [markdown]
# ### Without the judge it is regression
#
# The judge's opinion has a weight. At 0, what is left is the mean absolute error and nothing else.
# This is easily said. Train both, the game at weight 0 and a plain loop, from the same weights on
# the same photos, and compare all weights:

# %%
from colorlab.course import sample_batch
from colorlab.models.fast import autocast
from colorlab.train.adversarial import Match, Recipe

luma, chroma = LAB.split(sample_batch(32, "coffee", "flower"))
match = Match(Recipe(adversary=0))
losses = match.step(luma, chroma)

# %%
torch.manual_seed(0)
plain = create_model("nazeri_small", weights=None).train()
plain = plain.to(memory_format=torch.channels_last)
options = {"lr": 3e-4, "betas": (0.0, 0.999), "fused": True}
optimizer = torch.optim.Adam(plain.parameters(), **options)
for _ in range(2):  # the painter takes two steps for each of the judge's
    with autocast(luma.device):
        answer = plain(luma)
    optimizer.zero_grad()
    (100 * l1_loss(answer.float(), chroma)).backward()
    optimizer.step()
pairs = zip(plain.parameters(), match.model.parameters(), strict=True)
note(apart=f"{max(float((a - b).detach().abs().max()) for a, b in pairs):g}")

# %% tags=["remove-input"]
say("""
After a step of the game, the largest difference of any two weights is {apart}. So a run at
weight 0 is the fair companion of one at weight 1: the same start, the same photos in the same
order, and all that differs is the judge's doing.
""")

# %% [markdown]
# ## Two trainings, recorded
#
# Two such runs come with the course. Their weights don't: 2.6 million numbers each, which nothing
# else here needs. These are the commands, on photos of scenes and everyday things:
#
# ```bash
# train() { python -m colorlab.train.adversarial scenes,everyday "$@"; }
# train runs/nazeri_small --steps 3200 --every 400 --shown sample
# train runs/nazeri_small_l1 --steps 3200 --every 400 --shown sample --adversary 0
# ```

# %%
from colorlab.evaluate.adversary import PAIR, SHOWN, read_answers
from colorlab.train.records import RUNS, read_run

names = dict(zip(PAIR, ("with a judge", "without"), strict=True))
runs = {name: read_run(run) for run, name in names.items()}
losses = {name: run.training["l1"][::3] for name, run in runs.items()}
trained = [run.training["step"] for run in runs.values()]
recipe = runs["without"].config["recipe"]
photos = runs["without"].config["photos"][0]

# %% tags=["remove-cell"]
note(
    last=f"{trained[0][-1]:,.0f}", batch=recipe["batch"], photos=f"{photos:,}"
)
note(epochs=f"{trained[0][-1] * recipe['batch'] / photos:.1f}")
note(minutes=f"{runs['with a judge'].training['seconds'][-1] / 60:.0f}")
note(plain=f"{runs['without'].training['seconds'][-1] / 60:.0f}")
note(published=f"{10 * 1_803_460 / 16 / 1e6:.1f}")

# %% tags=["remove-input"]
say("""
They are short: {last} steps of {batch} photos of 64 pixels, {epochs} times through {photos}
photos, {minutes} minutes on one core with a judge, {plain} without. The authors went ten times
through Places' 1.8 million photos of 256 pixels, {published} million steps. So this is the
beginning of a training. Here is
the mean absolute error of every sixtieth step, as it was, not smoothed:
""")

# %% tags=["hide-input"]
from colorlab.course import line_figure

labels = {"xlabel": "step", "ylabel": "100 · L1, of the batch"}
figure = line_figure(
    trained[0][::3], losses, (4.8, 2), ylim=(0, None), **labels
)
show(
    figure,
    alt="Two noisy lines that fall from 13 to 7 within 200 steps, then stay "
    "there, close together.",
)

# %% tags=["hide-input"]
from colorlab.course import to_pictures

shown = sample_batch(64, *SHOWN)
luma, chroma = LAB.split(shown)
answers = {name: read_answers(run) for run, name in names.items()}
snapshots = answers["without"][0]
tracks = {
    name: [to_pictures(LAB.merge(luma, each)) for each in kept]
    for name, (_, kept) in answers.items()
}

# %% tags=["hide-input"]
measured = {
    name: (
        run.validation["step"].tolist(),
        run.validation["val_mse_to_grey"].tolist(),
    )
    for name, run in runs.items()
}

# %% [markdown]
# Now the same four photos through both trainings. None of them was trained on. Move the slider, or
# click at the curve: the error on validation photos, over that of grey. (Chroma is kept in
# whole units of a\* and b\*, as means of 2 × 2 pixels.)

# %% tags=["hide-input", "twin"]
from IPython.display import HTML

from colorlab.course.widgets import scrubber

HTML(
    scrubber(
        snapshots, tracks, measured, SHOWN, {"the truth": to_pictures(shown)}
    )
)

# %% tags=["hide-input", "slide", "large"]
from colorlab.course import photo_grid

which = SHOWN.index("rocket")
rows = [
    [*(each[which] for each in track), to_pictures(shown)[which]]
    for track in tracks.values()
]
columns = [*(f"{step}" for step in snapshots), "truth"]
show(
    photo_grid(rows, columns=columns, labels=["judge", "none"], height=1.05),
    alt="One evening sky at eight checkpoints in two rows. With a judge its "
    "colour changes from checkpoint to checkpoint, red among them; "
    "without, it is paler and changes, too: brown, blue, orange.",
)

# %% tags=["remove-cell"]
wandering = {}
for name, (_, kept) in answers.items():
    change = 128 * (kept[1:] - kept[:-1]).norm(dim=2).mean()
    wandering[name] = float(change)
note({f"moves {name}": f"{each:.0f}" for name, each in wandering.items()})

# %% tags=["remove-cell"]
for name, run in runs.items():
    error, colour = (
        run.validation[f"val_{k}"] for k in ("mse_to_grey", "chroma_to_truth")
    )
    assert name == "without" or error.min() > 1
    ends = {"low": error.min(), "high": error.max()}
    ends |= {"pale": colour.min(), "vivid": colour.max()}
    note({f"{name} {end}": f"{value:.2f}" for end, value in ends.items()})

# %% tags=["remove-input"]
say("""
With a judge the photos become more colourful. Both trainings change their colours: from one
checkpoint to the next, 400 steps later, a pixel of these four photos moves by
{moves with a judge} units on average, without a judge by {moves without}. Most of that gap is
stronger colour: as a share of its chroma the one with a judge moves little more, so that this is no
proof of the game of the point. On the validation photos mean chroma is {with a judge pale} to
{with a judge vivid} of the truth's at the eight checkpoints, without a judge {without pale} to
{without vivid}. And the
error is {with a judge low} to {with a judge high} of grey's, worse than no colour at all,
against {without low} to {without high}.
""")

# %% [markdown]
# ## What it gained, what it cost
#
# Measured after the last step on photos that no network here was trained on, squashed to the 64
# pixels of both trainings, on the same photos for all. The rows below the first four are the
# networks of [Results, and an audit of the paper's table](17_results.ipynb). Theirs is another
# contest: they stand on a classifier's features, were trained on more than twice as many photos,
# and on ones of 128 to 224 pixels, so that 64 are few for them.

# %%
import json

record = json.loads((RUNS / "nazeri_small" / "adversary.json").read_text())
scenes, objects = (found["scores"] for found in record["sets"].values())
note(each=record["sets"]["scenes/test"]["photos"])

# %% tags=["hide-input"]
digits = {
    "mse_to_grey": 2,
    "chroma_ratio": 2,
    "ssim": 3,
    "accuracy": 3,
    "frechet_lite0": 0,
}


def cells(scores, around=False):
    """The measures as text, the first with its interval."""
    texts = [f"{scores[key][0]:.{places}f}" for key, places in digits.items()]
    if around:
        texts[0] += " ({1:.2f} to {2:.2f})".format(*scores["mse_to_grey"])
    return texts


# %% tags=["hide-input"]
rows = []
for name, scores in scenes.items():
    if not name.startswith(("truth", "with ")):
        run, comma, how = name.partition(",")
        other = cells(objects[name])
        line = cells(scores, around=name != "grey")
        rows.append(
            (names.get(run, run) + comma + how, *line, other[0], other[-1])
        )
head = ["", "MSE / grey", "chroma / truth", "SSIM", "accuracy", "Fréchet"]
table([*head, "objects: MSE / grey", "objects: Fréchet"], rows)

# %% tags=["remove-input"]
from IPython.display import Markdown

Markdown(f"```bash\n{record['command']}\n```")

# %% tags=["remove-cell"]
for kind, scores in (("scenes", scenes), ("objects", objects)):
    gap = scores["with - without"]
    for key in ("mse_to_grey", "chroma_ratio", "ssim"):
        ends = gap[key][1:]
        note({f"{kind} {key}": "{:+.2f} to {:+.2f}".format(*ends)})
    with_, without, grey = (scores[name] for name in (*PAIR, "grey"))
    for name, one in (("with", with_), ("without", without), ("grey", grey)):
        note({f"{kind} {name} fd": f"{one['frechet_lite0'][0]:.0f}"})
        note({f"{kind} {name} ok": f"{one['accuracy'][0]:.0%}"})
    assert (
        with_["frechet_lite0"][0] > without["frechet_lite0"][0]
    )  # or say otherwise below
    note({f"{kind} colourful": f"{with_['colorfulness'][0]:.0f}"})
    note({f"{kind} dull": f"{without['colorfulness'][0]:.0f}"})
    note({f"{kind} true": f"{scores['truth']['colorfulness'][0]:.0f}"})

# %% tags=["remove-input"]
say(r"""
"Accuracy" is Nazeri et al.'s: the share of pixels with a\* and b\* within 4.4 of the truth.
"Fréchet" is the distance of what EfficientNet-Lite0 sees in outputs and in photos; few photos make
it large, so compare it within a column alone. It is no independent judge of the networks that are
built on Lite0. All of it is of {each} photos a set.

**Gained.** Colour: colourfulness is {scenes colourful} on scenes, against {scenes dull} without
the judge and {scenes true} of the photos; {objects colourful} against {objects dull} and
{objects true} on objects. Mean chroma over the truth's is larger by {scenes chroma_ratio} and
{objects chroma_ratio} (95 % intervals over photos).

**Not gained.** The Fréchet distance, which asks whether outputs are like photos as a whole, is
{scenes with fd} against {scenes without fd} without the judge on scenes, and {objects with fd}
against {objects without fd} on objects (grey: {scenes grey fd} and {objects grey fd}). There is
nearly as much colour as in photos, but, as the squared error shows, not where photos have it. That
is what a longer training would have to bring; whether it would, we don't know.

**Paid.** Squared error over grey's changes by {scenes mse_to_grey} and {objects mse_to_grey}, SSIM
by {scenes ssim} and {objects ssim}. And the accuracy is {scenes with ok} against
{scenes without ok} on scenes, where grey itself has {scenes grey ok}: a measure that grey wins
can't be what a colorizer is chosen by.
""")

# %% [markdown]
# One run each, one seed, at one step: the wandering above says how much a checkpoint more or less
# would change. An interval over photos does not know of that.
#
# **"By batch"** is the network left in training mode, as in the authors' code: BatchNorm takes the
# statistics of the photos that are coloured together, here eight from one folder. An answer hangs
# on its neighbours then. Running statistics don't have this fault, but they lag behind, and a
# painter with a judge moves fast. [A ConvNet from scratch](07_convnet.ipynb) shows a network in
# both states, step by step.
#
# ## Line art, hints and a critic
#
# Colouring a drawing has even more answers than a photo: there is no shading to tell a red coat
# from a black one. Ci et al. (2018) gave the painter two aids: what a network that knows
# illustrations sees in the drawing, and *hints*, colours of a few dots. Half of the photos of a
# batch get none, so that it works without. We have no illustrations with a free licence, so these
# are drawings of *photos*, by differences of two blurs. What an artist would leave out is in them,
# and shadows become lines.

# %% tags=["hide-input"]
from colorlab.data.drawings import line_drawing
from colorlab.train.wgan import draw_cells

scenes_128 = sample_batch(128, "astronaut", "coffee")
drawings = line_drawing(LAB.luma(scenes_128))
torch.manual_seed(2)
hints = draw_cells(2 * scenes_128.repeat(2, 1, 1, 1) - 1)[
    :2
]  # the half with hints
colours, told = (hints[:, :3] + 1) / 2, hints[:, 3:]
sheets = (drawings[..., ::4, ::4] * 0 + 0.75) * (1 - told) + colours * told

# %% tags=["hide-input", "large"]
columns = [scenes_128, drawings.expand(-1, 3, -1, -1), sheets]
note(told=f"{float(told.mean()):.1%}")
show(
    photo_grid(
        list(zip(*map(to_pictures, columns), strict=True)),
        columns=["photo", "drawing", "hints"],
        height=2.6,
    ),
    alt="Two photos, drawings of their edges, and fields of grey with a few "
    "dots of the photos' colours.",
)

# %% tags=["remove-input"]
say("""
In this draw {told} of the cells of 4 × 4 pixels are told. Ci et al.'s networks are in
`colorlab.models.ci` as published; we have not trained them, and show no result of theirs.
""")

# %% [markdown]
# ### How steep may a critic be?
#
# Ci et al.'s judge is a *critic*. It gives any number, high for photos and low for answers, and
# the mean
# difference is how far apart the two kinds are, if the critic's slope is at most 1 everywhere
# (Gulrajani et al., 2017). So the slope is drawn towards 1, at points between a photo and an
# answer:
#
# $$10 \cdot \mathbb{E}\,\bigl(\lVert \nabla_x D(x) \rVert - 1\bigr)^2$$
#
# The norm is of the gradient of a *whole photo*, all its pixels and channels. Much code has
# `gradient.norm(dim=1)` here, right for vectors. For photos that is the norm over the three
# channels, at each pixel: each pixel's slope is drawn towards 1, and a photo's towards the root of
# the number of its pixels. What does it do? Two critics, alike but for that line, on photos of 16
# pixels and their grey versions:

# %%
from colorlab.train.wgan import gradient_penalty, penalty_per_pixel

real = sample_batch(16)
fake = LAB.merge(LAB.luma(real), torch.zeros(len(real), 2, 16, 16))


# %%
def train_critic(penalty):
    """The length of a photo's gradient after each of the steps."""
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 16, 4, 2, 1), nn.Conv2d(16, 32, 4, 2, 1)
    parts = [part for layer in layers for part in (layer, nn.LeakyReLU(0.2))]
    critic = nn.Sequential(*parts, nn.Flatten(), nn.Linear(512, 1))
    adam = torch.optim.Adam(critic.parameters(), 5e-3, betas=(0.5, 0.9))
    lengths = []
    for _ in range(turns):
        adam.zero_grad()
        apart = (critic(fake) - critic(real)).mean()
        (apart + 10 * penalty(critic, real, fake)).backward()
        adam.step()
        lengths.append(slope_of(critic))
    return lengths


# %%
def slope_of(critic):
    """The mean length of a photo's gradient."""
    points = real.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(points).sum(), points)
    return float(gradient.flatten(1).norm(dim=1).mean())


slopes = {"of a photo": train_critic(gradient_penalty)}
slopes["of each pixel"] = train_critic(penalty_per_pixel)

# %% tags=["hide-input"]
labels = {
    "xlabel": "step",
    "ylabel": "slope",
    "yscale": "log",
    "yticks": (1, 4, 16),
}
figure = line_figure(range(1, turns + 1), slopes, (4.2, 1.9), **labels)
figure.axes[0].set_yticklabels(["1", "4", "16"])
show(
    figure,
    alt="The slope with the penalty of a photo stays near 1, the other goes "
    "beyond 16.",
)
note({name: f"{curve[-1]:.1f}" for name, curve in slopes.items()})

# %% tags=["remove-input"]
say("""
The slope is {of a photo} with the penalty of a photo, and {of each pixel} with that of each pixel.
For equal pixels the latter is $(s / 16 - 1)^2$ at a slope of $s$: it draws to 16, the root of the
number of pixels, and 256 times more loosely, so that the critic goes far beyond. For Ci et al.'s
512 pixels it would be 512. The critic can still tell the two kinds apart, but its scale hangs on
the size of the photos: its weight beside the other loss, a ten-thousandth, means something else at
every size. And each pixel is to have its say, even where there is nothing to be said.
""")

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("adversaries")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A pixel's a\* is 60 six times in ten and −10 otherwise. Which answer has the least mean *absolute*
# error, as in Nazeri et al.'s loss?
# ```

# %%
your_answer = None
check("14.1", your_answer)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# 60, the median. Absolute error takes the side that is likelier, even by a little, and pays for
# the rest. So it is not always dull. But a photo's doubt is seldom between two colours: the
# median of a cloud that begins at grey is a pale colour too.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# A judge's logit for an answer is −3. How long is the gradient, with respect to that logit, of the
# painter's loss $\ell(z, 1)$?
# ```

# %%
your_length = None
check("14.2", your_length)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# $1 - 1 / (1 + e^{3}) = 0.953$. The other form, $-\ell(z, 0)$, has 0.047 there.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# A critic's gradient is equally long at each of the 64 × 64 pixels of a photo, and 1 in all. How
# long is it at one pixel?
# ```

# %%
your_pixel = None
check("14.3", your_pixel)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# $1 / \sqrt{4096} = 1 / 64 = 0.0156$. The penalty of each pixel would have
# $(0.0156 - 1)^2 = 0.97$ to say against this critic, which the right one finds perfect.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# Play with the point again: let the judge's opinion count 0.2, or the judge learn a tenth as fast
# (as Nazeri et al. have it), or run 2,000 steps. When does the point stay with a colour, and when
# does it never leave the mean? There is no check: look at the path.
# ```
#
# ## Summary
#
# - A judge that learns is a loss that knows what photos look like. Dull answers don't pass.
# - The painter goes towards the label 1, for its gradient's sake; photos are told 0.9.
# - It picks a colour and may change its mind: the game need not come to rest.
# - With the same start and photos, and trained briefly, the judge bought colour and paid in error.
# - A gradient penalty takes the length of a whole photo's gradient, not of each pixel's.
#
# **Read next.** Goodfellow et al. (2014), section 3; Isola et al. (2017), on what the patch and the
# absolute error each do.
#
# Next: [One pixel after another](15_one_pixel_after_another.ipynb), on networks that look at what
# they have already coloured.
