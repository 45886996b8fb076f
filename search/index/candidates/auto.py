"""The flat index, on a GPU where FAISS sees one that may be used."""

from __future__ import annotations

from dataclasses import replace

from ...interfaces import Candidates, Kind
from . import cuda, flat


def open_candidates(kind: Kind) -> Candidates:
    number = number_of(kind.device, cuda.gpus())
    if number is None:
        return flat.open_candidates(kind)
    return cuda.open_candidates(replace(kind, argument=str(number)))


def number_of(device: str, gpus: int) -> int | None:
    """Which GPU to search on, as the setting `device` says it; None: the processor."""
    wanted = device.partition(":")[2]
    number = int(wanted) if wanted.isdecimal() else 0
    return number if device != "cpu" and number < gpus else None
