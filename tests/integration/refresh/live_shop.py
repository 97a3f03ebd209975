"""A small shop that is written to and refreshed, by one warm dbt, with the changes of its tables captured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maho_segments.language import check_project, compile_plan, write_plan
from maho_segments.services.progress import Silence
from maho_segments.shop.replacement import replacing_shop
from tests.databases import Database
from tests.properties.base_shop import BASE_SHOP
from tests.properties.warehouse import insert_rows
from tests.refresh.refreshing import RefreshingDbt

WHO_CHANGED = (
    "segment_definitions",
    "refresh_scope",
    "changed_keys",
    "profile_identities",
    "profiles",
    "unlogged_product_views",
    "changed_profiles",
)
"""The models that find out who has to be looked at."""

REFRESH = (*WHO_CHANGED, "profile_features", "segment_memberships")
"""All models of a refresh."""

_NAMES = """
    select profile_id, concat_ws(' ', profile_type, customer_id, visitor_id, email, '/ ' || website_id)
    from segments_work.profile_identities
"""


@dataclass
class LiveShop:
    """A copy of the project, a database with its models, and what its tables say."""

    folder: Path
    database: Database
    dbt: RefreshingDbt = field(init=False)

    def __post_init__(self) -> None:
        self.dbt = RefreshingDbt(self.folder, self.database.settings, self.database.environ)

    def make(self, shop: str, segments: str, as_of: str) -> None:
        """Fill the raw tables by SQL, build every model, then capture what is written from now on."""
        with self.database.connect() as connection:
            with replacing_shop(connection, progress=lambda _: None):
                pass
            insert_rows(connection, BASE_SHOP)
        self.execute(shop)
        self.define(segments)
        self.dbt.build(variables={"as_of": as_of}, with_tests=False, progress=Silence())
        self.dbt.operate("install_capture")

    def define(self, segments: str, guest_orders: str = "join") -> None:
        """Write segments.yml: the entries below `segments:`."""
        head = f"version: 1\nidentity: {{ guest_orders: {guest_orders} }}\nsegments:\n"
        (self.folder / "segments.yml").write_text(head + segments, encoding="utf-8")
        write_plan(self.folder, compile_plan(check_project(self.folder)))
        self.dbt.parse()

    def execute(self, statements: str) -> None:
        """Write to the database: one transaction."""
        self.database.execute(statements)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.database.rows(query)

    def refresh(
        self,
        as_of: str,
        *,
        mode: str = "auto",
        models: Sequence[str] = REFRESH,
        variables: Mapping[str, object] | None = None,
    ) -> None:
        """Run the models of a refresh, or some of them. Raises BuildError."""
        self.dbt.run_nodes(models, {"as_of": as_of, "refresh_mode": mode, **(variables or {})})

    def scope(self) -> tuple[str, str]:
        """Mode of the last refresh, and why."""
        return self.rows("select mode, why from segments_work.refresh_scope")[0]  # type: ignore[return-value]

    def names(self) -> dict[int, str]:
        """Everybody that was ever seen, by profile: `customer 11`, `visitor 101`, `guest a@b.example / 1`."""
        return dict(self.rows(_NAMES))

    def changed(self) -> dict[str, set[str]]:
        """Whom the last refresh looked at, with the reasons."""
        names = self.names()
        query = "select profile_id, reasons from segments_work.changed_profiles"
        return {names[profile_id]: set(reasons) for profile_id, reasons in self.rows(query)}

    def who_is_who(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the tables hold that the models of WHO_CHANGED keep from refresh to refresh."""
        return {
            table: self.rows(f"select * from {table} order by 1")
            for table in (
                "segments_work.profile_identities",
                "segments.profiles",
                "segments_work.unlogged_product_views",
            )
        }

    def look(self, as_of: str, **options: Any) -> dict[str, set[str]]:
        """Whom a refresh has to look at; as if it then had published all segments."""
        self.refresh(as_of, models=WHO_CHANGED, **options)
        self.take_as_published()
        return self.changed()

    def take_as_published(self) -> None:
        """Move the pointers that later models move, to those of the last refresh's scope."""
        self.execute("""
            insert into segments_work.refresh_pointers as kept (name, pointer, capture_key, as_of)
            select 'features', pointer, capture_key, as_of from segments_work.refresh_scope
            union all
            select 'clocks', pointer, capture_key, as_of from segments_work.refresh_scope
            union all
            select 'full', null, capture_key, as_of from segments_work.refresh_scope where mode = 'full'
            on conflict (name) do update
            set pointer = excluded.pointer, capture_key = excluded.capture_key, as_of = excluded.as_of;
            update segments_work.segment_publications
            set pointer = scope.pointer, capture_key = scope.capture_key, as_of = scope.as_of
            from segments_work.refresh_scope as scope
        """)
