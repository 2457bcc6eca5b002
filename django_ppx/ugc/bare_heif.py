"""How large a HEIC or AVIF says it is, before its decoder is asked. The file itself stays whole.

ISO/IEC 23008-12: the sides of every item stand in `ispe` boxes within `meta`, `iprp` and `ipco`.
"""

from __future__ import annotations

from io import BytesIO

from django_ppx.ugc.bare import Bare, BrokenPicture
from django_ppx.ugc.boxes import Box, Budget, children, find


def bare_heif(data: bytes) -> Bare:
    """Return the file with the largest sides that any of its items has.

    :raises BrokenPicture: when a box is longer than the file, or no item has sides.
    """
    stream, budget = BytesIO(data), Budget()
    whole = Box(kind=b"", start=0, body=0, end=len(data))
    top = children(stream, whole, budget)
    meta = find(top, b"meta")
    if meta is None:
        raise BrokenPicture("no meta")
    properties = find(children(stream, meta, budget, skip=4), b"iprp")
    listed = properties and find(children(stream, properties, budget), b"ipco")
    if not listed:
        raise BrokenPicture("no properties")
    sides = [
        (
            int.from_bytes(data[box.body + 4 : box.body + 8]),
            int.from_bytes(data[box.body + 8 : box.end]),
        )
        for box in children(stream, listed, budget)
        if box.kind == b"ispe" and box.end - box.body == 12
    ]
    if not sides:
        raise BrokenPicture("no sides")
    width, height = max(sides, key=lambda pair: pair[0] * pair[1])
    return Bare(content=data, width=width, height=height)
