"""What may go wrong on the user's side, by what becomes of it at the command.

A :class:`ValueError` is wrong input: its message says what, where, the value and what is allowed, one line for each
mistake. A :class:`RunError` is a run that failed although its input was right.
"""


class FileError(ValueError):
    """A file or folder that cannot be used: the message names it and says why."""


class RunError(Exception):
    """A run that failed, of chapters, workers or the disk: the message says what, and what to do."""


class UnreadableError(ValueError):
    """A cell that should hold a number or a name and does not; the message names the column."""
