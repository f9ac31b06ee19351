"""What several tests ask: the command in this process, a process of its own, a refusal, a factor counted by hand."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from costlib import validation
from costlib.cli.main import main


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


def earned_by_hand(group):
    """The smallest factor of a reported row within which four in five of them lie, counted one by one."""
    factors = [p.factor for p in validation.own(0).predicted if p.case.group == group and p.half == "reported"]
    return min(f for f in factors if sum(other <= f for other in factors) >= 0.8 * len(factors))
