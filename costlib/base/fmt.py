"""Numbers as readers see them. A value that is not zero never prints as zero: it gets the digits that it needs."""

import math
import re
from collections.abc import Callable
from typing import Any

from costlib.base.units import GB

NAMES = {
    "costofalignment": "this book",
    "litgpt": "LitGPT",
    "torchtune": "torchtune",
    "deepspeed": "DeepSpeed",
    "huggingface": "Hugging Face",
    "vllm": "vLLM",
    "nemorl": "NeMo RL",
    "skypilotcatalog": "SkyPilot catalog",
    "litellm": "LiteLLM",
    "openrlhf": "OpenRLHF",
    "aws": "AWS",
    "gcp": "GCP",
    "nvidia": "NVIDIA",
    "mamath": "jmamath",
}
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int = 0) -> str:
    """Return a number with thousands separators.

    >>> number(49077), number(135.63368, 1)
    ('49,077', '135.6')
    >>> number(0.00416, 2), number(0, 2)
    ('0.0042', '0.00')
    """
    text = f"{value:,.{digits}f}"
    if value and not text.strip("-0.,"):
        text = f"{value:.{1 - math.floor(math.log10(abs(value)))}f}"
    return text


def usd(value: float, digits: int = 2) -> str:
    """Return dollars.

    >>> usd(279.74036), usd(1_500_000, 0), usd(-3)
    ('$279.74', '$1,500,000', '-$3.00')
    """
    return ("-" if value < 0 else "") + "$" + number(abs(value), digits)


def price(value: float, digits: int = 2) -> str:
    """Return an amount of any size: whole dollars from a thousand up, else cents, or the digits of a fraction of them.

    >>> price(300000.0), price(0.3), price(0.05712), price(0.05712, 3), price(0), price(-7489.4)
    ('$300,000', '$0.30', '$0.057', '$0.0571', '$0', '-$7,489')
    """
    size = abs(value)
    if size >= 1000 or not value:
        return usd(value, 0)
    return usd(value, 2 if value == round(value, 2) else max(2, digits - 1 - math.floor(math.log10(size))))


def dollars(value: float) -> str:
    """Return an amount of a table of dollars, with cents where they count.

    >>> dollars(12.345), dollars(1234.5), dollars(0)
    ('12.35', '1,234', '0')
    """
    return number(value, 0 if value >= 100 or not value else 2)


def ratio(value: float, digits: int = 1) -> str:
    """Return how many times.

    >>> ratio(11.69584524)
    '11.7x'
    """
    return number(value, digits) + "x"


def times(value: float) -> str:
    """Return how many times, in words.

    >>> times(91.692646)
    '91.7 times'
    """
    return short(value, 3) + " times"


def ratio_2(value: float) -> str:
    """Return how many times, to a hundredth.

    >>> ratio_2(8.11907)
    '8.12x'
    """
    return ratio(value, 2)


def ratio_3(value: float) -> str:
    """Return how many times, to three digits; whole from a hundred up, and to a hundredth below one.

    >>> ratio_3(3.9921), ratio_3(9.996), ratio_3(26.13), ratio_3(1234.5), ratio_3(0.125)
    ('3.99x', '10.0x', '26.1x', '1,234x', '0.12x')
    """
    return ratio(value, 2 if value < 9.995 else 1 if value < 99.95 else 0)


def percent(fraction: float, digits: int = 0) -> str:
    """Return a fraction as a percentage.

    >>> percent(0.43472, 1)
    '43.5 %'
    """
    return number(fraction * 100, digits) + " %"


def tenths(fraction: float) -> str:
    """Return a fraction as a percentage to a tenth.

    >>> tenths(0.52817)
    '52.8 %'
    """
    return percent(fraction, 1)


def signed(fraction: float, digits: int = 0) -> str:
    """Return a change as a percentage with its sign, and without one where it rounds to nothing.

    >>> signed(0.2736), signed(-0.0512, 1), signed(-0.0002)
    ('+27 %', '-5.1 %', '0 %')
    """
    text = f"{100 * fraction:+,.{digits}f} %"
    return text if re.search("[1-9]", text) else text[1:]


def share(fraction: float) -> str:
    """Return a fraction as a percentage that keeps what is small: one digit after the point below ten.

    >>> share(0.43472), share(0.0434), share(0.0003), share(0)
    ('43 %', '4.3 %', 'under 0.1 %', '0 %')
    """
    if 0 < fraction < 0.0005:
        return "under 0.1 %"
    return percent(fraction, 0 if fraction >= 0.1 or not fraction else 1)


def part(fraction: float, digits: int = 1, whole: str = "all") -> str:
    """Return a part of a whole as a percentage that is neither nothing nor everything unless it is.

    >>> part(0.43472), part(0.99971), part(0.0002), part(1), part(0.9999, 2)
    ('43.5 %', 'over 99.9 %', 'under 0.1 %', 'all', '99.99 %')
    """
    step = 10.0**-digits
    if 0 < fraction < step / 200:
        return f"under {number(step, digits)} %"
    if 1 - step / 200 < fraction < 1:
        return f"over {number(100 - step, digits)} %"
    return whole if fraction == 1 else percent(fraction, digits)


def found(value: float, text: Callable[[float], str], otherwise: str = "none") -> str:
    """Return the text of a number that need not exist, such as a crossing.

    >>> found(3.2, price), found(math.inf, price)
    ('$3.20', 'none')
    """
    return text(value) if math.isfinite(value) else otherwise


def crossing(found: tuple[str, float], text: Callable[[float], str]) -> str:
    """Return on which side of a value something holds, with a function of a number to its text.

    Parameters
    ----------
    found : side and value, as of :func:`costlib.economics.break_even.crossing`

    >>> crossing(("below", 3.0), price), crossing(("never", 0.0), price)
    ('below $3.00', 'never')
    """
    side, value = found
    return side if side in ("always", "never") else f"{side} {text(value)}"


def least(value: float) -> str:
    """Return the whole number that a count has to reach, or that there is none.

    >>> least(501.2), least(math.inf)
    ('502', 'none')
    """
    return found(value, lambda count: number(math.ceil(count)))


def plus_minus(fraction: float, error: float, digits: int = 0, error_digits: int | None = None) -> str:
    """Return a percentage with its error.

    >>> plus_minus(0.4712, 0.0391), plus_minus(0.0712, 0.0051, 0, 1)
    ('47 ± 4 %', '7 ± 0.5 %')
    """
    return f"{number(100 * fraction, digits)} ± {percent(error, digits if error_digits is None else error_digits)}"


def draws(share: float, error: float | None = None) -> str:
    """Return the share of draws in which something holds, with its error where one is given.

    >>> draws(0.0674), draws(0.99984, 0.00004), draws(1), draws(0)
    ('6.7 %', '99.984 ± 0.004 %', 'all draws', 'no draw')
    """
    if share in (0, 1):
        return "all draws" if share else "no draw"
    if error is None:
        return percent(share, 3 if share > 0.9995 else 1)
    return plus_minus(share, error, 2 if 0.001 <= share <= 0.999 else 3)


def of_draws(share: float) -> str:
    """Return the share of draws in which something holds, for a sentence.

    >>> of_draws(0.0674), of_draws(1)
    ('6.7 % of the draws', 'all draws')
    """
    return draws(share) + ("" if share in (0, 1) else " of the draws")


def significant(value: float, digits: int = 3) -> str:
    """Return a number to some significant digits, zeros at its end included; its whole part is never rounded.

    >>> significant(12345), significant(45.678), significant(2.5), significant(0.01), significant(0)
    ('12,345', '45.7', '2.50', '0.0100', '0')
    """
    return number(value, max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0)


def rounded(value: float, digits: int = 3) -> str:
    """Return a number to some significant digits, without zeros at its end; its whole part is rounded as well.

    >>> rounded(12345), rounded(45.678), rounded(2.5), rounded(0)
    ('12,300', '45.7', '2.5', '0')
    """
    return short(float(f"{value:.{digits}g}"))


def compact(value: float, digits: int = 4) -> str:
    """Return a number in the one style of a column of any sizes: M, B or T from a million up, no zeros at its end.

    >>> compact(2.64192e9), compact(2.56e9), compact(156_735.2), compact(6.8), compact(0), compact(8.6e18)
    ('2.642B', '2.56B', '156,735', '6.8', '0', '8.6×10¹⁸')
    """
    size = abs(value)
    if size and not 1e-4 <= size < 1e15:
        return re.sub(r"\.?0*×", "×", power_of_ten(value, digits - 1)) if math.isfinite(value) else str(value)
    unit, letter = next(((u, c) for u, c in ((1e12, "T"), (1e9, "B"), (1e6, "M")) if size >= u), (1, ""))
    text = significant(value / unit, digits)
    return (text.rstrip("0").rstrip(".") if "." in text else text) + letter


def gigabytes(size: float) -> str:
    """Return bytes in GB without the unit: whole from 100 up, one digit after the point from 10 up, else two.

    >>> gigabytes(123.4e9), gigabytes(12.34e9), gigabytes(0.5e9)
    ('123', '12.3', '0.50')
    """
    return number(size / GB, 0 if size >= 100 * GB else 1 if size >= 10 * GB else 2)


def unbroken(text: str) -> str:
    """Return a text in which no line ends between a number and its sign of percent or unit of bytes.

    >>> unbroken("90 % of 80 GB")
    '90\\xa0% of 80\\xa0GB'
    """
    return re.sub(r"(?<=\d) (?=%|[GT]i?B\b)", "\u00a0", text)


def power_of_ten(value: float, digits: int = 1) -> str:
    """Return a large or small number with its power of ten.

    >>> power_of_ten(8.3091456e18)
    '8.3×10¹⁸'
    """
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def between(low: float | None, high: float | None, text: Callable[[Any], str]) -> str:
    """Return a range in words, with a function of a number to its text; an end that is None is open.

    >>> between(0.2, 0.5, price), between(3, 3, price), between(None, 0.5, price), between(100, None, price)
    ('$0.20 to $0.50', '$3.00', 'up to $0.50', 'from $100.00')
    """
    if low is None or high is None:
        return f"up to {text(high)}" if low is None else f"from {text(low)}"
    return text(low) if low == high else f"{text(low)} to {text(high)}"


def source(keys: str) -> str:
    """Return bibliography keys as authors and years.

    >>> source("li2023alpacaeval;aws2025pricelist;aws2025p4")
    'Li 2023; AWS 2025'
    """
    parts = [re.findall(r"^([a-z]+)(\d{4})?", key)[0] for key in keys.split(";")]
    names = (f"{NAMES.get(name, name.capitalize())} {year}".strip() for name, year in parts)
    return "; ".join(dict.fromkeys(names))


def short(value: float | str, significant: int = 6) -> str:
    """Return a number the way a parameter is written: exact if it is short, else to some significant digits.

    >>> short(4096), short(0.3), short(70e9), short(1720320.0), short(135.63368055555557), short("a100-sxm-80gb")
    ('4,096', '0.3', '70B', '1,720,320', '135.634', 'a100-sxm-80gb')
    """
    if isinstance(value, (str, bool)):
        return str(value)
    for unit, letter in ((1e12, "T"), (1e9, "B")):
        if value >= unit and f"{value / unit:g}" == f"{value / unit:.6g}" and (value / unit * 1000) % 1 == 0:
            return f"{value / unit:g}{letter}"
    if value % 1 == 0 and abs(value) < 1e9:
        return f"{value:,.0f}"
    exact = f"{value:.7g}"
    return exact if float(exact) == value else f"{value:.{significant}g}"


def exact(value: float) -> str:
    """Return every digit of a number, as a table of facts shows it.

    >>> exact(68976648192.0), exact(2.74470525), exact(2e12)
    ('68,976,648,192', '2.74470525', '2T')
    """
    if value % 1 or value >= 1e12:
        return f"{value:,}" if value % 1 else short(value)
    return f"{value:,.0f}"
