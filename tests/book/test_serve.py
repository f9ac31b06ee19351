"""What shows the pages on this machine: pages alone, to who asks by a local name, and no request is too strange."""

import functools
import http.client
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest
import serve
from conftest import ROOT

PAGE = """<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'"></head>a page</html>"""
TOOL = ROOT / "book" / "_tools" / "serve.py"


@pytest.fixture
def folder(tmp_path):
    """An output folder with pages, what a run keeps for itself, and a secret beside it."""
    (tmp_path / "secret.txt").write_text("a secret")
    out = tmp_path / "out"
    for name in ("index.html", "book/index.html", "book/calculator.html", "book/a ü.html", "404.html"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(PAGE.replace("a page", name), encoding="utf-8")
    for name in (
        "build.log",
        "run.json",
        "executed/04_a.ipynb",
        ".costlib-lock",
        ".hidden/a.html",
        "book/.a.html",
        "_static/costlib.js",
        "_static/calculator/worker.mjs",
        "_static/a.svg",
    ):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("a secret" if "_static" not in name else "a part of a page")
    (out / "link.txt").symlink_to(tmp_path / "secret.txt")
    return out


@pytest.fixture
def port(folder):
    with serve.server(folder) as pages:
        threading.Thread(target=pages.serve_forever, args=[0.01], daemon=True).start()
        yield pages.server_port
        pages.shutdown()


def asked(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.content = answer.read()
    connection.close()
    return answer


def sent(port, request):
    """What the server answers to bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        found = b""
        while more := line.recv(65536):
            found += more
    return found


@pytest.mark.parametrize("path", ["/", "/index.html", "/book/", "/book/a%20%C3%BC.html?x=1#y", "/_static/costlib.js"])
def test_pages_and_their_parts_are_served(port, path):
    assert asked(port, path).status == 200


NO_PAGES = [
    "/build.log",
    "/BUILD.LOG",
    "/run.json",
    "/executed/",
    "/executed/04_a.ipynb",
    "/book/../build.log",
    "/.hidden/a.html",
    "/.costlib-lock",
    "/book/.a.html",
    "/_static/",
    "/_static",
    "/%2e%2e/secret.txt",
    "/../secret.txt",
    "/link.txt",
    "/..%2fsecret.txt",
    "/%00",
    "/a%00.html",
    "/%ff%fe",
    "/%ed%a0%80",
    "/" + "a" * 5000,
    "/book/a%0d%0aX:%20y",
    "/index.html/",
    "//etc/passwd",
    "/C:/",
    "/con",
    "/book\\..\\build.log",
]


@pytest.mark.parametrize("path", NO_PAGES)
def test_what_is_no_page_is_not_found(port, path):
    answer = asked(port, path)
    assert answer.status == 404 and b"404.html" in answer.content
    assert b"secret" not in answer.content and b"Directory listing" not in answer.content


def test_a_list_of_files_says_what_is_served(folder, port):
    (folder / "mine.html").write_text(PAGE)
    assert asked(port, "/mine.html").status == 200
    listed = {
        "format": "costlib output folder, 1",
        "command": "rerun",
        "files": ["index.html", "book/index.html", "run.json"],
    }
    (folder / serve.MARKER).write_text(json.dumps(listed))
    found = {path: asked(port, path).status for path in ("/", "/book/", "/mine.html", "/run.json", f"/{serve.MARKER}")}
    assert found == {"/": 200, "/book/": 200, "/mine.html": 404, "/run.json": 404, f"/{serve.MARKER}": 404}
    # A folder within that has a list of its own, as that of one of several scenarios.
    (folder / "ours").mkdir()
    (folder / "ours" / "index.html").write_text(PAGE)
    assert asked(port, "/ours/").status == 404
    (folder / "ours" / serve.MARKER).write_text(json.dumps(listed))
    assert asked(port, "/ours/").status == 200
    (folder / serve.MARKER).write_text("[")
    assert asked(port, "/").status == 404


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_this_machine_is_known_by_its_names(port, name):
    assert asked(port, "/", Host=f"{name}:{port}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{0}",
        "127.0.0.1.evil.example:{0}",
        "localhost",
        "localhost:1",
        "",
        "localhost.:{0}",
        "127.0.0.2:{0}",
        "0.0.0.0:{0}",
        "localhost:{0}@evil.example",
        "2130706433:{0}",
    ],
)
def test_another_name_is_refused(port, host):
    answer = asked(port, "/", Host=host.format(port))
    assert answer.status == 421 and b"index.html" not in answer.content
    assert asked(port, "/nowhere", Host=host.format(port)).status == 421


STRANGE = [
    b"",
    b"\r\n",
    b"\0\0\0\0\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET " + b"/" * 70000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    b"GET / HTTP/1.1\r\na: " + b"b" * 70000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"POST / HTTP/1.1\r\n\r\nx",
    b"G\xff<script> / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost:@\r\nHost: evil.example\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost:@\r\nIf-Modified-Since: \xff\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost:@\r\nRange: bytes=9-1\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", STRANGE)
def test_strange_requests_are_answered_without_a_word_in_the_terminal(port, request_bytes, capfd):
    answer = sent(port, request_bytes.replace(b"@", str(port).encode()))
    assert b"<script>" not in answer and b"secret" not in answer
    with socket.create_connection(("127.0.0.1", port)) as line:  # goes away at once
        line.sendall(b"GET /")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert asked(port, "/").status == 200
    assert capfd.readouterr() == ("", "")


def test_every_answer_says_what_may_run(port):
    for path, status in (("/", 200), ("/book/", 200), ("/nowhere", 404), ("/_static/a.svg", 200), ("/book", 301)):
        answer = asked(port, path)
        assert answer.status == status and answer.getheader("X-Content-Type-Options") == "nosniff"
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        assert "default-src 'none'" in answer.getheader("Content-Security-Policy"), path
    assert asked(port, "/").getheader("Content-Security-Policy") == (
        "default-src 'none'; script-src 'self'; frame-ancestors 'none'"
    )
    framed = asked(port, "/book/calculator.html?embed=1").getheader("Content-Security-Policy")
    assert framed.endswith("; frame-ancestors 'self' http://localhost:* http://127.0.0.1:*")
    worker = asked(port, "/_static/calculator/worker.mjs")
    assert "'wasm-unsafe-eval'" in worker.getheader("Content-Security-Policy")
    assert asked(port, "/_static/a.svg").getheader("Content-Type") == "image/svg+xml"
    assert "python" not in answer.getheader("Server").lower()


def test_a_page_of_this_machine_shows_the_calculator_and_no_other_page_in_a_frame(browser, folder, port, tmp_path):
    (tmp_path / "own").mkdir()
    frames = "".join(f'<iframe src="http://127.0.0.1:{port}/book/{page}.html"></iframe>'
                     for page in ("calculator", "index"))  # fmt: skip
    (tmp_path / "own" / "index.html").write_text(PAGE.split("<meta http")[0] + frames, encoding="utf-8")
    blog = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "own"))
    with serve.Server(("127.0.0.1", 0), blog) as other:
        threading.Thread(target=other.serve_forever, args=[0.01], daemon=True).start()
        tab = browser.new_page()
        tab.goto(f"http://127.0.0.1:{other.server_port}/")
        shown = [frame.evaluate("document.body.innerText") for frame in tab.frames[1:]]
        tab.close()
        other.shutdown()
    assert "book/calculator.html" in shown[0] and "book/index.html" not in shown[1]


def run(*arguments):
    return subprocess.run(
        [sys.executable, TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("given", ["abc", "99999", "-1", "0", "", "1e3", "٨٠٠٠", "9" * 5000, "80 80", "8000\x1b[2J"])
def test_a_bad_port_is_one_line(folder, given):
    done = run(folder, given)
    assert done.returncode and done.stdout == "" and len(done.stderr.splitlines()) == 1 and len(done.stderr) < 200
    assert "from 1 to 65535" in done.stderr and "\x1b" not in done.stderr


def test_a_busy_port_missing_pages_and_a_missing_folder_are_one_line(folder, port, tmp_path):
    for arguments, said in (
        ((folder, port), "cannot be used (Address already in use)"),
        ((tmp_path,), "run make book first"),
        ((tmp_path / "secret.txt",), "run make book first"),
        ((), "how to use it"),
        ((1, 2, 3), "how to use it"),
    ):
        done = run(*arguments)
        assert done.returncode and done.stdout == "" and len(done.stderr.splitlines()) == 1 and said in done.stderr


def test_an_interrupt_ends_it_quietly(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # A shell that starts it in the background may have told it to ignore an interrupt.
    started = subprocess.Popen(
        [sys.executable, TOOL, folder, str(port)],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert started.stdout.readline() == f"http://127.0.0.1:{port}/ - stop with Ctrl-C\n"
    assert asked(port, "/").status == 200
    os.kill(started.pid, signal.SIGINT)
    assert started.communicate(timeout=60) == ("", "") and started.returncode == 0


def test_make_serve_hands_its_port_on():
    done = subprocess.run(["make", "-n", "serve", "PORT=80 81"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(r'serve\.py _build "80 81"$', done.stdout.strip())
