"""A text cut at its real length has open_clip's vector at full context, family by family."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

import open_clip  # noqa: E402
from torch.nn import functional  # noqa: E402

from search.towers.checkpoint import build  # noqa: E402
from search.towers.texttower import encode_ids  # noqa: E402

pytestmark = pytest.mark.torch

TEXTS = ["red apple", "!", "wow! a red apple!! on a table", "", "apple " * 200, "a " * 30 + "dog!"]
VISION = {"image_size": 32, "patch_size": 16, "width": 64, "layers": 1, "head_width": 32}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 3}
COCA_TEXT = TEXT | {"context_length": 76, "embed_cls": True, "output_tokens": True}
FAMILIES: dict[str, dict[str, Any]] = {
    "CLIP": {"text_cfg": TEXT},
    "CLIP, quick GELU": {"text_cfg": TEXT, "quick_gelu": True},
    "CLIP, end token": {"text_cfg": TEXT | {"pool_type": "eos", "eos_id": 49407}},
    "CLIP, own text tower": {"text_cfg": TEXT, "custom_text": True},
    "CLIP, projection with bias": {"text_cfg": TEXT | {"proj_bias": True}, "custom_text": True},
    "CoCa": {
        "text_cfg": COCA_TEXT,
        "multimodal_cfg": COCA_TEXT,
        "custom_text": True,
    },
    "CoCa, corrected mask": {
        "text_cfg": COCA_TEXT,
        "multimodal_cfg": COCA_TEXT,
        "custom_text": True,
    },
    "SigLIP": {
        "text_cfg": TEXT | {"no_causal_mask": True, "pool_type": "last", "proj_bias": True},
        "custom_text": True,
    },
}


def network_of(family: str) -> Any:
    torch.manual_seed(0)
    cfg = FAMILIES[family]
    decoder = {"multimodal_cfg": _decoder(cfg)} if "multimodal_cfg" in cfg else {}
    vision = VISION | ({"output_tokens": True} if decoder else {})
    network: Any = build(cfg | decoder | {"embed_dim": 64, "vision_cfg": vision}).eval()
    if family == "CoCa, corrected mask":
        network.text.correct_cls_mask = True
    with torch.no_grad():
        for (
            parameter
        ) in network.parameters():  # fresh positions are nearly nothing: make them count
            torch.nn.init.normal_(parameter, std=0.2)
    return network


def _decoder(cfg: dict[str, Any]) -> dict[str, Any]:
    names = ("context_length", "vocab_size", "width", "heads", "layers")
    return {name: cfg["multimodal_cfg"][name] for name in names}


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_a_cut_text_has_the_vector_of_the_whole(family: str) -> None:
    network = network_of(family)
    context = FAMILIES[family]["text_cfg"]["context_length"]
    ids = open_clip.tokenize(TEXTS, context_length=context)
    expected = functional.normalize(network.encode_text(ids), dim=-1)
    together = functional.normalize(encode_ids(network, ids), dim=-1)
    alone = functional.normalize(torch.cat([encode_ids(network, row[None]) for row in ids]), dim=-1)
    torch.testing.assert_close(together, expected, atol=2e-5, rtol=0)
    torch.testing.assert_close(alone, expected, atol=2e-5, rtol=0)
    assert expected[0] @ expected[4] < 0.999  # the texts are told apart


@pytest.mark.parametrize("family", ["CLIP", "CLIP, own text tower", "CoCa"])
@torch.inference_mode()
def test_a_short_text_does_not_run_at_full_context(family: str) -> None:
    network = network_of(family)
    lengths: list[int] = []
    blocks = getattr(network, "text", network).transformer.resblocks
    blocks[0].register_forward_hook(lambda _, inputs, __: lengths.append(inputs[0].shape[1]))
    context = FAMILIES[family]["text_cfg"]["context_length"]
    encode_ids(network, open_clip.tokenize(["red apple"], context_length=context))
    assert lengths[0] <= 6
