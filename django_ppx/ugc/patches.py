"""What of a file is overwritten while it is copied. Every byte stays where it is, so that offsets stay right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, Final

from django.core.files import File

CHUNK_BYTES: Final = 256 * 1024


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Patch:
    """The bytes from `start` to `end` become `content`, and zeroes after it."""

    start: int
    end: int
    content: bytes = b""


@dataclass(kw_only=True, slots=True)
class Scrubbed:
    """What was found in a video: what to overwrite, where it ends, and what it says of itself."""

    end: int
    patches: list[Patch] = field(default_factory=list)
    duration_seconds: float | None = None
    width: int | None = None
    height: int | None = None

    def zero(self, start: int, end: int, content: bytes = b"") -> None:
        """Overwrite a range; an empty one is nothing."""
        if start < end:
            self.patches.append(Patch(start=start, end=end, content=content))


def read_at(stream: IO[bytes], start: int, length: int) -> bytes:
    """Return so many bytes at an offset."""
    stream.seek(start)
    return stream.read(length)


def copy(upload: File[Any], into: BinaryIO, scrubbed: Scrubbed) -> str:
    """Write the patched file up to its end into `into`, and return the SHA-256 of the upload as it came."""
    digest = hashlib.sha256()
    patches = _merged(scrubbed.patches)
    waiting = next(patches, None)
    at = 0
    upload.seek(0)
    while data := upload.read(CHUNK_BYTES):
        digest.update(data)
        chunk = bytearray(data[: max(scrubbed.end - at, 0)])
        while waiting is not None and waiting.start < at + len(chunk):
            _apply(waiting, chunk, at)
            if waiting.end > at + len(chunk):
                break
            waiting = next(patches, None)
        into.write(chunk)
        at += len(data)
    return digest.hexdigest()


def _apply(patch: Patch, chunk: bytearray, at: int) -> None:
    start, end = max(patch.start, at), min(patch.end, at + len(chunk))
    content = patch.content[start - patch.start : end - patch.start]
    chunk[start - at : end - at] = content + bytes(end - start - len(content))


def _merged(patches: Sequence[Patch]) -> Iterator[Patch]:
    """Return the patches in order and apart: of two that overlap, the later one loses what it shares."""
    end = 0
    for patch in sorted(patches, key=lambda one: (one.start, -one.end)):
        start = max(patch.start, end)
        if start < patch.end:
            yield Patch(start=start, end=patch.end, content=patch.content[start - patch.start :])
            end = patch.end
