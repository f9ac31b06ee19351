"""costlib estimate: what one stage takes."""

import json
from typing import Any

import click

from costlib import face
from costlib.cli.shared import hardware_option, or_exit
from costlib.cli.tables import print_parts


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
def estimate(stage: str, as_json: bool, **options: Any) -> None:
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    found = or_exit(face.estimate, stage, **options)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
    else:
        print_parts(found.parts())
