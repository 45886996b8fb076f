"""What a decoder process and its owner say to each other: a line of JSON, then raw bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from search.details import own
from search.errors import Reason
from search.records import Attribute, Crop, DecodedImage, FileStamp, Fit, Preprocessing


@dataclass(frozen=True, slots=True)
class Request:
    """A picture to decode. `wanted` None: hash it only."""

    uri: str  # for messages
    data: bytes  # the file's bytes, or its path
    wanted: tuple[Preprocessing, ...] | None
    is_path: bool = False
    follow: bool = False
    crop: Crop | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The picture, or only the hash, or why there is none."""

    stamp: FileStamp | None = None
    content_hash: str | None = None
    image: DecodedImage | None = None
    reason: Reason | None = None
    detail: str = ""  # one of search/details.py
    said: str = ""  # by the decoder, for the log


def pack(request: Request) -> bytes:
    wanted = None if request.wanted is None else [asdict(spec) for spec in request.wanted]
    header = {
        "uri": request.uri,
        "wanted": wanted,
        "is_path": request.is_path,
        "follow": request.follow,
        "crop": request.crop,
    }
    return _join(header, [request.data])


def unpack(message: bytes) -> Request:
    header, (data,) = _split(message)
    wanted = header["wanted"]
    return Request(
        uri=header["uri"],
        data=bytes(data),
        wanted=None if wanted is None else tuple(map(_preprocessing, wanted)),
        is_path=header["is_path"],
        follow=header["follow"],
        crop=tuple(header["crop"]) if header["crop"] else None,
    )


def pack_answer(answer: Answer) -> bytes:
    header: dict[str, Any] = {
        "stamp": answer.stamp and [answer.stamp.size, answer.stamp.mtime_ns],
        "content_hash": answer.content_hash,
        "reason": answer.reason,
        "detail": answer.detail,
        "said": answer.said,
        "image": None,
    }
    image = answer.image
    if image is None:
        return _join(header, [])
    header["image"] = {
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "taken_at": image.taken_at and image.taken_at.isoformat(),
        "shapes": [array.shape for array in image.pixels],
        "facts": [[fact.name, fact.text, fact.number] for fact in image.facts],
    }
    return _join(header, [image.thumbnail, *(array.tobytes() for array in image.pixels)])


def unpack_answer(message: bytes) -> Answer:
    """Raises ValueError for anything that is no answer."""
    try:
        header, blobs = _split(message)
        stamp, reason, image = header["stamp"], header["reason"], header["image"]
        return Answer(
            stamp=FileStamp(*map(int, stamp)) if stamp else None,
            content_hash=header["content_hash"],
            image=_image(image, str(header["content_hash"]), blobs) if image else None,
            reason=Reason(reason) if reason else None,
            detail=own(str(header["detail"])),
            said=str(header["said"]),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("not an answer") from error


def _image(header: dict[str, Any], content_hash: str, blobs: Sequence[memoryview]) -> DecodedImage:
    pixels = tuple(
        np.frombuffer(blob, np.uint8).reshape(shape).copy()
        for shape, blob in zip(header["shapes"], blobs[1:], strict=True)
    )
    return DecodedImage(
        content_hash=content_hash,
        format=str(header["format"]),
        width=int(header["width"]),
        height=int(header["height"]),
        taken_at=datetime.fromisoformat(header["taken_at"]) if header["taken_at"] else None,
        thumbnail=bytes(blobs[0]),
        pixels=pixels,
        facts=tuple(_fact(*fact) for fact in header["facts"]),
    )


def _fact(name: object, text: object, number: object) -> Attribute:
    return Attribute(
        str(name),
        None if text is None else str(text),
        None if number is None else float(str(number)),
    )


def _preprocessing(fields: dict[str, Any]) -> Preprocessing:
    return Preprocessing(
        **fields
        | {"fit": Fit(fields["fit"]), "mean": tuple(fields["mean"]), "std": tuple(fields["std"])}
    )


def _join(header: dict[str, Any], blobs: Sequence[bytes]) -> bytes:
    line = json.dumps(header | {"lengths": [len(blob) for blob in blobs]}).encode() + b"\n"
    return b"".join([line, *blobs])


def _split(message: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    end = message.index(b"\n") + 1
    header = json.loads(message[:end])
    blobs, view = [], memoryview(message)
    for length in header["lengths"]:
        blobs.append(view[end : end + length])
        end += length
    return header, blobs
