"""SearchEngine: one library, ready to answer.

A search is: follow the database, turn the query into vectors, rank, read the hits' rows. Each step
hands a value to the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from . import media, ranking
from .collapse import Groups, collapsed, folded
from .columns import Columns
from .components import Component, QueryEncoder
from .copies import Copies
from .current_model import CurrentModel
from .errors import NotFoundError, QueryError
from .evidence import Evidence
from .examples import SAMPLE, Examples
from .facets import Answering, Counting
from .filters import ATTRIBUTES, COLLECTION, FAMILY, FILTERS, OneOf, Pair, Text, faceted
from .interfaces import Decoder
from .judging import Judging
from .language import Lexicon, Line, Reading, read
from .lexical import quoted
from .lexicons import Lexicons
from .miscoloured import loss_of_colour
from .model import Model
from .models import languages_of
from .negation import Negation, negations
from .paging import read_cursor, write_cursor
from .products import Availability, Offer, ProductRecord
from .query import Collapse, Image, Picture, Query, Target, Words, check, check_texts
from .reasons import reasons
from .records import (
    Caption,
    Description,
    EncoderInfo,
    Facet,
    Filters,
    Hit,
    Ids,
    ImageFeatures,
    ImageRecord,
    LibraryStats,
    RankedText,
    Relevance,
    SearchResult,
    Sort,
)
from .settings import Settings
from .sorting import ORDERS, Order
from .store import Store
from .variants import one_of_each
from .zeroshot import Classes

NEAREST = 8  # neighbours that a description shows


class SearchEngine:
    """Answers queries over one library; safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        model: Model,
        decoder: Decoder,
        thumbnailer: Decoder | None = None,
        load: Callable[[EncoderInfo], Model] | None = None,
    ) -> None:
        """`thumbnailer` decodes the library's own files, `decoder` strangers' and, without one,
        both. `load` opens the model that the library has changed to; None: this one stays."""
        self.settings = settings
        self.store = store
        self._current = CurrentModel(store, model, load)
        self._decoder = decoder
        self._thumbnailer = thumbnailer or decoder
        self._columns = Columns(store)
        self._copies = Copies(self._columns)
        self._examples = Examples(self._captions, self._finds, self._languages)
        self._told: tuple[int, list[str]] = (-1, [])
        self._lexicons = Lexicons(settings.library, self.known_values, store.words.numbers)

    @property
    def model(self) -> Model:
        """The one that answers now. Who needs it twice keeps it."""
        return self._current.value

    @property
    def model_problem(self) -> str | None:
        """Why the library's own model does not answer yet, where that has failed."""
        return self._current.problem

    def refresh(self) -> int:
        """Follow the database; the revision that every index has reached."""
        return self._at_head()[1]

    def follow(self) -> None:
        """Take the model that the library has changed to, and prepare one that is being made.

        Searches see to that too, but only once they are asked, and without having it prepared.
        Takes as long as loading a model does. Raises LibraryError.
        """
        self._current.follow()

    def read(self, line: Line, rest: Query) -> Reading:
        """What a typed line asks for, beside the `rest` of a question. Raises QueryError for one
        that is too long; all else has a meaning."""
        beside = not all(term.away for term in rest.terms)
        return read(line, self.lexicon(), beside=beside)

    def lexicon(self) -> Lexicon:
        """What the reader of lines knows of this library and its model."""
        model, _ = self._at_head()
        return self._lexicons.of(model.info.fingerprint, model.encoder.vocabulary)

    def search(self, query: Query) -> SearchResult:
        """Raises QueryError, NotFoundError (an image id), ImageError (the picture)."""
        began = time.perf_counter()
        check(query)
        if not query.wanted and query.sort is Sort.RELEVANCE:
            query = replace(query, sort=Sort.NEWEST)  # nothing is asked to be relevant to
        model, revision = self._at_head()
        encoder = self._query_encoder(model)
        evidence = _evidence(model, query, encoder.components(query.wanted))
        unwanted = self._negations(model, query, encoder)
        judging = self._judging(model, query, evidence, unwanted)
        ranked = self._rank(model, query, judging)
        shown = self._without_variants(query, ranked)
        hits = self._hits(query, shown, judging, evidence)
        return SearchResult(
            hits=hits,
            total=shown.total,
            revision=revision,
            took_ms=(time.perf_counter() - began) * 1000,
            truncated=bool(query.text) and not model.encoder.fits(query.text or ""),
            strong=int((judging.scores(shown) >= judging.threshold.strong).sum()),
            facets=self._facets_of(query, ranked, self._answering(model, judging)),
        )

    def describe(self, image: bytes) -> Description:
        """Caption, tags and neighbours of a picture that need not be in the library."""
        model, _ = self._at_head()
        features = self._features(model, Picture(image))
        vector = features.vectors[0]
        query = Query(evidence=Target.IMAGE.evidence, limit=NEAREST, any_relevance=True)
        evidence = _evidence(model, query, [Component(vector, 1.0, is_text=False)])
        judging = self._judging(model, query, evidence)
        nearest = self._hits(query, self._rank(model, query, judging), judging, evidence)
        return Description(
            self._caption(model, image, features), model.tagger.tags(vector), nearest
        )

    def rank(self, picture: Picture | Image, texts: Sequence[str]) -> tuple[RankedText, ...]:
        """The texts by how well they say what the picture shows, with probabilities that add up
        to 1. Raises QueryError, NotFoundError (an image id), ImageError (the picture)."""
        check_texts(texts)
        model, _ = self._at_head()
        (shown,) = self._query_encoder(model).components([picture])
        return Classes.of(model, texts).ranked(shown.vector)

    def examples(self) -> tuple[str, ...]:
        """A few words to search for that find something strong in this library."""
        model, revision = self._at_head()
        return self._examples.at(revision, model.info.fingerprint)

    def image(self, image_id: int) -> ImageRecord:
        record = self.store.images.get([image_id]).get(image_id)
        if record is None:
            raise NotFoundError(f"there is no image {image_id}")
        return record

    def offers(self, images: Iterable[ImageRecord]) -> dict[int, Offer]:
        """What each image is in the shop, by its id; of several products the first that can be
        had."""
        shown = {
            image.id: (image.collection, image.product)
            for image in images
            if image.product is not None
        }
        if not shown:
            return {}
        variants = self.store.products.variants(shown.values())
        return {
            id_: Offer(product, tuple(variants[collection, product.family]))
            for id_, (collection, product) in shown.items()
            if (collection, product.family) in variants
        }

    def product(self, sku: str, collection: str | None = None) -> ProductRecord:
        """Raises NotFoundError; without a collection, of several the one that came first."""
        named = self.store.products.named(sku)
        found = next((each for each in named if collection in (None, each.collection)), None)
        if found is None:
            raise NotFoundError(f"there is no product {sku!r}")
        return found

    def like_product(self, product: ProductRecord, rest: Query) -> Query:
        """A question for what looks like it, is of the same kind and can be had; `rest` says all
        else. Raises NotFoundError where no picture shows it."""
        if not product.images:
            raise NotFoundError(f"no picture shows the product {product.product.sku!r}")
        family = self.store.products.images_of(product.collection, product.product.family)
        first, *others = dict.fromkeys((*product.images, *family))
        terms = (Image(first), *(Image(id_, weight=0.0) for id_ in others))
        asked: dict[str, Sequence[object]] = dict(_same_kind(product))
        if self.facets(Filters(), ["availability"])[0].values:
            asked["availability"] = [Availability.IN_STOCK.value]
        filters = Filters(**{**asked, "collection": product.collection, **dict(rest.filters)})
        return replace(rest, terms=terms, filters=filters, any_relevance=True)

    def images(
        self, filters: Filters, sort: Sort, cursor: str | None, limit: int
    ) -> tuple[list[ImageRecord], str | None]:
        """One page of the library, and the cursor of the next page if there is one."""
        found, last = self.store.images.page(filters, sort, read_cursor(cursor), limit)
        return found, None if last is None else write_cursor(last)

    def known_values(self) -> dict[str, list[str]]:
        """The names that the library has, by filter that lists them; filters of products are among
        them where there are products, `attributes` with the names of these."""
        listed: dict[str, list[str]] = {
            kind.name: sorted(self._columns.counts(kind, Filters()))
            for kind in FILTERS
            if isinstance(kind, OneOf) and kind.values == Text(listed=True)
        }
        if not self.store.products.any():
            return listed
        return (
            listed
            | {kind.name: [] for kind in FILTERS if kind.shop}
            | {ATTRIBUTES: self._attributes()}
        )

    def _attributes(self) -> list[str]:
        """The names that feeds have for columns of their own, read once a revision."""
        revision = self.store.revision()
        if self._told[0] != revision:
            self._told = revision, self.store.products.attributes()
        return self._told[1]

    def facets(
        self, asked: Query | Filters, names: Sequence[str] | None = None, prefix: str = ""
    ) -> list[Facet]:
        """How many of the images that answer a query, or pass filters, have each value, the most
        frequent first; `names` of filters, None: of all that have a facet. With `prefix`, values
        with a word that begins so.

        A filter's own condition is left out of its facet: it shows what else could be chosen.
        Raises what `search` raises, and QueryError for a name without a facet.
        """
        query = Query(filters=asked) if isinstance(asked, Filters) else asked
        kinds = faceted(names)
        counting = Counting(query, self._columns, self._answer_to(query))
        return [counting.facet(kind, prefix) for kind in kinds]

    def _facets_of(
        self, query: Query, ranked: ranking.Ranking, answering: Answering
    ) -> Sequence[Facet]:
        if not query.facets:
            return ()
        known: dict[Filters, Ids | None] = {}
        if not _is_everything(query) and len(ranked.ids) == ranked.total:
            known[query.filters] = ranked.ids
        counting = Counting(query, self._columns, answering, known)
        return [counting.facet(kind) for kind in faceted(query.facets)]

    def _answer_to(self, query: Query) -> Answering:
        if query.terms:
            check(query)
        elif _is_everything(query):
            return lambda _: None
        model, _ = self._at_head()
        encoder = self._query_encoder(model)
        evidence = _evidence(model, query, encoder.components(query.wanted))
        unwanted = self._negations(model, query, encoder)
        return self._answering(model, self._judging(model, query, evidence, unwanted))

    def _answering(self, model: Model, judging: Judging) -> Answering:
        def ids(query: Query) -> Ids | None:
            if _is_everything(query):
                return None
            limit = 1 if _has_floor(query) else model.images()  # all above a floor come anyway
            every = replace(query, sort=Sort.RELEVANCE, offset=0, limit=limit)
            return self._rank(model, every, judging).ids

        return ids

    def thumbnail(self, image_id: int, width: int) -> tuple[bytes, str]:
        """Its file, whose long side is at most `width` px, and an ETag."""
        record = self.image(image_id)
        return media.thumbnail(
            self.store.thumbnails,
            record,
            width,
            self._roots(),
            self._thumbnailer,
            self._keep_thumbnail,
        )

    def original(self, image_id: int) -> tuple[BinaryIO, str, str]:
        """The file, open for reading, its media type by content, and its name."""
        record = self.image(image_id)
        return media.original(record, self._roots())

    def stats(self) -> LibraryStats:
        """`model` is the one that answers."""
        stats = self.store.stats()
        return replace(stats, model=self.model.info.name) if stats.model else stats

    def close(self) -> None:
        self.store.close()

    def _at_head(self) -> tuple[Model, int]:
        """The model to answer with, and the revision that its indexes have reached."""
        head = self.store.head()
        model = self._current.at(head)
        return model, model.refresh(head.revision)

    def _languages(self) -> Sequence[str]:
        return languages_of(self.model.info.name)

    def _captions(self) -> list[Caption]:
        """Those of a sample, spread over the library."""
        ids = self._columns.ids(Filters())
        some = ids[:: len(ids) // SAMPLE + 1].tolist()
        return [
            words for record in self.store.images.get(some).values() for words in record.captions
        ]

    def _finds(self, text: str) -> bool:
        hits = self.search(Query((Words(text),), limit=1)).hits
        return bool(hits) and hits[0].relevance is Relevance.STRONG

    def _keep_thumbnail(self, record: ImageRecord, thumbnail: bytes) -> None:
        """A library that cannot be written to does without. What was removed meanwhile leaves
        nothing behind."""
        with suppress(OSError):
            self.store.thumbnails.put(record.content_hash, thumbnail)
            if not self.store.images.get([record.id]):
                self.store.thumbnails.discard([record.content_hash])

    def _roots(self) -> media.Roots:
        return {root.id: root.path for root in self.store.roots.all()}

    def _query_encoder(self, model: Model) -> QueryEncoder:
        return QueryEncoder(
            text=model.text_vector,
            picture=lambda picture: self._features(model, picture).vectors[0],
            image=model.image_vector,
            tags=model.tagger.tags,
        )

    def _features(self, model: Model, picture: Picture) -> ImageFeatures:
        decoded = self._decoder.decode(
            picture.data, [model.encoder.preprocessing], uri="the picture", crop=picture.crop
        )
        return model.encoder.encode_images(decoded.pixels[0])

    def _caption(self, model: Model, image: bytes, features: ImageFeatures) -> str | None:
        captioner, tokens = model.captioner, features.tokens
        if captioner is None:
            return None
        if not captioner.shares_tower(model.encoder):
            decoded = self._decoder.decode(image, [captioner.preprocessing], uri="the picture")
            tokens = captioner.look(decoded.pixels[0])
        return captioner.write(tokens, self.settings.caption_language)[0]

    def _negations(self, model: Model, query: Query, encoder: QueryEncoder) -> list[Negation]:
        curve = model.calibration.curve
        return negations(query, model.retrievers, encoder, curve, model.holding)

    def _judging(
        self,
        model: Model,
        query: Query,
        evidence: Sequence[Evidence],
        unwanted: Sequence[Negation] = (),
    ) -> Judging:
        loss = loss_of_colour(query, self._columns)
        return Judging.of(query, evidence, unwanted, model.calibration, model.images(), loss)

    def _rank(self, model: Model, query: Query, judging: Judging) -> ranking.Ranking:
        least = max(query.min_score or 0.0, 0.0 if query.any_relevance else judging.threshold.weak)
        groups = self._groups(query)
        wanted = query.offset + query.limit
        if groups and not least:  # all that reach a floor are ranked anyway
            wanted += groups.spare(None)
        if not least and (query.sort is not Sort.RELEVANCE or self._sells(query)):
            wanted = model.images()  # any of them may be the first, or one with others
        if judging.evidence:
            ranked = judging.rank(wanted, least, self._allowed(query))
        else:
            ranked = judging.passing(self._columns.ids(query.filters, query.no_hits), least)
        return self._arranged(query, ranked, groups)

    def _arranged(
        self, query: Query, ranked: ranking.Ranking, groups: Groups | None
    ) -> ranking.Ranking:
        """One image of each group, in the order that was asked for."""
        if groups:
            whole = len(ranked.ids) == ranked.total
            spare = groups.spare(ranked.ids if whole else self._allowed(query))
            ranked = collapsed(ranked, groups, spare)
        if query.sort is Sort.RELEVANCE:
            return ranked
        return self._ordered(ranked, ORDERS[query.sort])

    def _sells(self, query: Query) -> bool:
        """Whether variants of a product are one hit."""
        return query.collapse is Collapse.DUPLICATES and self.store.products.any()

    def _without_variants(self, query: Query, ranked: ranking.Ranking) -> ranking.Ranking:
        if not self._sells(query):
            return ranked
        families = self._columns.numbers(FAMILY, ranked.ids)
        if (families < 0).all():
            return ranked
        return one_of_each(ranked, families, self._columns.numbers(COLLECTION, ranked.ids))

    def _ordered(self, ranked: ranking.Ranking, order: Order) -> ranking.Ranking:
        return ranked.ordered(
            self.store.images.keys(ranked.ids.tolist(), order.key), order.ascending
        )

    def _allowed(self, query: Query) -> Ids | None:
        """The images that may be hits; None: all."""
        held = self.model.holding(query)
        if not query.filters and not query.no_hits:
            return held
        ids = self._columns.ids(query.filters, query.no_hits)
        return ids if held is None else ids[np.isin(ids, held)]

    def _groups(self, query: Query) -> Groups | None:
        return self._copies.groups() if query.collapse is Collapse.DUPLICATES else None

    def _hits(
        self, query: Query, ranked: ranking.Ranking, judging: Judging, evidence: Sequence[Evidence]
    ) -> Sequence[Hit]:
        page = ranked.taken(slice(query.offset, query.offset + query.limit))
        ids = page.ids.tolist()
        records = self.store.images.get(ids)
        scores = judging.scores(page).tolist()
        matched = judging.matched_by(page)
        groups, allowed = self._groups(query), self._allowed(query)
        offers = self.offers(records.values())
        why = reasons(page, judging.curve, judging.threshold.scores, evidence)
        others = [one for one in evidence if one.name not in page.features]
        features = {**page.features, **{one.name: one.features(page.ids) for one in others}}
        return [
            Hit(
                rank=query.offset + place + 1,
                score=round(scores[place], 4),
                relevance=judging.relevance(scores[place]),
                cosines={
                    name: round(float(values[place, -1]), 4)
                    for name, values in features.items()
                    if not np.isnan(values[place, -1])
                },
                matched_by=matched[place],
                image=records[id_],
                folded=folded(id_, groups, allowed) if groups else 0,
                offer=offers.get(id_),
                reasons=why[place],
            )
            for place, id_ in enumerate(ids)
            if id_ in records  # removed between ranking and reading
        ]


def _evidence(model: Model, query: Query, components: Sequence[Component]) -> list[Evidence]:
    """All that there is, asked for or not: hits show the scores of each."""
    names = [one.name for one in model.retrievers]
    if unknown := query.evidence.difference(names):
        missing = ", ".join(sorted(unknown))
        raise QueryError(
            f"nothing here is called {missing}; there is {', '.join(names)}", "/target"
        )
    return [one.evidence(query, components) for one in model.retrievers if components]


KINDS = ("product_type", "category", "google_product_category", "kind", "type")  # of attributes


def _same_kind(product: ProductRecord) -> dict[str, list[Pair]]:
    """By the first attribute that tells kinds apart."""
    has = dict(product.product.attributes)
    name = next((name for name in KINDS if name in has), None)
    return {ATTRIBUTES: [Pair(name, has[name])]} if name else {}


def _is_everything(query: Query) -> bool:
    """Whether all that passes the filters is a hit, each one of its own."""
    said = query.evidence or quoted(query) or not query.any_relevance
    return not ((said and query.terms) or query.min_score) and query.collapse is Collapse.NONE


def _has_floor(query: Query) -> bool:
    return bool(query.min_score) or not query.any_relevance
