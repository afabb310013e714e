"""Photographs as they are found: the input ages, the truth stays."""

import torch

from colorlab.color import LAB
from colorlab.data.aging import age, blur, fade, film, mount
from colorlab.data.samples import sample_photos


def _photos() -> torch.Tensor:
    photos = [torch.from_numpy(p.rgb[:128, :128].copy()) for p in sample_photos("china", "flower")]
    return torch.stack(photos).permute(0, 3, 1, 2).float() / 255


def test_luma_ages_and_chroma_stays_but_under_a_mount() -> None:
    torch.manual_seed(0)
    rgb = _photos().repeat(8, 1, 1, 1)
    luma, chroma = LAB.split(rgb)
    aged, truth = age(rgb, luma, chroma, share=1.0)
    assert (aged.shape, truth.shape) == (luma.shape, chroma.shape)
    assert bool(((aged >= 0) & (aged <= 1)).all())
    assert not torch.equal(aged, luma)
    changed = (truth != chroma).flatten(1).any(1)
    assert 0 < int(changed.sum()) < len(rgb)  # those on a mount
    same = age(rgb, luma, chroma, share=0.0)
    assert torch.equal(same[0], luma)
    assert torch.equal(same[1], chroma)


def test_film_without_red_makes_red_dark_and_keeps_grey() -> None:
    torch.manual_seed(3)  # a film that sees little red
    red = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1).expand(3, 2, 2)
    grey = torch.full((3, 2, 2), 0.5)
    assert float(film(red).mean()) < float(LAB.luma(red[None]).mean())
    assert torch.allclose(film(grey), LAB.luma(grey[None])[0], atol=1e-3)


def test_fading_keeps_order_and_blur_keeps_the_mean_of_a_flat_photo() -> None:
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 64).view(1, 1, 64)
    faded = fade(ramp)
    assert bool((faded.diff() > 0).all())
    assert float(faded.max() - faded.min()) < 1
    assert torch.allclose(blur(torch.full((1, 9, 9), 0.3), 1.5), torch.tensor(0.3), atol=1e-6)


def test_a_mount_is_grey() -> None:
    torch.manual_seed(0)
    luma, chroma = mount(torch.full((1, 40, 40), 0.5), torch.full((2, 40, 40), 0.2))
    outside = chroma[0] == 0
    assert 0.05 < float(outside.float().mean()) < 0.6
    assert len(luma[0][outside].unique()) == 1
