"""Names as people write them: what else they may have meant."""

from collections.abc import Iterable


def nearest(name: object, known: Iterable[object]) -> str:
    """Return '; did you mean x?' for the names closest to `name` or, failing that, with it inside; or nothing.

    >>> nearest("a100-sxm-80g", ["a100-sxm-80gb", "t4"])
    '; did you mean a100-sxm-80gb?'
    """
    import difflib  # only a mistake waits for it

    names = [str(each) for each in known]
    close = difflib.get_close_matches(str(name), names, n=3)
    close = close or [each for each in names if str(name) and str(name).lower() in each.lower()][:3]
    return f"; did you mean {' or '.join(close)}?" if close else ""
