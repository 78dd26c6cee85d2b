"""How files of each format begin: made by real programs where there are some here, else as the formats say."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from collections.abc import Iterator

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

FILL = bytes(range(256)) * 4
#: What phones, cameras, recorders and messengers write as the major brand of an ISO file.
VIDEO_BRANDS = (
    "isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "M4VH", "M4VP", "MSNV", "dash",
    "XAVC", "F4V ", "mmp4", "hvc1", "3gp4", "3gp5",
)  # fmt: skip
HEIF_BRANDS = ("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1")
#: Frame headers of MPEG 1, 2 and 2.5, layer II and III, with and without a checksum: speech is of the lower ones.
MP3_FRAMES = ("fffb9064", "fffb5000", "fffbe044", "fffa9064", "fff39064", "fff28000", "fff344c4", "ffe31000",
              "fffd9064")  # fmt: skip
AAC_FRAMES = ("fff15080", "fff94c80", "fff05080", "fff84c80")
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0" + b"\xff" * 480


def picture(kind: str = "JPEG", **more: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(made, kind, **more)
    return made.getvalue()


def iso(brand: str, *compatible: str) -> bytes:
    brands = brand.encode() + bytes(4) + "".join(compatible).encode()
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + struct.pack(">I", 1032) + b"mdat" + FILL


def box(kind: str) -> bytes:
    """A QuickTime file of the time before brands."""
    return struct.pack(">I", 1032) + kind.encode() + FILL


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name in names:
            packed.writestr(name, "x" * 100)
    return made.getvalue()


def recording() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\1\0" * 500)
    return made.getvalue()


def ebml(kind: str) -> bytes:
    head = b"\x42\x86\x81\1\x42\xf7\x81\1\x42\xf2\x81\4\x42\xf3\x81\x08\x42\x82" + bytes([0x80 | len(kind)])
    head += kind.encode() + b"\x42\x87\x81\4\x42\x85\x81\2"
    return b"\x1a\x45\xdf\xa3\1" + bytes(6) + bytes([len(head)]) + head + b"\x18\x53\x80\x67\1" + FILL


def ogg(codec: bytes) -> bytes:
    return b"OggS\0\2" + bytes(8) + b"\1\2\3\4" + bytes(8) + b"\1" + bytes([len(codec)]) + codec + FILL


def beginnings() -> Iterator[tuple[str, bytes]]:
    """``(extension, file)``, the files small."""
    for extension in ("jpg", "jpeg", "jpe", "jfif"):
        yield extension, picture("JPEG")
    for marker in ("db", "e0", "e1", "e2", "ed", "ee", "fe"):
        yield "jpg", bytes.fromhex("ffd8ff" + marker) + FILL
    yield "png", picture("PNG")
    yield "gif", picture("GIF")
    yield "gif", b"GIF87a" + FILL
    yield "webp", picture("WEBP")
    yield "bmp", picture("BMP")
    yield "tif", picture("TIFF")
    yield "tiff", b"MM\0*\0\0\0\x08" + FILL
    yield "heic", picture("HEIF")
    for brand in HEIF_BRANDS:
        yield "heic", iso(brand, "mif1", "heic")
        yield "heif", iso(brand, "mif1", "heic")
    yield "avif", picture("AVIF")
    yield "avif", iso("mif1", "avif")
    for brand in VIDEO_BRANDS:
        yield "mp4", iso(brand, "isom", "mp42")
        yield "m4v", iso(brand, "mp42")
    yield "mov", iso("qt  ", "qt  ")
    for kind in ("moov", "mdat", "wide", "free", "skip"):
        yield "mov", box(kind)
    for brand in ("3gp4", "3gp5", "3gp6", "3gr6", "3ge6", "3g2a", "isom", "mp42"):
        yield "3gp", iso(brand, "isom")
    for brand in ("M4A ", "M4B ", "mp42", "isom", "dash", "3gp4", "qt  "):
        yield "m4a", iso(brand, "M4A ")
    yield "webm", ebml("webm")
    yield "mkv", ebml("matroska")
    yield "avi", b"RIFF\0\x10\0\0AVI LIST" + FILL
    yield "wav", recording()
    for extension, codec in (
        ("ogg", b"\1vorbis"), ("oga", b"\1vorbis"), ("ogg", b"OpusHead\1"), ("opus", b"OpusHead\1"),
        ("ogv", b"\x80theora"),
    ):  # fmt: skip
        yield extension, ogg(codec)
    for version in (2, 3, 4):
        yield "mp3", b"ID3" + bytes([version]) + bytes(6) + FILL
    for frame in MP3_FRAMES:
        yield "mp3", bytes.fromhex(frame) + FILL
    for frame in AAC_FRAMES:
        yield "aac", bytes.fromhex(frame) + FILL
    yield "amr", b"#!AMR\n<" + FILL
    yield "amr", b"#!AMR-WB\n" + FILL
    yield "pdf", picture("PDF")
    yield "pdf", b"%PDF-2.0\n" + FILL
    yield "pdf", b"\xef\xbb\xbf\r\n%PDF-1.4\n" + FILL
    for extension, names in {
        "docx": ("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
        "xlsx": ("[Content_Types].xml", "xl/workbook.xml"),
        "pptx": ("[Content_Types].xml", "ppt/presentation.xml"),
        "odt": ("mimetype", "content.xml"),
        "ods": ("mimetype", "content.xml"),
        "odp": ("mimetype", "content.xml"),
        "zip": ("chat.txt", "a.jpg"),
    }.items():
        yield extension, archive(*names)
    yield "docx", archive("word/numbering.xml", "word/document.xml", "[Content_Types].xml")
    yield "zip", archive()
    for extension in ("doc", "xls", "ppt", "msg"):
        yield extension, OLE
    for extension in ("rtf", "doc"):
        yield extension, b"{\\rtf1\\ansi What happened}"
    yield "rtf", b"{\\rtf What happened}"
