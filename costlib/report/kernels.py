"""Execute one notebook with papermill in a kernel of its own."""

import os
import subprocess
import tempfile


def execute(source, target, parameters, folder):
    """Execute a notebook file with parameters and write the result; raises what papermill raises.

    Several kernels start at once here, and two that pick TCP ports at the same moment can pick the same one. Kernels
    therefore talk over sockets in the file system where the system has them, and a kernel that dies while it starts is
    started once more.
    """
    import papermill

    arguments = {
        "parameters": parameters,
        "kernel_name": "python3",
        "progress_bar": False,
        # papermill's own `cwd` would change the folder of this whole process, while several threads execute.
        "resources": {"metadata": {"path": str(folder)}},
    }
    for attempts_left in (1, 0):
        with tempfile.TemporaryDirectory(prefix="costlib-") as sockets:
            options = {"kernel_manager_class": _manager(sockets)} if os.name == "posix" else {}
            try:
                papermill.execute_notebook(str(source), str(target), **arguments, **options)
                return
            except RuntimeError as error:
                if not attempts_left or "Kernel died before replying" not in str(error):
                    raise


def file_sockets(folder):
    """Return the settings that make a Jupyter kernel talk over sockets in a folder, not over TCP ports."""
    # Left to itself, jupyter_client would put every kernel's sockets under one name in the current folder.
    return {"transport": "ipc", "ip": f"{folder}/kernel"}


def _manager(sockets):
    from jupyter_client.manager import AsyncKernelManager

    class FileSocketManager(AsyncKernelManager):
        def __init__(self, **traits):
            super().__init__(**file_sockets(sockets) | traits)

        def start_kernel(self, **options):
            # What a cell prints comes by message; the process itself only remarks on being shut down.
            return super().start_kernel(**{"stderr": subprocess.DEVNULL} | options)

    return FileSocketManager
