"""A model's files -> a network, its reader, its preprocessing and its fingerprint.

Three origins, one result: the package's own folder, open_clip's hub, a folder of the user's.
Weights are safetensors, or read with `weights_only`: nothing in a file is ever run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.factory import _find_checkpoint_in_dir, load_checkpoint, load_state_dict
from open_clip.transform import PreprocessCfg, merge_preprocess_dict
from open_clip.transformer import MultimodalTransformer, TextTransformer

from ..errors import ModelUnavailableError
from ..models import ModelSource, Origin, require_transformers
from ..records import Fit, Preprocessing
from . import embedded, hub
from .tokenization import EmbeddedReader, Reader, needs_transformers, read_with

EMBEDDED_FOLDER = Path(__file__).parent.parent / "embedded"
EMBEDDED_WEIGHTS = "4b1c2b8d360d495574a600beaa8079c783b22e69653a1cdb7b3f396ed0dcb41b"  # SHA-256

_FITS = {"shortest": Fit.CROP, "squash": Fit.SQUASH, "longest": Fit.PAD}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model in memory, in float32 on the CPU."""

    name: str
    network: torch.nn.Module  # open_clip's CLIP, CustomTextCLIP or CoCa
    reader: Reader
    preprocessing: Preprocessing
    dim: int
    fingerprint: str


def load(source: ModelSource) -> Checkpoint:
    """ModelUnavailableError says what is missing and what to do about it."""
    if source.origin is Origin.PACKAGE:
        return _own(source.name, EMBEDDED_FOLDER, shipped=EMBEDDED_WEIGHTS)
    if source.origin is Origin.HUB:
        return _from_hub(source)
    assert source.folder is not None
    return _from_folder(source.name, source.folder)


def _own(name: str, folder: Path, shipped: str | None = None) -> Checkpoint:
    """A model of the embedded kind: open_clip's CoCa around an image tower of ours.

    `shipped` is what its weights must be. A damaged file of the right length would load: no library
    may be made with it.
    """
    network, tokenizer, config = embedded.load_model(folder)
    reader = EmbeddedReader(tokenizer, folder, config["text"]["context_length"])
    preprocessing = Preprocessing(size=config["size"])
    weights = _sha256(folder / "model.safetensors")
    if shipped and weights != shipped:
        raise ModelUnavailableError(
            f"{folder / 'model.safetensors'} is damaged: it is not the file that Pomona "
            "comes with. Install Pomona again; nothing in a library is lost. (Weights of your own "
            "are named by --model openclip:/path/to/folder.)"
        )
    fingerprint = _fingerprint(weights, reader, preprocessing, config)
    return Checkpoint(name, network, reader, preprocessing, config["embed"], fingerprint)


def _from_folder(name: str, folder: Path) -> Checkpoint:
    """A folder as open_clip's `local-dir:` reads it, or one of the embedded kind."""
    config_file = folder / "open_clip_config.json"
    if not config_file.is_file():
        if (folder / "config.json").is_file() and (folder / "tokenizer.json").is_file():
            return _own(name, folder)
        raise ModelUnavailableError(f"{folder}: no open_clip_config.json there; {_FOLDER_HELP}")
    weights = _find_checkpoint_in_dir(folder)
    if weights is None:
        raise ModelUnavailableError(f"{folder}: no weights there; {_FOLDER_HELP}")
    try:
        config = json.loads(config_file.read_text())
        model_cfg, preprocess = config["model_cfg"], config.get("preprocess_cfg", {})
    except (ValueError, KeyError, AttributeError) as error:
        raise ModelUnavailableError(f"{config_file}: not readable ({error!r})") from error
    return _assemble(name, f"local-dir:{folder}", model_cfg, preprocess, Path(weights), folder)


_FOLDER_HELP = "a model folder holds open_clip_config.json, *.safetensors and its tokenizer's files"


def _from_hub(source: ModelSource) -> Checkpoint:
    """Weights of open_clip's list: from its cache, or downloaded into it once."""
    model_cfg = open_clip.get_model_config(source.model)
    tag = open_clip.get_pretrained_cfg(source.model, source.pretrained)
    if model_cfg is None or not tag:
        raise ModelUnavailableError(_not_listed(source, model_cfg is not None))
    if needs_transformers(source.model, model_cfg["text_cfg"]):
        require_transformers(source.name)
    weights = hub.weights(source, tag["hf_hub"])
    model_cfg["quick_gelu"] = tag.get("quick_gelu", False)  # as the weights were trained
    return _assemble(source.name, source.model, model_cfg, tag, weights, None)


def _not_listed(source: ModelSource, model_known: bool) -> str:
    if not model_known:
        return (
            f"{source.name}: open_clip has no model {source.model!r}, and there is no folder "
            f"{source.model}/{source.pretrained} with a config.json here"
        )
    tags = ", ".join(open_clip.list_pretrained_tags_by_model(source.model)) or "none"
    return f"{source.name}: open_clip has no such weights for {source.model}; it has: {tags}"


def _assemble(
    name: str,
    open_clip_name: str,
    model_cfg: dict[str, Any],
    preprocess: Mapping[str, Any],
    weights: Path,
    folder: Path | None,
) -> Checkpoint:
    """A hub model's shape is told by its name: its configuration may gain words with a release."""
    reader = read_with(open_clip_name, folder, model_cfg["text_cfg"])
    try:
        network = _network(model_cfg, weights)
    except Exception as error:  # torch, safetensors, timm: each has errors of its own
        raise ModelUnavailableError(f"{weights}: not readable as {name} ({error})") from error
    preprocessing = _preprocessing(name, network, preprocess)
    shape = model_cfg if folder else {"open_clip": open_clip_name}
    fingerprint = _fingerprint(_sha256(weights), reader, preprocessing, shape)
    return Checkpoint(
        name, network.eval(), reader, preprocessing, int(model_cfg["embed_dim"]), fingerprint
    )


def _network(model_cfg: Mapping[str, Any], weights: Path) -> torch.nn.Module:
    """Built without storage, the file's tensors then become the parameters.

    For a ViT-B-32 that takes 0.04 s instead of 1.3; where the file needs converting, or a buffer
    is in no file, open_clip loads it in its own way.
    """
    with torch.device("meta"):
        network = build(model_cfg)
    if weights.suffix == ".safetensors":
        state = load_state_dict(str(weights))
        if _shapes(state) == _shapes(network.state_dict()):
            network.load_state_dict({k: _float32(v) for k, v in state.items()}, assign=True)
            _restore_masks(network)
            if not _has_holes(network):
                return network
    network = build(model_cfg)
    load_checkpoint(network, str(weights))
    return network.float()


def build(model_cfg: Mapping[str, Any]) -> torch.nn.Module:
    """open_clip's module for a configuration, with fresh weights; nothing is downloaded."""
    cfg = deepcopy(dict(model_cfg))
    custom = cfg.pop("custom_text", False) or "hf_model_name" in cfg["text_cfg"]
    if "timm_model_name" in cfg["vision_cfg"]:
        cfg["vision_cfg"]["timm_model_pretrained"] = False
    if "hf_model_name" in cfg["text_cfg"]:
        cfg["text_cfg"]["hf_model_pretrained"] = False
    kind = open_clip.CLIP
    if custom:
        kind = open_clip.CoCa if "multimodal_cfg" in cfg else open_clip.CustomTextCLIP
    network: torch.nn.Module = kind(**cfg)
    return network


def _restore_masks(network: torch.nn.Module) -> None:
    """open_clip's causal masks are in no file: they are written anew."""
    for module in network.modules():
        if isinstance(module, open_clip.CLIP | TextTransformer | MultimodalTransformer):
            mask = module.attn_mask
            if mask is not None:
                module.attn_mask = torch.full(mask.shape, float("-inf")).triu_(1)


def _has_holes(network: torch.nn.Module) -> bool:
    """Whether some tensor that no file holds was computed while there was no storage."""
    owned = (value for module in network.modules() for value in vars(module).values())
    tensors = (value for value in owned if isinstance(value, torch.Tensor))
    return any(tensor.is_meta for tensor in (*network.buffers(), *tensors))


def _float32(weight: torch.Tensor) -> torch.Tensor:
    return weight.float() if weight.is_floating_point() else weight


def _shapes(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in state.items()}


def _preprocessing(name: str, network: torch.nn.Module, given: Mapping[str, Any]) -> Preprocessing:
    """open_clip's configuration of its transform, as ours."""
    cfg = merge_preprocess_dict(asdict(PreprocessCfg()), dict(given))
    size = getattr(network.visual, "image_size", cfg["size"])
    width, height = (size, size) if isinstance(size, int) else tuple(size)
    if width != height:
        raise ModelUnavailableError(f"{name}: reads {width} x {height} pixels, only squares work")
    return Preprocessing(
        size=int(width),
        fit=_FITS[cfg["resize_mode"]],
        interpolation="bilinear" if cfg["interpolation"] == "bilinear" else "bicubic",
        mean=_three(cfg["mean"]),
        std=_three(cfg["std"]),
        fill=int(cfg["fill_color"]),
    )


def _three(values: float | list[float] | tuple[float, ...]) -> tuple[float, float, float]:
    if isinstance(values, (int, float)):
        return (float(values),) * 3
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _fingerprint(
    weights: str, reader: Reader, preprocessing: Preprocessing, config: Mapping[str, Any]
) -> str:
    """One hash over everything that a vector depends on but the precision (cosine > 0.999)."""
    parts = [weights, reader.identity, asdict(preprocessing), config]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _sha256(file: Path) -> str:
    """Of the content; a file in the hub's cache is named by it already."""
    blob = file.resolve()
    if blob.parent.name == "blobs" and len(blob.name) == 64:
        return blob.name
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
