"""Questions that a library answers well: phrases of its own captions, each tried out first."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from .records import Caption

SAMPLE = 400  # images whose captions are looked at
KEPT_SECONDS = 60  # although the library has changed: an ingest changes it all the time
SHOWN = 3  # examples in the words of the captions
TRIED = 12  # phrases that are searched for, at most
LONGEST = 30  # characters

# Tried in a library whose captions are not in Chinese, if its model reads it.
CHINESE = ("红色苹果", "猫", "狗", "汽车", "花", "鸟", "大海", "山", "食物", "房子", "人", "衣服")

_FRAME = re.compile(
    r"^(?:(?:an?|the|some|two|three|several|close[- ]?up|black and white)\s+)*"
    r"(?:photo(?:graph)?|picture|image|icon|drawing|painting|illustration|view|close[- ]?up)s?"
    r"\s+(?:of|showing)(?:\s+|$)"
)
_ARTICLE = re.compile(r"^(?:an?|the|some|two|three|several|many)\s+")
_REST = re.compile(
    r"[,.;:(]|\s(?:on|in|at|with|and|or|of|by|from|to|near|next|behind|under|over|against|for"
    r"|is|are|that|which|who|while|as|sitting|standing|lying|wearing|holding)\s"
)
_CHINESE_FRAME = re.compile(r"^一[张幅个只辆件座]|的(?:照片|图片|图像|图标|画)$")


class Examples:
    """Found once a model and revision, and not every second; safe to share between threads."""

    def __init__(
        self,
        sample: Callable[[], Sequence[Caption]],
        is_found: Callable[[str], bool],
        languages: Callable[[], Sequence[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`is_found`: whether a search for these words finds something strong; `languages`: those
        that the model reads."""
        self._sample = sample
        self._is_found = is_found
        self._languages = languages
        self._clock = clock
        self._lock = threading.Lock()
        self._revision = -1
        self._model = ""
        self._looked_at = 0.0
        self._any = False  # captions
        self._found: tuple[str, ...] = ()

    def at(self, revision: int, model: str) -> tuple[str, ...]:
        """Short and distinct; none where the library is empty or has no captions.

        `model` is the fingerprint of the one that answers.
        """
        with self._lock:
            same = model == self._model and (revision == self._revision or self._may_be_kept())
            if not same:
                captions = self._sample()
                self._found = tuple(self._look(captions))
                self._any = bool(captions)
                self._revision, self._model = revision, model
                self._looked_at = self._clock()
            return self._found

    def _may_be_kept(self) -> bool:
        return self._any and self._clock() < self._looked_at + KEPT_SECONDS

    def _look(self, captions: Sequence[Caption]) -> Iterator[str]:
        yield from self._first([c.text for c in captions if c.language == "en"], phrase)
        if captions and "zh" in self._languages():
            own = [c.text for c in captions if c.language == "zh"]
            found = list(self._first(own, chinese_phrase))
            yield from found or [words for words in CHINESE if self._is_found(words)][:1]

    def _first(self, texts: Sequence[str], phrase_of: Callable[[str], str]) -> Iterator[str]:
        """The most frequent phrases that share no word and that find something."""
        common = Counter(filter(None, map(phrase_of, texts)))
        ranked = sorted(common, key=lambda words: (-common[words], words))
        taken: set[str] = set()
        shown = 0
        for words in ranked[:TRIED]:
            if taken.isdisjoint(words.split()) and self._is_found(words):
                taken.update(words.split())
                shown += 1
                yield words
            if shown == SHOWN:
                return


def phrase(caption: str) -> str:
    """What an English caption shows first: "a photo of a red apple on a table" -> "red apple"."""
    words = _ARTICLE.sub("", _FRAME.sub("", caption.strip().lower()))
    words = _REST.split(words, maxsplit=1)[0].strip()
    return words if len(words) <= LONGEST and len(words.split()) <= 4 else ""


def chinese_phrase(caption: str) -> str:
    """The same of a Chinese one: 一张红苹果的照片 -> 红苹果."""
    words = _CHINESE_FRAME.sub("", caption.strip("。 "))
    return words if len(words) <= LONGEST // 3 else ""
