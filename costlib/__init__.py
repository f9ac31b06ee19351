"""What it costs to align a language model with human or AI feedback.

Wings, each of which may use only what stands above it: :mod:`costlib.facts` (sourced values, parameters, claims), the
science (:mod:`costlib.formulas`), :mod:`costlib.sweeping` (many scenarios on many workers), and, beside each other,
:mod:`costlib.report` (results into pages) and :mod:`costlib.measuring` (a machine at hand). The first two import the
standard library only, so the same wheel runs in a browser.
"""

__version__ = "0.5.0"
