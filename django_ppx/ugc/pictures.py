"""A customer's photo: looked at by content, decoded within limits, encoded anew (GUARD 4). Nothing else is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Literal

from django.core.files import File
from PIL import Image, ImageCms

from django_ppx.ugc.bare import Bare, BrokenPicture
from django_ppx.ugc.bare_heif import bare_heif
from django_ppx.ugc.bare_jpeg import bare_jpeg
from django_ppx.ugc.bare_png import bare_png
from django_ppx.ugc.bare_webp import bare_webp
from django_ppx.ugc.fingerprints import fingerprint
from django_ppx.ugc.refusals import FileRefused, too_large
from django_ppx.ugc.sniffing import PILLOW_FORMATS, Type, sniff

SIZES: Final[Mapping[Literal["list", "gallery", "full"], int]] = {
    "list": 320,
    "gallery": 960,
    "full": 2048,
}
"""The longest side in pixels of each file that is made."""
LONGEST: Final = SIZES["full"]

MAX_PIXELS: Final[Mapping[Type, int]] = {
    Type.JPEG: 40_000_000,
    Type.PNG: 40_000_000,
    Type.WEBP: 16_000_000,
    Type.HEIC: 25_000_000,
    Type.AVIF: 16_000_000,
}
"""What is decoded at most. WebP and AVIF can't be decoded in parts: they take 16 bytes a pixel."""
MAX_FRAMES: Final = 300
MAX_SCANS: Final = 32
"""Scans of a progressive JPEG. Cameras and editors write about ten; each costs a pass over the whole picture."""
MAX_BUFFERED_BYTES: Final = 200_000_000
MIN_SIDE: Final = 16

_STRIP_PIXELS: Final = 2_000_000
_Reason = FileRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureFile:
    """One file to store: encoded here, without a byte of the upload."""

    size: Literal["list", "gallery", "full"]
    format: Literal["jpeg", "webp"]
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A photo as it is kept. Width and height are those of the largest file; `digest` is the upload's SHA-256."""

    width: int
    height: int
    digest: str
    fingerprint: int
    files: tuple[PictureFile, ...]


def prepare_picture(upload: File[Any], *, max_bytes: int) -> Picture:
    """Return the photo in three sizes and two formats: upright, in sRGB, on white, without metadata.

    Of an animation or a file of several pictures, the first one is taken. No side is enlarged.

    :raises FileRefused: when it is no photo, too large in bytes, pixels or frames, damaged, or tiny.
    """
    upload.seek(0)
    data = upload.read(max_bytes + 1)
    if not data:
        raise FileRefused(_Reason.EMPTY)
    if len(data) > max_bytes:
        raise too_large(max_bytes)
    kind = sniff(upload)
    if kind is None:
        raise FileRefused(_Reason.UNKNOWN_TYPE)
    if not kind.is_photo:
        raise FileRefused(_Reason.NOT_ACCEPTED)
    digest = hashlib.sha256(data).hexdigest()
    try:
        bare = _BARE[kind](data)
        _check(bare, kind)
        del data
        image = _decoded(bare, kind)
    except FileRefused:
        raise
    except Exception as error:  # a decoder may answer a damaged file with any error
        raise FileRefused(_Reason.BROKEN) from error
    return picture_of(image, digest=digest)


def picture_of(image: Image.Image, *, digest: str) -> Picture:
    """Return the files of an upright RGB image of at most `LONGEST` pixels a side."""
    files = []
    rest = image
    for size in ("full", "gallery", "list"):
        rest = _within(rest, SIZES[size])
        for format_, options in _ENCODERS.items():
            made = BytesIO()
            rest.save(made, format=format_, **options)
            files.append(
                PictureFile(
                    size=size,
                    format=format_,
                    width=rest.width,
                    height=rest.height,
                    content=made.getvalue(),
                )
            )
    return Picture(
        width=image.width,
        height=image.height,
        digest=digest,
        fingerprint=fingerprint(image),
        files=tuple(reversed(files)),
    )


_ENCODERS: Final[Mapping[Literal["jpeg", "webp"], Mapping[str, Any]]] = {
    "webp": {"quality": 80, "method": 2},
    "jpeg": {"quality": 85, "optimize": True},
}
_BARE: Final[Mapping[Type, Callable[[bytes], Bare]]] = {
    Type.JPEG: bare_jpeg,
    Type.PNG: bare_png,
    Type.WEBP: bare_webp,
    Type.HEIC: bare_heif,
    Type.AVIF: bare_heif,
}
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WHITE: Final = (255, 255, 255)


def _check(bare: Bare, kind: Type) -> None:
    """Refuse by what the headers say, before a pixel is decoded."""
    if bare.width < 1 or bare.height < 1:
        raise BrokenPicture("no pixels")
    is_buffer_large = bare.buffered_bytes > MAX_BUFFERED_BYTES
    if bare.width * bare.height > MAX_PIXELS[kind] or is_buffer_large:
        raise FileRefused(_Reason.TOO_MANY_PIXELS)
    if bare.frames > MAX_FRAMES:
        raise FileRefused(_Reason.TOO_MANY_FRAMES)
    if bare.scans > MAX_SCANS:
        raise FileRefused(_Reason.TOO_COMPLEX)
    if min(_fitting(bare.width, bare.height, LONGEST)) < MIN_SIDE:
        raise FileRefused(_Reason.TOO_SMALL)


def _decoded(bare: Bare, kind: Type) -> Image.Image:
    """Return the picture as upright sRGB within `LONGEST`."""
    name = PILLOW_FORMATS[kind]
    with Image.open(BytesIO(bare.content), formats=[name]) as image:
        # The formats that may be opened are not those that may be found: a JPEG may turn out to be an MPO.
        if image.format != name:
            raise BrokenPicture("not what it seemed to be")
        if kind in {Type.HEIC, Type.AVIF}:
            bare = _described(bare, image)
            _check(bare, kind)
        if image.size != (bare.width, bare.height):
            raise BrokenPicture("its headers disagree")
        if kind is Type.JPEG:
            image.draft(None, _fitting(*image.size, LONGEST))
        image.load()
        small = _shrunk(image)
    plain = _in_srgb(small, bare.icc_profile)
    turn = _UPRIGHT.get(bare.orientation)
    return plain if turn is None else plain.transpose(turn)


def _described(bare: Bare, image: Image.Image) -> Bare:
    return Bare(
        content=b"",
        width=image.width,
        height=image.height,
        orientation=image.getexif().get(0x0112, 1),
        icc_profile=image.info.get("icc_profile") or b"",
        frames=getattr(image, "n_frames", 1),
    )


def _shrunk(image: Image.Image) -> Image.Image:
    """Return the picture within `LONGEST`, as L, RGB or CMYK. It goes strip by strip: a second copy never exists."""
    width, height = image.size
    factor = max(1, max(width, height) // LONGEST)
    rows = max(factor, _STRIP_PIXELS // width // factor * factor)
    small: Image.Image | None = None
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        strip = _flat(_reducible(strip).reduce(factor))
        if small is None:
            small = Image.new(strip.mode, (strip.width, -(-height // factor)))
        small.paste(strip, (0, top // factor))
    if small is None:
        raise BrokenPicture("no rows")
    return _within(small, LONGEST)


_EIGHT_OF_SIXTEEN_BITS: Final = [value >> 8 for value in range(65536)]


def _reducible(strip: Image.Image) -> Image.Image:
    """Return a strip as L, RGB, CMYK or RGBA: 16 bits become 8."""
    if strip.mode.startswith("I"):
        return strip.convert("I").point(_EIGHT_OF_SIXTEEN_BITS, "L")
    if strip.mode in {"L", "RGB", "CMYK"} and "transparency" not in strip.info:
        return strip
    has_alpha = "A" in strip.mode or "a" in strip.mode or "transparency" in strip.info
    mode = "RGBA" if has_alpha else "RGB"
    return strip if strip.mode == mode else strip.convert(mode)


def _flat(strip: Image.Image) -> Image.Image:
    """Return what is transparent as white."""
    if strip.mode != "RGBA":
        return strip
    white = Image.new("RGB", strip.size, _WHITE)
    white.paste(strip, mask=strip.getchannel("A"))
    return white


def _in_srgb(image: Image.Image, icc_profile: bytes) -> Image.Image:
    """Return the colours in sRGB. A profile that can't be used is passed over, as browsers do."""
    if icc_profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(icc_profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            image = converted
    # A new image takes over the pixels alone, and none of what was written beside them.
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain


def _fitting(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return the sides scaled down to `longest`: 4000 × 3000 is 2048 × 1536."""
    side = max(width, height)
    if side <= longest:
        return width, height
    return max(1, round(width * longest / side)), max(1, round(height * longest / side))


def _within(image: Image.Image, longest: int) -> Image.Image:
    size = _fitting(image.width, image.height, longest)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
