"""The command as tests call it: in this process, with arguments of any type."""

from click.testing import CliRunner

from costlib.cli.main import main


def costlib(*arguments):
    """Return the result of `costlib` with some arguments; anything but an exit fails."""
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
