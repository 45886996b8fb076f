"""Our decoder writes what open_clip's forward, run anew for every word, would write."""

from __future__ import annotations

import threading
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import open_clip  # noqa: E402

from search.towers.checkpoint import build  # noqa: E402
from search.towers.greedy import GreedyDecoder  # noqa: E402

pytestmark = pytest.mark.torch

FIRST = 49406


@torch.inference_mode()
def uncached(
    network: Any, tokens: Any, first: int, end: int, longest: int, words: list[int] | None = None
) -> list[list[int]]:
    """open_clip's own towers over the whole sentence, for every word of `words`, if given."""
    other = torch.full((network.text_decoder.text_projection.shape[1],), words is not None)
    other[words or []] = False
    ids = torch.full((len(tokens), 1), first)
    for _ in range(longest):
        _, read = network.text(ids)
        scores = network.text_decoder(tokens, read)[:, -1:].masked_fill(other, -torch.inf)
        ids = torch.cat([ids, scores.argmax(-1)], 1)
    rows = [row[1:] for row in ids.tolist()]
    return [row[: row.index(end)] if end in row else row for row in rows]


def coca(*, full: bool = False) -> Any:
    """A CoCa with random weights, lively enough that different pictures get different words."""
    torch.manual_seed(0)
    cfg = open_clip.get_model_config("coca_ViT-B-32")
    if not full:
        shape = {"width": 64, "heads": 2, "layers": 3, "vocab_size": 200, "context_length": 20}
        cfg["embed_dim"] = 64
        cfg["text_cfg"] |= shape
        cfg["multimodal_cfg"] |= shape | {"layers": 3}
        cfg["vision_cfg"] |= {"width": 64, "layers": 1, "head_width": 32, "image_size": 64}
    network: Any = build(cfg).eval()
    with torch.no_grad():
        width = cfg["text_cfg"]["width"]
        network.text_decoder.text_projection.normal_(std=width**-0.5)  # open_clip leaves it unset
        network.text.token_embedding.weight.normal_(std=1)
        network.text.positional_embedding.normal_(std=1)
        for block in network.text_decoder.cross_attn:
            block.attn.in_proj_weight.mul_(4)
            block.attn.out_proj.weight.mul_(4)
            block.ln_1_kv.bias.normal_()
    return network


def some_tokens(count: int, width: int = 64, length: int = 9, seed: int = 1) -> Any:
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(count, length, width, generator=generator)


@pytest.fixture(scope="module")
def small() -> Any:
    return coca()


def test_the_words_are_those_of_the_uncached_decoder(small: Any) -> None:
    tokens = some_tokens(16)
    expected = uncached(small, tokens, first=1, end=-1, longest=18)
    assert len({tuple(ids) for ids in expected}) > 8  # the pictures are told apart
    assert max(len(set(ids)) for ids in expected) > 5  # and the sentences go somewhere
    assert GreedyDecoder(small).decode(tokens, first=1, end=-1) == expected


def test_a_restricted_vocabulary_is_the_only_one(small: Any) -> None:
    """As if the other words had the least score, and only for sentences that begin so."""
    tokens, words = some_tokens(16), list(range(3, 200, 2))
    decoder = GreedyDecoder(small)
    free = decoder.decode(tokens, first=1, end=-1)
    decoder.restrict(1, words)
    expected = uncached(small, tokens, first=1, end=-1, longest=18, words=words)
    assert any(token not in words for ids in free for token in ids)
    assert decoder.decode(tokens, first=1, end=-1) == expected
    assert decoder.decode(tokens, first=2, end=-1) == uncached(
        small, tokens, first=2, end=-1, longest=18
    )


def test_finished_sentences_stop_and_the_others_go_on(small: Any) -> None:
    tokens = some_tokens(24)
    endless = uncached(small, tokens, first=1, end=-1, longest=18)
    common = [token for ids in endless for token in set(ids)]
    end = max(set(common), key=common.count)
    expected = uncached(small, tokens, first=1, end=end, longest=18)
    assert len({len(ids) for ids in expected}) > 2
    assert GreedyDecoder(small).decode(tokens, first=1, end=end) == expected


def test_a_remembered_beginning_changes_nothing(small: Any) -> None:
    decoder = GreedyDecoder(small)
    tokens = some_tokens(8)
    once = decoder.decode(tokens, first=1, end=-1)
    other = decoder.decode(tokens, first=2, end=-1)
    assert decoder.decode(tokens, first=1, end=-1) == once
    assert decoder.decode(tokens[3:4], first=1, end=-1) == once[3:4]
    assert other == uncached(small, tokens, first=2, end=-1, longest=18)


def test_forgetting_beginnings_changes_nothing(small: Any) -> None:
    expected = GreedyDecoder(small).decode(some_tokens(16), first=1, end=-1)
    decoder = GreedyDecoder(small, memory_bytes=150_000)  # room for three sentences
    assert decoder.decode(some_tokens(16), first=1, end=-1) == expected


@pytest.mark.parametrize("corrected", [False, True])
def test_words_that_look_like_padding_are_hidden_as_open_clip_hides_them(corrected: bool) -> None:
    """CLIP's padding has the id of its "!", so a caption may hold it."""
    network = coca()
    network.text.correct_cls_mask = corrected
    tokens = some_tokens(24)
    endless = uncached(network, tokens, first=1, end=-1, longest=18)
    spoken = [token for ids in endless for token in ids[2:9]]
    network.text.pad_id = max(set(spoken), key=spoken.count)
    expected = uncached(network, tokens, first=1, end=-1, longest=18)
    assert expected != endless  # the mask matters here
    assert GreedyDecoder(network).decode(tokens, first=1, end=-1) == expected


def test_a_failure_leaves_no_half_known_beginning(small: Any) -> None:
    decoder, tokens = GreedyDecoder(small), some_tokens(4)

    def out_of_memory(*_: Any) -> None:
        raise MemoryError

    hook = small.text.transformer.resblocks[1].ln_1.register_forward_pre_hook(out_of_memory)
    with pytest.raises(MemoryError):
        decoder.decode(tokens, first=1, end=-1)
    hook.remove()
    assert decoder.decode(tokens, first=1, end=-1) == uncached(small, tokens, 1, -1, 18)


def test_several_threads_get_their_own_words(small: Any) -> None:
    decoder = GreedyDecoder(small)
    batches = [some_tokens(3, seed=seed) for seed in range(4)]
    expected = [GreedyDecoder(small).decode(batch, first=1, end=-1) for batch in batches]
    answers: dict[int, list[list[int]]] = {}

    def work(i: int) -> None:
        answers[i] = decoder.decode(batches[i], first=1, end=-1)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[i] for i in range(4)] == expected


def test_a_stock_coca_of_full_shape_writes_the_same_words() -> None:
    network = coca(full=True)
    tokens = some_tokens(3, width=512, length=255)
    expected = uncached(network, tokens, FIRST, end=49407, longest=8)
    assert len({tuple(ids) for ids in expected}) == 3
    assert GreedyDecoder(network, longest=8).decode(tokens, FIRST, 49407) == expected
