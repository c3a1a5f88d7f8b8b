"""/healthz and /metrics over HTTP, on loopback: for systemd's neighbours, Prometheus, and whoever asks how things are.

Read only, a thread a question, a time limit on each; whatever goes wrong here is an answer 500 and never the daemon's
trouble. /healthz/live: the stages work on. /healthz/ready and /healthz: mail goes its whole way now.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from mailroom.observe import event, trouble

TIMEOUT = 5.0  # seconds for a question to arrive


class Monitor:
    """Listens from start() until stop()."""

    def __init__(
        self,
        place: tuple[str, int],
        registry: CollectorRegistry,
        live: Callable[[], list[str]],
        ready: Callable[[], list[str]],
    ) -> None:
        """`live`, `ready`: why not, for people; empty where it is so."""
        self._place, self._registry, self._live, self._ready = place, registry, live, ready
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Where it cannot listen, it says so in the log: mail matters more than its numbers."""
        family = socket.AF_INET6 if ":" in self._place[0] else socket.AF_INET
        answer = self._answer

        class Server(ThreadingHTTPServer):
            address_family = family
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that went away is no news; the traceback it would print is none either."""

        class Handler(BaseHTTPRequestHandler):
            timeout = TIMEOUT

            def do_GET(self) -> None:
                code, kind, body = answer(self.path.partition("?")[0])
                self.send_response_only(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Questions are not logged."""

        try:
            self._server = Server(self._place, Handler)
        except OSError as error:
            event("metrics-not-listening", level=logging.ERROR, port=self._place[1], why=error.strerror)
            return
        threading.Thread(target=self._server.serve_forever, name="mailroom-monitor", daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        try:
            if path == "/metrics":
                return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
            if path in ("/healthz", "/healthz/ready", "/healthz/live"):
                return self._health(path)
            return 404, "text/plain; charset=utf-8", b"/healthz, /healthz/live, /healthz/ready, /metrics\n"
        except Exception as error:
            trouble("monitor", error)
            return 500, "text/plain; charset=utf-8", b"see the log\n"

    def _health(self, path: str) -> tuple[int, str, bytes]:
        dead, waits = self._live(), self._ready()
        well = not dead if path == "/healthz/live" else not (dead or waits)
        state = {"live": not dead, "ready": not (dead or waits), "why": [*dead, *waits]}
        return 200 if well else 503, "application/json", json.dumps(state).encode() + b"\n"
