"""Sizes of memory beside what the named GPU has: a job that did not fit is a measurement too.

Where a report says that a job ended for want of memory, the memory of the GPU stands in the place of the measured
value: the prediction is right if it is not below. Elsewhere each case says how much the GPU has, so that a run that is
predicted not to fit, and did run, is seen.
"""

from costlib.base.errors import UnreadableError
from costlib.base.units import GB
from costlib.facts import catalog
from costlib.facts.hardware import room_gb
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import missing
from costlib.validation.readers.memory import UNITS, memory_case

GROUP = "does not fit"


def fitting_case(line, row, coefficients):
    """Return the cases of a row of a memory table with what its GPU has, or raise UnreadableError."""
    room = _room(row, coefficients)
    if row.fits is not False:
        return [each._replace(most=room and room / UNITS[row.unit]) for each in memory_case(line, row, coefficients)]
    if not room:
        raise missing("gpu: what did not fit is not known without it")
    vars(row).update(value=room / GB, unit="GB")
    return [each._replace(group=GROUP, quantity="memory of a job that did not fit", most=None)
            for each in memory_case(line, row, coefficients)]  # fmt: skip


def _room(row, coefficients):
    """Bytes of the GPU that a row names, None where it names none that is known."""
    try:
        name = gpu_in_report(row.gpu or "", coefficients.hardware)
    except UnreadableError:
        return None
    return room_gb(catalog.find("gpus", name, coefficients.hardware)) * GB
