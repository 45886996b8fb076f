"""What is measured, by name. Another topic is a module with `figures`, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from . import composed, feedback, fusion, line, negation, reading
from .case import Case
from .figures import Figure

TOPICS: Mapping[str, Callable[[Case], Iterable[Figure]]] = {
    "composed": composed.figures,
    "feedback": feedback.figures,
    "fusion": fusion.figures,
    "line": line.figures,
    "negation": negation.figures,
    "reading": reading.figures,
}
