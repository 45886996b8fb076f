"""`indexer export`: the whole library as JSON lines."""

from __future__ import annotations

import click

from search.records import Filters, Sort, Space
from search.shapes.pictures import export_json
from search.store import Store
from search.words import counted

from ..options import Options, shared
from ..search_options import check_known

PAGE = 500  # images read at once


@click.command("export")
@click.option("--collection", "collections", multiple=True, help="Only this collection.")
@click.option("--vectors", is_flag=True, help="With the vectors of both spaces.")
@shared
def command(options: Options, collections: tuple[str, ...], vectors: bool) -> None:
    """Write one JSON line for each image: paths, caption, size, date, collection.

    \b
    indexer export > library.jsonl
    indexer export --collection shop | jq -r .path
    """
    import json

    exported = 0
    with Store.open(options.settings()) as store:
        filters = Filters(collection=collections)
        check_known(store, filters)
        stored = _vectors(store) if vectors else {}
        cursor = None
        while True:
            records, cursor = store.images.page(filters, Sort.RELEVANCE, cursor, PAGE)
            for record in records:
                line = {"message_type": "file", **export_json(record)}
                if vectors:
                    line["vectors"] = stored.get(record.id, {})
                click.echo(json.dumps(line))
                exported += 1
            if cursor is None:
                break
    if options.json:
        options.console().summary(exported=exported)
    else:
        click.echo(f"{counted(exported, 'image')} exported", err=True)


def _vectors(store: Store) -> dict[int, dict[str, list[float]]]:
    """Image id -> space -> vector."""
    found: dict[int, dict[str, list[float]]] = {}
    model = store.encoders.current()
    for space in Space if model else ():
        assert model is not None
        changes = store.vectors.changes(model, space, 0)
        for id_, vector in zip(changes.owners.tolist(), changes.vectors.tolist(), strict=True):
            found.setdefault(id_, {})[space.value] = vector
    return found
