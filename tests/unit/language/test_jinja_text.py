"""Text of others in properties files: what dbt renders of it, and what we read, is the text itself."""

import pytest
from jinja2 import Environment, StrictUndefined

from maho_segments.language.jinja_text import escaped, unescaped

TEXTS = [
    "",
    "Gold",
    "a { b } c",
    "{{ env_var('HOME') }}",
    "{% raw %}",
    "{# gone #}",
    "}} {{",
    "#}%}",
    "{{'{'}}",
    "{{{{'{'}}}}",
    'O\'Brien {{ "x" }}',
    "two\nlines {{ x }}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert (
        Environment(undefined=StrictUndefined, autoescape=False).from_string(escaped(text)).render() == text
    )
    assert unescaped(escaped(text)) == text


def test_templates_of_a_project_stay() -> None:
    assert unescaped("{{ doc('orders') }}") == "{{ doc('orders') }}"
