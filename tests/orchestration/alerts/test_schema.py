"""alerts.schema.json says of alerts.yml what its reader does."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from orchestration.alerts.configuration import (
    ALERTS_FILE,
    EmailShape,
    FileShape,
    WebhookShape,
    read_alert_settings,
)
from tests.databases import PROJECT

SCHEMA = json.loads((PROJECT / "alerts.schema.json").read_text(encoding="utf-8"))
MAIL = "type: email, host: mx, sender: a@b.example, recipients: [c@d.example]"


def is_valid(text: str) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("shape", "schema", "more"),
    [
        (FileShape, SCHEMA, {"channels"}),
        (WebhookShape, SCHEMA["$defs"]["webhook"], {"type"}),
        (EmailShape, SCHEMA["$defs"]["email"], {"type"}),
    ],
)
def test_it_has_the_same_keys_and_defaults(
    shape: type[BaseModel], schema: dict[str, Any], more: set[str]
) -> None:
    fields = shape.model_fields
    assert schema["properties"].keys() == fields.keys() | more
    required = {name for name, one in fields.items() if one.is_required()} | (more & {"type"})
    assert set(schema["required"]) == required
    defaults = {name: one["default"] for name, one in schema["properties"].items() if "default" in one}
    assert defaults == {
        name: one.default for name, one in fields.items() if not one.is_required() and one.default
    }


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nchannels: {}\n",
        "version: 1\nchannels:\n",
        f"version: 1\nchannels: {{ mail: {{ {MAIL}, user_variable: U, password_variable: P }} }}\n",
        "version: 1\nchannels: { chat: { type: slack, url_variable: X, repeat_after_hours: 0 } }\n",
        # What neither takes.
        "channels: {}\n",
        "version: 1\nlink: dagster\n",
        "version: 1\noverdue_after_minutes: -1\n",
        "version: 1\nchannels: { chat: { type: slak, url_variable: X } }\n",
        "version: 1\nchannels: { chat: { type: slack, url_variable: 'https://x' } }\n",
        "version: 1\nchannels: { Chat: { type: slack, url_variable: X } }\n",
        "version: 1\nchannels: { chat: { type: slack, url_variable: X, host: mx } }\n",
        f"version: 1\nchannels: {{ mail: {{ {MAIL}, user_variable: U }} }}\n",
        f"version: 1\nchannels: {{ mail: {{ {MAIL}, minimum: fatal }} }}\n",
        f"version: 1\nchannels: {{ mail: {{ {MAIL}, port: 70000 }} }}\n",
    ],
)
def test_it_takes_what_the_reader_takes(tmp_path: Path, text: str) -> None:
    (tmp_path / ALERTS_FILE).write_text(text, encoding="utf-8")
    assert is_valid(text) is (read_alert_settings(tmp_path).error is None)
