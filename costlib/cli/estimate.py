"""costlib estimate: what one stage takes."""

import json

import click

from costlib import fmt
from costlib.cli.shared import fail, hardware_option, or_exit, own_hardware
from costlib.cli.tables import dollars, print_table


@click.command()
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
        click.echo(json.dumps(result.as_dict(), indent=1))
        return
    _print_steps(result)
    _print_memory(result)


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
