"""Sweeps: a plan of many points, its evaluation in chunks on Dask, and what is kept of it.

The rooms, each of which uses those before it: expressions, plan, points, outputs, summary, store, work, cluster, run,
screen.
"""
