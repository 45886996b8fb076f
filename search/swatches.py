"""The colours that people name: the basic terms of English (Berlin and Kay, "Basic Color Terms",
1969) with beige, which shops tell from white and brown; how each is called, and how it looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swatch:
    en: str
    zh: str
    shade: str  # of a swatch of it, in hexadecimal
    called: tuple[str, ...] = ()  # further names, and shades that belong to it


SWATCHES: Mapping[str, Swatch] = {
    "black": Swatch("Black", "黑色", "#1c1c1c", ("黑",)),
    "white": Swatch("White", "白色", "#fafafa", ("白", "off-white", "off white", "米白")),
    "grey": Swatch("Grey", "灰色", "#8a8a8a", ("灰", "gray", "silver", "银色", "charcoal")),
    "red": Swatch("Red", "红色", "#d3282f", ("红", "紅", "紅色", "crimson", "scarlet", "maroon")),
    "orange": Swatch("Orange", "橙色", "#f28c1e", ("橙", "橘色", "橘黄色")),
    "yellow": Swatch("Yellow", "黄色", "#f5d327", ("黄", "黃", "黃色", "gold", "golden", "金色")),
    "green": Swatch("Green", "绿色", "#3f9b46", ("绿", "綠", "綠色", "olive", "lime")),
    "blue": Swatch("Blue", "蓝色", "#2f6fd0", ("蓝", "藍", "藍色", "navy", "navy blue", "藏青色")),
    "purple": Swatch("Purple", "紫色", "#7d3fa5", ("紫", "violet", "lavender")),
    "pink": Swatch(
        "Pink", "粉色", "#f29ac0", ("粉", "粉红", "粉红色", "粉紅", "粉紅色", "magenta")
    ),
    "brown": Swatch("Brown", "棕色", "#7b4a28", ("棕", "褐色", "咖啡色")),
    "beige": Swatch("Beige", "米色", "#e3d3b3", ("杏色", "cream", "tan", "khaki", "卡其色")),
}

_NAMED = {
    said.casefold(): name
    for name, swatch in SWATCHES.items()
    for said in (name, swatch.en, swatch.zh, *swatch.called)
}


def colour_named(said: str) -> str | None:
    """The basic colour that is called so, in English or Chinese; None: of none."""
    return _NAMED.get(" ".join(said.split()).casefold())
