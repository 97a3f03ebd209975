"""Validating a mapping of the file by its pydantic model, with each mistake put to its place."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from maho_segments.language.problems import Reporter, correction, quoted
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

Shape = TypeVar("Shape", bound=BaseModel)


def read_shape(
    model: type[Shape], node: Node, reporter: Reporter, *, leave_out: frozenset[str] = frozenset()
) -> Shape | None:
    """The model filled from the file, or None and its mistakes reported.

    The keys of `leave_out` are read elsewhere.
    """
    value = _shape_value(node, leave_out)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            _report(details, model, node, reporter, sorted(leave_out))
    return None


def _shape_value(node: Node, leave_out: frozenset[str] = frozenset()) -> object:
    if isinstance(node, Mapping):
        return {key.text: _shape_value(value) for key, value in node.entries if key.text not in leave_out}
    if isinstance(node, Sequence):
        return [_shape_value(item) for item in node.items]
    return node.value


def _report(
    details: ErrorDetails, model: type[BaseModel], node: Node, reporter: Reporter, extra_keys: list[str]
) -> None:
    words = [str(word) for word in details["loc"]]
    place, key = _find(node, words)
    if details["type"] == "extra_forbidden":
        allowed = list(_model_at(model, words[:-1]).model_fields)
        if len(words) == 1:
            allowed += extra_keys
        name = words[-1]
        hint = correction(name, allowed)
        if len(words) == 1 and "match" in extra_keys:
            hint = hint or "Rules stand below `match:`."
        reporter.unknown("unknown-key", key or place, "the key", name, allowed, hint)
    elif details["type"] == "missing":
        reporter.error(
            "missing-key", node, f"the key {quoted(words[-1])} is missing", hint=f"Write `{words[-1]}:`."
        )
    else:
        context = details.get("ctx", {})
        label = f"{'.'.join(words)}: " if words else ""
        reporter.error(
            "value",
            place,
            f"{label}{context.get('found', details['msg'])}",
            allowed=context.get("allowed", ()),
            hint=context.get("hint", ""),
        )


def _find(node: Node, words: list[str]) -> tuple[Node, Scalar | None]:
    """The value at a path of keys, as far as there is one, and its key."""
    key: Scalar | None = None
    for word in words:
        if not isinstance(node, Mapping):
            break
        entry = next((entry for entry in node.entries if entry[0].text == word), None)
        if entry is None:
            break
        key, node = entry
    return node, key


def _model_at(model: type[BaseModel], words: list[str]) -> type[BaseModel]:
    for word in words:
        inner = model.model_fields[word].annotation if word in model.model_fields else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return model
