"""costlib estimate: what one stage takes."""

import json

import click

from costlib import fmt
from costlib.cli.job_options import job_options
from costlib.cli.shared import fail, hardware_option, or_exit, own_hardware
from costlib.cli.tables import dollars, print_table
from costlib.facts import options

CHOSEN = ("micro_batch", "attention", "recompute")  # beside what has no single default


@click.command()
@click.argument("stage", metavar="STAGE")
@job_options
@hardware_option
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def estimate(stage, as_json, hardware, gpu, **options):
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    from costlib.compute.job import estimate as answer

    own = own_hardware(hardware)
    if not (gpu or own):
        fail("give --gpu, a name of the catalogue, or --hardware, a file of costlib calibrate")
    result = or_exit(lambda: answer(stage, gpu=gpu or own.gpu["name"], hardware=own, **options))
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=1))
        return
    _print_steps(result)
    _print_memory(result)
    _print_chosen(result)


def _print_steps(result):
    rows = [
        [step.name, step.model, fmt.short(step.tokens, 4), fmt.power_of_ten(step.flops, 2),
         fmt.power_of_ten(step.flat_flops, 2) if step.flat_flops else "0", _cents(step.gpu_hours), _cents(step.usd)]
        for step in (*result.cost.steps, _Total(result.cost))
    ]  # fmt: skip
    print_table(
        ["step", "model", "tokens", "FLOPs", "FLOPs by 2N, 6N", "GPU-hours", "USD"],
        rows,
        ("step", "model", "GPU-hours", "USD"),
    )
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
    low, high = (dollars(end) for end in result.interval(result.cost.usd))
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
    print_table([f"on each GPU in the fullest phase ({phase})", "GB"], body)
    largest = max(shown, key=shown.get)
    sequences = f"{result.setup.micro_batch:g} sequences at a time"
    verdict = "fits" if result.fits else "does not fit"
    click.echo(f"{verdict} {result.gpu.hbm_gb:g} GB with {sequences}; the largest part is {largest}")
    if result.min_gpus < float("inf"):
        click.echo(f"fewest GPUs: {result.min_gpus:g}")
    else:
        rest = fmt.number(result.rest / 1e9, 0)
        click.echo(f"fits on no number of GPUs: {rest} GB do not shrink with them (try --recompute full, --lora-rank)")


def _print_chosen(result):
    """What nobody gave and the answer rests on: values that it chose itself."""
    known, settings = options.options(), result.settings
    chosen = [
        name for name in result.assumed if name in CHOSEN or (known[name].otherwise and settings[name] is not None)
    ]
    words = [f"{name} {_word(settings[name])}" for name in chosen]
    click.echo(f"chosen here, since not given: {', '.join(words)}")


def _word(value):
    return ("no", "yes")[value] if isinstance(value, bool) else fmt.short(value)
