"""How a run of the ingest ended: its counts as JSON and in words, and the exit code."""

from __future__ import annotations

from dataclasses import asdict

from search.jobs import IngestReport, ProductCounts
from search.words import counted

from .console import Console

REFUSED = 1  # exit code: something should have been removed and was not
SKIPPED = 3  # exit code: finished, some files skipped that were not skipped before

COUNTS = ("added", "updated", "moved", "duplicates", "unchanged", "skipped", "removed")


def tell(console: Console, report: IngestReport) -> int:
    """Say the counts; the exit code."""
    for refusal in report.refusals:
        console.line("error", code="not_removed", path=None, detail=refusal)
        console.warn(f"Not removed: {refusal}")
    counts = {**asdict(report), "seconds": round(report.seconds, 2)}
    console.summary(in_words(report), **counts)
    if report.refusals:
        return REFUSED
    reported = report.products.reported if report.products else 0
    return SKIPPED if report.newly_skipped or reported else 0


def in_words(report: IngestReport) -> str:
    """Only the counts that are not zero; a line more for each thing that may surprise."""
    counts = asdict(report)
    parts = ", ".join(
        f"{counts[name]:,} {_form(name, counts[name])}" for name in COUNTS if counts[name]
    )
    found = f"{counted(report.found, 'picture')} in {report.seconds:.1f} s"
    lines = [f"{found}: {parts or 'nothing to do'}.", _skipped(report), _left_out(report)]
    return "\n".join(filter(None, [*lines, _ignored(report), _products(report.products)]))


def _products(counts: ProductCounts | None) -> str:
    if counts is None:
        return ""
    names = ("added", "updated", "unchanged", "bad", "removed")
    parts = ", ".join(f"{n:,} {name}" for name in names if (n := getattr(counts, name)))
    return f"{counted(counts.rows, 'product row')}: {parts or 'nothing to do'}."


def _form(name: str, count: int) -> str:
    return "duplicate" if name == "duplicates" and count == 1 else name


def _skipped(report: IngestReport) -> str:
    return "`indexer skipped` says why." if report.skipped else ""


def _left_out(report: IngestReport) -> str:
    if not report.left_out:
        return ""
    them = "it" if report.left_out == 1 else "them"
    return (
        f"{report.left_out:,} left out: removed before; "
        f"`indexer add --include-removed PATH` takes {them} in again."
    )


def _ignored(report: IngestReport) -> str:
    others = report.ignored - report.links
    parts = [f"{counted(others, 'file')} not named like a picture"] if others else []
    if report.links:
        parts.append(f"{counted(report.links, 'link')} not followed (-v names them)")
    return f"Ignored: {', '.join(parts)}." if parts else ""
