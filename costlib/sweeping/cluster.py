"""Workers: processes on this machine, or a Dask scheduler that runs elsewhere."""

import contextlib
import logging
import warnings

from costlib.base.errors import RunError
from costlib.base.extras import need
from costlib.base.text import shown
from costlib.sweeping import plan as plans

PATIENCE = "10s"  # for a scheduler that does not answer
WORKERS_SECONDS = 60
LOSSES = 10  # workers that a chunk may lose before it is taken for the cause


class ClusterError(RunError):
    """Workers that cannot be had or used: the message says why."""


@contextlib.contextmanager
def connected(workers=2, scheduler=None):
    """Give a Dask client.

    Parameters
    ----------
    workers : processes to start on this machine, with one thread each
    scheduler : address of a scheduler that runs, as Dask writes it; None starts the processes

    Raises
    ------
    MissingExtraError : if Dask is not installed
    ClusterError : if the scheduler does not answer, or its workers have other code
    """
    need("sweep", "a Dask cluster", "dask", "distributed")
    import dask
    from dask.distributed import Client, LocalCluster

    settings = {
        "distributed.scheduler.allowed-failures": LOSSES,
        "distributed.worker.memory.terminate": 0.95,
        "distributed.comm.timeouts.connect": PATIENCE,
    }
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(settings))
        if scheduler is None:
            cluster = _local(LocalCluster, workers)
            stack.enter_context(cluster)
            yield stack.enter_context(Client(cluster))
            return
        try:
            client = Client(scheduler, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(f"no scheduler answers at {scheduler}: {error}") from error
        stack.enter_context(client)
        _same_code(client, scheduler)
        yield client


def checked_address(scheduler):
    """Return the address of a scheduler as it is given, None included; a ValueError for what is none.

    >>> checked_address("tcp://host")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: scheduler must be an address such as tcp://host:8786, got 'tcp://host': missing port number...
    """
    need("sweep", "a Dask cluster", "dask", "distributed")
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import backends

    if scheduler is None:
        return None
    asked = f"scheduler must be an address such as tcp://host:8786, got {shown(scheduler)}"
    if not isinstance(scheduler, str):
        raise ValueError(asked)
    try:
        kind, place = parse_address(scheduler)
        host, port = (place, 1) if kind == "inproc" else parse_host_port(place)
    except ValueError as error:
        raise ValueError(f"{asked}: {error}") from error
    if kind not in backends or not host or not 0 < port < 2**16:
        raise ValueError(f"{asked}: known are {', '.join(sorted(backends))}, a name, and a port from 1 to 65535")
    return scheduler


def _local(kind, workers):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a taken port of the dashboard is exchanged for a free one
        try:
            return kind(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:8787",
                        silence_logs=logging.CRITICAL)  # fmt: skip
        except (OSError, RuntimeError) as error:
            raise ClusterError(f"the workers could not be started on this machine: {error}") from error


def _same_code(client, scheduler):
    """Refuse workers whose package is not this one: rows must not depend on who computes them."""
    try:
        client.wait_for_workers(1, timeout=WORKERS_SECONDS)
    except TimeoutError as error:
        raise ClusterError(f"{scheduler} has no worker after {WORKERS_SECONDS} seconds") from error
    try:
        found = client.run(plans.science)
    except Exception as error:
        raise ClusterError(f"the workers of {scheduler} cannot import costlib.sweeping: {error}") from error
    if strangers := [address for address, mark in found.items() if mark != plans.science()]:
        raise ClusterError(f"workers of {scheduler} have another costlib than this one: {', '.join(strangers)}")
