"""Numbers in sentences that people read."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 picture`, `2 pictures`, `1,000 matches`."""
    return f"{count:,} {plural(noun, count)}"


def plural(noun: str, count: int) -> str:
    """The form that goes with the number, as far as our nouns need it."""
    return noun if count == 1 else noun + ("es" if noun.endswith("ch") else "s")


def size(count: int) -> str:
    """Bytes as people say them: `812 bytes`, `3.4 MB`."""
    value = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
