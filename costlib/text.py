"""Names as people write them: what else they may have meant."""


def nearest(name, known):
    """Return '; did you mean x?' for the names closest to `name` or, failing that, with it inside; or nothing.

    >>> nearest("a100-sxm-80g", ["a100-sxm-80gb", "t4"])
    '; did you mean a100-sxm-80gb?'
    """
    import difflib  # only a mistake waits for it

    known = [str(each) for each in known]
    close = difflib.get_close_matches(str(name), known, n=3)
    close = close or [each for each in known if str(name) and str(name).lower() in each.lower()][:3]
    return f"; did you mean {' or '.join(close)}?" if close else ""
