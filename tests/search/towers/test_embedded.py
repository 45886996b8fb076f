"""The embedded model: what ships loads, fast, and knows what it is asked first."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer

import search
from search.errors import ModelUnavailableError
from search.towers.embedded import CoCa, Config, build_model, load_model
from search.towers.tokens import BOS, EN, EOS, PAD, SPECIAL_TOKENS, ZH, encode, words
from search.towers.vision import EfficientNetTower, HybridTower, TimmTower, without_norms
from training.drawings import Said, one_shape

pytestmark = pytest.mark.torch

EMBEDDED = Path(search.__file__).parent / "embedded"
TINY: Config = {
    "embed": 64,
    "size": 32,
    "tower": {"kind": "hybrid", "args": {"dim": 64, "depth": 1, "heads": 2, "embed": 64}},
    "text": {"context_length": 10, "vocab_size": 50, "width": 64, "heads": 2, "layers": 1},
    "decoder": {"layers": 1, "attn_pooler_heads": 2},
}

Loaded = tuple[CoCa, Tokenizer, Config]


@pytest.fixture(scope="module")
def embedded() -> Loaded:
    return load_model(EMBEDDED)


def see(loaded: Loaded, pictures: list[bytes]) -> torch.Tensor:
    model, _, config = loaded
    side = (config["size"],) * 2
    arrays = [
        np.asarray(Image.open(io.BytesIO(p)).resize(side, Image.Resampling.BICUBIC))
        for p in pictures
    ]
    pixels = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.inference_mode():
        return model.encode_image(pixels)


def read(loaded: Loaded, texts: list[str]) -> torch.Tensor:
    model, tokenizer, config = loaded
    with torch.inference_mode():
        return model.encode_text(encode(tokenizer, texts, config["text"]["context_length"]))


def test_vectors_of_pictures_and_texts_have_unit_length(embedded: Loaded) -> None:
    both = torch.cat([see(embedded, [_drawing(0).picture]), read(embedded, ["a dog", "狗"])])
    assert torch.allclose(both.norm(dim=1), torch.ones(3), atol=1e-5)
    assert both.shape[1] == embedded[2]["embed"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_drawn_colour_is_told_from_the_others(embedded: Loaded, language: str) -> None:
    """Drawings of seeds that training never drew."""
    colours = {"red": "红色", "green": "绿色", "blue": "蓝色", "yellow": "黄色"}
    drawings = [d for d in map(_drawing, range(150)) if d.label.split()[0] in colours]
    asked = [f"{c} shape" if language == "en" else f"{zh}图形" for c, zh in colours.items()]
    best = (see(embedded, [d.picture for d in drawings]) @ read(embedded, asked).T).argmax(1)
    right = [list(colours)[i] == d.label.split()[0] for i, d in zip(best, drawings, strict=True)]
    assert np.mean(right) > 0.8


def test_a_text_means_the_same_alone_and_among_others(embedded: Loaded) -> None:
    texts = ["a red apple", "two dogs run through the snow", "红色苹果"]
    alone = torch.cat([read(embedded, [text]) for text in texts])
    assert torch.allclose(alone, read(embedded, texts), atol=1e-5)


def test_the_package_stays_small() -> None:
    size = sum(file.stat().st_size for file in EMBEDDED.iterdir())
    assert size <= 50_000_000


def test_a_hybrid_tower_gives_a_token_for_each_16_pixels_and_takes_other_sizes() -> None:
    tower = HybridTower(dim=64, depth=1, heads=2, grid=6, embed=32).eval()
    with torch.inference_mode():
        for side, count in ((96, 36), (64, 16), (128, 64)):
            latents, tokens = tower(torch.zeros(2, 3, side, side))
            assert latents.shape == (2, 32)
            assert tokens.shape == (2, count, 64)


def test_an_efficientnet_tower_gives_a_token_for_each_32_pixels_and_takes_other_sizes() -> None:
    tower = EfficientNetTower(dim=64, depth=1, heads=2, grid=5, embed=32).eval()
    with torch.inference_mode():
        for side, count in ((160, 25), (128, 16), (144, 25)):
            latents, tokens = tower(torch.zeros(2, 3, side, side))
            assert latents.shape == (2, 32)
            assert tokens.shape == (2, count, 64)


def test_its_entry_stays_exact_in_half_precision() -> None:
    tower = EfficientNetTower(dim=64, depth=1, heads=2, embed=32).eval()
    exact = {name: weight.clone() for name, weight in tower.entry.state_dict().items()}
    tower.to(torch.bfloat16).to(memory_format=torch.channels_last)
    for name, weight in tower.entry.state_dict().items():
        assert torch.equal(weight, exact[name])
    assert tower.entry[0].weight.is_contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        latents, tokens = tower(torch.zeros(1, 3, 64, 64, dtype=torch.bfloat16))
    assert latents.dtype == tokens.dtype == torch.bfloat16


def test_norms_folded_away_leave_the_answers_as_they_were() -> None:
    torch.manual_seed(0)
    net = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0).eval()
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.5, 0.5)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
            torch.nn.init.uniform_(part.weight, 0.5, 2)
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = net.forward_features(pixels)
        after = without_norms(net).forward_features(pixels)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in net.modules())
    torch.testing.assert_close(after, before, rtol=1e-3, atol=5e-3)  # of values up to 6


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [("resnet18d", {}, 9), ("vit_tiny_patch16_224", {"img_size": 96}, 36)],
)
def test_any_timm_network_can_be_the_eye(name: str, options: Config, count: int) -> None:
    tower = TimmTower(name, dim=64, embed=32, options=options).eval()
    with torch.inference_mode():
        latents, tokens = tower(torch.zeros(2, 3, 96, 96))
    assert latents.shape == (2, 32)
    assert tokens.shape == (2, count, 64)


def test_loading_gives_back_the_weights_that_were_saved(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = build_model(TINY).half().float().eval()
    save_file({k: v.half() for k, v in model.state_dict().items()}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(TINY))
    (tmp_path / "tokenizer.json").write_text((EMBEDDED / "tokenizer.json").read_text())
    loaded, _, config = load_model(tmp_path)
    pixels, ids = torch.randn(2, 3, 32, 32), torch.randint(6, 50, (2, 10))
    with torch.inference_mode():
        assert config == TINY
        assert torch.equal(loaded.encode_text(ids), model.encode_text(ids))
        assert torch.allclose(loaded.encode_image(pixels), model.encode_image(pixels), atol=1e-3)


def test_a_cut_off_file_is_a_model_that_is_not_available(tmp_path: Path) -> None:
    for file in EMBEDDED.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    whole = (EMBEDDED / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelUnavailableError, match=str(tmp_path)):
        load_model(tmp_path)


def test_texts_are_framed_cut_and_padded(embedded: Loaded) -> None:
    tokenizer = embedded[1]
    ids = encode(tokenizer, ["dog", "dog " * 40, "狗"], 8, [BOS, EN, ZH])
    assert ids[:, 0].tolist() == [BOS, EN, ZH]
    assert ids[0, 2:].tolist() == [EOS, PAD, PAD, PAD, PAD, PAD]
    assert ids[1, -1] == EOS


@pytest.mark.parametrize(
    "text",
    [
        "a red apple on a table.",
        "a dog's long-sleeve t-shirt",
        "一张红色苹果的照片",
        "两个人在海边，看日落。",
    ],
)
def test_words_reads_what_encode_wrote(embedded: Loaded, text: str) -> None:
    ids = encode(embedded[1], [text], 24)[0].tolist()
    assert words(embedded[1], ids) == text


def test_the_tokenizer_knows_the_special_tokens_by_their_numbers(embedded: Loaded) -> None:
    assert [embedded[1].token_to_id(token) for token in SPECIAL_TOKENS] == list(range(6))


def _drawing(seed: int) -> Said:
    return one_shape(random.Random(10_000 + seed))
