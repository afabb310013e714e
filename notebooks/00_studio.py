# %% [markdown]
# # The studio
#
# Begin with a photo of your own. The studio below colours it with a network that comes with the
# package, beside the grey it was given and, if the photo had colours, beside those. How the network
# does it, what it can know and what it can't, is the rest of this course. Here you collect the
# questions.
#
# ```{admonition} Goals
# After this chapter you can
# - colour any photo at its full resolution, and save the result;
# - say what the studio's controls do to the network's answer;
# - tell what the network saw of your photo from what it didn't.
# ```
#
# Time: 20 minutes; the cells run in half a minute without a GPU.

# %% tags=["parameters"]
photo = "china"  # a sample's name, or the path of a photo of yours
model = "colorlab"  # one of `colorlab models` with trained weights
second = "efficientnet_lite0_rebalanced"

# %%
import numpy as np

from colorlab.course import check, note, say, show, use_style

use_style()

# %% [markdown]
# ## Colour a photo
#
# Choose a photo, drop one on the grey panel, or paste one; a path of the machine that runs the
# notebook will do too. Drag the line, or move it with the arrow keys. A click on one of the small
# pictures puts it at the left of the line. *Make the full result* colours every pixel and gives you
# the file; until then all that you see is a preview, a thousand pixels long. The photo goes no
# further than to the machine that runs the notebook.

# %%
from colorlab.course.widgets import studio

studio(photo, model)

# %% [markdown]
# On a page of the book no program runs behind the controls, so they are left out, and the line
# below is all that moves. In JupyterLab (`make lab`) the cell above shows the whole studio.

# %% tags=["hide-input", "twin"]
from IPython.display import HTML

from colorlab.course.widgets import Look, divider_twin, open_photo, shrink
from colorlab.data.samples import sample_names, sample_paths

shown = open_photo(
    sample_paths(photo)[0] if photo in sample_names() else photo
)
made = shown.preview(Look(model))
HTML(
    divider_twin(shrink(shown.grey, 640), shrink(made, 640), ("grey", model))
)

# %% [markdown]
# ## What to try
#
# - A landscape, a portrait, a room, a page of a book. For which does the colour fit?
# - One thing of a colour that nobody could guess: a toy, a car, a painted door.
# - A photo, and the same one cropped to the thing alone. Does the network still know it?
# - A photo at night. A photo upside down.
# - A second model on the left of the line.
#
# Four photos that come with Python packages, none of which the network was trained on:

# %% tags=["hide-input"]
from colorlab.course import Photo, photo_grid, sample_photos
from colorlab.course.widgets import StudioPhoto

names = ["chelsea", "coffee", "flower", "rocket"]
opened = [
    StudioPhoto(Photo(shrink(one.rgb, 400)), one.name)
    for one in sample_photos(*names)
]

# %% tags=["hide-input", "slide"]
rows = [
    [one.grey for one in opened],
    [one.preview(Look(model)) for one in opened],
    [one.small for one in opened],
]
show(
    photo_grid(rows, labels=["grey", "result", "original"], height=1.7),
    alt="A cat, a cup, a blossom and a rocket: as grey photos, as the "
    "network colours them, and as they were taken.",
)

# %% [markdown]
# Fur and a sky at dusk have few colours to choose from, and come near, if paler; the sky is too
# violet. The cup is red, and nothing in its grey tells. What the network does when it can't know is
# the subject of [Colour rebalancing](10_rebalancing.ipynb): it answers with the mean of what it
# holds possible, and a mean is pale.
#
# ## Saturation
#
# So why not simply turn the colours up? The network answers with two numbers a pixel, a\* and b\*
# ([Colour spaces](01_color_spaces.ipynb) explains them): both 0 is grey, and the further from 0 the
# more colour. *Saturation* multiplies them, from 0 (none) over 1 (as answered) to 2; what a screen
# can't show is then cut off.

# %% tags=["hide-input"]
values = [0, 0.5, 1, 1.5, 2]
row = [
    shrink(shown.preview(Look(model, saturation=value)), 400)
    for value in values
]
figure = photo_grid(
    [row], columns=[f"saturation {value:g}" for value in values], height=1.6
)
show(
    figure,
    alt="A photo coloured with saturation 0, which is grey, to 2, which "
    "looks overdone.",
)

# %% [markdown]
# Does that make the colours better? The curves show the mean squared error (MSE) of a\* and b\*
# over all the samples, as a share of what plain grey would cost. The dots are the settings that
# cost least.

# %%
from colorlab.course import to_tensor
from colorlab.evaluate.metrics import ChromaErrors

small = [
    StudioPhoto(Photo(shrink(one.rgb, 300)), one.name)
    for one in sample_photos()
]
values = np.arange(0, 2.01, 0.2)


# %%
def cost(name, saturation):
    """Error over grey's of all samples as the named model colours them."""
    errors = ChromaErrors()
    for one in small:
        errors.add(
            to_tensor(one.preview(Look(name, saturation=saturation))),
            to_tensor(one.small),
        )
    return errors.mse_to_grey


# %%
from colorlab.course import line_figure

costs = {
    name: [cost(name, value) for value in values] for name in (model, second)
}
figure = line_figure(
    values,
    costs,
    (7, 3),
    xlabel="saturation",
    ylabel="MSE / grey",
    xlim=(0, 2),
)

# %%
for line, found in zip(figure.axes[0].lines, costs.values(), strict=True):
    figure.axes[0].plot(
        values[np.argmin(found)], min(found), "o", color=line.get_color()
    )
figure.axes[0].axhline(1, color="black", linewidth=0.8)
figure.axes[0].text(0.02, 1.01, "grey", va="bottom")
show(
    figure,
    alt="Error against saturation for two models. Both begin at 1, the "
    "error of grey, fall to a minimum, and rise again.",
)

# %% tags=["remove-cell"]
for short, found in zip(("model", "second"), costs.values(), strict=True):
    best = {
        "best": f"{values[np.argmin(found)]:.1f}",
        "cost": f"{min(found):.2f}",
    }
    best["once"] = f"{found[5]:.2f}"
    note(
        {f"{short}_{what}": text for what, text in best.items()},
        photos=len(small),
    )

# %% tags=["remove-input"]
say("""
On these {photos} photos the error of `colorlab` is least at {model_best} ({model_cost}; at 1 it is
{model_once}): here it is paler than even least error asks for. The second network was trained to
dare more, and is best at {second_best} ({second_cost}, and {second_once} at 1). The two differ in
other things too: it is smaller and learned from fewer photos, in fewer steps, so the errors don't
say what daring costs. Turning colours up makes right ones stronger and wrong ones worse. Whether
that looks better is not a question for an error; [Judging colour](16_metrics.ipynb) and
[Which one is real?](18_human_test.ipynb) ask it.
""")

# %% [markdown]
# ## Strength, and old photos
#
# *Strength* is the share of the result in a mix with the photo's own grey. For a fresh photo that
# is nearly what saturation does. The two differ for an old one: *old photo* first tones it, that
# is, gives a faded print its blacks and whites back, and has the network look past the grain (see
# [Old photographs](19_old_photos.ipynb)). With saturation 0 you see the toned photo without
# colour; with strength 0, the photo as it was.

# %% tags=["hide-input"]
from colorlab.inference.old import simulate_fading

faded = StudioPhoto(
    Photo(simulate_fading(shrink(shown.photo.rgb, 400))), "faded"
)
looks = {
    "strength 0": Look(model, old=True, strength=0),
    "strength 0.5": Look(model, old=True, strength=0.5),
    "strength 1": Look(model, old=True),
    "saturation 0": Look(model, old=True, saturation=0),
}
row = [faded.preview(look) for look in looks.values()]

# %% tags=["hide-input"]
show(
    photo_grid([row], columns=list(looks), height=1.7),
    alt="A photo faded by simulation: as it was; half way; toned and "
    "coloured; toned, in grey.",
)

# %% [markdown]
# ## The preview and the full result
#
# The network never sees your photo at its size. It gets the lightness alone, with the shorter side
# shrunk to 224 pixels, and answers with as many pixels of a\* and b\*. These are enlarged and
# joined with the lightness that the photo had at each of its own pixels. Details come from the
# photo, colours from the small picture: look for colour that runs over a thin edge.

# %% tags=["hide-input"]
import torch
from torch.nn.functional import interpolate

from colorlab.course import load_model
from colorlab.inference.predict import predict_chroma

high, wide = shown.small.shape[:2]
window = (
    slice(high // 3, high // 3 + high // 4),
    slice(wide // 3, wide // 3 + wide // 4),
)

# %% tags=["hide-input"]
pixels = torch.from_numpy(shown.small.copy()).permute(2, 0, 1)
answer = predict_chroma(pixels, load_model(model))[None]
chroma = interpolate(answer, (high, wide), mode="bicubic")[0].norm(dim=0)
chroma = chroma[window]
amount = (chroma * 255 / chroma.max()).byte().numpy()
crop = [shown.grey[window], amount, made[window]]
show(
    photo_grid(
        [crop], columns=["the photo's lightness", "amount of colour", "both"]
    ),
    alt="A part of a photo, enlarged: its sharp lightness, the blurred "
    "amount of its colour as a grey map, and the sharp coloured picture "
    "that they make together.",
)

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("studio")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# Your photo has 3000 rows and 4000 columns. The network takes heights and widths that are multiples
# of 32; the longer side is rounded to the nearest one. How many rows and columns does it see?
# ```

# %%
your_rows_and_columns = None  # such as (100, 200)
check("00.1", your_rows_and_columns)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# 224 rows. The aspect of 4 to 3 asks for 298.7 columns, and the nearest multiple of 32 is 288. Of
# 12 million pixels the network sees 64,512.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# At one pixel the network says (a\*, b\*) = (10, 20), and the truth is (20, 30). Which saturation
# has the least squared error there?
# ```

# %%
your_saturation = None
check("00.2", your_saturation)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# The error is |s·said − truth|²; its derivative in s is zero at s = (said · truth) / (said · said)
# = (200 + 600) / 500 = 1.6. Where the hue is wrong by more than a right angle the best saturation
# would be negative, so 0: grey.
# ```
#
# ```{admonition} Exercise 3 (easy)
# :class: tip
# A pixel of the photo's grey is (100, 100, 100), that of the result (180, 110, 60). What does it
# become at strength 0.25?
# ```

# %%
your_pixel = None
check("00.3", your_pixel)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# A quarter of the way: (120, 102.5, 90), stored as (120, 102, 90) or (120, 103, 90).
# ```
#
# ## Summary
#
# - The studio colours a photo of up to 100 megapixels; the preview and the file have the same
#   colours.
# - The network sees the lightness alone, small. Details are the photo's own.
# - Saturation multiplies the answer's colours, the wrong ones too.
# - Strength goes from the photo as it was to the finished picture.
# - Where nothing in the grey tells the colour, the answer is pale, or wrong.
#
# Next: [Colour spaces](01_color_spaces.ipynb), where grey and colour are told apart.
