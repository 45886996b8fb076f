"""Texts without pictures."""

from __future__ import annotations
from pathlib import Path
from typing import Any


def texts_alone(data: Path) -> list[Any]:
    return []
