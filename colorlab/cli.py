"""The command `colorlab`. Heavy imports stand inside the commands, so that help is instant."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import asdict
from enum import StrEnum
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

import colorlab
from colorlab.evaluate.protocols import Conditions
from colorlab.inference.writing import Writing
from colorlab.options import given, numbers, with_options
from colorlab.terminal import (
    cell,
    complain,
    err,
    no_garbage_collection,
    out,
    progress_bar,
    warn,
    write_line,
)
from colorlab.train.machine import Machine
from colorlab.train.recipe import Recipe

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
Model = Annotated[str, typer.Option("--model", "-m", help="One of `colorlab models`.")]
Weights = StrEnum("Weights", {"fp32": "fp32", "fp16": "fp16", "int8": "int8"})


def _print_version(asked: bool) -> None:
    if asked:
        write_line(f"colorlab {colorlab.__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Automatic image colorization: colour photos, train, measure."""


def main() -> None:
    """Run the command; what the user did wrong is one line on stderr and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal can't show must not end the work
    try:
        app()
    except (ValueError, RuntimeError, OSError) as error:
        complain(error)
        sys.exit(1)


@app.command()
@with_options(Writing)
def colorize(
    photos: Annotated[
        list[str], typer.Argument(help="Photos, films, folders, quoted patterns: 'scans/**/*.tif'.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A folder, or one photo's file; else beside each photo."
        ),
    ] = None,
    model: Model = colorlab.DEFAULT_MODEL,
    lam: Annotated[
        float | None, typer.Option(help="1 (cautious) to 0.1 (vivid): what is rare weighs more.")
    ] = None,
    hints: Annotated[
        Path | None, typer.Option(help="Colours of places in one photo: a JSON file.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="A photo in colour to take the colours from.")
    ] = None,
    saturation: Annotated[float, typer.Option(help="Times the network's chroma.")] = 1.0,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Put the grey photo to the left.")
    ] = False,
    old: Annotated[
        bool, typer.Option("--old", help="Tone a faded photo, and look past its grain.")
    ] = False,
    best: Annotated[bool, typer.Option("--best", help="Three times the work.")] = False,
    format: Annotated[
        str | None, typer.Option(help="Such as jpg or tif; else each photo's own.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave results that are there; to resume.")
    ] = False,
    recursive: Annotated[bool, typer.Option(help="Folders inside folders too.")] = True,
    shard: Annotated[
        str | None, typer.Option(help="i/n: only the i-th of n parts (torchrun, SLURM: by itself).")
    ] = None,
    device: Annotated[str, typer.Option(help="Such as cpu, cuda or cuda:1.")] = "cpu",
    json: Annotated[bool, typer.Option("--json", help="A line of JSON a photo.")] = False,
    **values: Any,
) -> None:
    """Colour photos and films at full resolution; a bad one is reported and the rest are done."""
    from colorlab.inference import files

    writing = Writing(**given(Writing, values))
    chosen_format = files.known_format(format) if format else None
    part, parts = files.shard_of(shard)
    found = files.find_sources(photos, recursive)
    targets = files.Targets(output, chosen_format, len(found))
    of_photos: dict[str, Any] = {"hints": hints, "reference": reference, "old": old}
    of_photos |= {"side-by-side": side_by_side, "format": format, "page": writing.page}
    of_photos |= {"profile": writing.profile == "keep"}
    files.check_options(found, of_photos)
    with no_garbage_collection():
        from colorlab.data.hints import read_hints
        from colorlab.inference.averaged import Averaged
        from colorlab.inference.colorize import colorize_file, guided, load_model, provenance
        from colorlab.inference.old import colorize_old
        from colorlab.inference.saturation import Saturated
        from colorlab.models.live import at_lambda

    network = load_model(model, device)
    network = network if lam is None else at_lambda(network, lam)
    network = Averaged(network) if best else network
    network = Saturated(network, saturation) if saturation != 1 else network
    told: list[str] = []  # of a photo's reference
    by_person = read_hints(hints) if hints else []
    method = colorize_old if old else guided(by_person, reference, told.append)
    origin = provenance(model, lam)

    counts, mine, stopped = files.Counts(), found[part::parts], False
    with progress_bar(disable=not err.is_terminal) as bar:
        task = bar.add_task("colorizing", total=len(mine))
        of_film = bar.add_task("frames", visible=False, unit="frames")

        def color(photo: Path, result: Path) -> list[str]:
            told.clear()
            how = (network, side_by_side, force, method, writing, origin, count_frames)
            return colorize_file(photo, result, *how) + told[:1]  # once for all pages

        def count_frames(done: int, total: int) -> None:
            bar.update(of_film, completed=done, total=total or None, visible=done != total)

        try:
            for done in files.color_all(mine, targets, color, skip_existing):
                bar.advance(task)
                counts.add(done.status)
                if json:
                    write_line(dumps(asdict(done), default=str))
                for note in done.notes:
                    warn(f"{done.photo}: {note}")
                if done.status == "failed":
                    complain(done.error)
        except KeyboardInterrupt:
            stopped = True
    if stopped or counts.failed or err.is_terminal:
        left = len(mine) - counts.colored - counts.skipped - counts.failed
        err.print(f"{counts}, {left} left: stopped" if stopped else str(counts))
    if stopped:
        raise typer.Exit(130)
    if counts.failed:
        raise typer.Exit(1)


@app.command()
def models(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the models, their sizes and the scores of those that come trained."""
    from colorlab.models.zoo import describe_models

    rows = describe_models()
    if json:
        write_line(dumps(rows, indent=1))
        return
    table = Table(*rows[0])
    table.columns[0].no_wrap = True
    table.columns[0].min_width = max(len(str(row["model"])) for row in rows)
    for row in rows:
        table.add_row(*map(cell, row.values()))
    out.print(table)


@app.command()
@with_options(Conditions)
def evaluate(
    data: Annotated[str, typer.Option("--data", "-d", help="Folder, list, or dataset name.")],
    model: Annotated[
        list[str],
        typer.Option(
            "--model", "-m", help="A model, a run's folder, or a folder of images; repeat for more."
        ),
    ] = [colorlab.DEFAULT_MODEL],  # noqa: B006
    lam: Annotated[
        str | None, typer.Option(help="Lambdas with commas, for models that take them.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="One of the dataset's own.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the results here too.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the results here too.")] = None,
    gallery: Annotated[Path | None, typer.Option(help="A contact sheet (.png).")] = None,
    sort: Annotated[
        str | None,
        typer.Option(help="The metric that the contact sheet goes by: mse, if measured."),
    ] = None,
    **values: Any,
) -> None:
    """Measure models, or images made by any other program, on a folder of colour photos."""
    from colorlab.course.figures.gallery import contact_sheet, sorting_metric
    from colorlab.data.files import write_whole
    from colorlab.data.sources import open_photos
    from colorlab.evaluate.compare import compare, spread
    from colorlab.evaluate.files import check_writable, other_files
    from colorlab.evaluate.methods import find_all

    # What is wrong is said before the work is done.
    conditions = Conditions(**given(Conditions, values))
    names = conditions.metric_names
    if gallery or sort:
        sort = sorting_metric(sort, names)
    if gallery and gallery.suffix.lower() != ".png":
        raise ValueError(f"a contact sheet is a .png file, got {gallery}")
    preprocess = conditions.preprocessing()
    opened = conditions.chosen(open_photos(data, split))
    models = find_all(model, opened.paths, preprocess, numbers(lam, "--lam"))
    photos = spread(opened, conditions.limit)
    check_writable(*(path for path in (json, csv, gallery) if path))
    if others := other_files(data):
        err.print(f"skipped, no photos by their suffix: {others}")
    title = f"{data} ({split})" if split else data
    with progress_bar() as bar:
        stages = {
            stage: bar.add_task(stage, total=len(photos)) for stage in ("true colours", "measuring")
        }
        report = compare(
            models, photos, preprocess, names, title, lambda stage, n: bar.advance(stages[stage], n)
        )
    report = conditions.told(report)
    # Files first: nothing that happens to the terminal loses them.
    if json:
        write_whole(json, report.to_json().encode())
    if csv:
        write_whole(csv, report.to_csv().encode(errors="surrogateescape"))
    if gallery and sort:
        write_whole(gallery, contact_sheet(report, models, preprocess, sort))
    for warning in report.warnings:
        warn(warning)
    for table in report.tables():
        out.print(table)


@app.command()
def published(
    method: Annotated[str | None, typer.Option(help="Only methods with this in the name.")] = None,
    metric: Annotated[str | None, typer.Option(help="The same of metrics: psnr, fid.")] = None,
    protocol: Annotated[str | None, typer.Option(help="One of them, such as ddcolor.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List results of the literature by the protocol that they were measured by."""
    from colorlab.evaluate.published import as_dict, select, tables

    rows = select(method, metric, protocol)
    if json:
        write_line(dumps([as_dict(row) for row in rows], indent=1))
        return
    for table in tables(rows):
        out.print(table)


@app.command()
@with_options(Recipe, Machine)
def train(
    data: Annotated[str, typer.Option("--data", "-d", help="Folder, list, or dataset name.")],
    run: Annotated[
        Path | None, typer.Option("--run", "-r", help="New folder for what the run leaves.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Resume the run in this folder, exactly.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="As in `colorlab models`.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="quick, scenes (default) or paper.")] = None,
    start: Annotated[str, typer.Option(help="A head.safetensors to begin with.")] = "encoder",
    workers: Annotated[int, typer.Option("--workers", "-w", help="Data-loading workers.")] = 1,
    **values: Any,
) -> None:
    """Train a model's decoder on a folder of photos.

    Stopped or killed, it resumes with the same command and --resume RUN in place of --run RUN.
    Several processes share the work as
    `torchrun --no-python --nproc-per-node 2 -- colorlab train ...`
    """
    from colorlab import train as training

    if (run is None) == (resume is None):
        raise ValueError("give either --run for a new run or --resume to go on with one")
    changes = given(Recipe, values)
    machine = Machine(**given(Machine, values))
    with progress_bar(disable=not err.is_terminal) as bar:
        status = training.ProgressLines(bar)
        try:
            if resume:
                training.check_settings(resume, model, preset, changes)
                training.resume(resume, data, workers, machine, status)
            else:
                assert run is not None
                recipe = training.get_recipe(preset or "scenes", changes)
                name = model or "efficientnet_lite0"
                training.train(name, data, run, recipe, workers, start, machine, status)
        except training.Stopped as stopped:
            if training.is_first_process():
                err.print(f"{stopped}; --resume {run or resume} goes on from there")
            raise typer.Exit(stopped.exit_status) from None
    if training.is_first_process():
        out.print(f"trained weights are in {(run or resume)}/head.safetensors")


@app.command()
def histogram(
    photos: Annotated[
        str, typer.Argument(help="Folder, text file of paths, dataset name; several with commas.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The prior's file (.npz).")],
    split: Annotated[str | None, typer.Option(help="One of the dataset's own.")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", help="Processes; one a processor.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the photos in the file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the prior into this picture too.")] = None,
) -> None:
    """Count the colours of photos into a prior; killed, it goes on where it was.

    Many processes, on any number of machines, share the work as
    `torchrun --no-python --nproc-per-node 2 colorlab histogram ...`
    """
    from colorlab.data.sources import open_photos, source_name
    from colorlab.prior.count import count_photos, process_group

    opened = open_photos(photos, split)
    with process_group() as rank, progress_bar(disable=rank > 0) as bar:
        task = bar.add_task("counting", total=len(opened))
        prior = count_photos(
            opened,
            output,
            name or source_name(photos),
            workers=workers or os.cpu_count() or 1,
            progress=lambda count: bar.advance(task, count),
        )
    if rank > 0:
        return
    if opened.broken:
        err.print(f"skipped: {opened.broken_report()}")
    facts = prior.provenance
    out.print(f"{facts.photos:,} photos, {facts.pixels:,} pixels counted into {output}")
    if plot:
        from colorlab.course.figures.chroma import prior_figure

        prior_figure(prior).savefig(plot)


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file (.onnx), or folder.")],
    model: Model = colorlab.DEFAULT_MODEL,
    precision: Annotated[Weights, typer.Option(help="Of the stored weights.")] = Weights.fp32,
    split: Annotated[
        bool, typer.Option("--split", help="Encoder and decoder, two files in a folder.")
    ] = False,
) -> None:
    """Write a trained model as ONNX, checked against torch in onnxruntime on the sample photos."""
    with no_garbage_collection():
        from colorlab.inference.export import OPSET, export

    done = export(model, output, precision.value, split)
    for file in done.files:
        out.print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, opset {OPSET}", highlight=False)
    out.print(
        f"before weights are rounded, chroma is within {done.difference:.0e} of torch's on "
        f"{done.photos} photos; MSE {done.mse:.6f}, in torch {done.mse_torch:.6f} "
        f"({done.mse / done.mse_torch - 1:+.2%})",
        highlight=False,
    )
