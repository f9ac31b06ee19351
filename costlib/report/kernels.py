"""Execute one notebook with papermill in a kernel of its own."""

import os
import subprocess
import tempfile
from pathlib import Path

from costlib.report import watch

PACKAGE = Path(__file__).resolve().parents[1]
RUNNING = []  # processes of kernels, some of which have ended


def execute(source, target, parameters, folder, variables=None):
    """Execute a notebook file with parameters and write the result; raises what papermill raises.

    `variables` are added to the environment of the kernel, not to that of this process. Returns the paths of the files
    of the package, and of `folder`, that the notebook opened, sorted.

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
            settings = file_sockets(sockets) if os.name == "posix" else {}
            opened = Path(sockets, "opened.txt")
            noted = {watch.LOG: str(opened), watch.FOLDERS: os.pathsep.join([str(PACKAGE), str(folder)])}
            manager = _manager(settings, noted | (variables or {}))
            try:
                papermill.execute_notebook(str(source), str(target), **arguments, kernel_manager_class=manager)
                return sorted(map(Path, opened.read_text(encoding="utf-8").splitlines()))
            except RuntimeError as error:
                if not attempts_left or "Kernel died before replying" not in str(error):
                    raise


def stop():
    """Kill the kernels that this process has started."""
    while RUNNING:
        RUNNING.pop().kill()


def file_sockets(folder):
    """Return the settings that make a Jupyter kernel talk over sockets in a folder, not over TCP ports."""
    # Left to itself, jupyter_client would put every kernel's sockets under one name in the current folder.
    return {"transport": "ipc", "ip": f"{folder}/kernel"}


def _manager(settings, variables):
    from jupyter_client.manager import AsyncKernelManager

    class OwnManager(AsyncKernelManager):
        def __init__(self, **traits):
            super().__init__(**settings | traits)

        async def start_kernel(self, **options):
            environment = (options.pop("env", None) or os.environ) | variables
            first = f'__import__("runpy").run_path({watch.__file__!r}, run_name="__main__") and None'
            options["extra_arguments"] = [*options.get("extra_arguments", []), f"--IPKernelApp.exec_lines={first}"]
            # What a cell prints comes by message; the process itself only remarks on being shut down.
            await super().start_kernel(**{"stderr": subprocess.DEVNULL} | options, env=environment)
            RUNNING.append(self.provisioner.process)

    return OwnManager
