"""Whom the shop no longer has is erased, and many are not erased by mistake."""

import pytest

from maho_segments.errors import BuildError
from tests.integration.cli.people_in_time import Calendar, instant


def test_who_is_erased_leaves_only_counts(calendar: Calendar) -> None:
    """Eve, Erin and visitor 103 are gone on day 5; they were in segments that are off or removed since."""
    days, rows = calendar.days, calendar.shell.database.rows
    erased = [
        days[4].one(customer_id=19),
        days[4].one(email="erin@shop.example"),
        days[4].one(visitor_id=103),
    ]
    for profile_id in erased:
        assert {change[0] for change in days[4].changes_of(profile_id)} >= {"everybody", "paused", "removed"}

    # With them, three accounts of people whose guest or visitor is still there.
    accounts = [days[4].one(customer_id=number) for number in (11, 12, 13)]
    gone = erased + accounts
    assert {number for number, day in days[5].erased.items() if day == 5} == set(gone)
    for day in (5, 6, 8):
        assert not set(gone) & days[day].profiles.keys()
        assert not set(gone) & {change.profile_id for change in days[day].changes}
        assert not set(gone) & {number for members in days[day].members.values() for number in members}
    tables = rows(
        "select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.columns "
        "where column_name = 'profile_id' and table_schema in ('segments', 'segments_work', 'audiences')"
    )
    found = {
        table for (table,) in tables if rows(f"select from {table} where profile_id = any(%s) limit 1", gone)
    }
    assert found == {"segments.erased_profiles", "segments_work.profile_identities"}
    assert rows(
        "select profile_id, customer_id, website_id, email, visitor_id "
        "from segments_work.profile_identities where profile_id = any(%s) order by 1",
        gone,
    ) == [(number, None, None, None, None) for number in sorted(gone)]

    members = len(days[4].members["everybody"])
    size, entered, left, erased_count = days[5].sizes["everybody", 5]
    assert (erased_count, size) == (6, members + entered - left)
    assert left == 6
    assert days[5].sizes["buyers", 5][3] == 3  # Eve, and the accounts of Vera and Gus
    assert days[5].erased_count == 6
    # The past is counted as it was.
    assert days[5].sizes["removed", 1] == days[1].sizes["removed", 1]


def test_build_that_would_erase_many_is_refused_until_it_is_accepted(calendar: Calendar) -> None:
    """Half a load: the crowd is missing."""
    shell = calendar.shell
    before = calendar.published()
    customers = sum(profile.profile_type == "customer" for profile in before.profiles.values())
    shell.database.execute("""
        create table crowd as select * from maho.customer_entity where entity_id > 1000;
        delete from maho.customer_entity where entity_id > 1000
    """)

    result = shell.run("build", "--as-of", instant(9))

    assert result.exit_code == 1
    assert f"The shop no longer has 40 of {customers} customers, where at most 10 %" in result.stderr
    assert "--accept-erasures" in result.stderr
    assert calendar.published() == before
    assert {("customer", 40)} == set(
        shell.database.rows(
            "select profile_type, count(*) from segments_work.profile_identities "
            "where customer_id > 1000 group by 1"
        )
    )

    # They are back, and nothing happened; they are gone indeed.
    calendar.build(9, "insert into maho.customer_entity select * from crowd")
    assert calendar.days[9].changes == before.changes
    shell.database.execute("delete from maho.customer_entity where entity_id > 1000")
    report = shell.ask("build", "--as-of", instant(10), "--accept-erasures")
    after = calendar.published()
    assert report["profiles_erased"] == after.erased_count == 40
    assert after.sizes["everybody", 10][2:] == (40, 40)
    assert not [profile for profile in after.profiles.values() if "crowd" in (profile.email or "")]


@pytest.mark.parametrize(
    ("known", "gone", "refused"),
    [
        ({"customer": 200, "guest": 0, "visitor": 0}, {"customer": 20}, []),  # 10 %
        ({"customer": 199, "guest": 0, "visitor": 0}, {"customer": 20}, ["20 of 199 customers"]),
        ({"customer": 19, "guest": 0, "visitor": 0}, {"customer": 19}, []),  # fewer than 20
        ({"customer": 20, "guest": 5000, "visitor": 5000}, {"customer": 20}, ["20 of 20 customers"]),
        ({"customer": 20, "guest": 100, "visitor": 2000}, {"guest": 25, "visitor": 1000}, []),
        (
            {"customer": 20, "guest": 100, "visitor": 2000},
            {"guest": 26, "visitor": 1001},
            ["26 of 100 guests", "1,001 of 2,000 visitors"],
        ),
    ],
)
def test_limits_are_of_each_type(
    calendar: Calendar, known: dict[str, int], gone: dict[str, int], refused: list[str]
) -> None:
    """The check alone, on made-up tables."""
    calendar.shell.database.execute(
        "drop schema if exists limits cascade; create schema limits; "
        "create table limits.known (profile_id bigint generated always as identity, profile_type text); "
        + "".join(
            f"insert into limits.known (profile_type) select '{name}' from generate_series(1, {count}); "
            for name, count in known.items()
        )
        + "create table limits.present as select profile_id, profile_type from ("
        "select *, row_number() over (partition by profile_type order by profile_id) from limits.known"
        ") as numbered where "
        + " and ".join(f"(profile_type <> '{name}' or row_number > {count})" for name, count in gone.items())
    )
    check = (
        "{% if execute %}{% do assert_few_are_erased('limits.known', 'limits.present') %}{% endif %}select 1"
    )

    if not refused:
        calendar.dbt.compile_inline(check, variables={})
        return
    with pytest.raises(BuildError) as caught:
        calendar.dbt.compile_inline(check, variables={})
    for sentence in refused:
        assert sentence in caught.value.message


@pytest.mark.parametrize(("addresses", "dates", "refused"), [(21, 21, True), (20, 21, False), (21, 0, False)])
def test_accounts_of_another_shop_are_refused(
    calendar: Calendar, addresses: int, dates: int, refused: bool
) -> None:
    """The check alone, on 200 made-up customers, of whom so many have another address and another date."""
    people = """
        select
            id as profile_id,
            'customer' as profile_type,
            {} || id || '@shop.example' as email,
            {} as created_at
        from generate_series(1, 200) as ids (id)
    """
    date_of = "date '2026-01-01'"
    address, date = (
        f"case when id <= {addresses} then 'b' else 'a' end",
        f"{date_of} + (id <= {dates})::integer",
    )
    calendar.shell.database.execute(
        "drop schema if exists shops cascade; create schema shops; "
        f"create table shops.known as {people.format(repr('a'), date_of)}; "
        f"create table shops.present as {people.format(address, date)}"
    )
    check = (
        "{% if execute %}{% do assert_customers_are_the_same('shops.known', 'shops.present') %}{% endif %}"
        "select 1"
    )

    if not refused:
        calendar.dbt.compile_inline(check, variables={})
        return
    with pytest.raises(BuildError, match="21 of 200 customers have another address and another date"):
        calendar.dbt.compile_inline(check, variables={})


def test_next_build_completes_what_a_failed_one_began_to_erase(calendar: Calendar) -> None:
    """Sam's account is gone, but after the profiles the build fails, and the error quotes an address."""
    shell = calendar.shell
    customer = calendar.published().one(customer_id=17)
    shell.database.execute("""
        delete from maho.customer_entity where entity_id = 17;
        insert into maho.report_viewed_product_index values (1, 101, 'kim@shop.example')
    """)

    result = shell.run("build", "--as-of", instant(11))

    assert result.exit_code == 1
    assert "kim@shop.example" in result.stderr
    halfway = calendar.published()
    assert customer not in halfway.profiles
    assert halfway.segments_of(customer) == {"everybody", "buyers"}
    assert halfway.changes_of(customer)
    # The ledger is kept for ever, without the address.
    error = shell.database.rows("select error from segments.segment_runs order by run_id desc limit 1")[0][0]
    assert 'invalid input syntax for type timestamp: "(address)"' in error

    calendar.build(11, "delete from maho.report_viewed_product_index")
    after = calendar.days[11]
    assert after.erased_count == 1
    assert after.erased[customer] == 11
    assert not after.segments_of(customer)
    assert not after.changes_of(customer)


def test_warehouse_from_before_erasures_goes_on(calendar: Calendar) -> None:
    """Then an exit of somebody gone stayed, with its reason, and nobody counted."""
    calendar.shell.database.execute("""
        alter table segments.segment_sizes drop column erased_count;
        insert into segments_work.profile_identities (profile_id, profile_type, customer_id)
        values (99999, 'customer', 99999);
        insert into segments.segment_membership_changes
            (segment_id, profile_id, change, changed_at, reason, run_id)
        values (1, 99999, 'left', '2026-03-01 12:00:00Z', 'erased', 1)
    """)

    calendar.shell.database.execute("delete from maho.customer_entity where entity_id = 18")

    # With its tests, those of the rows that are still there before it publishes.
    assert calendar.shell.ask("build", "--as-of", instant(11))["profiles_erased"] == 2

    after = calendar.published()
    assert after.erased[99999] == 11
    assert not after.changes_of(99999)
    assert after.sizes["everybody", 11][3] == 1
