"""Inside a decoder process: read a file once, hash it, decode it, answer. Never imports torch."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import signal
import stat
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection

import pi_heif

from search.details import NOT_REGULAR, own
from search.errors import ImageError, Reason
from search.images import decode
from search.records import FileStamp
from search.refusals import said_by

from .messages import Answer, Request, pack_answer, unpack

_REASONS = {
    errno.ENOENT: Reason.VANISHED,
    errno.ENOTDIR: Reason.VANISHED,
    errno.ELOOP: Reason.VANISHED,  # a link stands now where the file was
    errno.EACCES: Reason.PERMISSION,
    errno.EPERM: Reason.PERMISSION,
    errno.ENXIO: Reason.NOT_AN_IMAGE,  # a socket
}


def main(
    socket: str,
    max_pixels: str,
    alarm_seconds: str,
    memory_bytes: str,
    respond: Callable[[Request, int], Answer] | None = None,
) -> None:
    """Answer requests until the owner closes the socket, or dies."""
    _limit(int(memory_bytes))
    connection = Connection(int(socket))
    connection.send_bytes(b"ready")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff complains there of every odd tag
    while True:
        try:
            request = unpack(connection.recv_bytes())
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, float(alarm_seconds))  # nobody may be left to kill us
        answer = (respond or answer_to)(request, int(max_pixels))
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            connection.send_bytes(pack_answer(answer))
        except OSError:
            return


def answer_to(request: Request, max_pixels: int) -> Answer:
    """Answer one request; whatever is wrong with the file is in the answer."""
    stamp = None
    try:
        data = request.data
        if request.is_path:
            data, stamp = read(request.data, follow=request.follow)
        if request.wanted is None:
            return Answer(stamp, hashlib.sha256(data).hexdigest())
        image = decode(
            data, request.wanted, uri=request.uri, max_pixels=max_pixels, crop=request.crop
        )
        return Answer(stamp, image.content_hash, image)
    except ImageError as error:
        said = said_by(error.__cause__)
        return Answer(stamp, reason=error.reason, detail=error.detail, said=said)
    except MemoryError:
        return Answer(stamp, reason=Reason.OUT_OF_MEMORY)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, Reason.IO_ERROR)
        detail = own(error.strerror or "") if reason is Reason.IO_ERROR else ""
        return Answer(stamp, reason=reason, detail=detail, said=str(error))


def read(path: bytes, *, follow: bool = False) -> tuple[bytes, FileStamp]:
    """All bytes of a regular file, and the stamp that they belong to. Reading changes nothing.

    Raises OSError, or ImageError for what is no regular file or changed meanwhile.
    """
    uri = os.fsdecode(path)
    descriptor = _open(path, follow=follow)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise ImageError(uri, Reason.NOT_AN_IMAGE, NOT_REGULAR)
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read()
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    stamp = FileStamp(after.st_size, after.st_mtime_ns)
    if stamp != FileStamp(before.st_size, before.st_mtime_ns) or len(data) != stamp.size:
        raise ImageError(uri, Reason.CHANGED_WHILE_READING)
    return data, stamp


def _open(path: bytes, *, follow: bool) -> int:
    """O_NONBLOCK: a pipe must not hold us. O_NOATIME is refused for files of other owners."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    if not follow:
        flags |= os.O_NOFOLLOW
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        return os.open(path, flags)


def _limit(memory_bytes: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    pi_heif.options.DECODE_THREADS = 1  # the other cores have a worker each
