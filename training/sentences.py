"""What can be said of a picture: its human captions, and sentences from label and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .lexicon import AUDIENCE_ZH, COLOURS, KINDS, NO_COLOUR_ZH, SHORT_COLOURS_ZH, WIDER
from .shards import Meta

PLURAL = ("shoes", "glasses", "jeans", "pants", "trousers", "shorts", "socks", "heels", "flops")
UNCOUNTED = ("milk", "juice", "yoghurt", "cream", "food", "fruit", "waste", "garlic", "ginger")

PLURAL_ENDINGS = {  # English that does not just add an s; the first that fits
    **{"woman": "women", "human": "humans", "man": "men", "child": "children", "foot": "feet"},
    **{"tooth": "teeth", "goose": "geese", "mouse": "mice", "fish": "fish", "sheep": "sheep"},
    **{"knife": "knives", "leaf": "leaves", "loaf": "loaves", "wolf": "wolves", "elf": "elves"},
    **{"scarf": "scarves", "calf": "calves", "tomato": "tomatoes", "potato": "potatoes"},
    **{"mango": "mangoes", "buffalo": "buffaloes", "deer": "deer", "bison": "bison"},
}
MEDIA = {"icon": "图标", "painting": "绘画", "cartoon": "卡通画", "sketch": "素描", "drawing": "画"}


@dataclass(frozen=True, slots=True)
class Sentences:
    """`human_*` are captions that somebody wrote of this very picture; the rest is made."""

    human_en: tuple[str, ...]
    human_zh: tuple[str, ...]
    made_en: tuple[str, ...]  # the first one is what a decoder should say
    made_zh: tuple[str, ...]


def sentences_of(meta: Meta) -> Sentences:
    title = (meta.get("title") or "").strip()
    made_en = [*_label_sentences(meta), *([title] if title else [])]
    return Sentences(
        _clean(meta.get("captions")),
        _clean(meta.get("captions_zh")),
        tuple(dict.fromkeys(made_en)),
        tuple(dict.fromkeys(_label_sentences_zh(meta))),
    )


def with_article(phrase: str) -> str:
    """`phrase` as it stands after "a photo of": "a red apple", "an apple", "black jeans"."""
    last = phrase.split()[-1] if phrase else ""
    if last.endswith((*PLURAL, *UNCOUNTED)) or (last.endswith("s") and not last.endswith("ss")):
        return phrase
    return ("an " if phrase[:1].lower() in "aeiou" else "a ") + phrase


def plural(phrase: str) -> str | None:
    """Several of them: "sunflowers"; None for what is many already, or cannot be counted."""
    if with_article(phrase) == phrase:
        return None
    *before, last = phrase.split(" ")
    for ending, many in PLURAL_ENDINGS.items():
        if last.endswith(ending):
            last = last.removesuffix(ending) + many
            break
    else:
        if last.endswith("y") and last[-2:-1] not in "aeiou":
            last = last[:-1] + "ies"
        else:
            last += "es" if last.endswith(("s", "x", "z", "ch", "sh")) else "s"
    return " ".join([*before, last])


def colour_of(meta: Meta) -> str | None:
    """The one colour that the attributes name, if we know its words."""
    return next((a.lower() for a in attributes(meta) if a.lower() in COLOURS), None)


def attributes(meta: Meta) -> list[str]:
    return [a for a in meta.get("attributes") or [] if isinstance(a, str)]


def medium(meta: Meta) -> str | None:
    """What the picture is, if it is no photo."""
    return next((a for a in attributes(meta) if a in MEDIA), None)


def _clean(captions: list[str] | None) -> tuple[str, ...]:
    return tuple(c.strip() for c in captions or [] if c.strip())


def _label_sentences(meta: Meta) -> Iterator[str]:
    label = (meta.get("label") or "").replace("_", " ").strip().lower()
    if not label:
        return
    colour = colour_of(meta)
    full = label if colour is None or _says(label, colour) else f"{colour} {label}"
    yield f"{with_article(medium(meta) or 'photo')} of {with_article(full)}"
    yield full
    yield f"a photo of {full}"
    yield f"a picture of {with_article(full)}"
    yield f"{with_article(full)} in a photo"
    yield from (label, f"a photo of {with_article(label)}") if full != label else ()
    yield from _kind_sentences(meta, colour)
    for audience in _audiences(meta):
        yield from (f"{full} for {audience}", f"{audience}'s {full}")


def _kind_sentences(meta: Meta, colour: str | None) -> Iterator[str]:
    kind, _ = KINDS.get(meta.get("label") or "", KINDS.get(meta.get("group") or "", (None, None)))
    if kind:
        full = f"{_plain(colour)} {kind}" if colour else kind
        yield full
        yield f"a photo of {with_article(full)}"
        yield with_article(full)
    wider, _ = WIDER.get(meta.get("group") or "", (None, None))
    if wider:
        yield f"{_plain(colour)} {wider}" if colour else wider


def _label_sentences_zh(meta: Meta) -> Iterator[str]:
    label = meta.get("label_zh")
    if not label:
        return
    colour = COLOURS.get(colour_of(meta) or "", "")
    full = label if _says_zh(label, colour) else colour + label
    yield f"一张{full}的{MEDIA.get(medium(meta) or '', '照片')}"
    yield full
    yield from (label, f"一张{label}的照片") if full != label else ()
    yield from _kind_sentences_zh(meta, colour)
    for audience in _audiences(meta):
        yield AUDIENCE_ZH[audience] + full


def _kind_sentences_zh(meta: Meta, colour: str) -> Iterator[str]:
    _, kind = KINDS.get(meta.get("label") or "", KINDS.get(meta.get("group") or "", (None, None)))
    if kind:
        yield colour + kind
        yield from (short + kind for short in SHORT_COLOURS_ZH.get(colour, ()))
        if (colour, kind) == ("绿色", "苹果"):
            yield from ("青苹果", "青色苹果")
    elif colour:
        yield from (short + meta["label_zh"] for short in SHORT_COLOURS_ZH.get(colour, ()))
    _, wider = WIDER.get(meta.get("group") or "", (None, None))
    if wider:
        yield colour + wider


def _says(label: str, colour: str) -> bool:
    """Word by word: an embroidered shirt need not be red."""
    return f" {colour} " in f" {label.replace('-', ' ')} " or f" {colour} " in f" {label} "


def _says_zh(label: str, colour: str) -> bool:
    """By its first character, but for things whose name has it in whatever colour they come."""
    for name in NO_COLOUR_ZH:
        label = label.replace(name, "")
    return colour[:1] in label if colour else True


def _plain(colour: str | None) -> str:
    """Yellow-green apples are sold, and asked for, as yellow ones."""
    return "yellow" if colour == "yellow-green" else colour or ""


def _audiences(meta: Meta) -> list[str]:
    return [a for a in attributes(meta) if a in AUDIENCE_ZH]
