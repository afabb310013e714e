"""Numbers of the literature: a row each, with what it is of and where it was found.

`colorlab.evaluate.published` selects and compares them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from colorlab.evaluate.protocols import PROTOCOLS, Protocol, Standing


@dataclass(frozen=True)
class Quantity:
    """What a column of a published table has.

    `ours` is the metric of `colorlab evaluate` that comes nearest, "" where there is none, and
    `difference` says in what theirs is another; "" where the definition is the same. `told` is
    false where the source leaves a variant open, so that two tables can't be compared by it.
    """

    title: str
    better: str
    ours: str = ""
    difference: str = ""
    told: bool = True


_HIGHER, _LOWER, _NEAR = "higher", "lower", "near the truth"
QUANTITIES = {
    "auc": Quantity("AuC, %", _HIGHER, "auc"),
    "auc_rebalanced": Quantity(
        *("AuC rebalanced, %", _HIGHER, "auc_rebalanced"),
        "colours weighted by their frequency on ImageNet, ours by that on the photos measured",
    ),
    "top1_vgg": Quantity("VGG-16 top-1, %", _HIGHER, "top1_lite2", "another classifier judges"),
    "top5_vgg": Quantity("VGG-16 top-5, %", _HIGHER, "top5", "another classifier judges"),
    "fooled": Quantity("fooling rate, %", _HIGHER, "", "people judge: the human test"),
    "rmse_ab": Quantity("RMSE of chroma", _LOWER, "mse", "its square, in other units"),
    "mse_lin2021": Quantity("MSE, CIE Lab", _LOWER, "mse", "what it is the mean of is not told"),
    "psnr": Quantity("PSNR, dB", _HIGHER, "psnr"),
    "ssim": Quantity("SSIM", _HIGHER, "ssim"),
    "lpips": Quantity("LPIPS, AlexNet", _LOWER, "lpips"),
    "delta_e": Quantity("Delta E 2000", _LOWER, "delta_e"),
    "colorfulness_abs": Quantity("colourfulness (abs)", _NEAR, "colorfulness_abs"),
    "delta_colorfulness_abs": Quantity(
        "Delta colourfulness (set, abs)", _LOWER, "delta_colorfulness_abs"
    ),
    "fid": Quantity("FID, TensorFlow's Inception", _LOWER, "fid"),
    "fid_torchvision": Quantity(
        *("FID, torchvision's Inception", _LOWER, "fid"),
        "Inception with other weights, fed values in another range",
    ),
    "fid_untold": Quantity(
        *("FID, Inception not told", _LOWER, "fid", "which Inception is not told"), told=False
    ),
    "fid_others": Quantity(
        *("FID to other photos", _LOWER, "fid", "measured against other photos than the grey ones"),
        told=False,
    ),
}
"""By the names in the rows; Frechet distances of different networks are different quantities."""

METHODS = {
    "classification, rebalanced": (2016, "zhang2016colorful"),
    "classification": (2016, "zhang2016colorful"),
    "regression (L2)": (2016, "zhang2016colorful"),
    "Larsson et al.": (2016, "larsson2016learning"),
    "Dahl": (2016, "dahl2016automatic"),
    "Lab, L2": (2016, "larsson2016learning"),
    "Lab, K = 32": (2016, "larsson2016learning"),
    "Lab, K = 16 x 16": (2016, "larsson2016learning"),
    "hue/chroma": (2016, "larsson2016learning"),
    "hue/chroma, chromatic fading": (2016, "larsson2016learning"),
    "CIC (Zhang et al.)": (2016, "zhang2016colorful"),
    "pix2pix": (2017, "isola2017pix2pix"),
    "PixColor": (2017, "guadarrama2017pixcolor"),
    "CIC trained on fruit": (2019, "nicolai2019reproducing"),
    "DeOldify": (2019, "antic2019deoldify"),
    "InstColor": (2020, "su2020instance"),
    "ColTran": (2021, "kumar2021colorization"),
    "Wu et al.": (2021, "wu2021vivid"),
    "ConvNet": (2021, "lin2021automated"),
    "VGG-16": (2021, "lin2021automated"),
    "EfficientNet": (2021, "lin2021automated"),
    "EfficientNet, rebalanced": (2021, "lin2021automated"),
    "BigColor": (2022, "kim2022bigcolor"),
    "ColorFormer": (2022, "ji2022colorformer"),
    "CT2": (2022, "weng2022ct2"),
    "Palette": (2022, "saharia2022palette"),
    "Palette's regression": (2022, "saharia2022palette"),
    "DDColor-tiny": (2023, "kang2023ddcolor"),
    "DDColor-large": (2023, "kang2023ddcolor"),
    "DDColor-large, run by a reader": (2023, "kang2023ddcolor"),
    "L-CAD, a general caption": (2023, "chang2023lcad"),
    "MultiColor": (2024, "du2024multicolor"),
    "ColorMF": (2026, "zakirov2026colormf"),
}
"""Year and paper of each method; grey and the truth have none."""

SOURCES = {
    "zhang2016colorful": "Zhang et al., 2016",
    "larsson2016learning": "Larsson et al., 2016",
    "nicolai2019reproducing": "Nicolai et al., 2019",
    "lin2021automated": "Lin and Ferreira, 2021",
    "openvino2022zoo": "OpenVINO, 2022",
    "saharia2022palette": "Saharia et al., 2022",
    "chang2023lcad": "Chang et al., 2023",
    "kang2023ddcolor": "Kang et al., 2023",
    "du2024multicolor": "Du et al., 2024",
    "zakirov2026colormf": "Zakirov, 2026",
}
"""Authors and year of every text that has a table, by the bibliography's key."""


@dataclass(frozen=True)
class Row:
    """One number: `source` is the bibliography's key of the text whose `table` has it.

    `metric` is one of `QUANTITIES`; `error` is the standard error, where printed.
    """

    method: str
    protocol: Protocol
    metric: str
    value: float
    source: str
    table: str
    standing: Standing
    error: float | None = None

    @property
    def quantity(self) -> Quantity:
        """What was measured."""
        return QUANTITIES[self.metric]

    @property
    def year(self) -> int | None:
        """The method's; None for grey and the truth."""
        return METHODS[self.method][0] if self.method in METHODS else None

    @property
    def paper(self) -> str:
        """The bibliography's key of the method's own paper; "" for grey and the truth."""
        return METHODS[self.method][1] if self.method in METHODS else ""


def _table(
    source: str,
    table: str,
    protocol: str,
    standing: Standing,
    metrics: str,
    values: Mapping[str, Sequence[float]],
    errors: Mapping[str, float] = {},
) -> list[Row]:
    """Rows of a table: values by method, in the order of `metrics`."""
    return [
        Row(
            *(method, PROTOCOLS[protocol], metric, value, source, table, standing),
            error=errors.get(method),
        )
        for method, line in values.items()
        for metric, value in zip(metrics.split(), line, strict=True)
    ]


_CF = "colorfulness_abs delta_colorfulness_abs psnr"
_FOOLED = {
    "classification, rebalanced": (32.3, 2.2),
    "Larsson et al.": (27.2, 2.7),
    "classification": (25.2, 2.7),
    "regression (L2)": (21.2, 2.5),
    "Dahl": (18.3, 2.8),
}

PUBLISHED: tuple[Row, ...] = (
    *_table(
        *("zhang2016colorful", "table 1", "zhang2016", "recalled", "auc auc_rebalanced top1_vgg"),
        {
            "truth": (100, 100, 68.3),
            "grey": (89.1, 58.0, 52.7),
            "Dahl": (90.4, 58.9, 48.7),
            "Larsson et al.": (91.7, 65.9, 59.4),
            "regression (L2)": (91.2, 64.4, 54.9),
            "classification": (91.6, 65.1, 56.6),
            "classification, rebalanced": (89.5, 67.3, 56.0),
        },
    ),
    *_table(
        *("zhang2016colorful", "table 1", "zhang2016_people", "recalled", "fooled"),
        {method: (rate,) for method, (rate, _) in _FOOLED.items()},
        {method: error for method, (_, error) in _FOOLED.items()},
    ),
    *_table(
        *("nicolai2019reproducing", "table 2", "kth", "read", "auc auc_rebalanced top5_vgg"),
        {
            "truth": (100, 100, 92.1),
            "grey": (79.9, 68.3, 46.4),
            "CIC (Zhang et al.)": (83.8, 78.6, 67.7),
            "CIC trained on fruit": (85.5, 81.0, 81.0),
        },
    ),
    *_table(
        *("larsson2016learning", "table 1", "larsson2016", "recalled", "rmse_ab psnr"),
        {
            "grey": (0.343, 22.98),
            "Lab, L2": (0.318, 24.25),
            "Lab, K = 32": (0.321, 24.33),
            "Lab, K = 16 x 16": (0.328, 24.30),
            "hue/chroma": (0.342, 23.77),
            "hue/chroma, chromatic fading": (0.299, 24.45),
        },
    ),
    *_table(
        *("kang2023ddcolor", "table 1", "ddcolor", "read", f"fid_torchvision {_CF}"),
        {
            "CIC (Zhang et al.)": (8.72, 31.60, 6.61, 22.64),
            "InstColor": (8.06, 24.87, 13.34, 23.28),
            "DeOldify": (6.59, 21.29, 16.92, 24.11),
            "Wu et al.": (5.95, 32.98, 5.23, 21.68),
            "ColTran": (6.44, 34.50, 3.71, 20.95),
            "CT2": (5.51, 38.48, 0.27, 23.50),
            "BigColor": (5.36, 39.74, 1.53, 21.24),
            "ColorFormer": (4.91, 38.00, 0.21, 23.10),
            "DDColor-tiny": (4.38, 37.66, 0.55, 23.54),
            "DDColor-large": (3.92, 38.26, 0.05, 23.85),
        },
    ),
    *_table(
        *("kang2023ddcolor", "table 1", "ddcolor50k", "read", f"fid_torchvision {_CF}"),
        {
            "CIC (Zhang et al.)": (19.17, 43.92, 4.83, 20.86),
            "InstColor": (7.36, 27.05, 12.04, 22.91),
            "DeOldify": (3.87, 22.83, 16.26, 22.97),
            "Wu et al.": (3.62, 35.13, 3.96, 21.81),
            "ColTran": (6.14, 35.50, 3.59, 22.30),
            "CT2": (4.95, 39.96, 0.87, 22.93),
            "BigColor": (1.24, 40.01, 0.92, 21.24),
            "ColorFormer": (1.71, 39.76, 0.67, 23.00),
            "DDColor-tiny": (1.23, 37.72, 1.37, 23.63),
            "DDColor-large": (0.96, 38.65, 0.44, 23.74),
        },
    ),
    *_table(
        *("kang2023ddcolor", "issue 9 of the code", "ddcolor", "read"),
        "fid_torchvision colorfulness_abs",
        {"DDColor-large, run by a reader": (3.78, 34.33)},
    ),
    *_table(
        *("du2024multicolor", "table 2", "ddcolor_squashed", "quoted", f"fid_untold {_CF}"),
        {"MultiColor": (2.17, 38.24, 0.03, 24.69)},
    ),
    *_table(
        *("du2024multicolor", "table 2", "ddcolor50k", "quoted", f"fid_untold {_CF}"),
        {"MultiColor": (0.42, 38.89, 0.20, 24.58)},
    ),
    *_table(
        *("chang2023lcad", "table 3", "lcad", "quoted", "fid_untold psnr"),
        {
            "CT2": (5.51, 23.50),
            "ColorFormer": (4.64, 23.14),
            "L-CAD, a general caption": (4.36, 24.47),
        },
    ),
    *_table(
        *("zakirov2026colormf", "val5k", "colormf_whole", "read"),
        "fid psnr ssim lpips colorfulness_abs delta_colorfulness_abs delta_e",
        {"ColorMF": (9.7225, 22.3355, 0.9045, 0.1812, 25.9583, 12.6924, 11.6270)},
    ),
    *_table(
        *("zakirov2026colormf", "val5k", "colormf_whole", "read", "colorfulness_abs"),
        {"truth": (38.6507,)},
    ),
    *_table(
        *("saharia2022palette", "table 1", "palette", "quoted", "fid_others"),
        {
            "truth": (14.68,),
            "pix2pix": (24.41,),
            "PixColor": (24.32,),
            "ColTran": (19.37,),
            "Palette's regression": (17.89,),
            "Palette": (15.78,),
        },
    ),
    *_table(
        *("saharia2022palette", "table 1", "palette", "quoted", "fooled"),
        {
            "PixColor": (29.90,),
            "ColTran": (36.55,),
            "Palette's regression": (39.45,),
            "Palette": (47.80,),
        },
    ),
    *_table(
        *("openvino2022zoo", "colorization-v2", "openvino", "read", "psnr ssim"),
        {"CIC (Zhang et al.)": (26.99, 0.90)},
    ),
    *_table(
        *("lin2021automated", "figure 6", "lin2021", "read", "mse_lin2021"),
        {
            "ConvNet": (0.0082,),
            "VGG-16": (0.054,),
            "EfficientNet": (0.0075,),
            "EfficientNet, rebalanced": (0.5848,),
        },
    ),
)
"""The rows, by table; whose figures are only recalled or quoted says so."""
