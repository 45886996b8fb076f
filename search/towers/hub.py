"""Weights from the hub: said before they are fetched, fetched once, then read from the cache.

What is said goes to this module's logger: the announcement as a warning, which Python shows even
where nobody has set up logging, and how far it is as records with `done` and `total` megabytes.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub import try_to_load_from_cache as cached
from huggingface_hub.errors import RemoteEntryNotFoundError
from open_clip.constants import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME
from tqdm import tqdm

from ..errors import ModelUnavailableError
from ..models import BY_NAME, ModelSource, licence

ANSWER_SECONDS = 8.0  # for the hub to say that it is there
PROGRESS_SECONDS = 0.5  # between two records

T = TypeVar("T")
_log = logging.getLogger(__name__)


def weights(source: ModelSource, address: str) -> Path:
    """The file of `address` ("owner/repository/file", or "owner/repository/"), cached or fetched.

    Raises ModelUnavailableError, within seconds where no hub can be reached.
    """
    repository, _, file = address.rpartition("/")
    names = _files(file)
    for name in names:
        if isinstance(found := cached(repository, name), str):
            return Path(found)
    try:
        name, size = within(ANSWER_SECONDS, lambda: _there(repository, names))
        _announce(source, repository, size)
        return Path(hf_hub_download(repository, name, tqdm_class=_Progress))
    except Exception as error:  # the hub's client has dozens of them, offline is the usual one
        raise ModelUnavailableError(_missing(source, repository, error)) from error


def within(seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` gives, or TimeoutError: looking up a name has no time limit of its own."""
    given: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            given.append(ask())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="ask-hub", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not given:
        raise TimeoutError(f"no answer within {seconds:.0f} s")
    return given[0]


def _files(file: str) -> list[str]:
    """What may be fetched for a file of open_clip's list, safetensors first."""
    if not file:
        return [HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME]
    stem, dot, kind = file.rpartition(".")
    return [f"{stem}.safetensors", file] if dot and kind in ("bin", "pth") else [file]


def _there(repository: str, names: Sequence[str]) -> tuple[str, int | None]:
    """The first of the files that the hub has, and its bytes."""
    *others, last = names
    for name in others:
        try:
            return name, _bytes(repository, name)
        except RemoteEntryNotFoundError:
            continue
    return last, _bytes(repository, last)


def _bytes(repository: str, name: str) -> int | None:
    return get_hf_file_metadata(hf_hub_url(repository, name), timeout=ANSWER_SECONDS).size


def _announce(source: ModelSource, repository: str, size: int | None) -> None:
    _log.warning(
        "Fetching the weights of %s, once: %s from %s/%s. Licence: %s.",
        source.name,
        _size(source, size),
        constants.ENDPOINT,
        repository,
        licence(source),
    )


def _missing(source: ModelSource, repository: str, error: Exception) -> str:
    offline = constants.is_offline_mode()
    why = "HF_HUB_OFFLINE is set" if offline else str(error).split("\n")[0] or repr(error)
    return (
        f"the weights of {source.name} ({repository}, {_size(source, None)}, licence: "
        f"{licence(source)}) are not on this machine and could not be fetched from "
        f"{constants.ENDPOINT} ({why}). With a network, `indexer models pull {source.name}` "
        f"fetches them. Without: copy {constants.HF_HOME} from a machine that has them (HF_HOME "
        "names another place), or name a model's folder, --model openclip:/path/to/folder, or use "
        "`embedded`, which needs no download"
    )


def _size(source: ModelSource, size: int | None) -> str:
    named = BY_NAME.get(source.name)
    megabytes = round(size / 1e6) if size else named.megabytes if named else None
    return "of unknown size" if megabytes is None else f"{megabytes:,} MB"


class _Progress(tqdm):  # type: ignore[misc]
    """The bar that the hub's client moves; it tells our logger in place of the terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.pop("name", None)  # the client's own
        self._began, self._said = time.monotonic(), 0.0
        with open(os.devnull, "w") as nowhere:
            super().__init__(*arguments, **options | {"file": nowhere, "disable": False})
        self._first = self.n

    def display(self, *arguments: Any, **options: Any) -> bool:
        return False

    def update(self, n: float | None = 1) -> bool | None:
        self.n += n or 0
        now = time.monotonic()
        if now - self._said > PROGRESS_SECONDS or self.n == self.total:
            self._said = now
            self._tell(now - self._began)
        return None

    def _tell(self, seconds: float) -> None:
        done, total = self.n / 1e6, self.total and self.total / 1e6
        per_s = (self.n - self._first) / 1e6 / max(seconds, 1e-3)
        progress = {"done": round(done), "total": total and round(total), "per_s": per_s}
        _log.info("%d MB fetched", round(done), extra=progress)
