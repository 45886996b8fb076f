"""JSON Lines: an object a line, with lists where a product has several of something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .rows import Fault, Figure, Row


def rows(path: Path, encoding: str) -> Iterator[Row | Fault]:
    with path.open(encoding=encoding) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _row(number, line)


def _row(number: int, line: str) -> Row | Fault:
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
        return Fault(number, f"this is not JSON: {why}")
    if not isinstance(read, dict):
        return Fault(number, "this is no JSON object: {...}")
    for name, value in read.items():
        if any(isinstance(each, dict | list) for each in _listed(value)):
            return Fault(number, f"{name} must be a value or a list of values")
    cells = {name: tuple(map(_text, _listed(value))) for name, value in read.items()}
    return Row(number, {n: tuple(filter(None, c)) for n, c in cells.items() if any(c)})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return Figure(value)
    return str(value).strip()
