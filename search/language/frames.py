"""Frames: what people say around what they look for, and punctuation that means nothing."""

from __future__ import annotations

import re

_PICTURES = r"(?:pictures?|photos?|photographs?|images?|pics?|shots?|snapshots?)"
_SOME = r"(?:(?:some|any|all|a|an|the|my|our|every|more|few|of)\s+)*"
_OF = r"(?:of|with|showing|that\s+shows?|containing|where\s+there\s+(?:is|are))"
_VERB = r"(?:show|find|get|give|search|look|fetch|bring|display)"
_GREETING = r"(?:hi|hello|hey|ok|okay)\b"  # names begin with one too: "hello kitty"

_BEFORE = re.compile(
    rf"""
    (?:{_GREETING}\s*)+,[\s,]*(?=\S)
    | (?:{_GREETING}[\s!.]+)*(?:
    (?:please\b[\s,]*)+(?=\S)
    | (?:(?:can|could|would|will)\s+you\s+)(?:please\s+)?(?={_VERB}\b)
    | i(?:'d|\s+would)?\s+(?:want|like|need|wish)\s+(?:to\s+(?:find|see|get|have|look\s+(?:for|at)
        |search\s+for)\s+)?(?:{_SOME}{_PICTURES}\s+{_OF}\s+)?
    | i(?:'m|\s+am)\s+(?:looking|searching)\s+for\s+(?:{_SOME}{_PICTURES}\s+{_OF}\s+)?
    | {_VERB}\s+(?:(?:me|us)\s+)(?:for\s+)?(?:{_SOME}{_PICTURES}\s+{_OF}\s+)?
    | {_VERB}\s+(?:for\s+)?{_SOME}{_PICTURES}\s+{_OF}\s+
    | (?:look|search)\s+for\s+
    | (?:do\s+(?:you|i|we)\s+have|are\s+there|is\s+there)\s+(?:{_SOME}{_PICTURES}\s+{_OF}\s+)?
    | {_SOME}{_PICTURES}\s+{_OF}\s+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_AFTER = re.compile(r"[\s,]+(?:please|thanks?|thank\s+you|for\s+me)$", re.IGNORECASE)

_ASKING = r"(?:请问?|麻烦|劳驾)?(?:你|您)?"
_FOR_ME = (
    r"(?:(?:能|可以|可否)?(?:帮|给|替|为|让)(?:我|我们|一下|忙)|我们?(?:想要?|要|需要|希望|正?在)?)"
)
_SEEK = r"(?:寻找|查找|搜索|搜寻|找到|找出|看到|看看|看一看|展示|显示|来|搜|找|看)"
_FEW = r"(?:一下|一些|一张|几张|一幅|点|些|张|出|下|有关|关于|所有|全部)*"
_THINGS = r"(?:图片|照片|相片|图像|影像|图)"

_CHINESE_BEFORE = re.compile(
    rf"""
    {_ASKING}(?:{_FOR_ME})+{_SEEK}+{_FEW}
    | 请{_SEEK}+{_FEW}
    | 我们?(?:想要|需要){_FEW}
    | (?:寻找|查找|搜索|搜寻|找一下|找一些|找一张|找几张|搜一下|看一下|来一张|来几张){_FEW}
    | (?:请问|这里)*(?:有没有|是否有){_FEW}
    | (?:关于|有关)
    """,
    re.VERBOSE,
)
_CHINESE_AFTER = re.compile(
    rf"(?:的{_THINGS}|(?<=..)(?:图片|照片)|(?<=.)谢谢[你您]?|(?<=..)[吗呢吧])$"
)

_ENDING = re.compile(r"[\s!?.,;:~\"…！？。，；、]+$")
_BEGINNING = re.compile(r"^[\s!?.,;:~\"…！？。，；、¿¡]+(?=\w)")


def stripped(text: str) -> str:
    """What is left of "show me pictures of red apples, please!!!": "red apples". Of a frame around
    nothing all is left."""
    bare = bare_of_marks(text)
    while True:
        shorter = _once(bare)
        if shorter == bare:
            return bare or text
        bare = shorter


def bare_of_marks(text: str) -> str:
    """Without the punctuation around it, unless there is nothing else."""
    return _BEGINNING.sub("", _ENDING.sub("", text)) or text


def _once(text: str) -> str:
    for frame in (_BEFORE, _CHINESE_BEFORE):
        if (match := frame.match(text)) and (rest := bare_of_marks(text[match.end() :])).strip():
            return rest if any(map(str.isalnum, rest)) else text
    for frame in (_AFTER, _CHINESE_AFTER):
        if rest := bare_of_marks(frame.sub("", text)):
            text = rest
    return text
