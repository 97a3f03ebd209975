"""dbt's events and results in our words."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dbt.artifacts.schemas.run import RunResult
from dbt_common.events.base_types import EventMsg

from maho_segments.services.progress import NodeEvent, NodeState, Progress


@dataclass(frozen=True)
class SourceAge:
    """How old the newest row of a table of the shop is, by dbt's id of the table; `status` is dbt's word."""

    unique_id: str
    status: str
    newest: datetime | None
    agreed: str
    message: str


def listener(progress: Progress, errors: list[str]) -> Callable[[EventMsg], None]:
    """dbt's events, which come from its worker threads, as progress; and the texts of its errors."""
    lock = threading.Lock()

    def listen(event: EventMsg) -> None:
        data: Any = event.data
        info: Any = event.info
        with lock:
            match info.name:
                case "ConcurrencyLine":
                    progress.total(data.node_count)
                case "NodeStart":
                    progress.node(_node_event("started", data.node_info))
                case "NodeFinished":
                    progress.node(_node_event("finished", data.node_info, data.run_result))
                case "JinjaLogInfo":
                    progress.note(info.msg)
                case _ if info.level == "error":
                    errors.append(info.msg)

    return listen


def _node_event(state: NodeState, node: Any, result: Any = None) -> NodeEvent:
    """An event of dbt in our words; `node` and `result` are its protocol buffers."""
    event = NodeEvent(state, node.node_name, node.resource_type, node.materialized)
    if result is None:
        return event
    rows = _written_rows(node.materialized, dict(result.adapter_response))
    failures = result.num_failures if node.resource_type == "test" else None
    return replace(
        event,
        status=result.status,
        rows=rows,
        seconds=result.execution_time,
        message=result.message,
        failures=failures,
    )


def result_event(result: RunResult) -> NodeEvent:
    """A result of dbt in our words."""
    node = result.node
    materialization = str(getattr(node.config, "materialized", ""))
    return NodeEvent(
        state="finished",
        name=node.name,
        kind=str(node.resource_type),
        materialization=materialization,
        status=str(result.status),
        rows=_written_rows(materialization, result.adapter_response),
        seconds=result.execution_time,
    )


def _written_rows(materialization: str, response: Mapping[str, Any]) -> int | None:
    """The rows that a node wrote, where dbt knows: it tells the count of a node's last statement only.

    So that of a plain insert or `create table as` counts; that of a view, a test, the delete with which a
    comparison ends, or a materialization of our own does not.
    """
    rows = int(response.get("rows_affected", -1))
    is_told = materialization in ("table", "incremental") and response.get("code") in ("SELECT", "INSERT")
    return rows if is_told and rows >= 0 else None


def source_age(result: Any) -> SourceAge:
    """What dbt found of a table's age in our words."""
    limits = getattr(result.node, "freshness", None)
    told = [
        f"{word} after {limit.count} {limit.period.value}{'s' if limit.count > 1 else ''}"
        for word, limit in (
            ("warns", getattr(limits, "warn_after", None)),
            ("fails", getattr(limits, "error_after", None)),
        )
        if limit is not None and limit.count
    ]
    return SourceAge(
        unique_id=result.node.unique_id,
        status=str(result.status),
        newest=getattr(result, "max_loaded_at", None),
        agreed=", ".join(told),
        message=result.message or "",
    )
