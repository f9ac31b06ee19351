"""Show built pages on this machine alone: python book/_tools/serve.py FOLDER [PORT]."""

import functools
import http.server
import sys
from pathlib import Path

HOST = "127.0.0.1"


class Pages(http.server.SimpleHTTPRequestHandler):
    """Files of one folder; for a missing one the folder's own page that says so."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
        ".whl": "application/octet-stream",
    }

    def send_error(self, code, message=None, explain=None):
        """Answer a missing file with 404.html; any other error as the standard library does."""
        page = Path(self.directory, "404.html")
        if code != http.HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing: a page asks for dozens of files."""


def server(folder, port=0):
    """Return a server of a folder at this machine's own address; port 0 takes a free one [-].

    Raises
    ------
    OSError : the port is taken
    """
    return http.server.ThreadingHTTPServer((HOST, port), functools.partial(Pages, directory=str(folder)))


def main(folder, port="8000"):
    """Serve until interrupted."""
    if not Path(folder, "index.html").is_file():
        return "nothing built yet: run make book first"
    try:
        pages = server(folder, int(port))
    except OSError as error:
        return f"port {port} cannot be used ({error.strerror}): make serve PORT=8001 takes another"
    with pages:
        print(f"http://{HOST}:{pages.server_port}/ - stop with Ctrl-C", flush=True)
        try:
            pages.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
