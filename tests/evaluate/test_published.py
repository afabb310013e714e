"""Results of the literature: transcribed well, cited, and compared only where they may be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import prose
import pytest

from colorlab.evaluate.literature import METHODS, QUANTITIES, SOURCES
from colorlab.evaluate.metrics.base import get_metric
from colorlab.evaluate.protocols import PROTOCOLS
from colorlab.evaluate.published import (
    PUBLISHED,
    by_table,
    comparable,
    differences,
    grey,
    select,
)

BOOK = Path(__file__).parents[2] / "book" / "references.bib"


def only(**chosen: str):
    rows = select(**chosen)
    assert len(rows) == 1
    return rows[0]


def test_rows_are_well_formed() -> None:
    places = [(row.method, row.metric, row.protocol.name, row.source) for row in PUBLISHED]
    assert len(places) == len(set(places))
    for row in PUBLISHED:
        assert row.protocol is PROTOCOLS[row.protocol.name]
        assert row.metric in QUANTITIES
        assert row.method in METHODS or row.method in ("grey", "truth")
        assert row.table
    assert {row.method for row in PUBLISHED} >= set(METHODS)
    assert {row.protocol.name for row in PUBLISHED} | {"colormf"} == set(PROTOCOLS)


def test_quantities_are_those_of_the_evaluator_or_say_why_not() -> None:
    for quantity in QUANTITIES.values():
        assert quantity.ours or quantity.difference
        if quantity.ours:
            assert quantity.better == get_metric(quantity.ours).facts.better
    assert {q.ours for q in QUANTITIES.values() if not q.difference} == {
        *("auc", "psnr", "ssim", "lpips", "delta_e", "fid"),
        *("colorfulness_abs", "delta_colorfulness_abs"),
    }


def test_every_source_is_in_the_bibliography() -> None:
    entries = dict(re.findall(r"@\w+\{([^,]+),(.*?)\n\}", BOOK.read_text(), re.DOTALL))
    papers = {paper for _, paper in METHODS.values()}
    ours = papers | {row.source for row in PUBLISHED} | {p.source for p in PROTOCOLS.values()}
    assert ours <= set(entries)
    for key in ours:
        for field in ("author", "title", "year"):
            assert f"{field} = {{" in entries[key], key
    for method, (year, paper) in METHODS.items():
        assert f"year = {{{year}}}" in entries[paper], method


def test_sources_are_named_as_the_book_names_them() -> None:
    assert {row.source for row in PUBLISHED} == set(SOURCES)
    assert {key: prose.citation(key) for key in SOURCES} == SOURCES


@pytest.mark.parametrize(("protocol", "truth"), [("ddcolor", 38.21), ("ddcolor50k", 39.09)])
def test_differences_of_colourfulness_are_to_one_truth(protocol: str, truth: float) -> None:
    """The table's own arithmetic: |CF - that of the true photos| is its Delta CF, in every line."""
    lines = select(metric="delta_colorfulness_abs", protocol=protocol)
    assert len(lines) >= 10
    for row in lines:
        same = (row.method, "colorfulness_abs", row.protocol.name, row.source)
        [cf] = [x for x in PUBLISHED if (x.method, x.metric, x.protocol.name, x.source) == same]
        assert abs(cf.value - truth) == pytest.approx(row.value, abs=0.0051)


def test_colormf_s_difference_is_of_means() -> None:
    truth = only(method="truth", protocol="colormf_whole").value
    ours, apart = select("ColorMF", "colorfulness_abs", "colormf_whole")
    assert truth - ours.value == pytest.approx(apart.value, abs=1e-4)


def test_larsson_s_errors_and_decibels_agree_on_the_order() -> None:
    # Mean decibels need not follow mean errors, but grey can't be best in either.
    rows = {metric: select(metric=metric, protocol="larsson2016") for metric in ("rmse", "psnr")}
    best = {
        "rmse": min(rows["rmse"], key=lambda row: row.value).method,
        "psnr": max(rows["psnr"], key=lambda row: row.value).method,
    }
    assert set(best.values()) == {"hue/chroma, chromatic fading"}


def test_grey_is_of_the_same_table() -> None:
    assert grey(only(method="Dahl", metric="top1_vgg")) == 52.7
    assert grey(only(method="trained on fruit", metric="rebalanced")) == 68.3
    assert grey(only(method="fading", metric="psnr")) == 22.98
    assert grey(only(method="DDColor-large", metric="psnr", protocol="ddcolor")) is None


def test_what_may_be_compared() -> None:
    for row in PUBLISHED:
        assert row in comparable(row)
        for other in comparable(row):
            assert row in comparable(other)
            assert (row.metric, row.protocol.photos) == (other.metric, other.protocol.photos)
    names = {
        row.method
        for row in comparable(only(method="DDColor-large", protocol="ddcolor", metric="psnr"))
    }
    # L-CAD's paper measures PSNR on the same squares; OpenVINO on others.
    assert {"BigColor", "CT2", "L-CAD, a general caption"} <= names
    assert not {"MultiColor", "grey", "ColorMF"} & names


def test_why_not() -> None:
    small, large = select("CT2", "fid_torchvision")
    assert differences(small, large) == [
        "selection: the first 5,000 / all",
        "count: 5000 / 50000",
        "fit: crop / squash",
    ]
    # One network, one number in two papers, and no telling whether by one Inception.
    quoted = only(method="CT2", metric="fid_untold")
    assert quoted.value == small.value
    assert differences(small, quoted) == ["FID, torchvision's Inception / FID, Inception not told"]
    former = only(method="MultiColor", metric="fid_untold", protocol="ddcolor_squashed")
    assert "FID, Inception not told, in two tables" in differences(former, quoted)
    # What two tables don't tell is not the same.
    ours, theirs = (
        only(method="trained on fruit", metric="rebalanced"),
        select(metric="auc_rebalanced")[0],
    )
    assert "fit: not told" in differences(ours, theirs)
    assert differences(theirs, select(metric="auc_rebalanced")[1]) == []


def test_people_of_two_studies_are_not_compared() -> None:
    zhang, palette = (
        select(metric="fooled", protocol="zhang2016_people")[0],
        only(method="ColTran", metric="fooled"),
    )
    assert differences(zhang, palette)


def test_tables_have_a_line_a_method_and_a_column_a_metric() -> None:
    shown = by_table(select(protocol="zhang2016"))
    [(title, (header, cells))] = shown.items()
    assert (
        "ctest10k, 10,000 photos, 256 px, fit not told (Zhang et al., 2016, table 1; recalled)"
        in title
    )
    assert header == ["method", "year", "AuC, %", "AuC rebalanced, %", "VGG-16 top-1, %"]
    assert cells[0] == ["truth", "", "100.0", "100.0", "68.3"]
    assert cells[-1] == ["classification, rebalanced", "2016", "89.5", "67.3", "56.0"]
    # Two sources by one protocol are two tables.
    assert len(by_table(select(protocol="ddcolor50k"))) == 2
    assert by_table(select(protocol="colormf_whole")).popitem()[1][1][1].count("-") == 6


def test_an_unknown_name_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"no such row; metrics: auc, .*; protocols: zhang2016, "):
        select(metric="beauty")


def test_the_command_lists_and_filters() -> None:
    from typer.testing import CliRunner

    from colorlab.cli import app

    listed = CliRunner().invoke(app, ["published", "--protocol", "ddcolor"])
    assert listed.exit_code == 0
    for text in ("DDColor-large", "38.26", "middle", "Kang et al."):
        assert text in listed.output
    rows = json.loads(CliRunner().invoke(app, ["published", "--method", "dahl", "--json"]).output)
    assert [row["value"] for row in rows] == [90.4, 58.9, 48.7, 18.3]
    assert rows[0]["grey"] == 89.1
    assert rows[3]["error"] == 2.8
    assert rows[0]["standing"] == "recalled"
    assert rows[0]["protocol"]["count"] == 10_000
    wrong = CliRunner().invoke(app, ["published", "--metric", "beauty"])
    assert wrong.exit_code == 1
