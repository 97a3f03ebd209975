"""What the files of a project are fuzzed with: files with the bytes of others, and any trees of words.

SEGMENTS_FUZZ_INPUTS says how many inputs each test makes up, and SEGMENTS_TEST_DRAWS=new asks for others than
the last time: a nightly run takes tens of thousands.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_INPUTS = int(os.environ.get("SEGMENTS_FUZZ_INPUTS", "500"))
_SECONDS_OF_A_HANG = 60

# A file that is written anew for each input.
fuzzed = settings(
    max_examples=_INPUTS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def no_hang() -> Iterator[None]:
    """Fails what takes a hundred times as long as anything should."""

    def stop(_signal: int, _frame: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(_SECONDS_OF_A_HANG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


_PIECES = [
    *[
        b"\xff",
        b"\x00",
        b"\xef\xbb\xbf",
        b"\t",
        b"\r",
        b"\n",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
        b"\\",
        b"'",
        b'"',
    ],
    *[
        b"&a ",
        b"*a",
        b"<<: *a",
        b"!!python/object:os.system ",
        b"!tag ",
        b"--- ",
        b"...",
        b"%YAML 1.1\n",
        b"? ",
        b"| ",
        b"> ",
    ],
    *[
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b": ",
        b"- ",
        b"#",
        b",",
        b"~",
        b"null",
        b"true",
        b"NO",
        b"1e999999999",
        b".inf",
        b".nan",
        b"-0",
    ],
    *[
        b"9" * 400,
        b"0x1F",
        b"2025-02-30",
        b"2025-12-24T25:00:00Z",
        b"99999999999 years",
        b"{{ env_var('HOME') }}",
        b"{% raw %}",
    ],
    *[
        b"all: []",
        b"any: ",
        b"none: ",
        b"not: ",
        b"segment: a",
        b"match: ",
        b"orders: {}",
        b"within: 7 days",
        b"{column: sku}",
    ],
]


def _words_of(source: bytes) -> list[bytes]:
    return source.split(b" ")


@st.composite
def mutated(draw: st.DrawFn, sources: list[bytes], head_ends_with: bytes) -> bytes:
    """A valid file, of which pieces were cut out, put in, doubled or exchanged."""
    source = bytearray(draw(st.sampled_from(sources)))
    # Not all of a long file: a small one is checked sooner, and a mistake in it is found as well.
    start = draw(st.integers(0, max(0, len(source) - 1)))
    if draw(st.booleans()):
        head = source[: source.find(head_ends_with) + len(head_ends_with)]
        line = max(0, source.rfind(b"\n\n", 0, start) + 1)
        source = head + source[line : line + draw(st.integers(50, 1500))]
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(source)))
        match draw(st.sampled_from(["cut", "insert", "double", "swap", "byte"])):
            case "cut":
                del source[at : at + draw(st.integers(1, 40))]
            case "insert":
                source[at:at] = draw(st.sampled_from(_PIECES))
            case "double":
                piece = source[at : at + draw(st.integers(1, 60))]
                source[at:at] = piece * draw(st.integers(1, 3))
            case "swap":
                words = _words_of(bytes(source))
                one, other = draw(st.integers(0, len(words) - 1)), draw(st.integers(0, len(words) - 1))
                words[one], words[other] = words[other], words[one]
                source = bytearray(b" ".join(words))
            case "byte" if at < len(source):
                source[at] = draw(st.integers(0, 255))
    return bytes(source)


def trees(words: str) -> st.SearchStrategy[object]:
    """Mappings and lists of these words and of any values."""
    known = st.sampled_from(words.split())
    scalars = st.one_of(
        known,
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(_VALUES),
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(known, inner, max_size=4),
        max_leaves=25,
    )


_VALUES = (
    "7 days",
    "1 month",
    "2025-12-24",
    "2025-12-24T18:00:00Z",
    "Europe/Berlin",
    "0 5 * * *",
    "(a+)+$",
    "complete",
)
