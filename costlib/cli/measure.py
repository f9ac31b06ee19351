"""costlib measure: stages timed on the machine at hand."""

from pathlib import Path

import click

from costlib.base.extras import need
from costlib.base.text import shown
from costlib.cli.progress import Progress
from costlib.cli.shared import Number, Whole, out_option, resumable


@click.command()
@out_option("CSV file that receives the rows.")
@click.option("--stages", "chosen", default="sft,dpo,rm,ppo,generate", show_default=True, help="Which, with commas.")
@click.option("--model", "names", multiple=True, metavar="NAME", help="Model of the catalogue, or NAME:layers=2,...")
@click.option("--seconds", type=Number(0, 86_400), default=120, show_default=True, help="For each model.")
@click.option("--tokens", type=Whole(32, 131_072), help="Longest sequence [2048 on a GPU, 128 on a CPU].")
@click.option("--device", help="As PyTorch names it, such as cuda:0 or cpu [the GPU where there is one].")
@click.option("--precision", type=click.Choice(["bf16", "fp32"]), help="Of all values [bf16 on a GPU that has it].")
@click.option("--seed", type=Whole(), default=0, show_default=True, help="Of weights and data.")
@click.option("--resume", is_flag=True, help="Go on with a file, without the rows that it has.")
def measure(out: Path, chosen: str, names: tuple[str, ...], seconds: float, tokens: int | None, device: str | None,
            precision: str | None, seed: int, resume: bool) -> None:  # fmt: skip
    """Measure the stages on this machine's GPU or CPU: time, FLOPs and memory of models with random weights."""
    need("measure", "costlib measure")
    from costlib.measuring import record
    from costlib.measuring.jobs import STAGES

    stages = [name.strip() for name in chosen.split(",") if name.strip()]
    if not stages or set(stages) - set(STAGES):
        raise ValueError(f"--stages must be some of {', '.join(STAGES)}, got {shown(chosen)}")
    record.check(out, resume)
    from costlib.measuring.run import measure as measured

    with resumable(f"finished rows are kept in {out}"), Progress("rows") as progress:
        rows = measured(out, stages, names, seconds, tokens, device, precision, seed, resume,
                        lambda event, row: progress(event, row if event == "plan" else row["id"]))  # fmt: skip
    failed = [row for row in rows if row["status"] != "measured"]
    for row in failed:
        click.echo(f"{row['status']}: {row['id']}")
    click.echo(f"{len(rows)} rows measured, {len(failed)} of them without a time; {out}")
