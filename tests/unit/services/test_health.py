"""What a monitor is answered over HTTP."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from maho_segments.services.doctor.finding import Finding, State
from maho_segments.services.health import HealthServer
from maho_segments.services.status import Status


class Looks:
    """What is found, and how often somebody looked."""

    def __init__(self) -> None:
        self.state: State = "good"
        self.count = 0

    def look(self) -> Status:
        self.count += 1
        return Status((Finding("warehouse", self.state, "answers"),), {"news": 3})


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def address(looks: Looks) -> Iterator[str]:
    with HealthServer(("127.0.0.1", 0), looks.look, str) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize(("state", "code"), [("good", 200), ("warning", 200), ("bad", 503)])
def test_only_what_is_bad_is_unavailable(looks: Looks, address: str, state: State, code: int) -> None:
    looks.state = state
    answered, body = get(f"{address}/health?probe=1")
    assert answered == code
    assert json.loads(body)["findings"][0]["state"] == state
    assert json.loads(body)["news"] == 3


def test_asking_often_looks_once(looks: Looks, address: str) -> None:
    assert {get(f"{address}/health")[0] for _ in range(5)} == {200}
    assert looks.count == 1


def test_other_addresses_are_not_there(looks: Looks, address: str) -> None:
    assert get(f"{address}/metrics")[0] == 404
    assert looks.count == 0
