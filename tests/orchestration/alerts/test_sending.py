"""Many channels at once: what becomes of each says nothing of the others."""

import socket
import time
from datetime import UTC, datetime

from orchestration.alerts.configuration import Channel, WebhookShape
from orchestration.alerts.sending import Outcome, send_all
from orchestration.alerts.trouble import Alert, Recovery, Trouble
from tests.orchestration.servers import WebServer, running

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
RAISED = Alert(NOW, raised=(Trouble("held:vip", "error", "vip is held", NOW, "Look at it."),))
OVER = Alert(NOW, recovered=(Recovery("held:vip", "vip is held", NOW),))


def channel(name: str, variable: str) -> Channel:
    return Channel(name, "webhook", WebhookShape(url_variable=variable))


def test_a_channel_that_does_not_answer_keeps_nothing_from_the_others() -> None:
    server = WebServer(200)
    with running(server), socket.create_server(("127.0.0.1", 0)) as silent:
        environ = {**server.environ, "SILENT": f"http://127.0.0.1:{silent.getsockname()[1]}/"}
        began = time.monotonic()
        slow, missing, good = send_all(
            [
                (channel("slow", "SILENT"), [RAISED]),
                (channel("missing", "NO_SUCH"), [RAISED]),
                (channel("good", "URL"), [RAISED, OVER]),
            ],
            seconds=0.5,
            environ=environ,
        )
        # One try of one channel alone waits for longer.
        assert time.monotonic() - began < 5
    assert "The channel slow of alerts.yml has not taken alerts" in slow.words
    assert "needs the environment variable NO_SUCH" in missing.words
    assert good == Outcome("good")
    assert [body["status"] for _, body in server.requests] == ["firing", "recovered"]
