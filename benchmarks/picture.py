"""A picture of lines over two logarithmic axes, as SVG that reads on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 20, 60
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_GREY = "#808080"


@dataclass(frozen=True)
class Line:
    """A named line through points, or marks at them."""

    name: str
    points: list[tuple[float, float]]
    is_dashed: bool = False
    is_marks: bool = False


def draw_lines(lines: list[Line], *, across: str, up: str) -> str:
    """The picture's text. Lines that follow each other with another dash share a colour."""
    lines = [line for line in lines if line.points]
    low_x, high_x = _decades(x for line in lines for x, _ in line.points)
    low_y, high_y = _decades(y for line in lines for _, y in line.points)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(x) - low_x) / (high_x - low_x),
            _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (math.log10(y) - low_y) / (high_y - low_y),
        )

    height = _HEIGHT + 18 * len(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" fill="{_GREY}">'
    ]
    for power in range(low_x, high_x + 1):
        x, bottom = place(10.0**power, 10.0**low_y)
        parts += [_rule(x, bottom, x, _TOP), _text(x, bottom + 18, f"{10.0**power:g}", "middle")]
    for power in range(low_y, high_y + 1):
        left, y = place(10.0**low_x, 10.0**power)
        parts += [_rule(left, y, _WIDTH - _RIGHT, y), _text(left - 8, y + 4, f"{10.0**power:g}", "end")]
    parts.append(_text((_LEFT + _WIDTH) / 2, _HEIGHT - 20, across, "middle"))
    parts.append(
        f'<text transform="translate(16 {_HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>'
    )
    for number, (line, colour) in enumerate(_coloured(lines)):
        places = [place(*point) for point in line.points]
        y = _HEIGHT + 18 * number
        parts += _drawn(line, places, colour)
        parts += _drawn(line, [(_LEFT, y), (_LEFT + 30, y)], colour)
        parts.append(_text(_LEFT + 42, y + 4, line.name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _coloured(lines: list[Line]) -> Iterator[tuple[Line, str]]:
    number = -1
    for line in lines:
        number += line.is_dashed
        yield line, _GREY if line.is_marks else _COLOURS[number % len(_COLOURS)]


def _decades(values: Iterable[float]) -> tuple[int, int]:
    logs = [math.log10(value) for value in values if value > 0]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return low, max(high, low + 1)


def _drawn(line: Line, places: list[tuple[float, float]], colour: str) -> Iterator[str]:
    if line.is_marks:
        for x, y in places:
            yield f'<path d="M{x - 7:.1f} {y:.1f}h14" stroke="{colour}" stroke-width="4"/>'
        return
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = ' stroke-dasharray="6 4"' if line.is_dashed else ""
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{_GREY}" stroke-opacity="0.3"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
