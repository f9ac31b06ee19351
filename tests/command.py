"""What several tests ask: the command in this process, a process of its own, a refusal, a factor counted by hand."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from costlib import validation
from costlib.cli.main import main


def costlib(*arguments):
    """Return the result of `costlib` with some arguments; anything but an exit fails."""
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(*arguments):
    """What `costlib` prints, which must succeed."""
    result = costlib(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def answer(*arguments):
    """What `costlib` answers as data."""
    return json.loads(told(*arguments, "--json"))


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
