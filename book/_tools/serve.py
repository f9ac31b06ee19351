"""Show built pages on this machine alone: python book/_tools/serve.py FOLDER [PORT]."""

import contextlib
import functools
import html
import http.server
import json
import re
import sys
from http import HTTPStatus
from pathlib import Path

HOST = "127.0.0.1"
NAMES = ("localhost", HOST, "[::1]")  # by which a browser on this machine asks for it
MARKER = ".costlib-output.json"  # lists the files of an output folder: see costlib.base.folders
PRIVATE = {"build.log", "run.json", "executed"}  # of a run, and no page
POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
STRICT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
WORKER = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{0}; connect-src 'self'{0}"
CALCULATOR = ("book", "calculator.html")  # the one page that offers itself to others, and here to this machine's
FRAMED = "'self' http://localhost:* http://127.0.0.1:*"
PUBLIC = " https://cdn.jsdelivr.net"  # whence Python comes where it is not beside the pages


class Pages(http.server.SimpleHTTPRequestHandler):
    """Pages of one folder, for who asks this machine by its own name; for a missing one the folder's page says so."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
        ".whl": "application/octet-stream",
    }
    server_version, sys_version = "costlib", ""
    timeout = 30  # seconds for a request to arrive
    policy = STRICT

    def send_head(self):
        """Answer with a page; with an error for another host's name, and for what is no page."""
        self.policy = STRICT
        if not self._asked_locally():
            return self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        try:
            file = Path(self.translate_path(self.path))
            file = file / "index.html" if file.is_dir() else file
            if not self.path.startswith("/") or not is_page(file, Path(self.directory)):
                return self.send_error(HTTPStatus.NOT_FOUND)
            self.policy = self._policy(file)
            return super().send_head()
        except (OSError, ValueError):  # a name that no file can have
            return self.send_error(HTTPStatus.NOT_FOUND)

    def _asked_locally(self):
        """Whether the request names this machine; one by another name may come from a page of another host."""
        asked, port = self.headers.get_all("Host", []), self.server.server_port
        known = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
        return len(asked) == 1 and asked[0].strip().lower() in known

    def _policy(self, file):
        """The policy of a page as its head has it; that of the calculator's worker, which has no head."""
        if file.suffix == ".html":
            with file.open("rb") as page:
                found = POLICY.search(page.read(4096))
            framed = FRAMED if file.parts[-2:] == CALCULATOR else "'none'"
            return f"{html.unescape(found[1].decode())}; frame-ancestors {framed}" if found else STRICT
        python = Path(self.directory, "_static", "pyodide").is_dir()
        return WORKER.format("" if python else PUBLIC) if file.suffix == ".mjs" else STRICT

    def send_error(self, code, message=None, explain=None):
        """Answer a missing file with 404.html, any other error by its name alone: a request is not repeated."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code)
            return
        body, self.policy = page.read_bytes(), self._policy(page)
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self):
        """Add what every answer says."""
        self.send_header("Content-Security-Policy", self.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        super().end_headers()

    def log_message(self, *_):
        """Say nothing: a page asks for dozens of files."""


class Server(http.server.ThreadingHTTPServer):
    """A server whose terminal stays quiet, whatever a client does."""

    def handle_error(self, request, client_address):
        """Say nothing of a client that went away; of anything else, one line."""
        problem = sys.exc_info()[1]
        if not isinstance(problem, OSError):
            print(f"a request could not be answered: {type(problem).__name__}", file=sys.stderr, flush=True)


def is_page(file, folder):
    """Return whether a file is a page of the book, or a part of one, in a folder that a run has written.

    Hidden files, what a run keeps for itself, and links to elsewhere are none. Where an output folder lists its files,
    nothing else is.
    """
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        return False
    parts = file.relative_to(folder).parts
    if any(part.startswith(".") or part.casefold() in PRIVATE for part in parts):
        return False
    for above in file.parents:
        if (above / MARKER).is_file():
            return file.relative_to(above).as_posix() in _listed(above / MARKER)
        if above == folder:
            return True
    return False


def _listed(marker):
    try:
        return set(json.loads(marker.read_text(encoding="utf-8"))["files"])
    except (ValueError, KeyError, TypeError):
        return set()


def server(folder, port=0):
    """Return a server of a folder at this machine's own address; port 0 takes a free one [-].

    Raises
    ------
    OSError : the port is taken, or not this user's to take
    """
    return Server((HOST, port), functools.partial(Pages, directory=str(folder)))


def main(*arguments):
    """Serve until interrupted; return 0, or what was wrong."""
    if not 1 <= len(arguments) <= 2:
        return "how to use it: serve.py FOLDER [PORT]"
    folder, port = Path(arguments[0]).resolve(), [*arguments, "8000"][1]
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 2**16):
        return f"a port is a whole number from 1 to 65535, got {port[:40]!r}: make serve PORT=8001"
    if not (folder / "index.html").is_file():
        return f"{arguments[0]} has no pages yet: run make book first"
    try:
        pages = server(folder, int(port))
    except OSError as error:
        return f"port {port} cannot be used ({error.strerror}): make serve PORT=8001 takes another"
    with pages, contextlib.suppress(KeyboardInterrupt):
        print(f"http://{HOST}:{pages.server_port}/ - stop with Ctrl-C", flush=True)
        pages.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
