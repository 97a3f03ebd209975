"""The job by which a person tries out alerts.yml."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from maho_segments.errors import SegmentsError
from maho_segments.language.problems import correction
from orchestration.alerts.configuration import AlertSettings, Channel, read_alert_settings
from orchestration.alerts.sending import Outcome, send_all
from orchestration.alerts.trouble import Alert, Recovery, Trouble
from orchestration.failing import fail
from orchestration.names import TEST_ALERT_JOB
from orchestration.project import ProjectResource

_SECONDS = 120
_NOT_NAMED = "Write channels in alerts.yml: docs/alerts.md has each of their words."


class TryConfig(dg.Config):
    """Who gets the message."""

    channels: list[str] = Field(default=[], description="Only these channels of alerts.yml. Empty: all.")


def example_alerts(link: str, now: datetime) -> tuple[Alert, Alert]:
    """A trouble that is none, and its end: whoever opens an incident for the one closes it for the other."""
    trouble = Trouble(
        "test:",
        "error",
        "This is a test of alerts.yml",
        now,
        "Nothing is wrong, and nothing is to be done. A second message says that it is over.",
        "Somebody has run test_alert_job.",
    )
    recovery = Recovery(trouble.key, trouble.title, now)
    return Alert(now, raised=(trouble,), link=link), Alert(now, recovered=(recovery,), link=link)


def choose_channels(settings: AlertSettings, names: Sequence[str]) -> list[Channel]:
    """The channels of those names, or all. Raises SegmentsError where there is none."""
    known = {channel.name: channel for channel in settings.channels}
    if not known:
        raise SegmentsError("alerts.yml names no channel, so nobody is told of anything.", _NOT_NAMED)
    for name in names:
        if name not in known:
            hint = correction(name, known) or f"There are: {', '.join(known)}."
            raise SegmentsError(f"alerts.yml has no channel {name}.", hint)
    return [known[name] for name in names] or list(known.values())


@dg.op(out=dg.Out(dg.Nothing))
def test_alert(context: dg.OpExecutionContext, config: TryConfig, project: ProjectResource) -> None:
    """Send each channel a test message and its end, and tell what became of them."""
    try:
        settings = read_alert_settings(project.workspace().folder)
        if settings.error:
            raise settings.error
        channels = choose_channels(settings, config.channels)
        alerts = example_alerts(settings.link, datetime.now(UTC))
        outcomes = send_all([(channel, alerts) for channel in channels], seconds=_SECONDS)
        for outcome in outcomes:
            tell = context.log.error if outcome.error else context.log.info
            tell(_line(outcome))
        if any(outcome.error for outcome in outcomes):
            hints = dict.fromkeys(str(outcome.error.hint) for outcome in outcomes if outcome.error)
            raise SegmentsError("\n".join(map(_line, outcomes)), " ".join(hints))
    except SegmentsError as error:
        fail(error, context.retry_number)


def _line(outcome: Outcome) -> str:
    return outcome.words or f"The channel {outcome.channel} has taken the test message, and its end."


@dg.job(
    name=TEST_ALERT_JOB,
    description="Sends a test message to the channels of alerts.yml, and says what became of each.",
    config=dg.RunConfig(ops={"test_alert": TryConfig()}),
)
def test_alert_job() -> None:
    """The job that tries out alerts.yml."""
    test_alert()
