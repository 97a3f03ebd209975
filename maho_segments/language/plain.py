"""Nodes as plain JSON values, for what is passed on as it was written."""

from decimal import Decimal

from maho_segments.language.yaml_reader import Mapping, Node, Sequence


def plain_value(node: Node) -> object:
    """A node as dicts, lists, texts, numbers, booleans and None.

    A decimal that a JSON reader would not read back exactly is given as text.
    """
    if isinstance(node, Mapping):
        return {key.text: plain_value(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain_value(item) for item in node.items]
    if isinstance(node.value, Decimal):
        number = float(node.value)
        return number if repr(number) == node.text and node.value.is_finite() else node.text
    return node.value
