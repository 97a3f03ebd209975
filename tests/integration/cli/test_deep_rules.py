"""Deep rules mean what they say: neither the stack of Python nor that of Jinja is what reads them."""

import json

import pytest

from tests.integration.cli.conftest import Shell, published_as_of


def nested(depth: int) -> str:
    """A rule of `depth` levels, all, any and not in turn, that means that a profile has an order."""
    rule = "{orders: {}}"
    for level in range(depth // 2):
        rule = f"{{not: {{{'all' if level % 2 else 'any'}: [{rule}]}}}}"
    return rule if depth // 2 % 2 == 0 else f"{{not: {rule}}}"


@pytest.mark.parametrize("depth", [40, 100])
def test_nested_rule_means_what_its_core_means(shop: Shell, depth: int) -> None:
    as_of = published_as_of(shop)
    counts = []
    for rule in (nested(depth), "{orders: {}}"):
        result = shop.run("preview", "-", "--as-of", as_of, "--json", stdin=rule)
        assert result.exit_code == 0, result.stderr
        counts.append(json.loads(result.stdout)["members"])

    assert counts[0] == counts[1] > 0
