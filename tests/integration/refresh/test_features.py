"""The features of a change set are brought up to date as if everybody's were worked out anew."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import EmbeddedServer, connect, read_settings
from tests.databases import PROJECT, new_database
from tests.integration.cli.every_column import segments_about_every_column
from tests.integration.cli.reference_shop import raw_rows
from tests.integration.refresh.feature_shop import FeatureShop
from tests.projects import copy_project

# The night on which most of Europe turns its clocks forward.
AS_OF = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

FEW = {"lookup_limit_percent": 100, "due_limit_percent": 100}
TWO_SIDES = "from segments_work.profile_features as found inner join checks.wanted using (profile_id)"
TWO_SIDES_AS_UPDATE = (
    "from segments_work.profile_features as found where found.profile_id = wanted.profile_id"
)

MANY = {"lookup_limit_percent": 0, "due_limit_percent": 100}


@pytest.fixture(scope="module")
def features(
    embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FeatureShop]:
    """A small shop with segments about all relations, and every other test of their columns."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    with new_database(read_settings(PROJECT, own), own) as database:
        with connect(database.settings) as connection:
            generate_shop(connection, customers=120, seed=5, now=AS_OF)
        shop = FeatureShop(copy_project(tmp_path_factory.mktemp("project")), database, AS_OF)
        everything = json.loads(segments_about_every_column(raw_rows(database)))["segments"]
        shop.define(dict(list(everything.items())[::2]))
        shop.build()
        yield shop


# What happens to a shop, each time to some rows: {some} is a condition that chance makes true for a few.
EDITS = (
    "update sales_flat_order set base_grand_total = base_grand_total + 100 where {some}",
    "update sales_flat_order set state = 'closed', created_at = created_at - interval '40 days' where {some}",
    "update sales_flat_order set customer_id = null where {some}",
    "update sales_flat_order set customer_id = (select min(entity_id) from customer_entity) where {some}",
    "update sales_flat_order set customer_email = 'a@b.example' where customer_id is null and {some}",
    "delete from sales_flat_order where {some}",
    "delete from sales_flat_order_item where {some}",
    "update sales_flat_order_item set product_id = (select max(product_id) from wishlist_item) where {some}",
    "update sales_flat_quote set customer_id = null, customer_email = null where {some}",
    "delete from sales_flat_quote where {some}",
    "update sales_flat_quote_item set qty = qty + 3 where {some}",
    "delete from sales_flat_creditmemo where {some}",
    "delete from report_event where {some}",
    "update report_viewed_product_index set customer_id = null where {some}",
    "update newsletter_subscriber set subscriber_status = 3 where {some}",
    "update newsletter_subscriber set customer_id = 0, subscriber_email = 'a@b.example' where {some}",
    "delete from wishlist_item where {some}",
    "delete from log_customer where {some}",
    "delete from customer_address_entity where {some}",
    "delete from customer_entity where {some}",
    "update customer_entity set email = 'x' || email where {some}",
    "delete from log_visitor where {some}",
    "delete from catalog_category_product where {some}",
    "delete from catalog_product_entity where {some}",
    "update catalog_product_entity_decimal set value = value + 1 where {some}",
)


def edit(features: FeatureShop, chance: random.Random) -> None:
    """Change some of the shop's rows."""
    for statement in chance.sample(EDITS, 12):
        some = f"hashtext(ctid::text || '{chance.random()}') % 12 = 0"
        features.database.execute("set search_path = maho; " + statement.format(some=some))


@pytest.mark.parametrize(("path", "seed"), [(FEW, 1), (MANY, 2)], ids=["few", "many"])
def test_features_of_a_change_set_are_those_of_everybody(
    features: FeatureShop, path: dict[str, int], seed: int
) -> None:
    edit(features, random.Random(seed))
    features.identify()
    features.work_out()
    differing = features.differing()
    # Whoever differs, and a few who do not, with news of them or without.
    features.look_at(
        f"select profile_id, array['data'], true from unnest(array{differing}) as differing (profile_id)"
        " union all select profile_id, array['data'], profile_id % 2 = 0 from segments.profiles"
        f" where profile_id % 11 = 0 and profile_id <> all(array{differing})"
    )
    before = features.versions()

    features.refresh(**path)

    assert len(differing) > 20
    assert features.differing() == []
    assert written(features, before) == set(differing)
    assert pointer(features) == [("captured", AS_OF)]


def test_what_the_clock_changes_is_worked_out_for_whom_it_changes_something(features: FeatureShop) -> None:
    features.as_of = AS_OF + timedelta(days=3)
    features.identify()
    features.work_out()
    features.look_at("select profile_id, array['clock'], false from segments.profiles")
    before = features.versions()

    features.refresh(**FEW)

    assert features.wrong_clocks() == []
    features.accept_clocks()
    assert features.differing() == []
    assert 5 < len(written(features, before)) < len(before) / 2


def test_new_features_are_worked_out_by_a_pass_of_their_own(features: FeatureShop) -> None:
    asked = {
        name: segment
        for number, (name, segment) in enumerate(features.asked.items())
        # The clocks of a relation are a feature too, which is another one without some of them.
        if number % 2 == 0 or "within" in json.dumps(segment)
    }
    asked["big_orders"] = {"match": {"orders": {"where": {"grand_total": {"gt": 77.7}}, "count": {"gte": 1}}}}
    columns = features.columns("segments_work.profile_features")
    features.define(asked)
    features.work_out()
    features.look_at("select 0, array['data'], true where false")
    read = features.reads()

    features.refresh(**FEW)

    features.accept_clocks()
    assert features.differing() == []
    kept = features.columns("segments_work.profile_features")
    assert len(set(columns) - set(kept)) > 50
    assert [name.rsplit("_", 1)[0] for name in set(kept) - set(columns)] == ["orders_count"]
    tables = {table for table, count in features.reads().items() if count != read.get(table)}
    assert "sales_flat_order" in tables
    others = "order_item quote newsletter_subscriber report_event log_customer wishlist_item"
    assert not [table for table in tables for other in others.split() if table.endswith(other)]


def written(features: FeatureShop, before: dict[int, str]) -> set[int]:
    """The profiles whose rows were written, or are gone, since they stood as before."""
    after = features.versions()
    return {profile for profile in before | after if before.get(profile) != after.get(profile)}


def pointer(features: FeatureShop) -> list[tuple[Any, ...]]:
    """What is said of the change log that the features take into account."""
    return features.database.rows(
        "select capture_key, as_of from segments_work.refresh_pointers where name = 'features'"
    )
