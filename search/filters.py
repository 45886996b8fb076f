"""Which images may be hits: one entry of FILTERS is all that the program knows of a filter.

The command line, the API, the page, SQL and the bitmaps read this table. A filter of a kind that
is there is one more entry; a new kind is a class here, its condition in `store/filtering.py` and,
where it is asked for often, its bitmap in `columns.py`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Protocol

from . import products
from .errors import QueryError
from .formats import SUPPORTED, format_named
from .products import Availability, fact
from .ranges import Range, range_of
from .swatches import SWATCHES, colour_named


class Orientation(StrEnum):
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


class Place(Protocol):
    """A path at which a picture was found."""

    @property
    def path(self) -> bytes: ...  # relative to its root

    @property
    def absolute(self) -> bytes: ...


class Named(Protocol):
    """A fact of a picture."""

    @property
    def name(self) -> str: ...

    @property
    def text(self) -> str | None: ...

    @property
    def number(self) -> float | None: ...


class Picture(Protocol):
    """What `Filter.match` looks at: an `ImageRecord` is one."""

    @property
    def locations(self) -> Sequence[Place]: ...

    @property
    def attributes(self) -> Sequence[Named]: ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same words in the languages of the page; `{}` is the value."""

    en: str
    zh: str

    def said(self, language: str, value: object = "") -> str:
        return (self.zh if language == "zh" else self.en).format(value)


# what a value may be


@dataclass(frozen=True, slots=True)
class Text:
    """Any words. `listed`: names that the library has, and the page lists."""

    listed: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list; `called` knows a value by further names."""

    options: Mapping[str, Phrase | None]  # None: the value is its own word
    called: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A time; a date is the beginning of its day, in UTC."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A range of numbers: `<30`, `10..30`, {"lt": 30}."""

    example: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """A name and a value: `brand:acme`, {"brand": ["acme"]}."""

    example: str


class Pair(NamedTuple):
    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in UTC, named by the beginning of its dates: 2024, 2024-07."""

    form: str  # of strptime
    length: int  # characters of its name
    words: Phrase  # of a moment in it
    example: str

    def of(self, moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat()[: self.length]

    def begin(self, name: str) -> datetime:
        """Raises ValueError."""
        try:
            return datetime.strptime(name, self.form).replace(tzinfo=UTC)
        except ValueError:
            raise ValueError(f"must be such as {self.example}") from None


# where the values of an image come from


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute of the record, and the column of that name."""

    name: str

    def of(self, picture: Picture) -> Sequence[Any]:
        """All that the picture has there."""
        value = getattr(picture, self.name)
        return () if value is None else (value,)


@dataclass(frozen=True, slots=True)
class Fact(Column):
    """The texts among the attributes of that name."""

    def of(self, picture: Picture) -> Sequence[str]:
        facts = [fact for fact in picture.attributes if fact.name == self.name]
        return [fact.text for fact in facts if fact.text is not None]


@dataclass(frozen=True, slots=True)
class Amount(Column):
    """The numbers among the attributes of that name."""

    def of(self, picture: Picture) -> Sequence[float]:
        facts = [fact for fact in picture.attributes if fact.name == self.name]
        return [fact.number for fact in facts if fact.number is not None]


@dataclass(frozen=True, slots=True)
class Dated(Column):
    """The period that a time of the image falls in."""

    period: Period

    def of(self, picture: Picture) -> Sequence[str]:
        moment = getattr(picture, self.name)
        return () if moment is None else (self.period.of(moment),)


YEAR = Period("%Y", 4, Phrase("{0.year}", "{0.year}年"), example="2024")
MONTH = Period("%Y-%m", 7, Phrase("{0:%B} {0.year}", "{0.year}年{0.month}月"), example="2024-07")

ID, PLACES = Column("id"), Column("locations")
COLLECTION, TAKEN = Column("collection"), Column("taken_at")
ORIENTATION, FORMAT = Column("orientation"), Column("format")


# the kinds


@dataclass(frozen=True, slots=True, eq=False)
class Filter(ABC):
    """One filter. `name` is its name in addresses, JSON and, with dashes, on the command line."""

    name: str
    values: Text | Choice | Moment | Period | Numbers | Pairs
    label: Phrase  # of its field on the page
    chip: Phrase  # a value of it, as something that can be taken away
    wrong: Phrase  # about a value that cannot be used
    help: str  # for `--help` and the OpenAPI document
    also: tuple[str, ...] = field(default=(), kw_only=True)  # what else people call it in a line
    shop: bool = field(default=False, kw_only=True)  # of products: albums do without
    many: ClassVar[bool] = True  # several values: any of them

    @abstractmethod
    def match(self, picture: Picture, values: Sequence[Any]) -> bool:
        """Whether the picture passes; what SQL and the bitmaps say of it too."""

    def read(self, value: Any) -> Any:
        """A value as it is kept. Raises ValueError, in words for programs."""
        match self.values:
            case Moment():
                return _moment(value)
            case Choice(options, called):
                return _chosen(value, options, called)
            case Period() as period:
                return period.of(period.begin(str(value)))
            case Numbers():
                return range_of(value)
            case Pairs():
                return pair_of(value)
        return value

    def listed(self, given: Any) -> tuple[Any, ...]:
        """What was given, value by value."""
        if isinstance(given, Mapping) and isinstance(self.values, Pairs):
            return tuple(
                Pair(name, each) for name, some in given.items() for each in _several(some)
            )
        return tuple(_several(given))

    def shown(self, value: Any, language: str = "en") -> str:
        """A value in words; a time as its day."""
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d}"
        if isinstance(self.values, Period):
            return self.values.words.said(language, self.values.begin(value))
        words = self._words(value)
        return words.said(language) if words else str(value)

    def said(self, value: Any, language: str = "en") -> str:
        """A value that is asked for, as something that can be taken away."""
        shown = self.shown(value, language)
        return self.chip.said(language, shown.lower() if self._words(value) else shown)

    def names(self) -> Iterator[str]:
        """What it is called in a typed line: `name`, by its labels, and what else."""
        yield from (*self.also, self.name, self.name.replace("_", "-"))
        yield from (self.label.en.casefold(), self.label.zh)

    def _words(self, value: Any) -> Phrase | None:
        return self.values.options.get(value) if isinstance(self.values, Choice) else None


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Filter):
    """The image has one of the values; so it has a facet."""

    column: Column = field(kw_only=True)
    anything: Phrase = field(kw_only=True)  # where no value is chosen
    shades: Mapping[str, str] = field(default_factory=dict, kw_only=True)  # of values' swatches
    counted: bool = field(default=True, kw_only=True)  # False: of too many values for a facet

    def match(self, picture: Picture, values: Sequence[Any]) -> bool:
        return any(value in values for value in self.column.of(picture))


@dataclass(frozen=True, slots=True, eq=False)
class Below(Filter):
    """The image lies below one of the folders: relative to any root, or absolute."""

    def match(self, picture: Picture, values: Sequence[str]) -> bool:
        return any(
            place.path.startswith(relative(folder))
            or (folder.startswith("/") and place.absolute.startswith(absolute(folder)))
            for place in picture.locations
            for folder in values
        )


@dataclass(frozen=True, slots=True, eq=False)
class From(Filter):
    """The image's time is this one or later."""

    column: Column = field(kw_only=True)
    many: ClassVar[bool] = False

    def match(self, picture: Picture, values: Sequence[datetime]) -> bool:
        earliest = max(map(second, values))
        return any(second(at) >= earliest for at in self.column.of(picture))


@dataclass(frozen=True, slots=True, eq=False)
class Before(Filter):
    """The image's time is earlier than this one."""

    column: Column = field(kw_only=True)
    many: ClassVar[bool] = False

    def match(self, picture: Picture, values: Sequence[datetime]) -> bool:
        end = min(map(second, values))
        return any(second(at) < end for at in self.column.of(picture))


@dataclass(frozen=True, slots=True, eq=False)
class Between(Filter):
    """A number of the image lies in the range."""

    column: Amount = field(kw_only=True)
    many: ClassVar[bool] = False

    def match(self, picture: Picture, values: Sequence[Range]) -> bool:
        return any(within.holds(n) for n in self.column.of(picture) for within in values)


@dataclass(frozen=True, slots=True, eq=False)
class Having(Filter):
    """Of each name that is asked for, the image has one of the values; ASCII case is no matter."""

    def match(self, picture: Picture, values: Sequence[Pair]) -> bool:
        return all(
            any(folded(text) in wanted for text in self.column(name).of(picture))
            for name, wanted in self.wanted(values).items()
        )

    def column(self, name: str) -> Fact:
        return Fact(fact(name))

    def wanted(self, values: Sequence[Pair]) -> dict[str, set[str]]:
        """By name, folded."""
        found: dict[str, set[str]] = {}
        for name, value in values:
            found.setdefault(name, set()).add(folded(value))
        return found


_LOWER = str.maketrans({chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})


def folded(text: str) -> str:
    """As every database can fold it."""
    return text.translate(_LOWER)


def relative(folder: str) -> bytes:
    """What paths in that folder begin with."""
    return os.fsencode(folder.strip("/")) + b"/"


def absolute(folder: str) -> bytes:
    """What absolute paths in that folder of the disk begin with."""
    return os.fsencode(folder.rstrip("/")) + b"/"


NO_MOMENT = "must be a date such as 2024-01-31, or a time such as 2024-01-31T12:00:00Z"


def _moment(value: Any) -> datetime:
    try:
        read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(NO_MOMENT) from None


def second(moment: datetime) -> int:
    """The library knows times to the second."""
    return int(moment.timestamp())


def pair_of(value: Any) -> Pair:
    """Raises ValueError."""
    if isinstance(value, Pair):
        name, text = value
    else:
        name, _, text = str(value).partition(":")
    if not (isinstance(text, str) and name.strip() and text.strip()):
        raise ValueError("must be a name and a value, such as brand:acme")
    return Pair(name.strip().casefold(), text.strip())


def _several(given: Any) -> Sequence[Any]:
    alone = isinstance(given, str | int | float | datetime | Range | Pair | Mapping)
    return (given,) if alone else tuple(given)


def _chosen(
    value: Any, options: Mapping[str, Any], called: Callable[[str], str | None] | None
) -> str:
    known = called(value) if called and isinstance(value, str) else value
    for option in options:
        if option == known:
            return option
    raise ValueError(f"{value!r} is not one of {', '.join(options)}")


ATTRIBUTES = "attributes"
FAMILY = Fact(fact(products.FAMILY))  # the same for all variants of one product

FILTERS: tuple[Filter, ...] = (
    OneOf(
        "collection",
        Text(listed=True),
        label=Phrase("Collection", "合集"),
        chip=Phrase("in collection {}", "合集：{}"),
        wrong=Phrase("There is no collection of that name", "没有这个合集"),
        help="Names of collections.",
        column=COLLECTION,
        anything=Phrase("All collections", "所有合集"),
    ),
    Below(
        "folder",
        Text(example="2024/summer"),
        label=Phrase("Folder", "文件夹"),
        chip=Phrase("in folder {}", "文件夹：{}"),
        wrong=Phrase("That is not a folder; write 2024/summer", "这不是文件夹，请写成 2024/summer"),
        help="Folders with all below them, relative to their root or absolute.",
        also=("目录", "路径"),
    ),
    From(
        "taken_after",
        Moment(),
        label=Phrase("Taken since", "拍摄于此日起"),
        chip=Phrase("since {}", "{} 起"),
        wrong=Phrase(
            '"Taken since" is not a date; write 2024-06-30',
            "“拍摄于此日起”不是日期，请写成 2024-06-30",
        ),
        help="Taken at this time or later.",
        also=("after", "since", "之后", "晚于"),
        column=TAKEN,
    ),
    Before(
        "taken_before",
        Moment(),
        label=Phrase("Taken before", "拍摄于此日前"),
        chip=Phrase("before {}", "{} 前"),
        wrong=Phrase(
            '"Taken before" is not a date; write 2024-06-30',
            "“拍摄于此日前”不是日期，请写成 2024-06-30",
        ),
        help="Taken before this time.",
        also=("before", "until", "之前", "早于"),
        column=TAKEN,
    ),
    OneOf(
        "year",
        YEAR,
        label=Phrase("Year", "年份"),
        chip=Phrase("taken in {}", "拍摄于{}"),
        wrong=Phrase("That is not a year; write 2024", "这不是年份，请写成 2024"),
        help="Years in which pictures were taken, such as 2024.",
        column=Dated("taken_at", YEAR),
        anything=Phrase("Any year", "任意年份"),
    ),
    OneOf(
        "month",
        MONTH,
        label=Phrase("Month", "月份"),
        chip=Phrase("taken in {}", "拍摄于{}"),
        wrong=Phrase("That is not a month; write 2024-07", "这不是月份，请写成 2024-07"),
        help="Months in which pictures were taken, such as 2024-07.",
        column=Dated("taken_at", MONTH),
        anything=Phrase("Any month", "任意月份"),
    ),
    OneOf(
        "orientation",
        Choice(
            {
                Orientation.LANDSCAPE: Phrase("Landscape", "横向"),
                Orientation.PORTRAIT: Phrase("Portrait", "竖向"),
                Orientation.SQUARE: Phrase("Square", "方形"),
            }
        ),
        label=Phrase("Shape", "形状"),
        chip=Phrase("{}", "{}"),
        wrong=Phrase("A shape is landscape, portrait or square", "形状只能是横向、竖向或方形"),
        help="Shape of the picture.",
        also=("shape", "方向"),
        column=ORIENTATION,
        anything=Phrase("Any shape", "任意形状"),
    ),
    OneOf(
        "format",
        Choice(dict.fromkeys(SUPPORTED), format_named),
        label=Phrase("Format", "格式"),
        chip=Phrase("{}", "{}"),
        wrong=Phrase(
            f"A format is one of {', '.join(SUPPORTED)}", f"格式只能是 {'、'.join(SUPPORTED)}"
        ),
        help="File format, by content.",
        also=("type", "类型"),
        column=FORMAT,
        anything=Phrase("Any format", "任意格式"),
    ),
    OneOf(
        "colour",
        Choice({name: Phrase(one.en, one.zh) for name, one in SWATCHES.items()}, colour_named),
        label=Phrase("Colour", "颜色"),
        chip=Phrase("{}", "{}"),
        wrong=Phrase(
            f"A colour is one of {', '.join(SWATCHES)}",
            f"颜色只能是{'、'.join(one.zh for one in SWATCHES.values())}",
        ),
        help="Colours of what the picture shows, such as red; on a plain ground of the object.",
        also=("color",),
        column=Fact("colour"),
        anything=Phrase("Any colour", "任意颜色"),
        shades={name: one.shade for name, one in SWATCHES.items()},
    ),
    OneOf(
        "camera",
        Text(listed=True),
        label=Phrase("Camera", "相机"),
        chip=Phrase("{}", "{}"),
        wrong=Phrase("There is no camera of that name", "没有这台相机"),
        help="Cameras by make and model, such as Canon EOS 5D.",
        also=("照相机",),
        column=Fact("camera"),
        anything=Phrase("Any camera", "任意相机"),
    ),
    Between(
        "price",
        Numbers(example="<30"),
        label=Phrase("Price", "价格"),
        chip=Phrase("price {}", "价格：{}"),
        wrong=Phrase("That is no price; write <30 or 10..30", "这不是价格，请写成 <30 或 10..30"),
        help="Products at such a price: <30, >=10, 10..30.",
        shop=True,
        column=Amount(fact("price")),
    ),
    OneOf(
        "availability",
        Choice(
            {
                Availability.IN_STOCK: Phrase("In stock", "有货"),
                Availability.OUT_OF_STOCK: Phrase("Out of stock", "无货"),
                Availability.PREORDER: Phrase("Preorder", "预售"),
                Availability.BACKORDER: Phrase("Backorder", "可预订"),
            }
        ),
        label=Phrase("Availability", "库存"),
        chip=Phrase("{}", "{}"),
        wrong=Phrase(
            "Availability is in_stock, out_of_stock, preorder or backorder",
            "库存只能是 in_stock、out_of_stock、preorder 或 backorder",
        ),
        help="Products of which there are some, or none.",
        shop=True,
        column=Fact(fact("availability")),
        anything=Phrase("In stock or not", "不限库存"),
    ),
    OneOf(
        "sku",
        Text(example="A-1001"),
        label=Phrase("SKU", "货号"),
        chip=Phrase("SKU {}", "货号：{}"),
        wrong=Phrase("There is no product of that number", "没有这个货号"),
        help="Products by their numbers.",
        shop=True,
        column=Fact(fact("sku")),
        anything=Phrase("Any", "任意"),
        counted=False,
    ),
    Having(
        ATTRIBUTES,
        Pairs(example="brand:acme"),
        label=Phrase("Attribute", "属性"),
        also=("attribute",),
        chip=Phrase("{}", "{}"),
        wrong=Phrase("Write a name and a value: brand:acme", "请写名称和值：brand:acme"),
        help="Products with an attribute of their feed, brand:acme; different names must all hold.",
        shop=True,
    ),
)

BY_NAME: Mapping[str, Filter] = {kind.name: kind for kind in FILTERS}


def faceted(names: Sequence[str] | None = None) -> list[OneOf]:
    """The filters whose values can be counted. Raises QueryError for a name of none of them."""
    counted = {kind.name: kind for kind in FILTERS if isinstance(kind, OneOf) and kind.counted}
    if unknown := sorted(set(names or ()) - set(counted)):
        raise QueryError(f"{unknown[0]!r} has no facet; these have: {', '.join(counted)}", "/name")
    return [counted[name] for name in dict.fromkeys(names or counted)]


class Filters(Mapping[str, tuple[Any, ...]]):
    """Conditions by the names of FILTERS, which must all hold. Empty: every image passes.

    `Filters(format="png", folder=("2024", "2025"))`: several values of one filter mean any of
    them. Raises QueryError for a name that is not a filter's, or a value that it cannot have.
    """

    __slots__ = ("_given",)

    def __init__(self, **given: Any) -> None:
        # Before there were more filters than these, they had names in the plural.
        named = {n if n in BY_NAME else n.removesuffix("s"): value for n, value in given.items()}
        if unknown := set(named) - set(BY_NAME):
            raise QueryError(f"{min(unknown)!r} is not a filter; these are: {', '.join(BY_NAME)}")
        asked = [kind for kind in FILTERS if kind.name in named] if named else []
        read = {kind.name: _values(kind, named[kind.name]) for kind in asked}
        self._given = {name: values for name, values in read.items() if values}

    def __getitem__(self, name: str) -> tuple[Any, ...]:
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __hash__(self) -> int:
        return hash(frozenset(self._given.items()))

    def __repr__(self) -> str:
        return f"Filters({', '.join(f'{name}={values!r}' for name, values in self._given.items())})"

    def conditions(self) -> Iterator[tuple[Filter, tuple[Any, ...]]]:
        """Each filter that is asked for, and its values."""
        return ((BY_NAME[name], values) for name, values in self._given.items())

    def match(self, picture: Picture) -> bool:
        return all(kind.match(picture, values) for kind, values in self.conditions())

    def without(self, name: str) -> Filters:
        return Filters(**{other: values for other, values in self._given.items() if other != name})

    def json(self) -> dict[str, Any]:
        """The field `filter` of a request that asks for just this."""
        given = {kind: list(map(_plain, values)) for kind, values in self.conditions()}
        return {kind.name: plain if kind.many else plain[0] for kind, plain in given.items()}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _values(kind: Filter, given: Any) -> tuple[Any, ...]:
    if given is None or given == "":
        return ()
    listed = kind.listed(given)
    if len(listed) > 1 and not kind.many:
        raise QueryError(f"{kind.name} takes one value", f"/filter/{kind.name}")
    try:
        return tuple(map(kind.read, listed))
    except ValueError as error:
        raise QueryError(f"{kind.name}: {error}", f"/filter/{kind.name}") from None
