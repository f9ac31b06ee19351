"""The `costlib` command."""

import json
import sys
from pathlib import Path

import click

from costlib import __version__, fmt
from costlib.facts import claims as ledger
from costlib.facts import history, parameters

_own_hardware = click.option(
    "--hardware", type=click.Path(path_type=Path), help="Use this file of costlib calibrate instead of the book's GPUs."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="costlib")
def main():
    """What it costs to align a language model: one stage, methods, many scenarios, the book."""


@main.command()
@click.option("--template", is_flag=True, help="Write a commented scenario file to standard output.")
def params(template):
    """Print every parameter with its unit, published value and limits."""
    if template:
        click.echo(_template(), nl=False)
        return
    rows = [[p.name, fmt.short(p.default), p.unit, p.allowed, p.meaning] for p in parameters.vocabulary().values()]
    _print_table(["parameter", "published", "unit", "allowed", "meaning"], rows)


@main.command()
@click.argument("ids", nargs=-1)
@click.option("--verdict", type=click.Choice(list(ledger.VERDICTS)), help="Only claims with this verdict.")
@click.option("--chapter", help="Only claims of this chapter, by the beginning of its name.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def claims(ids, verdict, chapter, as_json):
    """Print the claims ledger, or the claims named by IDS with the reason for each verdict."""
    rows = [_or_exit(ledger.find, name) for name in ids] or list(ledger.ledger().values())
    rows = [c for c in rows if verdict in (None, c.verdict) and c.chapter.startswith(chapter or "")]
    if as_json:
        found = [vars(claim) | {"changes": [vars(c) for c in history.changes(claim.id)]} for claim in rows]
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    elif ids:
        for claim in rows:
            click.echo(f"{claim.id}  {claim.statement}\n  published   {claim.printed or '(no number)'}")
            click.echo(f"  recomputed  {claim.recomputed or '-'}\n  verdict     {claim.verdict}")
            click.echo(
                f"  why         {claim.reason}\n  chapter     {claim.chapter}\n  sources     {claim.source or '-'}"
            )
            for change in history.changes(claim.id):
                click.echo(f"  earlier     {history.said(change)}")
    else:
        body = [[c.id, c.statement, c.printed, c.verdict, c.chapter] for c in rows]
        _print_table(["claim", "statement", "published", "verdict", "chapter"], body)


@main.command()
@click.argument("item", metavar="[ID]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "ris", "all"]), default="all", show_default=True)
def cite(item, form):
    """Print how to cite the book, or the claim, figure or table with this ID (B066, fig-ladder, tab-gpus)."""
    from costlib import citation
    from costlib.report import citable
    from costlib.report import rerun as engine

    try:
        root = engine.find_root()
    except engine.RunError:
        root = None
    piece = _or_exit(citable.find, item, root) if item else None
    forms = citation.forms(piece)
    click.echo("\n\n".join(forms.values() if form == "all" else [forms[form]]))
    if form == "all" and piece and (earlier := citable.earlier(piece["id"])):
        click.echo("\n" + "\n".join(earlier))


@main.command()
@click.argument("scenarios", metavar="[SCENARIO]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder for pages and results.")
@click.option("-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="One input; may be repeated.")
@click.option("--chapters", "chosen", multiple=True, metavar="NAME", help="Execute only these (04, or 04_synthetic).")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Chapters at a time.")
@click.option("--resume", is_flag=True, help="Keep chapters already finished with the same inputs.")
@click.option("--strict", is_flag=True, help="A warning of the page builder is an error.")
@click.option("--book", type=click.Path(path_type=Path), help="Folder of the book, if not this one or above it.")
@_own_hardware
def rerun(scenarios, out, pairs, chosen, jobs, resume, strict, book, hardware):
    """Execute the book with your inputs: a SCENARIO file (YAML, name: value), options -p, or both.

    Several files give a book each, in folders of OUT with their names, and a page that compares them.
    """
    from costlib.report import rerun as engine

    if len(scenarios) > 1:
        if hardware:
            _fail("--hardware goes with one SCENARIO file: run the others apart")
        _rerun_several(scenarios, out, pairs, chosen, jobs, resume, strict, book)
        return
    try:
        values = engine.read_scenario(scenarios[0]) if scenarios else {}
        values |= dict(_pair(text) for text in pairs)
        wanted = [name for text in chosen for name in text.split(",") if name]
        root = engine.find_root(book)
        own = _hardware(hardware)
        if own:
            values.setdefault("cluster_gpu", own.gpu["name"])
        with _Progress("chapters") as progress:
            outcome = engine.run(root, values, out, wanted, jobs, resume, strict, progress, own)
    except (ValueError, engine.RunError) as error:
        _fail(str(error))
    for problem in outcome.failed.values():
        click.echo(f"failed: {problem}", err=True)
    if outcome.failed:
        finished = len(outcome.executed) + len(outcome.kept)
        _fail(f"{finished} finished chapters are kept in {out / 'executed'}; mend the cause and add --resume")
    _print_changes(engine, values, own)
    click.echo(f"pages    {(out / 'index.html').resolve()}")
    click.echo(f"results  {(out / 'results.csv').resolve()}")


def _rerun_several(files, out, pairs, chosen, jobs, resume, strict, book):
    from costlib.report import rerun as engine
    from costlib.report import several
    from costlib.sweeping.cluster import ClusterError

    try:
        wanted = [name for text in chosen for name in text.split(",") if name]
        root, values = engine.find_root(book), dict(_pair(text) for text in pairs)
        with _Progress("scenarios") as progress:
            found = several.run(root, files, values, out, wanted, jobs, resume, strict, progress)
    except (ValueError, engine.RunError, ClusterError) as error:
        _fail(str(error))
    click.echo(f"pages    {(out / 'index.html').resolve()}")
    failed = [result for result in found if result.problem]
    for result in failed:
        click.echo(f"failed: {result.name}: {result.problem}", err=True)
    if failed:
        _fail(f"{len(failed)} of {len(found)} scenarios failed; the others are done")


@main.command()
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@click.option("-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="One input; may be repeated.")
@click.option("--draws", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, help="For intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def compare(scenario, pairs, draws, as_json):
    """Every method of alignment side by side, with 90 % intervals, for a SCENARIO file, options -p, or both."""
    from costlib.economics import scenarios
    from costlib.economics.comparison import compared
    from costlib.facts import earned
    from costlib.report import rerun as engine

    try:
        values = engine.read_scenario(scenario) if scenario else {}
        values |= dict(_pair(text) for text in pairs)
        # What is given on purpose is not drawn.
        found = compared(scenarios.complete(values), draws, fixed=tuple(values))
    except ValueError as error:
        _fail(str(error))
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in found], indent=1))
        return
    names = [line.name for line in found[0].method.lines]
    rows = [
        [each.method.label, *[_dollars(line.usd) for line in each.method.lines], _dollars(each.method.usd),
         f"{_dollars(each.usd_low)} to {_dollars(each.usd_high)}", fmt.number(each.method.days, 1),
         fmt.usd(each.method.usd_per_effective_pair), fmt.ratio(each.ratio)]
        for each in found
    ]  # fmt: skip
    header = ["method", *names, "total", "90 % interval", "days", "per effective pair", "ratio"]
    _print_table(header, rows)
    click.echo(
        "USD; ratio: DPO on human labels over this method; a line of 0 in the published method is not counted there"
    )
    training, generation = (fmt.ratio(earned.earned(group), 2) for group in ("alignment", "inference"))
    click.echo(
        f"GPU time: four in five published measurements of alignment lie within {training} of the model, of generation "
        f"alone within {generation}; of this error the intervals have framework_reach alone"
    )


@main.command()
@click.argument("file", metavar="SWEEP", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder for rows and summary.")
@click.option("--workers", type=click.IntRange(1, 1024), default=2, show_default=True, help="Processes to start here.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs, such as tcp://host:8786.")
@click.option("--summary", "alone", is_flag=True, help="Keep the summary alone, in constant memory, and no rows.")
@click.option("--resume", is_flag=True, help="Compute only what an earlier run of this sweep left.")
@click.option("--dry-run", is_flag=True, help="Check the file and say points, chunks, expected time and size.")
def sweep(file, out, workers, scheduler, alone, resume, dry_run):
    """Evaluate the many scenarios of a SWEEP file (YAML): up to billions, on this machine or a cluster."""
    from costlib.report import rerun as engine

    try:
        from costlib.sweeping import cluster, plan, run, screen, store
    except ImportError:
        _fail("a sweep needs NumPy, SciPy, Dask and PyArrow: install costlib with its extra, costlib[sweep]")
    problems = (ValueError, engine.RunError, run.SweepError, store.StoreError, cluster.ClusterError)
    try:
        checked = plan.read(engine.read_scenario(file))
        expected = run.forecast(checked, rows=not alone)
        screen.announce(checked, expected, workers, scheduler)
        if dry_run:
            return
        if not resume:
            run.refuse_if_no_room(out, checked, expected)
        with screen.Progress(checked.points) as progress:
            found = run.run(checked, out, workers, scheduler, not alone, resume, progress)
    except problems as error:
        _fail(f"{file}: {error}" if type(error) is ValueError else str(error))
    except KeyboardInterrupt:
        _fail(f"stopped; finished chunks are kept in {out}: add --resume")
    screen.show(found)
    click.echo(f"{'summary' if alone else 'rows and summary'}  {out.resolve()}")


def _dollars(amount):
    return fmt.number(amount, 0 if amount >= 100 or not amount else 2)


@main.command()
@click.argument("stage", metavar="STAGE")
@click.option("--model", required=True, help="Model of the catalogue, such as llama-2-70b.")
@click.option("--gpu", help="GPU of the catalogue, such as a100-sxm-80gb [the one of --hardware].")
@click.option("--gpus", type=int, default=1, show_default=True, help="How many.")
@click.option("--examples", type=float, required=True, help="Examples (sft), pairs (rm, dpo) or prompts.")
@click.option("--prompt-tokens", type=float, required=True, help="Mean tokens of a prompt.")
@click.option("--response-tokens", type=float, required=True, help="Mean tokens of a response.")
@click.option("--epochs", type=float, default=1, show_default=True, help="Passes over the data.")
@click.option("--fill", type=float, default=1, show_default=True, help="Share of positions with a token; 1 if packed.")
@click.option("--zero", type=int, default=3, show_default=True, help="Stage of ZeRO sharding, 0 to 3 (3 as FSDP).")
@click.option("--tensor-parallel", type=int, default=1, show_default=True, help="GPUs that share each layer.")
@click.option("--recompute", default="none", show_default=True, help="Activations: none, selective or full.")
@click.option("--recipe", default="mixed-16", show_default=True, help="Bytes per trained parameter.")
@click.option("--lora-rank", type=int, help="Train adapters of this rank instead of all weights.")
@click.option("--base-bits", type=int, default=16, show_default=True, help="Bits of frozen weights under adapters.")
@click.option("--micro-batch", type=int, help="Sequences at a time on a GPU (a pair is two) [the most that fit].")
@click.option("--attention", default="full", show_default=True, help="Count attention over the full or causal square.")
@click.option("--samples", type=int, help="Responses to each prompt [8 for grpo, else 1].")
@click.option("--ppo-epochs", type=int, default=1, show_default=True, help="Passes of the updates over each batch.")
@click.option("--generation-batch", type=int, default=512, show_default=True, help="Responses generated at a time.")
@click.option("--longest-tokens", type=float, help="Longest response of a generated batch [the mean].")
@click.option("--critic-model", help="Critic of PPO [the model].")
@click.option("--reward-model", help="Reward model [the model for ppo, a rule for grpo].")
@click.option("--price", "price_usd_per_gpu_hour", type=float, help="USD per GPU-hour [2.5].")
@click.option("--flat-tflops", type=float, help="One speed for all work instead of the GPU's roofline [TFLOP/s].")
@_own_hardware
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def estimate(stage, as_json, hardware, gpu, **options):
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    from costlib.compute.job import estimate as answer

    own = _hardware(hardware)
    if not (gpu or own):
        _fail("give --gpu, a name of the catalogue, or --hardware, a file of costlib calibrate")
    result = _or_exit(lambda: answer(stage, gpu=gpu or own.gpu["name"], hardware=own, **options))
    if as_json:
        click.echo(json.dumps(result.as_dict(), indent=1))
        return
    _print_steps(result)
    _print_memory(result)


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the predictions to this CSV file.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@_own_hardware
def validate(file, out, as_json, hardware):
    """Predict the measurements in FILE, a CSV table of one of five kinds; or the book's own."""
    from costlib import validation
    from costlib.compute.coefficients import of
    from costlib.validation.tables import read

    if hardware and not file:
        _fail("--hardware goes with a FILE of measurements; the book's own are of other machines")
    try:
        if file:
            known = of(_hardware(hardware))
            result = validation.predict(read(file.read_text(encoding="utf-8-sig")), coefficients=known)
        else:
            result = validation.own()
    except UnicodeDecodeError:
        _fail(f"{file} is not text in UTF-8")
    except (OSError, ValueError) as error:
        _fail(str(error))
    if out:
        _write_predictions(out, result)
    if as_json:
        click.echo(validation.as_json(result))
        return
    _print_table(
        ["line", "id", "quantity", "predicted", "80 % interval", "measured", "unit", "ratio"],
        [[str(p.case.line), p.case.id, p.case.quantity, fmt.short(p.value, 3), _ends(p), fmt.short(p.case.measured, 4),
          p.case.unit, fmt.number(p.ratio, 2)] for p in result.predicted],
    )  # fmt: skip
    for row in result.missing:
        click.echo(f"not predicted: line {row.line} ({row.id}): {row.reason}")
    _print_summary(validation.summary(result))
    click.echo(f"{len(result.predicted)} predictions, {len(result.missing)} rows not predicted")


@main.command()
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="CSV file that receives the rows.")
@click.option("--stages", "chosen", default="sft,dpo,rm,ppo,generate", show_default=True, help="Which, with commas.")
@click.option("--model", "names", multiple=True, metavar="NAME", help="Model of the catalogue, or NAME:layers=2,...")
@click.option("--seconds", type=click.FloatRange(0, 86_400), default=120, show_default=True, help="For each model.")
@click.option("--tokens", type=click.IntRange(32, 131_072), help="Longest sequence [2048 on a GPU, 128 on a CPU].")
@click.option("--device", help="As PyTorch names it, such as cuda:0 or cpu [the GPU where there is one].")
@click.option("--precision", type=click.Choice(["bf16", "fp32"]), help="Of all values [bf16 on a GPU that has it].")
@click.option("--seed", type=int, default=0, show_default=True, help="Of weights and data.")
@click.option("--resume", is_flag=True, help="Go on with a file, without the rows that it has.")
def measure(out, chosen, names, seconds, tokens, device, precision, seed, resume):
    """Measure the stages on this machine's GPU or CPU: time, FLOPs and memory of models with random weights."""
    try:
        from costlib.measuring.jobs import STAGES
        from costlib.measuring.run import measure as measured
    except ModuleNotFoundError as error:
        _fail(f"{error.name} is not installed; measuring needs it: pip install costlib[measure]")
    stages = [name.strip() for name in chosen.split(",") if name.strip()]
    if not stages or set(stages) - set(STAGES):
        _fail(f"--stages must be some of {', '.join(STAGES)}, got {chosen!r}")
    try:
        with _Progress("rows") as progress:
            rows = measured(out, stages, names, seconds, tokens, device, precision, seed, resume,
                            lambda event, row: progress(event, row if event == "plan" else row["id"]))  # fmt: skip
    except (OSError, ValueError) as error:
        _fail(str(error))
    failed = [row for row in rows if row["status"] != "measured"]
    for row in failed:
        click.echo(f"{row['status']}: {row['id']}")
    click.echo(f"{len(rows)} rows measured, {len(failed)} of them without a time; {out}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="YAML file for --hardware.")
@click.option("--name", help="Of the GPU in that file [the file's name].")
def calibrate(file, out, name):
    """Turn the rows that `costlib measure` wrote to FILE into coefficients of this machine."""
    from costlib.measuring import calibrate as calibration
    from costlib.validation.tables import read

    try:
        found = calibration.calibrate(read(file.read_text(encoding="utf-8-sig")), name or out.stem)
        out.write_text(calibration.as_yaml(found), encoding="utf-8")
    except UnicodeDecodeError:
        _fail(f"{file} is not text in UTF-8")
    except (OSError, ValueError) as error:
        _fail(str(error))
    rows = [[n, fmt.short(part["value"], 3), f"{fmt.short(part['low'], 3)} to {fmt.short(part['high'], 3)}",
             fmt.short(part["book"], 3), str(part["rows"])] for n, part in found.coefficients.items()]  # fmt: skip
    _print_table(["coefficient", "here", "80 % of rows", "book", "rows"], rows)
    _print_table(
        ["group", "half", "rows", "median error with the book", "median error here"],
        [[score.group, score.half, str(score.rows), *(fmt.percent(e, 1) for e in (score.before, score.after))]
         for score in found.scores],
    )  # fmt: skip
    click.echo(f"as in the book, since no row tells: {', '.join(found.kept)}")
    click.echo(
        f"use it: costlib estimate --hardware {out}, costlib rerun --hardware {out}, costlib validate --hardware {out}"
    )


def _ends(predicted):
    return "" if predicted.low is None else f"{fmt.short(predicted.low, 3)} to {fmt.short(predicted.high, 3)}"


def _print_summary(rows):
    header = ["group", "half", "rows", "median ratio", "median error", "in 1.25x", "in 1.4x", "in 2x", "coverage"]
    body = [
        [row.group, row.half, str(row.count), fmt.number(row.median_ratio, 2), fmt.percent(row.median_error, 1),
         *(fmt.percent(share) for share in row.within), "-" if row.coverage is None else fmt.percent(row.coverage)]
        for row in rows
    ]  # fmt: skip
    _print_table(header, body)


def _write_predictions(path, result):
    import csv

    rows = [each.as_dict() for each in result.predicted]
    rows += [{"line": row.line, "id": row.id, "reason": row.reason} for row in result.missing]
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["line", "id", "reason"]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*names, *({"reason"} - set(names))])
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        _fail(str(error))


def _print_steps(result):
    rows = [
        [step.name, step.model, fmt.short(step.tokens, 4), fmt.power_of_ten(step.flops, 2),
         fmt.power_of_ten(step.flat_flops, 2) if step.flat_flops else "0", _cents(step.gpu_hours), _cents(step.usd)]
        for step in (*result.cost.steps, _Total(result.cost))
    ]  # fmt: skip
    _print_table(["step", "model", "tokens", "FLOPs", "FLOPs by 2N, 6N", "GPU-hours", "USD"], rows)
    generation = ""
    if result.stage in ("ppo", "grpo"):
        generation = f"; {fmt.percent(result.cost.share('generate'))} of the time generating"
    click.echo(f"{fmt.number(result.hours, 2)} hours on {result.gpus} x {result.gpu.label}{generation}")
    _print_trust(result)


def _print_trust(result):
    if not result.predicted:
        click.echo("no interval: the speed was given, not predicted\n")
        return
    low, high = (fmt.number(end, 2) for end in result.interval(result.hours))
    click.echo(f"80 % interval of the time: {low} to {high} hours, by published measurements of {result.group}")
    low, high = (_dollars(end) for end in result.interval(result.cost.usd))
    click.echo(f"80 % interval of the cost: {low} to {high} USD\n")


def _cents(value):
    return "<0.01" if 0 < value < 0.005 else fmt.number(value, 2)


class _Total:
    """The sum of a stage's steps, as a row beneath them."""

    name, model = "all", ""

    def __init__(self, cost):
        self.tokens, self.flops, self.flat_flops = cost.tokens, cost.flops, cost.flat_flops
        self.gpu_hours, self.usd = cost.gpu_hours, cost.usd


def _print_memory(result):
    phase, parts = result.fullest
    shown = {name: size / 1e9 for name, size in parts.items() if size}
    body = [[name, fmt.number(gb, 1)] for name, gb in {**shown, "all": parts.total / 1e9}.items()]
    _print_table([f"on each GPU in the fullest phase ({phase})", "GB"], body)
    largest = max(shown, key=shown.get)
    sequences = f"{result.setup.micro_batch:g} sequences at a time"
    verdict = "fits" if result.fits else "does not fit"
    click.echo(f"{verdict} {result.gpu.hbm_gb:g} GB with {sequences}; the largest part is {largest}")
    if result.min_gpus < float("inf"):
        click.echo(f"fewest GPUs: {result.min_gpus:g}")
    else:
        rest = fmt.number(result.rest / 1e9, 0)
        click.echo(f"fits on no number of GPUs: {rest} GB do not shrink with them (try --recompute full, --lora-rank)")


def _print_changes(engine, values, own):
    from costlib.economics import scenarios

    for name, (value, old) in engine.changed(scenarios.complete(values, own)).items():
        follows = "" if name in values else " (follows from the other inputs)"
        click.echo(f"input    {name} = {fmt.short(value)}, published {fmt.short(old)}{follows}")


def _pair(text):
    import yaml

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ValueError(f"-p takes NAME=VALUE, got {text!r}")
    return name.strip(), yaml.safe_load(value)


def _template():
    lines = [
        "# A scenario for `costlib rerun`: remove the # before a line and change its value.",
        "# All amounts in US dollars; a parameter that is left out keeps its published value.",
        "",
    ]
    group = None
    for p in parameters.vocabulary().values():
        if p.group != group:
            group = p.group
            lines += [f"# --- {group} ---", ""]
        lines += [f"# {p.meaning} [{p.unit}]; {p.allowed}", f"# {p.name}: {p.default!r}".replace("'", ""), ""]
    return "\n".join(lines)


def _print_table(header, rows):
    from rich.console import Console
    from rich.table import Column, Table

    # Piped into a file or another program, a table must not be cut to 80 columns.
    console = Console(width=None if sys.stdout.isatty() else 240)
    table = Table(*(Column(name, overflow="fold") for name in header), header_style="bold", row_styles=["", "dim"])
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _hardware(path):
    """The hardware of a file, else that with which this process was started, or None."""
    from costlib.facts import hardware
    from costlib.report.rerun import RunError, read_scenario

    try:
        return hardware.checked(read_scenario(path)) if path else hardware.OF_PROCESS
    except (RunError, ValueError) as error:
        _fail(f"{path}: {error}")


class _Progress:
    """A progress bar over chapters, rows or scenarios; on a pipe, one line for each."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
        console = Console(stderr=True)
        self.bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self.bar.start()
        return self

    def __call__(self, event, name):
        if event == "plan":
            self.task = self.bar.add_task(self.what, total=name if isinstance(name, int) else len(name))
        elif event == "render":
            self.bar.update(self.task, description="rendering pages")
        else:
            self.bar.advance(self.task)
        if self.bar.disable and event != "plan":
            click.echo(f"{event} {name}".strip(), err=True)

    def __exit__(self, *_):
        self.bar.stop()


def _or_exit(function, *arguments):
    try:
        return function(*arguments)
    except ValueError as error:
        _fail(str(error))


def _fail(message):
    click.echo(f"costlib: {message}", err=True)
    sys.exit(1)
