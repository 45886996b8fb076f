"""Labels as they are given: in a list with commas of either language, or a line each in a file."""

from __future__ import annotations

import re
from pathlib import Path

import click

from search.query import MAX_TEXT


def read_labels(listed: str | None, file: Path | None) -> tuple[str, ...]:
    """All of them, each once. Raises click.UsageError where there are none, or one is no label."""
    found = re.split("[,，、]", listed or "")
    if file is not None:
        found += _lines(file)
    labels = tuple(dict.fromkeys(label.strip() for label in found if label.strip()))
    if not labels:
        raise click.UsageError("say which labels there are: --labels cat,dog or --labels-file FILE")
    for label in labels:
        if len(label) > MAX_TEXT or any("\ud800" <= c <= "\udfff" for c in label):
            raise click.UsageError(f"not a label: {label[:40]!a}")
    return labels


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise click.UsageError(f"{file}: labels are a UTF-8 text, one a line") from None
    return [line for line in lines if not line.lstrip().startswith("#")]
