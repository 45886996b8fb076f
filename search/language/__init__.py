"""The query language: a line that people type -> what it asks for, and back.

`read` and `write` are each other's inverse; both know of a library what its `Lexicon` says.
"""

from .conditions import Condition
from .lexicon import Lexicon
from .reader import read
from .reading import NO_LINE, Line, Part, Reading
from .spelling import Correction
from .writer import write

__all__ = [
    "NO_LINE",
    "Condition",
    "Correction",
    "Lexicon",
    "Line",
    "Part",
    "Reading",
    "read",
    "write",
]
