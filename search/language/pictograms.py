"""Emoji by their names in the Unicode CLDR: towers know the words, and no emoji."""

from __future__ import annotations

import re

_ABOVE_LETTERS = re.compile(r"[\u203c-\u3299\U0001f000-\U0001faff]")
_FACE = re.compile(r"(?<=\w) face$|脸$")  # a dog is drawn as a dog's face


def named(text: str, language: str) -> str:
    """The text with each emoji as words of that language, "en" or "zh"."""
    if not _ABOVE_LETTERS.search(text):
        return text
    import emoji  # reads its tables: only where there may be one

    emoji.config.load_language(language)
    replaced = emoji.replace_emoji(text, lambda sign, data: f" {_name(sign, data, language)} ")
    return " ".join(replaced.split())


def _name(sign: str, data: dict[str, str], language: str) -> str:
    name = data.get(language, data["en"]).strip(":").replace("_", " ").replace("-", " ")
    return _FACE.sub("", name) or name
