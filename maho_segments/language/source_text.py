"""The bytes of a file as text that the YAML parser and the language agree about."""

import re
from dataclasses import dataclass

from maho_segments.language.problems import Reporter


@dataclass(slots=True)
class Place:
    """A place in a file, counted from 1."""

    line: int
    column: int


def _place_in(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


# U+0085, U+2028 and U+2029 are letters in YAML 1.2, but line breaks to the parser, which is one of YAML 1.1.
_NOT_ALLOWED = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def decode_source(source: bytes, reporter: Reporter) -> str | None:
    """The text of a file, or None when it is not UTF-8, has letters that YAML forbids, or is empty."""
    source = source.removeprefix(b"\xef\xbb\xbf")
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        place = _place_in(before, len(before))
        reporter.error(
            "encoding",
            place,
            f"the byte 0x{source[error.start]:02x} is not UTF-8",
            hint="Save the file as UTF-8.",
        )
        return None
    if found := _NOT_ALLOWED.search(text):
        letter = ord(found.group())
        reporter.error(
            "control-character",
            _place_in(text, found.start()),
            f"the character U+{letter:04X} can't stand in a YAML file",
            hint=f'Remove it, or write it in double quotes as "\\u{letter:04x}".' if letter else "Remove it.",
        )
        return None
    if not text.strip():
        reporter.error("empty-file", None, "the file is empty", hint="Write at least `version: 1`.")
        return None
    return text
