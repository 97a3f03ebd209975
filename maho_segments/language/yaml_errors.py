"""The parser's complaints in words that say what to do."""

import yaml

from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.source_text import Place

_EXPLANATIONS = (
    # what the parser says, what is found, what to do
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        "Quote a text that has `: ` in it; otherwise the line above is not indented as this one needs it.",
    ),
    (
        "block sequence entries are not allowed",
        "a list entry (`- `) stands where none can be",
        "Put the list on lines of its own below its key, or write it as [a, b].",
    ),
    (
        "could not find expected ':'",
        "a key without its `:`",
        "Write `key: value`, or quote a text of several lines.",
    ),
    (
        "did not find expected key",
        "this line does not continue what is above it",
        "Indent it like the lines it belongs to, and check that brackets and quotes above are closed.",
    ),
    (
        "did not find expected '-' indicator",
        "this line does not continue the list above it",
        "Indent it like the list's entries, and begin it with `- `.",
    ),
    (
        "did not find expected ',' or ']'",
        "a list in brackets is not closed",
        "Write `]` after its last entry and `,` between the entries.",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping in braces is not closed",
        "Write `}` after its last value and `,` between the entries.",
    ),
    (
        "did not find expected node content",
        "a value is missing",
        "Write it, or quote the text, and check that the brackets above are closed.",
    ),
    ("found unexpected end of stream", "a quote is not closed", "Close it at the end of the text."),
    (
        "found unknown escape character",
        "a backslash in double quotes that begins no escape",
        "Write the text in single quotes, or double the backslash.",
    ),
    (
        "did not find expected hexadecimal number",
        "an escape in double quotes without its number",
        "Write the text in single quotes, or double the backslash.",
    ),
    (
        "found invalid Unicode character escape code",
        "an escape in double quotes that is no character",
        "Write the character itself.",
    ),
    (
        "found a tab character",
        "a tab where only blanks can indent",
        "Indent with blanks.",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "`&` and `*` begin a name in YAML, and here none follows",
        "Quote the text.",
    ),
    (
        "did not find expected <document start>",
        "this does not belong to the document above it",
        "A file holds one mapping: indent what belongs to it, and check the quotes above.",
    ),
    ("found undefined tag handle", "`!` begins a tag in YAML", "Quote the text."),
    ("found incompatible YAML document", "a version of YAML that nobody knows", "Remove the `%YAML` line."),
)
_STARTERS = {
    "\t": ("a tab where only blanks can indent", "Indent with blanks."),
    "@": ("a text begins with `@`", "Quote the text."),
    "`": ("a text begins with a backtick", "Quote the text."),
    "%": ("a text begins with `%`", "Quote the text."),
}


def explain_syntax_error(error: yaml.MarkedYAMLError, text: str, reporter: Reporter) -> None:
    """Report what the parser stumbled over, where it did."""
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else None
    message = error.problem or "the file is not YAML"
    found, hint = message, "Check the indentation, quotes and brackets around this place."
    if "cannot start any token" in message and mark:
        letter = _letter_at(text, mark.line, mark.column)
        found, hint = _STARTERS.get(letter, (f"{quoted(letter)} can't begin a text", "Quote the text."))
    else:
        for words, explanation, advice in _EXPLANATIONS:
            if words in message:
                found, hint = explanation, advice
                break
    context = error.context_mark
    if context and mark and context.line != mark.line:
        found += f" (it began in line {context.line + 1})"
    reporter.error("yaml", place, found, hint=hint)


def _letter_at(text: str, line: int, column: int) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[line][column : column + 1] if line < len(lines) else ""
