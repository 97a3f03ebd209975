"""Names of websites, stores, groups and genders that the shop does not have: a rule with one is for nobody.

Only the shop knows them, so that checking the definitions can't tell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import psycopg
from psycopg import sql

from maho_segments.errors import WarehouseError
from maho_segments.language.plan_json import nodes_of
from maho_segments.services.progress import Progress
from maho_segments.warehouse import ConnectionSettings, connect

# The word of the language, and where the shop's names for it stand.
_KINDS = {
    "website": ("stg_maho__websites", ("website", "website_name")),
    "store": ("stg_maho__stores", ("store", "store_name")),
    "customer_group": ("stg_maho__customer_groups", ("customer_group",)),
    # The labels of all options, and their ids: which of them are genders is not asked.
    "gender": ("stg_maho__option_labels", ("label", "option_id")),
}
_PROFILES = "profiles"
# The models whose column of that name holds the shop's names: another model's may hold anything.
_MODELS = {
    "website": {_PROFILES},
    "store": {_PROFILES, "orders", "carts", "newsletter"},
    "customer_group": {_PROFILES},
    "gender": {_PROFILES},
}


@dataclass(frozen=True)
class UnknownName:
    """A name in a rule that the shop does not have, one that is like it, and the segments that use it."""

    kind: str
    name: str
    alike: str | None
    segments: tuple[str, ...]

    def __str__(self) -> str:
        noun = self.kind.replace("_", " ")
        hint = f" Did you mean `{self.alike}`?" if self.alike else ""
        return f"No {noun} of the shop is called `{self.name}` ({', '.join(self.segments)}).{hint}"


def find_unknown_names(
    connection: psycopg.Connection, plan: Mapping[str, Any], relation_names: Mapping[str, str]
) -> list[UnknownName]:
    """What the plan's active segments call websites, stores, groups and genders and the shop does not.

    `relation_names` are the built models' names in the database. Raises psycopg's UndefinedTable before a
    build.
    """
    used: dict[tuple[str, str], list[str]] = {}
    features = {
        feature["name"]: (feature, relation)
        for relation in plan["relations"].values()
        for feature in relation["features"]
    }
    for segment in plan["segments"]:
        if segment["is_active"]:
            for use in dict.fromkeys(_names_in(segment["match"], features)):
                used.setdefault(use, []).append(segment["name"])
    found = []
    for kind, (model, columns) in _KINDS.items():
        of_kind = {name: segments for (word, name), segments in used.items() if word == kind}
        if of_kind:
            known, missing = _compare_names(connection, relation_names[model], columns, list(of_kind))
            found += [UnknownName(kind, name, _alike(name, known), tuple(of_kind[name])) for name in missing]
    return found


def note_unknown_names(
    settings: ConnectionSettings,
    plan: Mapping[str, Any],
    relation_names: Mapping[str, str],
    progress: Progress,
) -> None:
    """Tell the names that the shop does not have, after a build.

    What it made is published by then: that the database can't be asked is told too, and is no failure.
    """
    try:
        with connect(settings) as connection:
            unknown_names = find_unknown_names(connection, plan, relation_names)
    except (psycopg.Error, WarehouseError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        progress.note(
            f"Whether the shop has the websites, stores, groups and genders of the rules can't be checked: "
            f"{reason}."
        )
        return
    for name in unknown_names:
        progress.note(str(name))


def _names_in(
    rule: object,
    features: Mapping[str, Any],
    model: str = _PROFILES,
    parents: Mapping[str, Any] | None = None,
) -> Iterator[tuple[str, str]]:
    """Kind and name of every whole name that a rule compares with, those about related rows included.

    The rule is about rows of `model`, which have these `parents`.
    """
    for node in nodes_of(rule):
        if "feature" in node:
            feature, relation = features[node["feature"]]
            about_rows = [feature["filter"], feature["value"]]
            yield from _names_in(about_rows, features, relation["model"], relation["parents"])
        if parents and "parent_test" in node:
            parent = parents[node["parent_test"]]
            about_parent = [test["rule"] for test in parent["tests"] if test["name"] == node["name"]]
            yield from _names_in(about_parent, features, parent["model"])
        if node.get("test") in ("eq", "in"):
            kind = node["value"].get("profile") or node["value"].get("column")
            operands = node["to"] if isinstance(node["to"], list) else [node["to"]]
            if model in _MODELS.get(kind, ()):
                yield from ((kind, operand["literal"]) for operand in operands if "literal" in operand)


def _compare_names(
    connection: psycopg.Connection, relation: str, columns: tuple[str, ...], used: list[str]
) -> tuple[list[str], list[str]]:
    """The shop's names where some used one is none of them, and those, compared as rules compare."""
    every_column = sql.SQL(" union ").join(
        sql.SQL("select {}::text as name from {}").format(sql.Identifier(column), sql.SQL(relation))
        for column in columns
    )
    names = sql.SQL("select name from ({}) as names where name is not null order by name").format(
        every_column
    )
    missing = sql.SQL(
        "select used from unnest(%s::text[]) with ordinality as used_names (used, number) "
        "where lower(used) not in (select lower(name) from ({}) as known) order by number"
    ).format(names)
    unknown = [name for (name,) in connection.execute(missing, [used])]
    # There may be very many: nobody needs them where all are known.
    return [name for (name,) in connection.execute(names)] if unknown else [], unknown


def _alike(name: str, known: list[str]) -> str | None:
    spellings = {word.lower(): word for word in known}
    found = get_close_matches(name.lower(), spellings, 1)
    return spellings[found[0]] if found else None
