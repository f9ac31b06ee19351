"""costlib validate: predictions beside measurements."""

from pathlib import Path

import click

from costlib import fmt
from costlib.cli.shared import fail, hardware_option, own_hardware
from costlib.cli.tables import print_table


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the predictions to this CSV file.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@hardware_option
def validate(file, out, as_json, hardware):
    """Predict the measurements in FILE, a CSV table of one of five kinds; or the book's own."""
    from costlib import validation
    from costlib.compute.coefficients import of
    from costlib.validation.tables import read

    if hardware and not file:
        fail("--hardware goes with a FILE of measurements; the book's own are of other machines")
    try:
        known = of(own_hardware(hardware))
        result = validation.predict(read(file.read_text("utf-8-sig")), coefficients=known) if file else validation.own()
    except UnicodeDecodeError:
        fail(f"{file} is not text in UTF-8")
    except (OSError, ValueError) as error:
        fail(str(error))
    if out:
        _write_predictions(out, result)
    if as_json:
        click.echo(validation.as_json(result))
        return
    print_table(
        ["line", "id", "quantity", "predicted", "80 % interval", "measured", "unit", "ratio"],
        [[str(p.case.line), p.case.id, p.case.quantity, fmt.short(p.value, 3), _ends(p), fmt.short(p.case.measured, 4),
          p.case.unit, fmt.number(p.ratio, 2)] for p in result.predicted],
        ("id", "quantity", "predicted", "measured", "unit", "ratio"),
    )  # fmt: skip
    for row in result.missing:
        click.echo(f"not predicted: line {row.line} ({row.id}): {row.reason}")
    _print_summary(validation.summary(result))
    for row in result.unread:
        click.echo(f"not read: line {row.line} ({row.id}): {', '.join(row.words)}")
    click.echo(f"{len(result.predicted)} predictions, {len(result.missing)} rows not predicted")


def _ends(predicted):
    return "" if predicted.low is None else f"{fmt.short(predicted.low, 3)} to {fmt.short(predicted.high, 3)}"


def _print_summary(rows):
    header = ["group", "half", "rows", "median ratio", "median error", "in 1.25x", "in 1.4x", "in 2x", "coverage"]
    body = [
        [row.group, row.half, str(row.count), fmt.number(row.median_ratio, 2), fmt.percent(row.median_error, 1),
         *(fmt.percent(share) for share in row.within), "-" if row.coverage is None else fmt.percent(row.coverage)]
        for row in rows
    ]  # fmt: skip
    print_table(header, body, ("group", "half", "rows", "median error", "coverage"))


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
        fail(str(error))
