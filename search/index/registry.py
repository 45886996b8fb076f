"""Which kinds of index there are, as the setting `index` names them.

Another kind is one file in `candidates/` with `open_candidates`, one line here, and its line in the
contract's parametrisation.
"""

from __future__ import annotations

import re
from importlib import import_module

from ..errors import SettingsError
from ..interfaces import Candidates, Kind, VectorIndex
from ..records import Space
from .combined import RowIndex

KINDS = {  # what the setting may say (capitals: the kind's own argument) -> file in candidates/
    "faiss:auto": "auto",
    "faiss:flat": "flat",
    "faiss:cuda:N": "cuda",
}


def open_index(name: str, dim: int, device: str = "auto") -> RowIndex:
    """`device` as in the settings. Raises SettingsError for a kind that there is not, or not here.

    What the kind needs is imported now and not before.
    """
    module, argument = _read(name)
    kind = import_module(f".candidates.{module}", __package__)
    candidates: Candidates = kind.open_candidates(Kind(name, argument, dim, device))
    return RowIndex(dim, candidates)


def open_indexes(name: str, dim: int, device: str = "auto") -> dict[Space, VectorIndex]:
    """One for each space."""
    return {space: open_index(name, dim, device) for space in Space}


def check_index(name: str) -> None:
    """Raises SettingsError for a kind that there is not; loads nothing."""
    _read(name)


def _read(name: str) -> tuple[str, str]:
    for form, module in KINDS.items():
        found = re.fullmatch(re.sub("[A-Z]+$", "(.+)", form), name)
        if found:
            return module, "".join(found.groups())
    raise SettingsError(f"index: {name!r} is no kind of index. There are: {', '.join(KINDS)}.")
