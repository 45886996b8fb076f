from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

import open_clip  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from search.errors import EncoderError, ModelUnavailableError, NoVectorError  # noqa: E402
from search.fitting import prepare  # noqa: E402
from search.models import resolve  # noqa: E402
from search.records import Device, Fit, Preprocessing, Vectors  # noqa: E402
from search.towers.checkpoint import EMBEDDED_FOLDER, Checkpoint, build, load  # noqa: E402
from search.towers.device import choose_device  # noqa: E402
from search.towers.openclip import PICTURES_AT_ONCE_ON_A_CPU, OpenClipEncoder, open_encoder  # noqa: E402
from tests.contracts.encoder import TEXTS, EncoderContract, cosines, noise  # noqa: E402

pytestmark = pytest.mark.torch

CPU = Device("cpu", "asked for")


def some_pictures() -> list[Image.Image]:
    """Gradients and blots in several shapes, upright and lying, smaller and larger than a tower."""
    random = np.random.default_rng(0)
    shapes = [(480, 640), (640, 333), (100, 90), (224, 224), (60, 700)]
    pictures = []
    for height, width in shapes:
        small = Image.fromarray(random.integers(0, 256, (7, 9, 3), np.uint8))
        pictures.append(small.resize((width, height), Image.Resampling.BICUBIC))
    return pictures


def write_folder(folder: Path, model: str, preprocess: dict[str, Any]) -> Path:
    """Random weights of one of open_clip's shapes with few and narrow layers, as its `local-dir:`
    reads them."""
    torch.manual_seed(0)
    model_cfg = open_clip.get_model_config(model)
    model_cfg["vision_cfg"] |= {"width": 128, "layers": 2}
    model_cfg["text_cfg"] |= {"width": 128, "heads": 2, "layers": 2}
    folder.mkdir()
    save_file(build(model_cfg).state_dict(), folder / "open_clip_model.safetensors")
    config = {"model_cfg": model_cfg, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def vit_b_32(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("models") / "vit", "ViT-B-32", {})


@pytest.fixture(scope="module")
def embedded() -> OpenClipEncoder:
    return open_encoder("embedded", device="cpu", precision="float32")


class TestTheEmbeddedModel(EncoderContract):
    @pytest.fixture
    def encoder(self, embedded: OpenClipEncoder) -> OpenClipEncoder:
        return embedded

    def test_its_vectors_are_the_models_own(self, encoder: OpenClipEncoder) -> None:
        pixels = noise(encoder, 4)
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            expected = encoder.network.encode_image(x).numpy()
            texts = encoder.network.encode_text(encoder.reader.ids(TEXTS)).numpy()
        assert cosines(encoder.encode_images(pixels).vectors, expected).min() > 0.9999
        assert cosines(encoder.encode_texts(TEXTS), texts).min() > 0.9999

    def test_it_tells_an_apples_colour(self, encoder: OpenClipEncoder) -> None:
        red = encoder.encode_texts(["red apple", "红色苹果"])
        green = encoder.encode_texts(["green apple", "青苹果"])
        assert red[0] @ red[1] > red[0] @ green[1]
        assert green[0] @ green[1] > green[0] @ red[1]


class TestTheEmbeddedModelInBfloat16(EncoderContract):
    """What a CPU with the instructions for it chooses by itself."""

    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> OpenClipEncoder:
        return open_encoder("embedded", device="cpu", precision="bfloat16")

    def test_its_vectors_are_those_of_float32(
        self, encoder: OpenClipEncoder, embedded: OpenClipEncoder
    ) -> None:
        pictures = [prepare(p, embedded.preprocessing) for p in some_pictures()]
        pixels = np.concatenate([*pictures, noise(embedded, 3)])
        for size in (1, 8):
            half = encoder.encode_images(pixels[:size]).vectors
            assert cosines(half, embedded.encode_images(pixels[:size]).vectors).min() > 0.999

    def test_it_is_the_same_model(
        self, encoder: OpenClipEncoder, embedded: OpenClipEncoder
    ) -> None:
        assert encoder.info == embedded.info


class TestAFolderOfOpenClips(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, vit_b_32: Path) -> OpenClipEncoder:
        return open_encoder(f"openclip:{vit_b_32}", device="cpu", precision="float32")

    def test_vectors_equal_open_clips_own(self, encoder: OpenClipEncoder, vit_b_32: Path) -> None:
        name = f"local-dir:{vit_b_32}"
        model, preprocess = open_clip.create_model_from_pretrained(name)
        pictures = some_pictures()
        with torch.inference_mode():
            images = torch.stack([preprocess(picture) for picture in pictures])
            expected = model.eval().encode_image(images, normalize=True).numpy()
            texts = model.encode_text(open_clip.get_tokenizer(name)(TEXTS), normalize=True).numpy()
        pixels = np.concatenate([prepare(p, encoder.preprocessing) for p in pictures])
        assert cosines(encoder.encode_images(pixels).vectors, expected).min() > 0.9999
        assert cosines(encoder.encode_texts(TEXTS), texts).min() > 0.9999

    def test_half_precision_keeps_its_vectors(
        self, encoder: OpenClipEncoder, vit_b_32: Path
    ) -> None:
        half = open_encoder(f"openclip:{vit_b_32}", device="cpu", precision="bfloat16")
        pixels = noise(encoder, 2)
        vectors = half.encode_images(pixels).vectors
        assert cosines(encoder.encode_images(pixels).vectors, vectors).min() > 0.999

    def test_preprocessing_is_open_clips(self, encoder: OpenClipEncoder) -> None:
        assert encoder.preprocessing == Preprocessing(
            size=224,
            fit=Fit.CROP,
            interpolation="bicubic",
            mean=open_clip.OPENAI_DATASET_MEAN,
            std=open_clip.OPENAI_DATASET_STD,
        )

    def test_the_fingerprint_is_of_content_not_of_place(
        self, encoder: OpenClipEncoder, vit_b_32: Path, tmp_path: Path
    ) -> None:
        moved = shutil.copytree(vit_b_32, tmp_path / "moved", copy_function=os.link)
        assert load(resolve(f"openclip:{moved}")).fingerprint == encoder.info.fingerprint
        config = json.loads((moved / "open_clip_config.json").read_text())
        config["preprocess_cfg"] = {"resize_mode": "squash"}
        (moved / "open_clip_config.json").unlink()
        (moved / "open_clip_config.json").write_text(json.dumps(config))
        other = load(resolve(f"openclip:{moved}"))
        assert other.preprocessing.fit is Fit.SQUASH
        assert other.fingerprint != encoder.info.fingerprint


def test_a_folder_of_the_embedded_kind_can_be_named(
    tmp_path: Path, embedded: OpenClipEncoder
) -> None:
    mine = shutil.copytree(EMBEDDED_FOLDER, tmp_path / "mine")
    encoder = open_encoder(f"openclip:{mine}", device="cpu", precision="float32")
    assert encoder.info.fingerprint == embedded.info.fingerprint
    assert encoder.encode_texts(["red"])[0] @ embedded.encode_texts(["red"])[0] > 0.9999


class TestWhatCannotBeLoaded:
    def refusal(self, name: str) -> str:
        with pytest.raises(ModelUnavailableError) as caught:
            load(resolve(name))
        assert caught.value.exit_code == 12
        return str(caught.value)

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        assert "open_clip_config.json" in self.refusal(f"openclip:{tmp_path}")

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert str(tmp_path / "gone") in self.refusal(f"openclip:{tmp_path}/gone")

    def test_a_folder_without_weights(self, tmp_path: Path) -> None:
        (tmp_path / "open_clip_config.json").write_text("{}")
        assert "no weights" in self.refusal(f"openclip:{tmp_path}")

    def test_a_broken_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "open_clip_config.json").write_text("{")
        (tmp_path / "model.safetensors").write_bytes(b"x")
        assert "open_clip_config.json" in self.refusal(f"openclip:{tmp_path}")

    def test_cut_weights(self, vit_b_32: Path, tmp_path: Path) -> None:
        shutil.copy(vit_b_32 / "open_clip_config.json", tmp_path)
        with (vit_b_32 / "open_clip_model.safetensors").open("rb") as whole:
            (tmp_path / "open_clip_model.safetensors").write_bytes(whole.read(1_000_000))
        assert "open_clip_model.safetensors" in self.refusal(f"openclip:{tmp_path}")

    def test_weights_that_would_run_code(self, vit_b_32: Path, tmp_path: Path) -> None:
        shutil.copy(vit_b_32 / "open_clip_config.json", tmp_path)
        torch.save({"state_dict": {"x": Trap(tmp_path / "sprung")}}, tmp_path / "model.pth")
        assert "model.pth" in self.refusal(f"openclip:{tmp_path}")
        assert not (tmp_path / "sprung").exists()

    def test_a_model_that_open_clip_does_not_know(self) -> None:
        assert "ViT-Z" in self.refusal("openclip:ViT-Z/laion2b")

    def test_weights_that_open_clip_does_not_know(self) -> None:
        assert "laion2b_s34b_b79k" in self.refusal("openclip:ViT-B-32/laion9b")

    def test_hub_weights_while_offline(self, tmp_path: Path) -> None:
        """In a process of its own: the hub's client reads its switches at import."""
        code = (
            "from search import errors\n"
            "from search.towers import openclip\n"
            "try: openclip.open_encoder('fast', device='cpu')\n"
            "except errors.ModelUnavailableError as error: print(error)\n"
        )
        offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
        ran = subprocess.run([sys.executable, "-c", code], env=offline, capture_output=True)
        for said in (b"not on this machine", b"HF_HUB_OFFLINE is set", b"605 MB", b"MIT"):
            assert said in ran.stdout, ran.stderr
        assert b"indexer models pull fast" in ran.stdout


class Trap:
    """Unpickling it writes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


class Tower(torch.nn.Module):  # type: ignore[misc]  # torch came by importorskip
    """A visual tower of one line: what goes wrong in it, the test decides."""

    def __init__(self, most: int = 99, gain: float = 1.0) -> None:
        super().__init__()
        self.most, self.gain = most, gain
        self.batches: list[int] = []

    def forward(self, pixels: Any) -> tuple[Any, Any]:
        self.batches.append(len(pixels))
        if len(pixels) > self.most:
            raise torch.OutOfMemoryError("no room")
        latents = pixels.mean((2, 3)) * self.gain
        return latents, latents[:, None]


def encoder_with(tower: Tower) -> OpenClipEncoder:
    network = torch.nn.Module()
    network.visual = tower
    seen = Preprocessing(size=4, mean=(0, 0, 0))
    reader: Any = None  # no text is asked
    return OpenClipEncoder(Checkpoint("tower", network, reader, seen, 3, "f" * 64), CPU)


def pixels_of(count: int) -> Any:
    return np.random.default_rng(0).integers(1, 256, (count, 4, 4, 3), np.uint8)


class TestABatchThatDoesNotFit:
    def test_it_is_halved_until_it_does(self) -> None:
        tower = Tower(most=3)
        features = encoder_with(tower).encode_images(pixels_of(10))
        whole = encoder_with(Tower()).encode_images(pixels_of(10))
        np.testing.assert_array_equal(features.vectors, whole.vectors)
        assert len(features.tokens) == 10
        assert max(tower.batches[2:]) <= 3

    def test_the_next_batch_starts_with_what_fitted(self) -> None:
        tower = Tower(most=3)
        encoder = encoder_with(tower)
        encoder.encode_images(pixels_of(10))
        tower.batches.clear()
        encoder.encode_images(pixels_of(10))
        assert max(tower.batches) <= 3

    def test_a_cpu_sees_a_large_batch_in_parts(self) -> None:
        tower = Tower()
        assert len(encoder_with(tower).encode_images(pixels_of(40)).vectors) == 40
        assert max(tower.batches) <= PICTURES_AT_ONCE_ON_A_CPU

    def test_one_picture_that_does_not_fit_is_an_error(self) -> None:
        with pytest.raises(EncoderError, match="no memory for a single picture"):
            encoder_with(Tower(most=0)).encode_images(pixels_of(3))


class TestWhatIsNoVector:
    @pytest.mark.parametrize("gain", [0.0, float("nan"), float("inf")])
    def test_it_is_refused(self, gain: float) -> None:
        with pytest.raises(NoVectorError, match="zero or non-finite"):
            encoder_with(Tower(gain=gain)).encode_images(pixels_of(2))

    def test_pixels_of_another_size_are_refused(self) -> None:
        wrong: list[Any] = [
            np.zeros((1, 5, 5, 3), np.uint8),
            np.zeros((1, 4, 4, 3), np.float32),
            np.zeros((4, 4, 3), np.uint8),
        ]
        for pixels in wrong:
            with pytest.raises(EncoderError, match="wants uint8"):
                encoder_with(Tower()).encode_images(pixels)


@pytest.mark.gpu
@pytest.mark.parametrize(("precision", "least"), [("float32", 0.9999), ("auto", 0.999)])
def test_a_gpu_gives_the_vectors_of_the_cpu(
    embedded: OpenClipEncoder, precision: str, least: float
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    on_gpu = OpenClipEncoder(load(resolve("embedded")), choose_device("cuda", precision))
    pixels = np.concatenate([prepare(p, embedded.preprocessing) for p in some_pictures()])
    here, there = embedded.encode_images(pixels).vectors, on_gpu.encode_images(pixels).vectors
    assert cosines(here, there).min() > least
    texts: Vectors = on_gpu.encode_texts(TEXTS)
    assert cosines(embedded.encode_texts(TEXTS), texts).min() > least
