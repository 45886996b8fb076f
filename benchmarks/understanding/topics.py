"""What is measured, by name. Another topic is a module with `figures`, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from . import fusion, line, reading
from .case import Case
from .figures import Figure

TOPICS: Mapping[str, Callable[[Case], Iterable[Figure]]] = {
    "fusion": fusion.figures,
    "line": line.figures,
    "reading": reading.figures,
}
