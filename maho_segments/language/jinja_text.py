"""Text of others in the properties YAML of dbt, which renders every string there as a Jinja template.

Braces are what templates are made of. In a text that holds what could begin or end an expression, each brace
becomes an expression that renders to itself; any other text stays as it is.
"""

import re

_COULD_BE_JINJA = re.compile(r"\{[{%#]|[}%#]\}")
_BRACE = re.compile(r"[{}]")
_ESCAPED_BRACE = re.compile(r"\{\{'([{}])'\}\}")


def escaped(text: str) -> str:
    """The text as a template that renders to it."""
    return _BRACE.sub(r"{{'\g<0>'}}", text) if _COULD_BE_JINJA.search(text) else text


def unescaped(text: str) -> str:
    """The text that a template from `escaped` renders to; any other template stays as it is."""
    return _ESCAPED_BRACE.sub(r"\1", text)
