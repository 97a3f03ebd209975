"""What is always so of a value, whatever a rule says: counts are not negative, an hour is from 0 to 23."""

from maho_segments.language.advice.facts import ANYTHING, MISSING, Facts
from maho_segments.language.advice.intervals import EVERY, Intervals, between
from maho_segments.language.advice.spans import clock_of
from maho_segments.language.advice.texts import only
from maho_segments.language.project import Project
from maho_segments.language.rules import (
    Calculation,
    Measure,
    NamedAttribute,
    ProfileColumn,
    ProfileType,
    RowColumn,
    TimePart,
    Value,
)
from maho_segments.language.scopes import WEEKDAYS
from maho_segments.language.vocabulary import SETTING_COLUMNS, Column

_AXIS = {"hour": between(0, 23), "month": between(1, 12)}
_YES_OR_NO = between(0, 1).whole_numbers()
_FROM_0 = between(0)
_PAST = between(high=0, without_high=True)
YES_OR_NO = Facts(False, True, {"value": _YES_OR_NO})


class Known:
    """What is known of values, of profiles of some types."""

    def __init__(self, project: Project, audience: tuple[ProfileType, ...]) -> None:
        self.vocabulary = project.vocabulary
        self.attributes = project.attributes
        self.audience = audience
        clocks = {clock_of(segment.time_zone) for segment in project.segments.values()}
        axes = [axis + clock for axis in ("months", "day_ago", "day_months") for clock in ("", *clocks)]
        self._past = Facts(axes=dict.fromkeys(["ago", *axes], _PAST))

    def of(self, value: Value, relation: str | None) -> Facts:
        """What is always so of a value of a profile, or of a row of `relation`."""
        match value:
            case ProfileColumn(name=name):
                facts = self._profile_column(self.vocabulary.profile.columns[name])
            case RowColumn():
                facts = self._row_column(value, relation or "")
            case TimePart(part="weekday"):
                facts = Facts(texts=only(frozenset(WEEKDAYS)))
            case TimePart(part=part) if part in _AXIS:
                facts = Facts(axes={"value": _AXIS[part].whole_numbers()})
            case Measure():
                facts = self._measure(value)
            case Calculation(form="days_until_anniversary"):
                facts = Facts(axes={"value": between(0, 366).whole_numbers()})
            case Calculation(form="days_since", of=(since,)) if self.is_past(since, relation):
                facts = Facts(axes={"value": _FROM_0})
            case _ if self.is_past(value, relation):
                facts = self._past
            case _:
                facts = ANYTHING
        return facts

    def is_past(self, value: Value, relation: str | None) -> bool:
        """Whether a time is always before the run's instant: later rows and profiles do not exist yet."""
        match value:
            case ProfileColumn(name=name):
                return name == "created_at"
            case RowColumn(name=name):
                return relation is not None and self.vocabulary.relations[relation].time_column == name
            case Measure(aggregate="min" | "max", column=RowColumn() as column, rows=rows):
                return self.is_past(column, rows.relation)
            case NamedAttribute(name=name):
                return self.is_past(self.attributes[name].value, relation)
            case _:
                return False

    def has_rows(self, relation: str) -> bool:
        """Whether any profile of the audience can have rows of a relation."""
        return not set(self.audience).isdisjoint(self.vocabulary.relations[relation].audience)

    def has_value(self, column: str) -> bool:
        """Whether any profile of the audience can have a value in a column."""
        return not set(self.audience).isdisjoint(self.vocabulary.profile.columns[column].audience)

    def _profile_column(self, column: Column) -> Facts:
        if column.name == SETTING_COLUMNS["audience"]:
            return Facts(False, True, texts=only(frozenset(self.audience)))
        if not self.has_value(column.name):
            return MISSING
        facts = _column(column)
        return facts & self._past if column.name == "created_at" else facts

    def _row_column(self, value: RowColumn, relation: str) -> Facts:
        found = self.vocabulary.relations[relation]
        if value.parent:
            # A row's parent may be gone, and all its columns with it.
            column = found.parents[value.parent].table.columns[value.name.partition(".")[2]]
            return _column(column) | MISSING
        facts = _column(found.columns[value.name])
        return facts & self._past if found.time_column == value.name else facts

    def _measure(self, measure: Measure) -> Facts:
        has_rows = self.has_rows(measure.rows.relation)
        if measure.aggregate in ("count", "count_distinct"):
            counts = _FROM_0 if has_rows else Intervals(((0, 0), (1, 0)))
            if measure.column:
                texts = self.of(measure.column, measure.rows.relation).texts.allowed
                counts &= between(high=None if texts is None else len(texts))
            return Facts(False, True, {"value": counts})
        if measure.aggregate == "sum":
            return Facts(False, True, {"value": EVERY if has_rows else between(0, 0)})
        if not has_rows:
            return MISSING
        return self._past if self.is_past(measure, None) else ANYTHING


def _column(column: Column) -> Facts:
    is_maybe_missing = not column.is_required
    if column.type == "boolean":
        return Facts(is_maybe_missing, True, {"value": _YES_OR_NO})
    if column.options and not column.also and column.type == "text":
        return Facts(is_maybe_missing, True, texts=only(frozenset(column.options)))
    return Facts(is_maybe_missing, True)
