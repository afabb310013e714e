"""What a file's numbers mean as colours: profiles and their kin, converted to sRGB.

A profile is judged by what it does to colours, never by its name.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from colorlab.data.pixels import as_rgb

Space = str
"""The kind of a file's samples: "gray", "rgb", "cmyk" (255 is full ink) or "lab" (ICC v4)."""

_SIGNATURES = {b"GRAY": "gray", b"RGB ": "rgb", b"CMYK": "cmyk", b"Lab ": "lab"}
_D65 = (0.3127, 0.3290)
_BT709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
_BT2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046)

CICP_PRIMARIES = {1: _BT709, 9: _BT2020, 12: _P3}
"""Primaries by their code in ITU-T H.273."""

CICP_CURVES = {1: 2.2, 4: 2.2, 5: 2.8, 6: 2.2, 8: 1.0, 13: 0.0, 14: 2.2, 15: 2.2}
"""Transfer curves by their code in H.273, as a gamma; 0 is sRGB's own. PQ and HLG are missing."""


def _srgb_profile() -> bytes:
    made = bytearray(imagecodecs.cms_profile("srgb"))
    made[24:36] = bytes.fromhex("07d000010001000000000000")  # else it holds the time of making
    made[84:100] = bytes(16)  # and a checksum over that
    return bytes(made)


SRGB = _srgb_profile()
"""The sRGB profile that results carry."""


def adobe_rgb() -> bytes:
    """The profile that EXIF means by "R03"."""
    return imagecodecs.cms_profile("adobergb")


@lru_cache(maxsize=64)
def described(
    space: Space, gamma: float, primaries: tuple[float, ...] = _BT709, white: Any = _D65
) -> bytes | None:
    """A profile of a gamma (0 for sRGB's own curve), primaries and white; None for sRGB itself.

    `gamma` is the decoding exponent, 2.2 for a usual screen; `primaries` are x and y of red, green
    and blue. Within the rounding that such numbers have in files, sRGB counts as sRGB.
    """
    near = np.allclose(primaries, _BT709, atol=0.006) and np.allclose(white, _D65, atol=0.002)
    if (gamma == 0 or abs(gamma - 2.2) < 0.03) and (near or space == "gray"):
        return None
    whitepoint = [*white, 1.0]
    if space == "gray":
        return imagecodecs.cms_profile("gray", whitepoint=whitepoint, gamma=gamma)
    corners = [x for i in range(0, 6, 2) for x in (*primaries[i : i + 2], 1.0)]
    if gamma == 0:
        steps = np.linspace(0, 1, 4096)
        curve = np.where(steps > 0.04045, ((steps + 0.055) / 1.055) ** 2.4, steps / 12.92)
        table = np.repeat(np.rint(curve * 65535).astype(np.uint16)[None], 3, axis=0)
        return imagecodecs.cms_profile(
            "rgb", whitepoint=whitepoint, primaries=corners, transferfunction=table
        )
    return imagecodecs.cms_profile("rgb", whitepoint=whitepoint, primaries=corners, gamma=gamma)


def profile_space(profile: bytes) -> Space | None:
    """What kind of samples an ICC profile is for; None for other kinds and for damaged ones."""
    whole = profile[36:40] == b"acsp" and int.from_bytes(profile[:4], "big") <= len(profile)
    return _SIGNATURES.get(profile[16:20]) if whole else None


@lru_cache(maxsize=64)
def changes_tones(profile: bytes) -> bool:
    """Whether a profile moves some colour by more than an 8-bit step from sRGB.

    Raises ValueError for a damaged profile.
    """
    space = profile_space(profile)
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    if space == "gray":
        probes = steps[None]
        unchanged = np.repeat(probes[..., None], 3, axis=2)
    elif space == "rgb":
        probes = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
        unchanged = probes
    else:
        return True
    moved = _transform(probes, profile, SRGB, space, "rgb")
    return bool(np.abs(moved.astype(int) - unchanged).max() > 1)


def to_srgb(samples: NDArray[Any], profile: bytes | None, space: Space) -> NDArray[Any]:
    """Full-range uint8 or uint16 samples, (H, W) or (H, W, C), as sRGB (H, W, 3) of that type.

    Grey comes out as `as_rgb` makes it, samples of three channels are overwritten if they can be.
    Without a profile, grey and RGB are sRGB already, CMYK is ink that takes light away evenly, Lab
    that of ICC v4. Raises ValueError for a damaged profile.
    """
    if profile is not None and space in ("gray", "rgb") and not changes_tones(profile):
        profile = None
    if space == "gray":
        if profile is None:
            return as_rgb(samples)
        return as_rgb(_grey_table(profile, int(np.iinfo(samples.dtype).max))[samples])
    if profile is None:
        if space == "rgb":
            return np.ascontiguousarray(samples)
        if space == "cmyk":
            top = np.iinfo(samples.dtype).max
            light = (top - samples).astype(np.float32)
            return np.rint(light[..., :3] * light[..., 3:] / top).astype(samples.dtype)
        profile = imagecodecs.cms_profile("lab4")
    own = samples.shape[2] == 3 and samples.flags.c_contiguous and samples.flags.writeable
    return convert(samples, profile, SRGB, space, samples if own else None)


def convert(
    samples: NDArray[Any],
    profile: bytes,
    target: bytes,
    space: Space = "rgb",
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Samples (H, W, C) under one profile as RGB under another, of the same type, on threads.

    `out`, (H, W, 3), takes the result; it may be the samples.
    """
    result = np.empty((*samples.shape[:2], 3), samples.dtype) if out is None else out
    rows = max(1, 2**18 // samples.shape[1])

    def work(top: int) -> None:
        band = np.ascontiguousarray(samples[top : top + rows])
        result[top : top + rows] = _transform(band, profile, target, space, "rgb")

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, range(0, len(samples), rows)))
    return result


def _transform(
    samples: NDArray[Any], profile: bytes, target: bytes, space: Space, into: Space
) -> NDArray[Any]:
    kind = samples.dtype.name
    try:
        result: NDArray[Any] = imagecodecs.cms_transform(
            samples, profile, target, colorspace=space, outcolorspace=into, outdtype=kind
        )
    except RuntimeError as error:
        raise ValueError(f"a damaged colour profile ({error})") from None
    return result


@lru_cache(maxsize=8)
def _grey_table(profile: bytes, top: int) -> NDArray[Any]:
    """What each grey value is in sRGB; by floats, since 16 bits are coarse in the shadows."""
    ramp = np.linspace(0, 1, top + 1, dtype=np.float32)[None]
    greys = _transform(ramp, profile, SRGB, "gray", "rgb")[0, :, 1]
    return np.rint(np.clip(greys, 0, 1) * top).astype(np.uint8 if top == 255 else np.uint16)
