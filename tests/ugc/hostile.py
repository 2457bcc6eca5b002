"""Pictures that mean harm, as data: what they are, what they claim to be, and what becomes of them.

`MARK` stands in every block and tail that must not survive. `expected` is the reason of the refusal, or "taken".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, features

from tests.ugc.picture_files import (
    encoded,
    exif,
    flat_png,
    resized_header,
    riff_chunk,
    scene,
    srgb_profile,
    with_chunk,
    with_riff_chunk,
    with_segment,
)

MARK = b"<?php PLANTED-48.1371N-11.5754E ?>"
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Hostile:
    name: str
    make: Callable[[], bytes]
    expected: str
    claimed: str = "photo.jpg"
    content_type: str = "image/jpeg"


def cut(kind: str, make: Callable[[], bytes], percent: int) -> Hostile:
    """Return the beginning of a valid file."""
    return Hostile(
        f"{kind} cut off at {percent} %",
        lambda: make()[: len(make()) * percent // 100],
        "broken",
    )


def jpeg() -> bytes:
    return encoded(scene(), "JPEG", quality=80)


def png() -> bytes:
    return encoded(scene(), "PNG")


def webp() -> bytes:
    return encoded(scene(), "WEBP")


def _mpo() -> bytes:
    return encoded(scene(), "MPO", save_all=True, append_images=[scene(seed=1)])


def _many_scans() -> bytes:
    whole = encoded(scene(), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 40 + b"\xff\xd9"


def _frames(format_: str, count: int) -> bytes:
    colours = [(number * 37 % 256, number * 91 % 256, number * 53 % 256) for number in range(count)]
    frames = [Image.new("RGB", (32, 32), colour) for colour in colours]
    return encoded(frames[0], format_, save_all=True, append_images=frames[1:], lossless=True)


def _two_headers() -> bytes:
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    return with_chunk(png(), b"IHDR", header)


def _bomb_of_text(kind: bytes) -> bytes:
    return with_chunk(png(), kind, b"name\0\0" + zlib.compress(bytes(70_000_000), 9))


def _svg(entity: str = "") -> bytes:
    return f"{entity}<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>".encode()


def _iptc() -> bytes:
    return with_segment(
        jpeg(), 0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(MARK)) + MARK
    )


def _xmp() -> bytes:
    return with_segment(jpeg(), 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + MARK)


PICTURES = [
    Hostile("JPEG and ZIP", lambda: jpeg() + b"PK\3\4" + MARK, TAKEN),
    Hostile("JPEG and HTML", lambda: jpeg() + b"<script>" + MARK, TAKEN, "a.html", "text/html"),
    Hostile(
        "JPEG with HTML in a comment", lambda: with_segment(jpeg(), 0xFE, b"<html>" + MARK), TAKEN
    ),
    Hostile(
        "HTML with the first bytes of a JPEG", lambda: b"\xff\xd8\xff\xe0<html>" + MARK, "broken"
    ),
    Hostile("GIF and JavaScript", lambda: b"GIF89a/*" + MARK + b"*/=1;", "unknown_type"),
    Hostile("PDF and JPEG", lambda: b"%PDF-1.7\n" + jpeg(), "unknown_type"),
    Hostile("PHP in the text of a PNG", lambda: with_chunk(png(), b"tEXt", b"a\0" + MARK), TAKEN),
    Hostile(
        "PHP in compressed text",
        lambda: with_chunk(png(), b"zTXt", b"a\0\0" + zlib.compress(MARK)),
        TAKEN,
    ),
    Hostile(
        "PHP in international text",
        lambda: with_chunk(png(), b"iTXt", b"a\0\0\0\0\0" + MARK),
        TAKEN,
    ),
    Hostile("PHP in an unknown chunk", lambda: with_chunk(png(), b"ruSt", MARK), TAKEN),
    Hostile("PHP after a PNG", lambda: png() + MARK, TAKEN),
    Hostile("PHP after a WebP", lambda: webp() + MARK, TAKEN),
    Hostile("PHP in a WebP chunk", lambda: with_riff_chunk(webp(), b"JUNK", MARK), TAKEN),
    Hostile("PNG of 900 million pixels", lambda: flat_png(30000, 30000), "too_many_pixels"),
    Hostile(
        "PNG of 900 million pixels, many of them there",
        lambda: flat_png(30000, 30000, rows=2000),
        "too_many_pixels",
    ),
    Hostile("PNG just over the limit", lambda: flat_png(8000, 5001), "too_many_pixels"),
    Hostile(
        "PNG of 2^31 pixels a side",
        lambda: flat_png(2**31 - 1, 2**31 - 1, rows=0),
        "too_many_pixels",
    ),
    Hostile("PNG with most rows missing", lambda: flat_png(6000, 6000), TAKEN),
    Hostile("PNG of no width", lambda: flat_png(0, 100), "broken"),
    Hostile("PNG with a second header", _two_headers, "broken"),
    Hostile("PNG with a wrong checksum", lambda: png()[:-20] + b"\0" + png()[-19:], "broken"),
    Hostile("PNG without an end", lambda: png()[:-12], "broken"),
    Hostile("PNG of a signature alone", lambda: png()[:8], "broken"),
    Hostile(
        "PNG with a palette index beyond it", lambda: with_chunk(png(), b"PLTE", bytes(3)), TAKEN
    ),
    Hostile("PNG of one pixel", lambda: encoded(scene(1, 1), "PNG"), "too_small"),
    Hostile("PNG as thin as a hair", lambda: flat_png(40_000, 16, rows=16), "too_small"),
    Hostile(
        "JPEG of 4 billion pixels", lambda: resized_header(jpeg(), 65535, 65535), "too_many_pixels"
    ),
    Hostile(
        "JPEG just over the limit", lambda: resized_header(jpeg(), 8000, 5001), "too_many_pixels"
    ),
    Hostile("JPEG of no height", lambda: resized_header(jpeg(), 100, 0), "broken"),
    Hostile("progressive JPEG of many scans", _many_scans, "too_complex"),
    Hostile("JPEG with GPS in EXIF", lambda: encoded(scene(), "JPEG", exif=exif(MARK)), TAKEN),
    Hostile(
        "JPEG with damaged EXIF",
        lambda: with_segment(jpeg(), 0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff" + MARK),
        TAKEN,
    ),
    Hostile("JPEG with XMP", _xmp, TAKEN),
    Hostile("JPEG with IPTC", _iptc, TAKEN),
    Hostile(
        "JPEG with a profile that is none",
        lambda: encoded(scene(), "JPEG", icc_profile=MARK),
        TAKEN,
    ),
    Hostile(
        "JPEG with words after its profile",
        lambda: encoded(scene(), "JPEG", icc_profile=srgb_profile() + MARK),
        TAKEN,
    ),
    Hostile(
        "JPEG with a profile of 3 MB",
        lambda: encoded(scene(), "JPEG", icc_profile=srgb_profile() + MARK * 90_000),
        TAKEN,
    ),
    Hostile("JPEG in several pictures (MPO)", lambda: _mpo() + MARK, TAKEN),
    Hostile(
        "JPEG with arithmetic coding", lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc9"), "broken"
    ),
    Hostile("JPEG with two frames", lambda: jpeg()[:-2] + jpeg()[2:], "broken"),
    Hostile(
        "JPEG with a segment of length 0",
        lambda: jpeg()[:2] + b"\xff\xe5\0\0" + jpeg()[2:],
        "broken",
    ),
    Hostile("PNG with GPS in EXIF", lambda: encoded(scene(), "PNG", exif=exif(MARK)), TAKEN),
    Hostile(
        "WebP with GPS in EXIF", lambda: encoded(scene(), "WEBP", exif=exif(MARK), xmp=MARK), TAKEN
    ),
    Hostile("bomb in iCCP", lambda: _bomb_of_text(b"iCCP"), TAKEN),
    Hostile("bomb in zTXt", lambda: _bomb_of_text(b"zTXt"), TAKEN),
    Hostile("animated PNG", lambda: _frames("PNG", 5), TAKEN),
    Hostile(
        "animated PNG that claims 2^31 frames",
        lambda: with_chunk(png(), b"acTL", struct.pack(">II", 2**31, 0)),
        "too_many_frames",
    ),
    Hostile("animated WebP", lambda: _frames("WEBP", 5), TAKEN),
    Hostile("animated WebP of 301 frames", lambda: _frames("WEBP", 301), "too_many_frames"),
    Hostile("WebP with a header alone", lambda: b"RIFF\x04\0\0\0WEBP", "broken"),
    Hostile(
        "WebP of 16383 pixels a side",
        lambda: b"RIFF\x1a\0\0\0WEBP" + riff_chunk(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(9)),
        "too_many_pixels",
    ),
    Hostile(
        "WebP with a chunk beyond its end",
        lambda: webp()[:16] + b"\xff\xff\xff\x7f" + webp()[20:],
        "broken",
    ),
    Hostile("SVG", _svg, "unknown_type", "a.svg", "image/svg+xml"),
    Hostile(
        "SVG with an entity",
        lambda: _svg("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"),
        "unknown_type",
    ),
    Hostile("SVG that claims to be a JPEG", _svg, "unknown_type"),
    Hostile("HTML", lambda: b"<!doctype html><script>1</script>", "unknown_type"),
    Hostile("TIFF", lambda: encoded(scene(), "TIFF"), "unknown_type"),
    Hostile("BMP", lambda: encoded(scene(), "BMP"), "unknown_type"),
    Hostile("ICO", lambda: encoded(scene(), "ICO"), "unknown_type"),
    Hostile("GIF", lambda: encoded(scene(), "GIF"), "unknown_type"),
    Hostile("PSD", lambda: b"8BPS\0\1" + bytes(60), "unknown_type"),
    Hostile("EPS", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "unknown_type"),
    Hostile("nothing", lambda: b"", "empty"),
    Hostile("one byte", lambda: b"\xff", "unknown_type"),
    Hostile("zeroes", lambda: bytes(5000), "unknown_type"),
    Hostile("two megabytes more than allowed", lambda: jpeg() + bytes(32_000_000), "too_large"),
    Hostile("PNG that claims to be a film", png, TAKEN, "film.mp4", "video/mp4"),
    *(
        Hostile(f"a name with {what}", jpeg, TAKEN, name)
        for what, name in {
            "a way up": "../../etc/passwd.jpg",
            "a NUL": "a\0.jpg",
            "a turned direction": "a\u202egpj.exe",
            "300 characters": "a" * 300 + ".jpg",
            "an emoji": "\U0001f600.jpg",
        }.items()
    ),
    *(
        cut(kind, make, part)
        for kind, make in {"JPEG": jpeg, "PNG": png, "WebP": webp}.items()
        for part in (20, 50, 90, 99)
    ),
]

if features.check("avif"):
    PICTURES += [
        Hostile(
            "AVIF with GPS in EXIF",
            lambda: encoded(scene(), "AVIF", exif=exif(MARK)) + MARK,
            "broken",
        ),
        Hostile("AVIF with EXIF", lambda: encoded(scene(), "AVIF", exif=exif(MARK)), TAKEN),
        Hostile("AVIF cut off", lambda: encoded(scene(), "AVIF")[:-40], "broken"),
    ]
