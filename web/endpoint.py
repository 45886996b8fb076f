"""An endpoint of the API: one declaration beside its view says where it is and what it reads and
gives, which keys may use it, and what may go wrong. It is served and documented by that alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, TypedDict, TypeVar, Unpack, overload

from flask import Blueprint, Flask, Response, request
from pydantic import BaseModel

from . import payloads
from .json_response import json_response

Shape = TypeVar("Shape")
View = TypeVar("View", bound=Callable[..., Any])


class Scope(StrEnum):
    """What a key must be for. Keys are not asked for yet: the document says it already."""

    SEARCH = "search"
    READ = "read"


class Picture(Enum):
    """Whether a picture comes with a request, as the part `image` of a form."""

    NEEDED = "needed"
    OPTIONAL = "optional"  # JSON alone will do
    AMONG_FIELDS = "among fields"  # optional too; what is read are parts beside it, or JSON


@dataclass(frozen=True, slots=True)
class File:
    """What an endpoint gives that is not JSON: bytes of one of these media types."""

    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """One method at one address. Called, it reads the request, asks its view and answers.

    `reads` is what a query string or a JSON body must be; the view gets it first, then the picture.
    """

    method: str
    path: str  # as OpenAPI has it: /images/{id}
    view: Callable[..., Any]
    gives: Any  # a shape, or File
    reads: type[BaseModel] | None = None
    picture: Picture | None = None
    scope: Scope | None = None  # None: everybody may ask
    problems: tuple[int, ...] = ()  # besides those that any endpoint may answer

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def summary(self) -> str:
        return " ".join((self.view.__doc__ or "").split())

    def __call__(self, **ids: int | str) -> Response:
        answer = self.view(*self._read(), **ids)
        return answer if isinstance(answer, Response) else json_response(answer)

    def _read(self) -> Iterator[Any]:
        if self.picture is Picture.OPTIONAL and self.reads:
            yield from payloads.read_with_picture(self.reads, request)
        elif self.picture is Picture.AMONG_FIELDS and self.reads:
            yield from payloads.read_fields(self.reads, request)
        elif self.picture:
            yield payloads.read_image(request)
        elif self.reads and self.method == "GET":
            yield payloads.read_parameters(self.reads, request.args)
        elif self.reads:
            yield payloads.parse(self.reads, payloads.read_body(request))


class More(TypedDict, total=False):
    """What an endpoint may say of itself besides; see Endpoint."""

    reads: type[BaseModel] | None
    picture: Picture | None
    scope: Scope | None
    problems: tuple[int, ...]


class Endpoints:
    """The endpoints of one module: a decorator for its views, and the blueprint of them."""

    def __init__(self, name: str, prefix: str = "") -> None:
        self.blueprint = Blueprint(name, __name__)
        self._prefix = prefix

    @overload
    def __call__(
        self, method: str, path: str, *, gives: File, **more: Unpack[More]
    ) -> Callable[[Callable[..., Response]], Callable[..., Response]]: ...

    @overload
    def __call__(
        self, method: str, path: str, *, gives: type[Shape], **more: Unpack[More]
    ) -> Callable[[Callable[..., Shape]], Callable[..., Shape]]: ...

    def __call__(
        self, method: str, path: str, *, gives: Any, **more: Unpack[More]
    ) -> Callable[[View], View]:
        """`gives` is the shape that the view returns, which the type checker compares; a view that
        gives a file returns the response itself."""
        whole = self._prefix + path

        def declare(view: View) -> View:
            endpoint = Endpoint(method, whole, view, gives, **more)
            rule = whole.replace("{id}", "<image_id:image_id>").replace("{sku}", "<path:sku>")
            self.blueprint.add_url_rule(rule, endpoint.name, endpoint, methods=[method])
            return view

        return declare


def endpoints_of(app: Flask) -> tuple[Endpoint, ...]:
    """All that are declared, in the order in which they are served."""
    return tuple(view for view in app.view_functions.values() if isinstance(view, Endpoint))
