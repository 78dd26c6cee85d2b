"""Which files are taken in, and whether a file is what its name says. What it says of itself is never believed.

The beginning of a file is compared with the known beginnings of its format, puremagic's and a few that it does not
know; what is plain text must be text from end to end.
"""

from __future__ import annotations

from dataclasses import dataclass

import puremagic
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["FORMATS", "HEAD", "Format", "extension_of", "fits", "format_of"]

#: Bytes of a file's beginning that are looked at.
HEAD = 8192


@dataclass(frozen=True)
class Format:
    """A format: ``extension``, what it is in one word, how it is served, and what its beginning may be told as.

    ``plays``: a browser can show it as it is. ``cleans``: a copy without what does not belong to the picture can
    be made. ``tells``: extensions, one of which its beginning is told as; none for plain text.
    """

    extension: str
    label: Promise
    mime: str
    tells: frozenset[str] = frozenset()
    plays: bool = False
    cleans: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it has to be text from end to end."""
        return not self.tells


PICTURE, VIDEO, SOUND = _("picture"), _("video"), _("sound recording")
DOCUMENT, TEXT, PACKED = _("document"), _("text file"), _("packed file")

#: What one of these begins like, the others can begin like too.
_JPEG = "jpg jpeg jpe jfif"
_ISO = "mp4 m4v mov 3gp 3g2 3ga m4a f4a f4v heic heif avif qt"
_HEIF = "heic heif heics avif mp4"
_OGG = "ogg oga ogv opus"
_ZIP = "zip docx xlsx pptx odt ods odp docm xlsm pptm"
_OLE = "doc xls ppt msg msi pub vsd"
_OCTETS = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."


def _known() -> list[Format]:
    def told(text: str) -> frozenset[str]:
        return frozenset(text.split())

    found = [Format(one, PICTURE, "image/jpeg", told(_JPEG), cleans=True) for one in _JPEG.split()]
    for one, mime, tells in (
        ("png", "image/png", "png apng"),
        ("gif", "image/gif", "gif"),
        ("webp", "image/webp", "webp"),
        ("bmp", "image/bmp", "bmp dib"),
        ("tif", "image/tiff", "tif tiff"),
        ("tiff", "image/tiff", "tif tiff"),
        ("heic", "image/heic", _HEIF),
        ("heif", "image/heif", _HEIF),
        ("avif", "image/avif", _HEIF),
    ):
        found.append(Format(one, PICTURE, mime, told(tells), cleans=True))
    for one, mime, tells in (
        ("mp4", "video/mp4", _ISO),
        ("m4v", "video/mp4", _ISO),
        ("mov", "video/quicktime", _ISO),
        ("3gp", "video/3gpp", _ISO),
        ("webm", "video/webm", "webm mkv mka"),
        ("ogv", "video/ogg", _OGG),
    ):
        found.append(Format(one, VIDEO, mime, told(tells), plays=True))
    found.append(Format("mkv", VIDEO, _OCTETS, told("webm mkv mka")))
    found.append(Format("avi", VIDEO, _OCTETS, told("avi")))
    for one, mime, tells in (
        ("mp3", "audio/mpeg", "mp3 mpga mp2"),
        ("m4a", "audio/mp4", _ISO),
        ("aac", "audio/aac", "aac"),
        ("wav", "audio/wav", "wav"),
        ("ogg", "audio/ogg", _OGG),
        ("oga", "audio/ogg", _OGG),
        ("opus", "audio/ogg", _OGG),
    ):
        found.append(Format(one, SOUND, mime, told(tells), plays=True))
    found.append(Format("amr", SOUND, _OCTETS, told("amr")))
    for one, mime, tells in (
        ("pdf", "application/pdf", "pdf"),
        ("docx", f"{_OFFICE}wordprocessingml.document", _ZIP),
        ("xlsx", f"{_OFFICE}spreadsheetml.sheet", _ZIP),
        ("pptx", f"{_OFFICE}presentationml.presentation", _ZIP),
        ("odt", f"{_OPEN}text", _ZIP),
        ("ods", f"{_OPEN}spreadsheet", _ZIP),
        ("odp", f"{_OPEN}presentation", _ZIP),
        # Word processors give this name to RTF too.
        ("doc", "application/msword", f"{_OLE} rtf"),
        ("xls", "application/vnd.ms-excel", _OLE),
        ("ppt", "application/vnd.ms-powerpoint", _OLE),
        ("msg", "application/vnd.ms-outlook", _OLE),
        ("rtf", "application/rtf", "rtf"),
    ):
        found.append(Format(one, DOCUMENT, mime, told(tells)))
    found.append(Format("zip", PACKED, "application/zip", told(_ZIP)))
    found += [Format(one, TEXT, "text/plain") for one in ("txt", "csv", "eml", "log", "ics")]
    return found


FORMATS: dict[str, Format] = {one.extension: one for one in _known()}


def extension_of(name: str) -> str:
    """The end of a file's name after its last dot, in small letters; empty without one."""
    return name.rpartition(".")[2].lower() if "." in name.strip(".") else ""


def format_of(name: str) -> Format | None:
    """The format that a file's name says it is; ``None`` for one that is not taken in."""
    return FORMATS.get(extension_of(name))


def fits(said: Format, *, head: bytes, text: bool) -> bool:
    """Whether a file can be what its name says. ``text``: it is text from end to end."""
    if said.is_text:
        return text
    head = head[:HEAD]
    try:
        found = {one.extension.lstrip(".").lower() for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        found = set()
    return not said.tells.isdisjoint(found | _told_besides(head))


def _told_besides(head: bytes) -> set[str]:
    """What puremagic (1.30) does not tell of files that phones, recorders and office programs make."""
    found = set()
    if head[4:8] == b"ftyp":
        # Whatever its brand: there are hundreds (mp4ra.org), and it knows some twenty.
        found.add("mp4")
    if b"%PDF-" in head[:1024]:
        # Readers take what stands before it (Adobe, PDF Reference 1.7, appendix H, note 13).
        found.add("pdf")
    if head.startswith(b"{\\rtf"):
        found.add("rtf")
    if len(head) >= 4:
        found |= _sound_frame(int.from_bytes(head[:4]))
    return found


def _sound_frame(bits: int) -> set[str]:
    """What a frame header says: MPEG audio of layer II or III, of any version (ISO 11172-3, 2.4.2.3), or AAC in ADTS
    (ISO 13818-7, 6.2)."""
    if bits >> 20 == 0xFFF and bits >> 17 & 3 == 0:
        return {"aac"}
    version, layer, rate, frequency = bits >> 19 & 3, bits >> 17 & 3, bits >> 12 & 15, bits >> 10 & 3
    whole = bits >> 21 == 0x7FF and version != 1 and layer in (1, 2) and rate < 15 and frequency < 3
    return {"mp3"} if whole else set()
