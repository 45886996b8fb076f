"""The names of our packages are common words: is it our package that Python finds?"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

# A line of each package's __init__.py that no other package of that name has.
SIGNS = {
    "search": "knows images, vectors and queries",
    "indexer": "what puts pictures into a library",
    "web": "over one search engine",
    "sample": "pictures of a small shop and an album",
}


class NameTakenError(ImportError):
    """Another module called as one of our packages hides it."""


def check_names() -> None:
    """Raises NameTakenError, which names the module in the way and what to do."""
    if taken := hidden():
        raise NameTakenError(taken)


def hidden() -> str | None:
    """Which other module hides one of ours, in words; None when all is well. Runs none of them."""
    for name, sign in SIGNS.items():
        found = find_spec(name)
        place = found.origin if found else None
        if place is None:
            return f"Pomona's package {name!r} is missing: install Pomona again"
        if sign not in Path(place).read_text(encoding="utf-8", errors="replace"):
            return (
                f"{place} is not Pomona's package {name!r} but another one of that name. Rename it "
                "or start elsewhere if it is yours; if a package brought it, install Pomona again "
                "in a virtual environment of its own"
            )
    return None
