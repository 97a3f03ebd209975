"""Whether a text is a cron expression of five fields that ever comes due."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, _WEEKDAYS),
)
_LONGEST_MONTHS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def cron_mistake(expression: str) -> str | None:
    """What is wrong with a cron expression, or None."""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields and needs {len(_FIELDS)}"
    values: list[set[int]] = []
    for field, part in zip(_FIELDS, parts, strict=True):
        allowed = _values(field, part)
        if allowed is None:
            return f"the {field.name} `{part[:40]}` is not within {field.low} to {field.high}"
        values.append(allowed)
    days, months = values[2], values[3]
    # A weekday that begins with a star does not widen the days, it narrows them: so cron has it.
    if parts[4].startswith("*") and not any(min(days) <= _LONGEST_MONTHS[month] for month in months):
        return "that day never comes in these months"
    return None


def _values(field: _Field, part: str) -> set[int] | None:
    """The values that a field stands for: `*`, `5`, `1-5`, `*/15`, `mon-fri`, `1,15`."""
    values: set[int] = set()
    for piece in part.split(","):
        span, slash, step_text = piece.partition("/")
        step = int(step_text) if step_text.isascii() and step_text.isdigit() else 0 if slash else 1
        first_text, dash, last_text = span.partition("-")
        if span == "*":
            first, last = field.low, field.high
        else:
            first = _number(field, first_text)
            last = _number(field, last_text) if dash else field.high if slash else first
        if not (field.low <= first <= last <= field.high) or step < 1:
            return None
        values |= set(range(first, last + 1, step))
    return values


def _number(field: _Field, text: str) -> int:
    """The number of a word or of digits; -1, which no field has, for anything else."""
    if text.lower() in field.words:
        return field.words.index(text.lower()) + field.low
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else -1
