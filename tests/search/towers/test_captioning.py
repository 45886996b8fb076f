from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sample import draw  # noqa: E402
from sample.catalogue import catalogue  # noqa: E402
from search.errors import ModelUnavailableError, SettingsError  # noqa: E402
from search.images import LocalDecoder  # noqa: E402
from search.models import resolve  # noqa: E402
from search.records import Device, Pixels, Preprocessing  # noqa: E402
from search.towers.captioning import CocaCaptioner, open_captioner  # noqa: E402
from search.towers.checkpoint import Checkpoint, build, load  # noqa: E402
from search.towers.device import choose_device  # noqa: E402
from search.towers.openclip import OpenClipEncoder, open_encoder  # noqa: E402
from search.towers.scripts import LATIN_IN_CHINESE  # noqa: E402
from search.towers.tokenization import ClipReader  # noqa: E402
from search.towers.tokens import EOS, LANGUAGE_TOKENS  # noqa: E402
from tests.contracts.captioner import CaptionerContract  # noqa: E402
from tests.contracts.encoder import noise  # noqa: E402
from tests.fakes import FakeEncoder  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def embedded() -> OpenClipEncoder:
    return open_encoder("embedded", device="cpu", precision="float32")


EAST_ASIAN = re.compile("[\u2e80-\uffef]")


def foreign(chinese: str) -> set[str]:
    """Latin words that a Chinese caption has no use for."""
    return set(re.findall("[a-z]+", chinese)) - LATIN_IN_CHINESE


def photographs(size: int) -> Pixels:
    """Crops of scikit-image's photographs; without it, noise."""
    data = pytest.importorskip("skimage.data")
    from PIL import Image

    crops = []
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        photo = Image.fromarray(getattr(data, name)())
        boxes = [(0, 0, *photo.size), (50, 30, 250, 200), (100, 100, 300, 250)]
        crops += [np.asarray(photo.crop(box).resize((size, size))) for box in boxes]
    return np.stack(crops)


def network_words(encoder: OpenClipEncoder) -> int:
    return int(encoder.network.text_decoder.text_projection.shape[1])


@torch.inference_mode()
def uncached(encoder: OpenClipEncoder, pixels: Pixels, language: str) -> list[str]:
    """Captions by open_clip's own forward, the whole sentence anew for every word.

    Of the words that the language has: those of the other are as good as never said.
    """
    other = torch.ones(network_words(encoder), dtype=torch.bool)
    other[encoder.reader.allowed(language)] = False  # type: ignore[attr-defined]
    network = encoder.network
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    _, tokens = network.visual(x)
    ids = torch.full((len(pixels), 1), LANGUAGE_TOKENS[language])
    for _ in range(22):
        _, words = network.text(ids)
        scores = network.text_decoder(tokens, words)[:, -1:].masked_fill(other, -torch.inf)
        ids = torch.cat([ids, scores.argmax(-1)], 1)
    rows = [[*row, EOS] for row in ids.tolist()]
    return [encoder.reader.words(row[: row.index(EOS)]) for row in rows]  # type: ignore[attr-defined]


class TestTheEmbeddedCaptioner(CaptionerContract):
    @pytest.fixture
    def encoder(self, embedded: OpenClipEncoder) -> OpenClipEncoder:
        return embedded

    @pytest.fixture(scope="class")
    @classmethod
    def captioner(cls, embedded: OpenClipEncoder) -> CocaCaptioner:
        return CocaCaptioner(embedded)

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_captions_equal_the_uncached_reference(
        self, captioner: CocaCaptioner, embedded: OpenClipEncoder, language: str
    ) -> None:
        pixels = photographs(embedded.preprocessing.size)
        expected = uncached(embedded, pixels, language)
        assert len(set(expected)) > 5
        assert captioner.write(captioner.look(pixels), language) == expected

    def test_chinese_is_written_in_chinese(
        self, captioner: CocaCaptioner, embedded: OpenClipEncoder
    ) -> None:
        tokens = embedded.encode_images(photographs(embedded.preprocessing.size)).tokens
        for caption in captioner.write(tokens, "zh"):
            assert any("\u4e00" <= character <= "\u9fff" for character in caption)
        for caption in captioner.write(tokens, "en"):
            assert caption.isascii()

    def test_no_caption_slips_into_the_other_language(
        self, captioner: CocaCaptioner, embedded: OpenClipEncoder
    ) -> None:
        """Of the drawn blue mug it once wrote "an icon of a blue杯"."""
        mugs = [draw(sketch) for sketch in catalogue() if "mug" in str(sketch.path)]
        wanted = [embedded.preprocessing]
        pixels = [LocalDecoder().decode(mug, wanted, uri="a mug").pixels[0] for mug in mugs]
        tokens = captioner.look(np.concatenate(pixels))
        english, chinese = captioner.write(tokens, "en"), captioner.write(tokens, "zh")
        assert "an icon of a blue cup" in english
        assert [caption for caption in english if EAST_ASIAN.search(caption)] == []
        assert [caption for caption in chinese if foreign(caption)] == []

    def test_a_language_that_it_does_not_write_is_refused(
        self, captioner: CocaCaptioner, embedded: OpenClipEncoder
    ) -> None:
        tokens = captioner.look(noise(embedded, 1))
        with pytest.raises(SettingsError, match="writes en, zh"):
            captioner.write(tokens, "fr")


def bare(network: Any) -> OpenClipEncoder:
    """An encoder around random weights."""
    reader = ClipReader({"context_length": 76})
    model = Checkpoint("random", network, reader, Preprocessing(size=32), 64, "f" * 64)
    return OpenClipEncoder(model, Device("cpu", "asked for"))


def small_coca() -> Any:
    torch.manual_seed(0)
    text = {"context_length": 76, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1}
    vision = {"image_size": 32, "patch_size": 16, "width": 64, "layers": 1, "head_width": 32}
    network: Any = build(
        {
            "embed_dim": 64,
            "vision_cfg": vision | {"attentional_pool": True, "output_tokens": True},
            "text_cfg": text | {"embed_cls": True, "output_tokens": True},
            "multimodal_cfg": text,
            "custom_text": True,
        }
    )
    torch.nn.init.normal_(network.text_decoder.text_projection)  # open_clip leaves it unset
    return network


def small_clip() -> Any:
    text = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1}
    vision = {"image_size": 32, "patch_size": 16, "width": 64, "layers": 1, "head_width": 32}
    return build({"embed_dim": 64, "vision_cfg": vision, "text_cfg": text})


class TestAStockCoca(CaptionerContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> OpenClipEncoder:
        return bare(small_coca())

    @pytest.fixture(scope="class")
    @classmethod
    def captioner(cls, encoder: OpenClipEncoder) -> CocaCaptioner:
        return CocaCaptioner(encoder)

    def test_it_writes_english_only(self, captioner: CocaCaptioner) -> None:
        assert captioner.languages == ("en",)


class TestWhichCaptionerIsOpened:
    def test_none_is_none(self, embedded: OpenClipEncoder) -> None:
        assert open_captioner("none", embedded) is None

    def test_a_model_with_a_decoder_captions_itself(self, embedded: OpenClipEncoder) -> None:
        captioner = open_captioner(None, embedded)
        assert captioner is not None
        assert captioner.shares_tower(embedded)

    def test_naming_the_encoders_model_loads_nothing_twice(self, embedded: OpenClipEncoder) -> None:
        captioner = open_captioner("embedded", embedded)
        assert captioner is not None
        assert captioner.shares_tower(embedded)

    def test_a_model_without_a_decoder_borrows_the_embedded_one(self) -> None:
        encoder = bare(small_clip())
        captioner = open_captioner(None, encoder, device="cpu", precision="float32")
        assert captioner is not None
        assert captioner.name == "embedded"
        assert not captioner.shares_tower(encoder)
        side = captioner.preprocessing.size
        black = np.zeros((2, side, side, 3), np.uint8)
        assert len(captioner.write(captioner.look(black))) == 2

    def test_any_other_encoder_borrows_it_too(self) -> None:
        captioner = open_captioner(None, FakeEncoder(), device="cpu", precision="float32")
        assert captioner is not None
        assert captioner.name == "embedded"

    def test_a_model_without_a_decoder_cannot_be_a_captioner(self) -> None:
        with pytest.raises(ModelUnavailableError, match="no caption decoder"):
            CocaCaptioner(bare(small_clip()))

    def test_an_unknown_name_is_refused(self, embedded: OpenClipEncoder) -> None:
        with pytest.raises(ModelUnavailableError, match="known are embedded"):
            open_captioner("gpt", embedded)


@pytest.mark.gpu
def test_a_gpu_writes_the_captions_of_the_cpu(embedded: OpenClipEncoder) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    on_gpu = OpenClipEncoder(load(resolve("embedded")), choose_device("cuda", "float32"))
    pixels = photographs(embedded.preprocessing.size)
    here, there = CocaCaptioner(embedded), CocaCaptioner(on_gpu)
    for language in here.languages:
        captions = there.write(there.look(pixels), language)
        assert captions == here.write(here.look(pixels), language)


def test_a_model_without_a_decoder_is_refused_before_it_is_fetched() -> None:
    with pytest.raises(ModelUnavailableError, match="these models do: embedded, coca, coca-coco"):
        open_captioner("balanced", FakeEncoder())
