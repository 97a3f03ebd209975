"""What the columns of views are made of: by sqlglot, as Dagster has it, and judged by PostgreSQL."""

from collections import defaultdict
from typing import Any

import dagster as dg
import pytest

from orchestration.assets.lineage import read_lineage
from tests.orchestration.conftest import CodeLocation

Columns = dict[str, set[str]]
VIEW, TABLE = "model.p.view", "source.p.raw.orders"
MANIFEST: dict[str, Any] = {
    "nodes": {
        VIEW: {"relation_name": '"db"."staging"."view"', "columns": {}},
        "model.p.upon": {"relation_name": '"db"."relations"."upon"', "columns": {}},
    },
    "sources": {TABLE: {"relation_name": '"db"."raw"."orders"', "columns": {"id": {}, "total": {}}}},
    "parent_map": {VIEW: [TABLE], "model.p.upon": [VIEW]},
}
FROM = 'from "db"."raw"."orders" as orders'


def lineages(location: CodeLocation) -> dict[str, Columns]:
    """Of the assets by their keys as text the columns that each column is made of, named likewise."""
    found: dict[str, Columns] = {}
    for spec in location.definitions().resolve_all_asset_specs():
        value = spec.metadata.get("dagster/column_lineage")
        if isinstance(value, dg.TableColumnLineageMetadataValue):
            found[spec.key.to_user_string()] = {
                column: {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps}
                for column, deps in value.column_lineage.deps_by_column.items()
            }
    return found


def test_a_column_of_a_view_names_the_columns_that_it_is_made_of(built: CodeLocation) -> None:
    found = lineages(built)
    customers, orders = found["staging/stg_maho__customers"], found["staging/stg_maho__orders"]
    assert customers["email"] == {"maho/customer_entity.email"}
    assert customers["first_name"] == {"maho/customer_entity_varchar.value"}
    assert customers["gender"] == {"staging/stg_maho__option_labels.label"}
    assert orders["payment_method"] == {"maho/sales_flat_order_payment.method"}
    assert orders["customer_first_name"] == {
        "maho/sales_flat_order.customer_firstname",
        "maho/sales_flat_order_address.firstname",
    }
    # Through `orders.*`, in each branch of a union.
    placed = found["relations/orders"]
    assert placed["grand_total"] == {"staging/stg_maho__orders.grand_total"}
    assert placed["profile_id"] == {"profiles.merged_into_profile_id", "profiles.profile_id"}
    # A constant is made of nothing.
    assert "is_guest" not in placed
    specs = {spec.key.to_user_string(): spec for spec in built.definitions().resolve_all_asset_specs()}
    table = str(specs["staging/stg_maho__customers"].metadata["made_of"].value)
    assert "| email | customer_entity.email |" in table


def test_every_view_tells_of_its_columns_and_postgresql_agrees(built: CodeLocation) -> None:
    found = lineages(built)
    specs = {spec.key.to_user_string(): spec for spec in built.definitions().resolve_all_asset_specs()}
    relations = {
        key: str(spec.metadata["dagster/table_name"]).split(".", 1)[1]
        for key, spec in specs.items()
        if "dagster/table_name" in spec.metadata
    }
    used = defaultdict(set)
    for view, column in built.database.rows(
        "select view_schema || '.' || view_name, table_schema || '.' || table_name || '.' || column_name "
        "from information_schema.view_column_usage"
    ):
        used[view].add(column)
    views = {key for key, spec in specs.items() if "view" in spec.kinds and "dbt" in spec.kinds}
    assert views == found.keys()
    for key, columns in found.items():
        origins = [one.rpartition(".") for one in set[str]().union(*columns.values())]
        assert {f"{relations[table]}.{name}" for table, _, name in origins} <= used[relations[key]], key


@pytest.mark.parametrize(
    ("select", "told"),
    [
        (f"select orders.id, total * 2 as more, 1 as one {FROM}", {"id": "id", "more": "total", "one": None}),
        (
            f"with a as (select id {FROM}), b as (select total {FROM}) select a.id, b.total from a, b",
            {"id": "id", "total": "total"},
        ),
        # Not all columns of the shop's tables are known.
        (f"select * {FROM}", {}),
        (f"select count(*) as rows, max(id) as newest {FROM}", {"rows": None, "newest": "id"}),
        (f"select orders.unknown, orders.id {FROM}", {"unknown": None, "id": "id"}),
        (f"select orders as whole, orders.id {FROM}", {"whole": None, "id": "id"}),
        ('select other.id from "db"."raw"."others" as other', {"id": None}),
        (f"select (select max(others.total) {FROM} cross join nowhere as others) as most", {"most": None}),
        ("this is no select", {}),
    ],
)
def test_what_is_not_certain_is_not_told(select: str, told: dict[str, str | None]) -> None:
    expected = {column: [(TABLE, name)] if name else [] for column, name in told.items()}
    assert read_lineage(MANIFEST, {VIEW: select}).get(VIEW, {}) == expected


def test_a_view_upon_a_view_knows_its_columns_only_as_long_as_that_is_followed() -> None:
    upon = 'select v.*, v.id + 1 as next from "db"."staging"."view" as v'
    followed = read_lineage(MANIFEST, {"model.p.upon": upon, VIEW: f"select id {FROM}"})
    assert followed["model.p.upon"] == {"id": [(VIEW, "id")], "next": [(VIEW, "id")]}
    assert read_lineage(MANIFEST, {"model.p.upon": upon, VIEW: f"select * {FROM}"}) == {}
    whole = 'select v as whole, v.id from "db"."staging"."view" as v'
    assert read_lineage(MANIFEST, {"model.p.upon": whole, VIEW: f"select id {FROM}"}).keys() == {VIEW}
