"""Models by name: what they are good for, what they weigh, and whose licence they carry.

A model is named by a word of the table below, by `openclip:MODEL/PRETRAINED` (a pair that open_clip
knows), or by `openclip:/path/to/folder`. Figures are open_clip's own (COCO text to image R@1,
ImageNet zero-shot); sizes are those of the float32 file. See docs/models.md.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from .errors import ModelUnavailableError

EMBEDDED = "embedded"
SCHEME = "openclip:"
TRANSFORMERS = "hub"  # the extra that brings it


class Origin(StrEnum):
    """Where a model's files are."""

    PACKAGE = "package"  # shipped with the code
    HUB = "hub"  # downloaded once by open_clip, then read from its cache
    FOLDER = "folder"  # the user's own files


@dataclass(frozen=True, slots=True)
class NamedModel:
    """One line of the table; `model` and `pretrained` are open_clip's, empty for `embedded`."""

    name: str
    model: str
    pretrained: str
    dim: int
    megabytes: int
    licence: str
    languages: tuple[str, ...]  # that its text tower was trained on
    captions: bool  # has a decoder that writes good sentences
    indexes: bool  # whether its vectors are worth storing
    note: str
    needs: str = ""  # the extra of ours that its tokenizer or text tower needs


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A name, resolved: all that is needed to find the files, nothing of it checked yet."""

    name: str  # as it is stored and shown; the table's word where there is one
    origin: Origin
    model: str = ""
    pretrained: str = ""
    folder: Path | None = None


MODELS = (
    NamedModel(
        EMBEDDED, "", "", 256, 39, "Pomona's own; see its model card", ("en", "zh"), True, True,
        "ships with the code, needs no download; small, made for two CPU cores",
    ),
    NamedModel(
        "fast", "ViT-B-32-256", "datacomp_s34b_b86k", 512, 605, "MIT", ("en",), False, True,
        "the cheapest large model: COCO R@1 39.9, ImageNet 72.8",
    ),
    NamedModel(
        "balanced", "ViT-B-16-SigLIP2", "webli", 768, 1500, "Apache-2.0", ("en", "zh"), False, True,
        "recommended: COCO R@1 52.1, ImageNet 78.2; fair Chinese", needs=TRANSFORMERS,
    ),
    NamedModel(
        "best", "ViT-SO400M-16-SigLIP2-384", "webli", 1152, 4540, "Apache-2.0", ("en", "zh"),
        False, True, "for a GPU: COCO R@1 56.0, ImageNet 84.1; good Chinese", needs=TRANSFORMERS,
    ),
    NamedModel(
        "best-en", "PE-Core-L-14-336", "meta", 1024, 2500, "Apache-2.0", ("en",), False, True,
        "for a GPU, English only: COCO R@1 57.1, ImageNet 83.5",
    ),
    NamedModel(
        "multilingual", "xlm-roberta-base-ViT-B-32", "laion5b_s13b_b90k", 512, 1464, "MIT",
        ("en", "zh"), False, True, "best Chinese of its size: COCO R@1 37.8, ImageNet 62.4",
        needs=TRANSFORMERS,
    ),
    NamedModel(
        "coca", "coca_ViT-L-14", "laion2b_s13b_b90k", 768, 2550, "MIT", ("en",), True, True,
        "one model for vectors and captions: COCO R@1 45.7, ImageNet 75.6",
    ),
    NamedModel(
        "coca-coco", "coca_ViT-L-14", "mscoco_finetuned_laion2b_s13b_b90k", 768, 2554, "MIT",
        ("en",), True, False, "a captioner only: name it with --captioner",
    ),
)  # fmt: skip

BY_NAME = {model.name: model for model in MODELS}


def resolve(name: str) -> ModelSource:
    """Where the files of `name` are; ModelUnavailableError lists the names that are known."""
    if named := BY_NAME.get(name):
        origin = Origin.HUB if named.model else Origin.PACKAGE
        return ModelSource(name, origin, named.model, named.pretrained)
    argument = name.removeprefix(SCHEME)
    if argument == name or not argument:
        raise ModelUnavailableError(_unknown(name))
    if _is_path(argument) or _holds_model(Path(argument)):
        folder = Path(argument).expanduser().absolute()
        return ModelSource(f"{SCHEME}{folder}", Origin.FOLDER, folder=folder)
    model, slash, pretrained = argument.partition("/")
    if not (model and slash and pretrained):
        raise ModelUnavailableError(f"{name}: write {SCHEME}MODEL/PRETRAINED")
    named = _known_as(model, pretrained)
    return ModelSource(named.name if named else name, Origin.HUB, model, pretrained)


def languages_of(name: str) -> tuple[str, ...]:
    """Those of a model's texts; English where nobody knows."""
    named = BY_NAME.get(name)
    return named.languages if named else ("en",)


def licence(source: ModelSource) -> str:
    """The licence of the weights, or where to look for it."""
    named = BY_NAME.get(source.name)
    return named.licence if named else "see the publisher's model card"


def check_installed(source: ModelSource) -> None:
    """Raises ModelUnavailableError where the table names an extra that is not installed.

    Before anything is fetched, and before torch is imported.
    """
    named = BY_NAME.get(source.name)
    if named and named.needs:
        require_transformers(source.name)


def require_transformers(name: str) -> None:
    """Raises ModelUnavailableError, with the command that installs it, where it is missing."""
    if not has_transformers():
        raise ModelUnavailableError(
            f"{name} needs transformers for its texts, which is not installed (some 130 MB); "
            f"this installs it: {install(TRANSFORMERS)}"
        )


def has_transformers() -> bool:
    return find_spec("transformers") is not None


def install(extra: str) -> str:
    """The command for this Python, in a checkout or where the package was installed."""
    checkout = Path(__file__).parent.parent
    pip = f"{shlex.quote(sys.executable)} -m pip install"
    if (checkout / "pyproject.toml").is_file():
        return f"{pip} -e {shlex.quote(f'{checkout}[{extra}]')}"
    return f"{pip} 'pomona[{extra}]'"


def may_be_one(name: str, other: str) -> bool:
    """Whether two names may mean the same weights: what is in a folder is told by its contents.

    Only names whose files are here already: nothing is downloaded in order to be compared.
    """
    if name == other:
        return True
    origins = {resolve(name).origin, resolve(other).origin}
    return Origin.FOLDER in origins and Origin.HUB not in origins


def is_folder(name: str) -> bool:
    """Whether it is the name of a folder's model."""
    return name.startswith(SCHEME) and _is_path(name.removeprefix(SCHEME))


def _holds_model(folder: Path) -> bool:
    return any((folder / file).is_file() for file in ("open_clip_config.json", "config.json"))


def _is_path(argument: str) -> bool:
    return argument.startswith(("/", "./", "../", "~")) or Path(argument).is_absolute()


def _known_as(model: str, pretrained: str) -> NamedModel | None:
    return next((m for m in MODELS if (m.model, m.pretrained) == (model, pretrained)), None)


def _unknown(name: str) -> str:
    known = ", ".join(BY_NAME)
    return (
        f"no model is called {name!r}; known are {known}, "
        f"{SCHEME}MODEL/PRETRAINED and {SCHEME}/path/to/folder"
    )
