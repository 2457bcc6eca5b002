"""The first picture of a video, where PyAV is installed (extra `video`). Any failure means none."""

from __future__ import annotations

import logging
from typing import Any, BinaryIO, Final

from PIL import Image

from django_ppx.ugc.pictures import LONGEST, MAX_PIXELS, Picture, picture_of
from django_ppx.ugc.sniffing import Type

try:
    import av
except ImportError:
    av = None

logger = logging.getLogger("django_ppx")

MAX_PACKETS: Final = 64
"""Packets that are looked at until the first key frame has been decoded."""


def poster_of(video: BinaryIO, *, kind: Type, digest: str) -> Picture | None:
    """Return the first key frame as a picture, None where there is no PyAV or nothing could be decoded."""
    if av is None:
        return None
    try:
        frame = _first_frame(video, "matroska" if kind is Type.WEBM else "mov")
        return None if frame is None else picture_of(frame, digest=digest)
    except Exception:  # a decoder may answer a damaged file with any error
        logger.info("A video has no poster: its first picture could not be decoded.")
        return None


def _first_frame(video: BinaryIO, container_format: str) -> Image.Image | None:
    video.seek(0)
    # Without a network and without other files: the format is given, and the data come from this object alone.
    options = {"enable_drefs": "0", "protocol_whitelist": ""}
    with av.open(video, format=container_format, options=options) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        context = stream.codec_context
        if not 0 < context.width * context.height <= MAX_PIXELS[Type.WEBP]:
            return None
        context.options = {"max_pixels": str(MAX_PIXELS[Type.WEBP])}
        for number, packet in enumerate(container.demux(stream)):
            if number >= MAX_PACKETS:
                break
            for frame in packet.decode():
                return _image(frame)
    return None


def _image(frame: Any) -> Image.Image:
    """Return a frame within `LONGEST`, upright."""
    scale = min(1.0, LONGEST / max(frame.width, frame.height))
    sides = [max(1, round(side * scale)) for side in (frame.width, frame.height)]
    small = frame.reformat(width=sides[0], height=sides[1], format="rgb24")
    plane = small.planes[0]
    image = Image.frombuffer(
        "RGB", (small.width, small.height), bytes(plane), "raw", "RGB", plane.line_size, 1
    )
    turn = _TURNS.get(round(getattr(frame, "rotation", 0)) % 360)
    return image.copy() if turn is None else image.transpose(turn)


_TURNS: Final = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
