"""Settings: read once at an entry point, then passed down as a value.

Flags come before POMONA_* variables, these before `config.toml` in the library, that before the
defaults below.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from .errors import SettingsError
from .home import chosen
from .limits import MAX_MEGAPIXELS, QUERY_MEGAPIXELS


def _listed(value: Any) -> Any:
    """A variable holds a list as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError('must be a list in JSON, such as ["photos.lan"]') from None


class Settings(BaseModel):
    """What is not given is taken from the variables, then from the library's `config.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    library: Path = Field(description="Folder of the catalogue, thumbnails, lock and config.toml.")
    database_url: str | None = Field(
        None,
        description="Catalogue elsewhere, e.g. PostgreSQL; default: catalog.db in the library.",
        repr=False,  # it may hold a password
    )
    model: str | None = Field(
        None,
        description="Encoder: embedded, a name from `indexer models`, openclip:MODEL/PRETRAINED.",
    )
    captioner: str | None = Field(
        None, description="Captioner apart from the model; `none` for none."
    )
    caption_language: Literal["en", "zh"] = Field("en", description="Language of new captions.")
    device: str = Field("auto", description="auto, cpu, cuda or cuda:N.")
    index: str = Field(
        "faiss:auto",
        description="What finds neighbours: faiss:auto, faiss:flat (the processor), faiss:cuda:N.",
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="Arithmetic of the towers; auto measures at the start."
    )
    crops: int = Field(
        0, ge=0, le=5, description="Closer looks at each picture when indexing, for its vector."
    )
    batch_size: int = Field(64, ge=1, le=4096, description="Pictures a tower sees at once.")
    workers: int = Field(0, ge=0, le=256, description="Decoder processes; 0: one a core.")
    commit_images: int = Field(64, ge=1, description="Images a transaction stores at most.")
    commit_seconds: float = Field(5.0, gt=0, description="Longest time between two transactions.")
    max_megapixels: int = Field(
        MAX_MEGAPIXELS, ge=1, description="Larger pictures are skipped when indexing."
    )
    query_megapixels: int = Field(
        QUERY_MEGAPIXELS, ge=1, description="Larger pictures are refused as a query."
    )
    decode_seconds: float = Field(60.0, gt=0, description="Longest time for one picture.")
    decode_memory_mb: int = Field(4096, ge=256, description="Memory of one decoder process.")
    query_decode_seconds: float = Field(
        5.0, gt=0, description="Longest time for a picture that is a query, and for its turn."
    )
    query_decode_memory_mb: int = Field(
        1024, ge=256, description="Memory of one decoder process that serves queries."
    )
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        (), description="Host names a server answers to, besides localhost and its own address."
    )

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        known = _variables() | dict(given)
        return _file(known.get("library")) | known


def _variables() -> dict[str, str]:
    named = {name: f"POMONA_{name.upper()}" for name in Settings.model_fields}
    return {name: os.environ[key] for name, key in named.items() if key in os.environ}


def _file(library: Path | str | None) -> dict[str, Any]:
    """What its `config.toml` says."""
    if library is None or not (file := Path(library, "config.toml")).is_file():
        return {}
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise SettingsError(f"settings: {file}: {error}") from None


def read_settings(library: Path | None = None, **flags: Any) -> Settings:
    """For the library that search/home.py chooses. A flag that is None was not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(library=chosen(library), **given)
    except ValidationError as error:
        message = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise SettingsError(f"settings: {message}") from None
