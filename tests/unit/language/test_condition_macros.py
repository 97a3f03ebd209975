"""Which conditions a project has, and what is known of their arguments."""

from pathlib import Path

import pytest

from maho_segments.language.condition_macros import read_conditions
from tests.databases import PROJECT


def test_shipped_condition_is_the_only_one() -> None:
    assert read_conditions(PROJECT) == {"control_group": ("percent",)}


@pytest.mark.parametrize(
    ("head", "body", "arguments"),
    [
        (
            "arguments, scope",
            "{{ arguments.a }} {{ arguments['b'] }} {{ arguments.get('c', 1) }}",
            ("a", "b", "c"),
        ),
        ("given, scope", "{% if given.a %}{{ given.a | default(3) }}{% endif %}", ("a",)),
        ("arguments, scope", "{# arguments.old #}{{ arguments.a }}", ("a",)),
        ("arguments, scope", "true", ()),
        # It may read any.
        ("arguments, scope", "{{ helper(arguments) }}{{ arguments.a }}", None),
        ("arguments, scope", "{% for name in arguments.items() %}{% endfor %}", None),
        ("arguments, scope", "{{ 'a' in arguments and arguments.a }}", None),
        ("arguments, scope", "{{ varargs }}", None),
        ("", "true", None),
    ],
)
def test_arguments_are_the_names_that_are_read(
    tmp_path: Path, head: str, body: str, arguments: tuple[str, ...] | None
) -> None:
    file = tmp_path / "macros" / "conditions" / "two.sql"
    file.parent.mkdir(parents=True)
    other = "{% macro condition_other(arguments, scope) %}{{ arguments.z }}{% endmacro %}"
    file.write_text(
        f"{{% macro condition_this({head}) -%}}{body}{{%- endmacro %}}\n{other}", encoding="utf-8"
    )
    assert read_conditions(tmp_path) == {"this": arguments, "other": ("z",)}
