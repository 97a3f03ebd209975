"""A real shop without tracking: its segments are those that plain Python finds in the same files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.online_retail import biggest, people

REAL_SHOP = os.environ.get("SEGMENTS_TEST_SHOP_DATA")

SEGMENTS = """
version: 1
segments:
  some_complete_order: { match: { orders: { where: { state: complete } } } }
  one_complete_order: { match: { orders: { where: { state: complete }, count: 1 } } }
  five_complete_orders: { match: { orders: { where: { state: complete }, count: { gte: 5 } } } }
  only_canceled_orders: { match: { orders: { every: { state: canceled } } } }
  guests_with_order: { audience: guests, match: { orders: {} } }
  spenders: { match: { lifetime_sales: { gt: 0 } } }
"""

if REAL_SHOP:

    @pytest.fixture(scope="module")
    def real_shop(new_shell: Callable[[], Shell]) -> Shell:
        """That shop, loaded and built."""
        shell = new_shell()
        (shell.project / "segments.yml").write_text(SEGMENTS)
        assert shell.run("load", str(REAL_SHOP)).exit_code == 0
        shell.ask("build", "--as-of", "2011-12-10T00:00:00Z")
        return shell

    def test_members_are_those_found_in_the_files(real_shop: Shell) -> None:
        everyone = people(Path(str(REAL_SHOP))).values()
        customers = [person for person in everyone if person.customer_id]
        counts = {
            "some_complete_order": sum(person.complete_orders >= 1 for person in customers),
            "one_complete_order": sum(person.complete_orders == 1 for person in customers),
            "five_complete_orders": sum(person.complete_orders >= 5 for person in customers),
            "only_canceled_orders": sum(person.only_canceled for person in customers),
            "guests_with_order": sum(bool(person.orders) for person in everyone if not person.customer_id),
            "spenders": sum(person.lifetime_sales > 0 for person in customers),
        }

        assert {segment["name"]: segment["members"] for segment in real_shop.ask("list")} == counts

    def test_members_are_the_same_people(real_shop: Shell) -> None:
        customers = [person for person in people(Path(str(REAL_SHOP))).values() if person.customer_id]
        found = real_shop.database.rows(
            "select customer_id from segments.segment_members where segment_name = 'five_complete_orders'"
        )

        assert {str(row[0]) for row in found} == {
            person.customer_id for person in customers if person.complete_orders >= 5
        }

    def test_lifetime_sales_rank_the_same_ten(real_shop: Shell) -> None:
        found = real_shop.database.rows(
            """
            select profiles.customer_id::text, sum(orders.grand_total)
            from segments.segment_members as members
            inner join segments.profiles using (profile_id)
            inner join segments_relations.orders using (profile_id)
            where members.segment_name = 'spenders' and orders.state not in ('canceled', 'closed')
            group by profiles.customer_id
            order by 2 desc, profiles.customer_id
            limit 10
            """
        )

        assert found == biggest(Path(str(REAL_SHOP)), 10)
