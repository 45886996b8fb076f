"""Traditional Chinese as the simplified one that the text towers were taught."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_JAPANESE = re.compile(r"[\u3041-\u30ff]")


def simplified(text: str) -> str:
    """蘋果 -> 苹果; what holds no Chinese comes back as it is."""
    if not CHINESE.search(text) or _JAPANESE.search(text):
        return text
    converted: str = _converter().convert(text)
    return converted


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC  # reads its tables: only where there is Chinese

    return OpenCC("t2s")
