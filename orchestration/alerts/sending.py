"""Sending alerts to many channels at once, so that none keeps the others waiting."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.alerts.configuration import Channel
from orchestration.alerts.delivery import DeliveryError, deliver
from orchestration.alerts.trouble import Alert


@dataclass(frozen=True)
class Outcome:
    """What became of the alerts for a channel: an error, or what a person should know all the same."""

    channel: str
    error: DeliveryError | None = None
    note: str = ""

    @property
    def words(self) -> str:
        """What is to be said of it; nothing where all went well."""
        return self.error.message if self.error else self.note and f"{self.channel}: {self.note}"


def send_all(
    messages: Sequence[tuple[Channel, Sequence[Alert]]],
    *,
    seconds: float,
    environ: Mapping[str, str] = os.environ,
) -> list[Outcome]:
    """Send each channel its alerts, one after the other; what became of each, in their order.

    A channel that has not taken them after so many seconds has failed; it may have got them all the same,
    and is sent them again rather than never.
    """
    outcomes: dict[str, Outcome] = {}

    def send(channel: Channel, alerts: Sequence[Alert]) -> None:
        try:
            notes = [deliver(alert, channel, environ) for alert in alerts]
            outcomes[channel.name] = Outcome(channel.name, note=" ".join(dict.fromkeys(filter(None, notes))))
        except DeliveryError as error:
            outcomes[channel.name] = Outcome(channel.name, error)
        except Exception as error:
            # A defect of ours, but what others were told has to be remembered. Its words may hold secrets.
            unknown = DeliveryError(
                f"The channel {channel.name} of alerts.yml fails: {type(error).__name__}.",
                "This is a defect: please report it.",
            )
            outcomes[channel.name] = Outcome(channel.name, unknown)

    threads = [threading.Thread(target=send, args=message, daemon=True) for message in messages]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [outcomes.get(channel.name) or _too_slow(channel, seconds) for channel, _ in messages]


def _too_slow(channel: Channel, seconds: float) -> Outcome:
    error = DeliveryError(
        f"The channel {channel.name} of alerts.yml has not taken alerts within {seconds:.0f} s.",
        "They are kept and sent again. Does the service run?",
    )
    return Outcome(channel.name, error)
