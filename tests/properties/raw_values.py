"""Values of raw columns: amounts, addresses, states, codes."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st

from tests.properties.moments import maybe

amounts = maybe(
    st.sampled_from(
        [Decimal(text) for text in ("0", "0.0000", "10", "19.95", "19.9500", "100", "99.9999", "-5", "0.01")]
        + [Decimal("1234567890123.4567"), Decimal("-0.01"), Decimal(500), Decimal("33.3333")]
    ),
    one_in=6,
)
quantities = maybe(st.sampled_from([Decimal(text) for text in ("1", "2", "0", "0.5", "3", "10")]), one_in=6)
_EMAILS = (
    "ann@mail.example",
    "ben@mail.example",
    "cleo@mail.example",
    "dan@mail.example",
    "eve@mail.example",
    "zoë@straße.example",
    "i@\u0131.example",
)
_DRESSES: tuple[Callable[[str], str], ...] = (
    str, str, str.upper, " {}".format, "{}\t".format, "\r\n{} ".format, str.title, lambda _: "",
    lambda _: "  ",
)  # fmt: skip
emails = st.builds(lambda email, dress: dress(email), st.sampled_from(_EMAILS), st.sampled_from(_DRESSES))
STATES = (
    "new",
    "pending_payment",
    "processing",
    "complete",
    "complete",
    "closed",
    "canceled",
    "holded",
    "payment_review",
)
PRODUCT_TYPES = ("simple", "configurable", "bundle", "virtual")
rule_lists = maybe(st.sampled_from(["1", "1,2", "3, 7", "", " ", "12,1"]), one_in=3)
coupons = maybe(st.sampled_from(["SAVE10", "save10", "VIP-1", "", "10%"]), one_in=3)
flags = st.sampled_from([0, 1, None])
options = maybe(st.sampled_from([1, 2, 9]), one_in=6)
"""Of those, the shop has labels of two."""
option_lists = maybe(st.sampled_from(["1", "1,2", "2,9", "9", ""]), one_in=6)
