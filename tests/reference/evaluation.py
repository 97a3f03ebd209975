"""The members of every segment of a shop, at one instant."""

from collections.abc import Callable
from datetime import UTC, datetime

from maho_segments.language.project import Project
from maho_segments.language.rules import Condition, Segment
from tests.reference.operators import Clock
from tests.reference.people import read_people
from tests.reference.places import read_places
from tests.reference.profiles import Profile, ProfileKey
from tests.reference.relations import read_relations
from tests.reference.row import Row
from tests.reference.rules import View, holds
from tests.reference.shop import Shop, lower

ConditionAnswers = Callable[[Condition, ProfileKey], bool]


class UnansweredConditionError(NotImplementedError):
    """A rule asks a condition macro of the project, which only SQL can answer."""

    def __init__(self, name: str) -> None:
        super().__init__(f"evaluate() was given no `conditions`, and a rule asks the condition {name}")


def evaluate(
    project: Project, shop: Shop, as_of: datetime, conditions: ConditionAnswers | None = None
) -> "Evaluation":
    """Everybody, and who is in which active segment at that instant.

    `conditions` answers for the project's condition macros. Without it a rule that asks one raises
    UnansweredConditionError.
    """
    return Evaluation(project, shop, as_of.replace(tzinfo=as_of.tzinfo or UTC).astimezone(UTC), conditions)


class Evaluation:
    """`profiles` has everybody, also who is inactive or merged; `members` those of each active segment."""

    def __init__(
        self, project: Project, shop: Shop, as_of: datetime, conditions: ConditionAnswers | None
    ) -> None:
        places = read_places(shop)
        people = read_people(shop, places, joins_guest_orders=project.guest_orders == "join")
        self.profiles: dict[ProfileKey, Profile] = people.profiles
        self._project = project
        self._relations = read_relations(shop, places, people)
        self._as_of = as_of
        self._conditions = conditions
        self._existing_rows: dict[tuple[str, ProfileKey], list[Row]] = {}
        self._views: dict[tuple[ProfileKey, str], View] = {}
        self.members: dict[str, frozenset[ProfileKey]] = {}
        for segment in project.segments.values():
            if segment.is_active:
                self._members_of(segment.name)

    def holds(self, segment: Segment) -> frozenset[ProfileKey]:
        """The members of a segment, which need not be one of the project's."""
        return frozenset(
            profile.key
            for profile in self.profiles.values()
            if self._can_be_member(profile, segment) and holds(segment.match, self._view(profile, segment))
        )

    def _members_of(self, name: str) -> frozenset[ProfileKey]:
        if name not in self.members:
            self.members[name] = self.holds(self._project.segments[name])
        return self.members[name]

    def _can_be_member(self, profile: Profile, segment: Segment) -> bool:
        """Whether the profile exists at the instant, and the segment's settings let it in."""
        created_at = profile.columns.get("created_at")
        assert created_at is None or isinstance(created_at, datetime)
        return (
            profile.is_active
            and profile.merged_into is None
            and (created_at is None or created_at < self._as_of)
            and profile.columns["profile_type"] in segment.audience
            and _is_one_of(segment.websites, profile, "website", "website_name")
            and _is_one_of(segment.customer_groups, profile, "customer_group")
        )

    def _view(self, profile: Profile, segment: Segment) -> View:
        zone = segment.time_zone or profile.time_zone
        if (profile.key, zone) not in self._views:
            self._views[profile.key, zone] = View(
                profile,
                rows=lambda relation: self._rows(relation, profile.key),
                attributes=self._project.attributes,
                is_member=lambda name: profile.key in self._members_of(name),
                condition_holds=lambda condition: self._condition_holds(condition, profile.key),
                clock=Clock(self._as_of, zone),
            )
        return self._views[profile.key, zone]

    def _rows(self, relation: str, owner: ProfileKey) -> list[Row]:
        """The rows that are there at the instant: dated before it, or not dated."""
        if (relation, owner) not in self._existing_rows:
            self._existing_rows[relation, owner] = [
                row
                for row in self._relations[relation].get(owner, ())
                if row.at is None or row.at < self._as_of
            ]
        return self._existing_rows[relation, owner]

    def _condition_holds(self, condition: Condition, profile: ProfileKey) -> bool:
        if self._conditions is None:
            raise UnansweredConditionError(condition.name)
        return self._conditions(condition, profile)


def _is_one_of(wanted: tuple[str, ...] | None, profile: Profile, *columns: str) -> bool:
    if wanted is None:
        return True
    names = {lower(str(name)) for column in columns if (name := profile.columns.get(column))}
    return any(lower(one) in names for one in wanted)
