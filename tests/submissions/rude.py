"""A web server that behaves in every bad way there is, for those who fetch."""

from __future__ import annotations

import gzip
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from submissions.capture import Reach

BOMB = gzip.compress(bytes(20 * 1024**2))
PAGE = """<!DOCTYPE html><html><head><title>A lesson &amp; more</title><style>p{}</style>
<script>document.write("never")</script></head><body><nav>Home Menu</nav>
<main><h1>Exit tickets</h1><p>I asked <b>three</b> questions
at the end.</p><ul><li>What did you learn?</li><li>What is open?</li></ul><img src=x onerror=alert(1)>
<table><tr><th>Week</th><th>Answers</th></tr><tr><td>1</td><td>24</td></tr></table>
<p>Afterwards I sorted the answers into three piles, and the next lesson began with the smallest of them.</p>
<p>After six weeks most of the class could say in a sentence what the lesson had been about.</p></main>
<footer>Imprint</footer></body></html>"""


class Handler(BaseHTTPRequestHandler):
    """One address for each way to behave."""

    def do_GET(self) -> None:
        self.server.seen.append((self.headers["Host"], dict(self.headers)))  # type: ignore[attr-defined]
        behave = getattr(
            self, "on_" + self.path.split("?")[0].strip("/").split("/")[0].replace("-", "_"), None
        )
        try:
            if body := self.server.pages.get(self.path):  # type: ignore[attr-defined]
                self.answer(body, {"Content-Type": "application/json"})
            elif behave:
                behave()
            elif self.path.startswith("/status/"):
                self.answer(b"no", status=int(self.path.split("/")[2]))
            else:
                self.answer(b"%PDF-1.7 hello", {"Content-Type": "application/pdf"})
        except OSError:
            pass  # cut off, as it should be

    def answer(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def on_page(self) -> None:
        self.answer(PAGE.encode(), {"Content-Type": "text/html; charset=utf-8", "Set-Cookie": "a=b"})

    def on_signin_page(self) -> None:
        body = b"<html><body><form>Name <input> <input type=password></form></body></html>"
        self.answer(body, {"Content-Type": "text/html"})

    def on_app(self) -> None:
        self.answer(b"<html><body><div id=root></div><script>x</script>", {"Content-Type": "text/html"})

    def on_to(self) -> None:
        """/to/<address>: a redirect."""
        self.answer(b"", {"Location": unquote(self.path[4:]), "Set-Cookie": "secret=1"}, 302)

    def on_loop(self) -> None:
        self.answer(b"", {"Location": self.path + "/x"}, 301)

    def on_named(self) -> None:
        name = "attachment; filename*=UTF-8''..%2F..%2Fplan%20%C3%A4.docx"
        self.answer(b"PK\x03\x04", {"Content-Disposition": name})

    def on_gzip(self) -> None:
        self.answer(gzip.compress(b"text " * 100), {"Content-Type": "text/plain", "Content-Encoding": "gzip"})

    def on_bomb(self) -> None:
        self.answer(BOMB, {"Content-Encoding": "gzip"})

    def on_declared(self) -> None:
        self.answer(b"x", {"Content-Length": str(10**12)})

    def on_short(self) -> None:
        self.answer(b"only this", {"Content-Length": "100"})

    def on_empty(self) -> None:
        self.answer(b"")

    def on_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(bytes(64 * 1024))

    def on_drip(self) -> None:
        """A byte now and then: in the headers, and in the body."""
        if "headers" not in self.path:
            self.send_response(200)
            self.end_headers()
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def on_silent(self) -> None:
        time.sleep(2)

    def on_nonsense(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.pages: dict[str, bytes] = {}  # what lies there beside its bad ways
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what is being tested."""

    @property
    def port(self) -> int:
        return self.server_address[1]

    def reach(self, *addresses: str, certificates: str | None = None) -> Reach:
        """Every name leads to these addresses, and this server's own may be dialled."""
        found = list(addresses) or ["127.0.0.1"]
        return Reach(
            frozenset({("127.0.0.1", self.port)}),
            lambda host, port: [host] if host[0].isdigit() or ":" in host else found,
            certificates,
        )
