"""The shape of segments.yml outside of its rules, as pydantic models: what each key holds.

What is wrong is raised as PydanticCustomError with the words of a Problem; `shape_reader.py` finds its place.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from maho_segments.language.advice_codes import ADVICE
from maho_segments.language.cron import cron_mistake
from maho_segments.language.problems import correction, nearest, quoted
from maho_segments.language.rules import EVERYONE, GuestOrders, ProfileType

AUDIENCES: dict[str, tuple[ProfileType, ...]] = {
    "customers": ("customer",),
    "guests": ("guest",),
    "visitors": ("visitor",),
    "everyone": EVERYONE,
}


def wrong(found: str, hint: str, allowed: tuple[str, ...] = ()) -> PydanticCustomError:
    """What a check raises: what was found, what to do, and what is allowed."""
    # Through the context, not the template: the text of a file may have braces.
    return PydanticCustomError("shape", "{found}", {"found": found, "hint": hint, "allowed": allowed})


def shown(value: object) -> str:
    """A value of the file as a message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, int | Decimal):
        return f"the number {str(value)[:40]}"
    return "a list" if isinstance(value, list) else "a mapping"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        hint = "Write a text, or leave the key out." if value is None else "Quote it, if it is meant as text."
        raise wrong(f"a text is wanted, not {shown(value)}", hint)
    return " ".join(value.split())


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise wrong("an empty list", "Write at least one entry, or leave the key out.")
    return tuple(dict.fromkeys(map(_text, items)))


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        hint = "Write it without quotes: yes, no, on, off are words in YAML 1.2."
        raise wrong(f"true or false is wanted, not {shown(value)}", hint, ("true", "false"))
    return value


def whole_number(low: int, high: int) -> Callable[[Any], int]:
    """A check for whole numbers of that range."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            hint = f"Write one from {low} to {high}, without quotes."
            raise wrong(f"a whole number is wanted, not {shown(value)}", hint)
        return int(value)

    return check


def _percent(value: Any) -> Decimal:
    number = (
        Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else Decimal("NaN")
    )
    if not number.is_finite() or not 0 < number <= 1_000_000:
        raise wrong(
            f"a percentage above 0 is wanted, not {shown(value)}", "Write a number such as 25, without `%`."
        )
    return number


def _audience(value: Any) -> tuple[ProfileType, ...]:
    chosen: set[ProfileType] = set()
    for word in value if isinstance(value, list) and value else [value]:
        if not isinstance(word, str) or word not in AUDIENCES:
            words = nearest(word, AUDIENCES) if isinstance(word, str) else tuple(AUDIENCES)
            hint = correction(word, AUDIENCES) if isinstance(word, str) else ""
            raise wrong(
                f"no audience: {shown(word)}", hint or "Write one of these, or a list of them.", words
            )
        chosen.update(AUDIENCES[word])
    return tuple(kind for kind in EVERYONE if kind in chosen)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"Factory", "localtime"})


def _time_zone(value: Any) -> str:
    # Opening the one file is ten times as fast as listing all zones, which only a mistake needs.
    if (
        isinstance(value, str)
        and "/" in value
        and value[:1].isupper()
        and not value.startswith(("posix", "right"))
    ):
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):
            pass
    if not isinstance(value, str) or value not in _time_zones():
        word = value if isinstance(value, str) else ""
        zones = sorted(_time_zones())
        hint = (
            correction(word, zones) or "Write a name of the time zone database, such as Europe/Berlin or UTC."
        )
        raise wrong(f"no time zone: {shown(value)}", hint, nearest(word, zones)[:5])
    return value


def _time_zones_by_name(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise wrong(
            f"websites and their time zones are wanted, not {shown(value)}",
            "Write `{ base: Europe/Berlin }`: the website's code, and the time zone of its clock.",
        )
    return {name: _time_zone(zone) for name, zone in value.items()}


def _schedule(value: Any) -> str:
    expression = _text(value)
    if mistake := cron_mistake(expression):
        hint = 'Write minute, hour, day, month, weekday: "0 5 * * *" is every day at five.'
        raise wrong(f"no cron expression: {quoted(expression)}: {mistake}", hint)
    return expression


def _guest_orders(value: Any) -> str:
    words = get_args(GuestOrders)
    if value not in words:
        hint = "`join` counts a guest's orders for the account with the same address, `keep_apart` does not."
        raise wrong(f"no way to treat the orders of guests: {shown(value)}", hint, words)
    return str(value)


def _version(value: Any) -> int:
    if isinstance(value, bool) or value != 1:
        raise wrong(f"the version is {shown(value)}", "Write `version: 1`, without quotes.", ("1",))
    return 1


# A key that is there and empty is a mistake, so what may be None is so by default only: the checks refuse it.
Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
MaybeTexts = Annotated[tuple[str, ...] | None, BeforeValidator(_texts)]
Version = Annotated[int, BeforeValidator(_version)]
TimeZones = Annotated[dict[str, str], BeforeValidator(_time_zones_by_name)]
MaybeTimeZone = Annotated[str | None, BeforeValidator(_time_zone)]
MaybeSchedule = Annotated[str | None, BeforeValidator(_schedule)]
MaybePercent = Annotated[Decimal | None, BeforeValidator(_percent)]
MaybeCount = Annotated[int | None, BeforeValidator(whole_number(0, 2_000_000_000))]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Priority = Annotated[int, BeforeValidator(whole_number(-1_000_000, 1_000_000))]


def silenced_codes(value: Any) -> tuple[str, ...]:
    """The codes of advice in a `silence`; raises for one that does not exist."""
    codes = _texts(value)
    for code in codes:
        if code not in ADVICE:
            raise wrong(
                f"no advice has the code {quoted(code)}",
                correction(code, ADVICE) or "Write the code that stands in brackets behind the advice.",
                nearest(code, ADVICE),
            )
    return codes


class ShapeBase(BaseModel):
    """A mapping of a file whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _is_mapping(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise wrong(
                f"keys and values are wanted, not {shown(value)}",
                "Write `{ KEY: VALUE }`.",
                tuple(cls.model_fields),
            )
        return value


class RefreshShape(ShapeBase):
    """`refresh`: on every change, by the clock, or only when asked."""

    on_change: Boolean = False
    schedule: MaybeSchedule = None
    manual: Boolean = False

    @model_validator(mode="after")
    def _has_one_way(self) -> "RefreshShape":
        if self.manual and (self.on_change or self.schedule):
            raise wrong(
                "`manual: true` beside on_change or schedule", "Keep one: manual means only when asked."
            )
        if not (self.manual or self.on_change or self.schedule):
            raise wrong(
                "nothing would ever refresh it",
                "Write `on_change: true`, a `schedule`, or `manual: true`.",
                tuple(type(self).model_fields),
            )
        return self


class GuardShape(ShapeBase):
    """`guard`: when a refresh is suspicious, and the old members stay."""

    max_change_percent: MaybePercent = None
    min_members: MaybeCount = None
    max_members: MaybeCount = None

    @model_validator(mode="after")
    def _has_room(self) -> "GuardShape":
        if (
            self.min_members is not None
            and self.max_members is not None
            and self.min_members > self.max_members
        ):
            raise wrong("min_members is above max_members", "Write the smaller number as min_members.")
        return self


class DefaultsShape(ShapeBase):
    """`defaults`: settings of segments that say nothing themselves; a segment's key replaces all of it."""

    owner: Text = ""
    tags: Texts = ()
    audience: Annotated[tuple[ProfileType, ...], BeforeValidator(_audience)] = ("customer",)
    websites: MaybeTexts = None
    customer_groups: MaybeTexts = None
    priority: Priority = 0
    time_zone: MaybeTimeZone = None
    refresh: RefreshShape = RefreshShape(on_change=True)
    guard: GuardShape = GuardShape()
    silence: Annotated[tuple[str, ...], BeforeValidator(silenced_codes)] = ()


class SegmentShape(DefaultsShape):
    """One entry of `segments`, without its `match`."""

    label: Text = ""
    description: Text = ""
    active: Boolean = True
    renamed_from: Texts = ()


class IdentityShape(ShapeBase):
    """`identity`: how guests, visitors and customers become one."""

    guest_orders: Annotated[GuestOrders, BeforeValidator(_guest_orders)] = "join"


class FileShape(ShapeBase):
    """segments.yml without its `segments`."""

    version: Version
    defaults: DefaultsShape = DefaultsShape()
    identity: IdentityShape = IdentityShape()


class SegmentTestsShape(ShapeBase):
    """segment_tests.yml without its `as_of` and `tests`."""

    version: Version
    websites: TimeZones | None = None
