"""The Cost of Alignment: formulas, sourced facts and rendering behind the executable report.

From the ground up: :mod:`costlib.facts` (what is known), :mod:`costlib.compute` (one job on GPUs),
:mod:`costlib.economics` (prices, labels, methods), :mod:`costlib.validation` (predictions against measurements),
:mod:`costlib.sweeping` (many scenarios on many workers), :mod:`costlib.measuring` (steps timed on the machine at hand),
:mod:`costlib.calculator` (what the browser runs), :mod:`costlib.report` (chapters and re-runs) and :mod:`costlib.cli`.
"""

__version__ = "0.5.0"
