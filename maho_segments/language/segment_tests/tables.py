"""The people of tests as rows of the project's models."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from maho_segments.language.segment_tests.model import Person, Value
from maho_segments.language.vocabulary import Extension, Relation, Table, Vocabulary


@dataclass(frozen=True, slots=True)
class SampleTable:
    """A model's columns with their types in the database, and its rows, without what is missing."""

    model: str
    columns: Mapping[str, str]
    rows: list[dict[str, Value]] = field(default_factory=list)


def number_people(vocabulary: Vocabulary, people: Iterable[Person]) -> list[dict[int, Person]]:
    """The people by the ids of their profiles: those they say, else the first that are free.

    Of several who say the same one, each is in another of the lists, which know nothing of each other.
    """
    groups: list[dict[int, Person]] = [{}]
    others: list[Person] = []
    for person in people:
        said = person.profile.get(vocabulary.profile.key)
        if not isinstance(said, Decimal):
            others.append(person)
            continue
        if all(int(said) in group for group in groups):
            groups.append({})
        next(group for group in groups if int(said) not in group)[int(said)] = person
    free = (number for number in count(1) if number not in groups[0])
    for person in others:
        groups[0][next(free)] = person
    return groups


def sample_tables(vocabulary: Vocabulary, people: Mapping[int, Person]) -> list[SampleTable]:
    """A table for every model that rules can ask about, with the rows of these people."""
    tables = _Tables(vocabulary)
    for profile_id, person in people.items():
        tables.add(profile_id, person)
    return list(tables.by_model.values())


class _Tables:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.by_model: dict[str, SampleTable] = {}
        self.owned = {relation.table.model for relation in vocabulary.relations.values()}
        self.ids = count(1)
        relations = [relation.table for relation in vocabulary.relations.values()]
        for table in (vocabulary.profile, *relations, *vocabulary.parents.values()):
            self._make(table)

    def _make(self, table: Table) -> None:
        """Make a model's table, and those of the models that add columns to it."""
        added = {name for extension in table.extensions for name in extension.columns}
        own = {name: kind for name, kind in table.data_types.items() if name not in added}
        self.by_model[table.model] = SampleTable(table.model, own)
        for extension in table.extensions:
            columns = {extension.key: table.data_types.get(extension.column, "bigint")}
            columns |= {name: kind for name, kind in table.data_types.items() if name in extension.columns}
            self.by_model[extension.model] = SampleTable(extension.model, columns)

    def add(self, profile_id: int, person: Person) -> None:
        profile = self.vocabulary.profile
        usual: dict[str, Value] = {}
        if person.profile.get("profile_type") == "customer" and "customer_id" in profile.data_types:
            usual["customer_id"] = Decimal(profile_id)
        self._insert(profile, {**usual, **person.profile, profile.key: Decimal(profile_id)})
        for name, rows in person.rows.items():
            relation = self.vocabulary.relations[name]
            for row in rows:
                for _ in range(row.times):
                    links = self._insert_parents(relation, row.parents, profile_id)
                    self._insert(
                        relation.table, {**row.values, **links, **self._own(relation.table, profile_id)}
                    )

    def _insert_parents(
        self, relation: Relation, parents: Mapping[str, Mapping[str, Value]], profile_id: int
    ) -> dict[str, Value]:
        """Insert the row's parents; the columns of the row that lead to them."""
        links: dict[str, Value] = {}
        for name, values in parents.items():
            parent = relation.parents[name]
            own = self._own(parent.table, profile_id)
            self._insert(parent.table, {**values, **own})
            links[parent.column] = own[parent.table.key]
        return links

    def _own(self, table: Table, profile_id: int) -> dict[str, Value]:
        """A new key and, in a relation, whose row it is: an item's order is the person's, too."""
        own: dict[str, Value] = {table.key: Decimal(next(self.ids))}
        return {**own, "profile_id": Decimal(profile_id)} if table.model in self.owned else own

    def _insert(self, table: Table, values: Mapping[str, Value]) -> None:
        row = dict(values)
        for extension in table.extensions:
            added = {name: row.pop(name) for name in extension.columns if name in row}
            if added:
                self._insert_added(extension, added, row)
        self.by_model[table.model].rows.append(row)

    def _insert_added(self, extension: Extension, added: dict[str, Value], row: dict[str, Value]) -> None:
        """Insert what another model adds to the row, which may get a number to be found by.

        It is below 0, where no id of the shop is: a guest's must not be the account of somebody else.
        """
        if row.get(extension.column) is None:
            row[extension.column] = Decimal(-next(self.ids))
        self.by_model[extension.model].rows.append({extension.key: row[extension.column], **added})
