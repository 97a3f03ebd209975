"""A small shop whose features are refreshed for profiles that the test names, and what they should be."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from maho_segments.language import check_project, compile_plan, write_plan
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Silence
from tests.databases import Database

# What is tested is what happens to a given change set, however a refresh comes by it.
_SCOPE = """
{{ config(materialized='table', contract={'enforced': false}) }}
select
    '{{ 'incremental' if var('refresh_mode') == 'auto' else 'full' }}' as mode,
    'the test says so' as why,
    pg_current_snapshot() as pointer,
    'captured' as capture_key,
    {{ sql_literal(get_as_of().isoformat(), 'time') }} as as_of,
    null::timestamptz as previous_as_of,
    null::pg_snapshot as features_pointer,
    null::pg_snapshot[] as news_since,
    false as has_new_clocks,
    {{ sql_literal(invocation_id, 'text') }} as invocation_id
"""
_CHANGED = """
-- depends_on: {{ ref('refresh_scope') }}, {{ ref('profiles') }}
{{ config(materialized='table', post_hook='analyze {{ this }}') }}
select * from checks.change_set
"""
_WANTED = "{{ profile_features_query(segment_plan(), feature_tables(segment_plan()), get_as_of()) }}"


class _SelectiveDbt(DbtProject):
    """The warm dbt of the services, which runs chosen models as well."""

    def run(self, models: Sequence[str], **variables: object) -> None:
        self._invoke(
            ["run", "--select", *models, "--vars", json.dumps(variables)], Silence(), manifest=self._parsed()
        )


@dataclass
class FeatureShop:
    """A copy of the project whose change set is the table `change_set`, made by the test."""

    folder: Path
    database: Database
    as_of: datetime
    asked: dict[str, Any] = field(init=False)
    _dbt: _SelectiveDbt = field(init=False)

    def __post_init__(self) -> None:
        for path, text in (("refresh/refresh_scope", _SCOPE), ("membership/changed_profiles", _CHANGED)):
            (self.folder / "models" / f"{path}.sql").write_text(text, encoding="utf-8")
        self.database.execute(
            "create schema checks; create table checks.change_set"
            " (profile_id bigint primary key, reasons text[] not null, has_news boolean not null)"
        )
        self._dbt = _SelectiveDbt(self.folder, self.database.settings, self.database.environ)

    def define(self, segments: dict[str, Any]) -> None:
        """Make these the segments."""
        self.asked = segments
        # JSON is YAML.
        definitions = json.dumps({"version": 1, "segments": segments})
        (self.folder / "segments.yml").write_text(definitions, encoding="utf-8")
        write_plan(self.folder, compile_plan(check_project(self.folder)))
        self._dbt.parse()

    def build(self) -> None:
        """Everything, for everybody."""
        self._dbt.build(variables={"as_of": format_instant(self.as_of)}, with_tests=False, progress=Silence())

    def identify(self) -> None:
        """Find out who is who now, and leave the features as they are."""
        models = ["refresh_scope", "profile_identities", "profiles", "unlogged_product_views"]
        self._dbt.run(models, as_of=format_instant(self.as_of))

    def refresh(self, **variables: object) -> None:
        """Bring the features of the change set up to date."""
        models = ["refresh_scope", "changed_profiles", "profile_features"]
        self._dbt.run(models, as_of=format_instant(self.as_of), refresh_mode="auto", **variables)

    def work_out(self) -> None:
        """Put into the table `wanted` what a full run would find."""
        query = self._dbt.compile_inline(_WANTED, variables={"as_of": format_instant(self.as_of)})
        self.database.execute(f"drop table if exists checks.wanted; create table checks.wanted as {query}")

    def look_at(self, query: str) -> None:
        """Make the change set: profile_id, reasons and has_news of a query."""
        self.database.execute(f"truncate checks.change_set; insert into checks.change_set {query}")

    def differing(self) -> list[int]:
        """The profiles whose features are not as wanted, or that one side lacks; clocks are features too."""
        columns = ", ".join(["profile_id", *self.columns("checks.wanted")])
        found = f"select {columns} from segments_work.profile_features"
        wanted = f"select {columns} from checks.wanted"
        query = f"(({found}) except ({wanted})) union (({wanted}) except ({found}))"
        return sorted({row[0] for row in self.database.rows(query)})

    def versions(self) -> dict[int, str]:
        """Which transaction wrote each profile's row."""
        return dict(self.database.rows("select profile_id, xmin::text from segments_work.profile_features"))

    def wrong_clocks(self) -> list[int]:
        """The profiles with a clock that is past, or later than it should be; a kept one may be earlier."""
        wrong = [
            f"found.{name} < '{self.as_of}' or found.{name} > wanted.{name}"
            f" or (found.{name} is null and wanted.{name} is not null)"
            for name in self.clocks()
        ]
        query = (
            "select profile_id from segments_work.profile_features as found"
            f" inner join checks.wanted using (profile_id) where {' or '.join(wrong)}"
        )
        return [row[0] for row in self.database.rows(query)]

    def accept_clocks(self) -> None:
        """Want the clocks as they are."""
        same = ", ".join(f"{name} = found.{name}" for name in self.clocks())
        self.database.execute(
            f"update checks.wanted set {same} from segments_work.profile_features as found"
            " where found.profile_id = wanted.profile_id"
        )

    def clocks(self) -> list[str]:
        """The features that say when time alone changes others."""
        return [name for name in self.columns("checks.wanted") if "_flip_" in name or "_arrival_" in name]

    def reads(self) -> dict[str, int]:
        """How often each of the shop's tables was read so far, whole or by an index."""
        query = (
            "select relname::text, seq_scan + coalesce(idx_scan, 0)"
            " from pg_stat_user_tables where schemaname = 'maho'"
        )
        found: dict[str, int] = {}
        # Sessions report what they read when they have ended.
        while found != (found := dict(self.database.rows(query))):
            time.sleep(0.5)
        return found

    def columns(self, table: str) -> list[str]:
        """The features that a table has, in the order of their names."""
        query = (
            "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and not attisdropped and attname <> 'profile_id' order by 1"
        )
        return [row[0] for row in self.database.rows(query, table)]
