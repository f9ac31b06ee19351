"""What several tests ask: the command in this process, a process of its own, a refusal, the ends of an interval."""

import csv
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from costlib.cli.main import main
from costlib.facts.folder import FOLDER


def costlib(*arguments, columns=None):
    """Return the result of `costlib` with some arguments; anything but an exit fails."""
    environment = {"COLUMNS": None if columns is None else str(columns)}
    result = CliRunner(env=environment).invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(*arguments, columns=None, code=0):
    """What `costlib` prints, which must end with a code."""
    result = costlib(*arguments, columns=columns)
    assert result.exit_code == code, result.output
    return result.output


def answer(*arguments):
    """What `costlib` answers as data: strict JSON, and 3 is the code of a job that does not fit and of no other."""
    result = costlib(*arguments, "--json")
    found = json.loads(result.stdout, parse_constant=pytest.fail)
    unfit = isinstance(found, dict) and found.get("fits") is False
    assert result.exit_code == (3 if unfit else 0), result.output
    return found


def python(code, **options):
    """What a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, **options)
    return done.stdout


def refused(message, function, /, *arguments, **named):
    """Assert that a call is a ValueError whose words match."""
    with pytest.raises(ValueError, match=message):
        function(*arguments, **named)


def ends_by_hand(regime):
    """The factors that the table of regimes has, as text on its own lines says them."""
    with (FOLDER / "regimes.csv").open(encoding="utf-8", newline="") as file:
        [row] = [row for row in csv.DictReader(file) if row["name"] == regime]
    return float(row["low"]), float(row["high"])
