"""An HTTP answer to the question of whether all is well: for load balancers and monitors."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from maho_segments.services.status import Status

# Whoever asks more often gets the last answer: asking costs the database a few queries.
_FRESH_SECONDS = 5.0


class HealthServer(ThreadingHTTPServer):
    """Answers GET /health: 200 as long as nothing is bad, else 503; both with the status as JSON."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], look: Callable[[], Status], plain: Callable[[object], str]):
        """`look` gives the status, `plain` writes an instant. Raises OSError where the port is taken."""
        super().__init__(address, _Handler)
        self._look = look
        self._plain = plain
        self._lock = threading.Lock()
        self._known: tuple[float, int, bytes] | None = None

    def answer(self) -> tuple[int, bytes]:
        """The HTTP status and the body."""
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > _FRESH_SECONDS:
                status = self._look()
                body = json.dumps(status.as_dict(), indent=2, ensure_ascii=False, default=self._plain)
                code = 503 if any(finding.state == "bad" for finding in status.findings) else 200
                self._known = (time.monotonic(), code, body.encode() + b"\n")
            return self._known[1:]


class _Handler(BaseHTTPRequestHandler):
    server: HealthServer

    def do_GET(self) -> None:
        if self.path.partition("?")[0] not in ("/", "/health"):
            self.send_error(404)
            return
        code, body = self.server.answer()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name is http.server's
        """Say nothing: it is asked every few seconds."""
