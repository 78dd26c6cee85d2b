"""Files that go with the demo's accounts: drawn here, so that nobody real is in them.

They go through the upload's own way, as a reporter's files do: sealed as they arrive, stored, read back, scanned.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from wagtail_harassment.casework.evidence import handling, preparing
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence import arriving, of_drafts
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.evidence.handler import sealed_from
from wagtail_harassment.vault import integrity

__all__ = ["ADDED", "SENT", "WRITTEN", "add_on_case", "attach", "finish", "received"]

PAPER, INK = "#f4f1ea", "#2b2b2b"


def _font(size: int) -> ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _photograph(picture: Image.Image) -> bytes:
    """As a phone saves it: with the place, the time and the device inside."""
    exif = picture.getexif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Fairphone", "FP5", "2026:11:12 21:48:07"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (IFDRational(54), IFDRational(58), IFDRational(4120, 100))
    gps[3], gps[4] = "W", (IFDRational(1), IFDRational(36), IFDRational(5310, 100))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=88, exif=exif)
    return stream.getvalue()


def noticeboard() -> bytes:
    """A photograph of a board outside the prayer room, with something scrawled over a notice."""
    picture = Image.new("RGB", (1600, 1200), "#8d8577")
    draw = ImageDraw.Draw(picture)
    for line in range(0, 1200, 6):
        draw.line(
            [(0, line), (1600, line)], fill=(141 - line // 60, 133 - line // 60, 119 - line // 70), width=6
        )
    draw.rectangle([180, 140, 1420, 1060], fill="#b58a5a", outline="#6b4a2b", width=18)
    for x, y, color, words in (
        (250, 210, PAPER, "PRAYER ROOM\nOpen 7 to 22\nAll welcome"),
        (860, 250, "#dfe8ef", "Friday prayers\n13:15\nQuiet please"),
        (330, 640, "#efe3c8", "Lost: grey scarf"),
    ):
        draw.rectangle([x, y, x + 430, y + 330], fill=color, outline="#999")
        draw.ellipse([x + 205, y + 10, x + 225, y + 30], fill="#b22")
        draw.multiline_text((x + 40, y + 70), words, fill=INK, font=_font(46), spacing=18)
    scrawl = [(240 + step * 26, 480 + round(46 * math.sin(step / 1.3))) for step in range(19)]
    draw.line(scrawl, fill="#c1121f", width=16, joint="curve")
    draw.text((260, 545), "GO HOME", fill="#c1121f", font=_font(84))
    return _photograph(picture)


def stairwell() -> bytes:
    """A photograph out of a window: somebody stands below."""
    picture = Image.new("RGB", (1200, 1600), "#1d2433")
    draw = ImageDraw.Draw(picture)
    for line in range(0, 1600, 8):
        shade = 26 + line // 40
        draw.line([(0, line), (1200, line)], fill=(shade, shade + 8, shade + 22), width=8)
    draw.polygon([(0, 1600), (1200, 1600), (820, 760), (380, 760)], fill="#3a3f4a")
    draw.ellipse([520, 260, 680, 420], fill="#f3d9a0")
    draw.polygon([(560, 400), (640, 400), (900, 1500), (300, 1500)], fill="#57503f")
    draw.ellipse([565, 930, 635, 1000], fill="#11141b")
    draw.rounded_rectangle([545, 1000, 655, 1250], 30, fill="#11141b")
    return _photograph(picture)


def _chat(lines: list[tuple[str, str]]) -> bytes:
    """A screenshot of messages; "<" is theirs."""
    picture = Image.new("RGB", (720, 150 + 150 * len(lines)), "#e9edf2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, 0, 720, 96], fill="#3b4a5a")
    draw.text((40, 28), "Unknown number", fill="white", font=_font(34))
    for number, (whose, words) in enumerate(lines):
        left = 40 if whose == "<" else 180
        box = [left, 130 + 150 * number, left + 500, 250 + 150 * number]
        draw.rounded_rectangle(box, 24, fill="white" if whose == "<" else "#cfe8d5")
        draw.multiline_text((left + 28, box[1] + 22), words, fill=INK, font=_font(28), spacing=8)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def messages() -> bytes:
    """A screenshot of what came at night."""
    return _chat(
        [
            ("<", "I saw your light just now\n02:14"),
            (">", "Please stop writing to me\n02:15"),
            ("<", "You looked nice on the stairs\n02:15"),
            ("<", "I know which room it is\n02:31"),
        ]
    )


def reply_all() -> bytes:
    """One of the mails, as a mail program saves it."""
    return (
        b"From: a concerned colleague <reader-5@mail.example>\r\nTo: department-all@northbridge.example\r\n"
        b"Subject: Re: Re: Friday seminar\r\nDate: Fri, 13 Nov 2026 12:00:41 +0000\r\n\r\n"
        b"A correction to the last sender's signature, again.\r\n"
    )


def voicemail() -> bytes:
    """Four seconds of a recording: a line that hums, and nobody who speaks."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        samples = (
            round(5000 * math.sin(step / 12) * abs(math.sin(step / 9000)) + 900 * math.sin(step / 3))
            for step in range(32_000)
        )
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return stream.getvalue()


def statement() -> bytes:
    """A witness statement, as a scanned page."""
    page = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    draw.text((120, 120), "Statement", fill=INK, font=_font(56))
    words = (
        "I work at the chaplaincy desk. On 12 November at about a quarter\nto ten in the evening I heard shouting "
        "outside the prayer room.\nWhen I came out two men were walking to the lifts. One of them\nlooked back and "
        "laughed. The notice on the board had been\nwritten over; it had not been at nine, when I locked my office.\n\n"
        "I did not know the men. I would know the taller one again.\n\nSigned: J. Whitcombe, 14 November"
    )
    draw.multiline_text((120, 260), words, fill=INK, font=_font(32), spacing=20)
    stream = io.BytesIO()
    page.save(stream, "PDF", resolution=150)
    return stream.getvalue()


Files = tuple[tuple[str, Callable[[], bytes], str], ...]

#: Account -> its files: name, bytes, note.
SENT: dict[str, Files] = {
    "prayer room": (("IMG_20261112_214807.jpg", noticeboard, "The board, when they had gone"),),
    "stairs": (
        ("Screenshot 2.png", messages, "All from one night"),
        ("from my window.jpg", stairwell, "He stood there for an hour"),
        ("voicemail.wav", voicemail, "There are nine more like it"),
    ),
    "supervisor": (("desk.jpg", stairwell, "What he left outside my office, seen from the stairs"),),
}
#: Account -> files that came with its last message.
WRITTEN: dict[str, Files] = {
    "mailing list": (("Re Re Friday seminar.eml", reply_all, ""),),
}
#: Account -> who added what: name, bytes, note, whom they have it from, how.
ADDED: dict[str, tuple[tuple[str, str, Callable[[], bytes], str, str, str], ...]] = {
    "prayer room": (
        (
            "manager",
            "Statement J Whitcombe.pdf",
            statement,
            "Statement of the person at the chaplaincy desk",
            "witness",
            "Given to me on paper at the desk; scanned the same day. The paper is in the locked cabinet.",
        ),
    ),
}


def attach(draft: OpenDraft, name: str) -> None:
    """Add an account's files to its draft, as the form does."""
    for file, make, note in SENT.get(name, ()):
        of_drafts.add(draft, "evidence", [sealed_from(file, [make()])])
        added = of_drafts.facts_of(draft)[-1]
        of_drafts.note(draft, {held["id"]: note for held in of_drafts.facts_of(draft) if held == added})


def received(name: str) -> list[Facts]:
    """Files that came with an account's last message."""
    return _facts(WRITTEN.get(name, ()))


def add_on_case(case: Case, name: str, people: dict[str, object]) -> None:
    """What staff added."""
    for username, file, make, note, given_by, how in ADDED.get(name, ()):
        told = {"note": note, "given_by": given_by, "obtained_on": case.day_received.isoformat(), "how": how}
        handling.add(case=case, facts=_facts(((file, make, note),)), how=told, by=people[username])


def _facts(files: Files) -> list[Facts]:
    facts, refused = arriving.receive_all([sealed_from(name, [make()]) for name, make, _note in files])
    if refused:
        raise RuntimeError(str(refused[0]))
    return facts


def finish() -> None:
    """What the worker and the weekly look do."""
    preparing.prepare_waiting()
    if wrong := [found for found in integrity.check() if found.chain]:
        raise RuntimeError(str(wrong[0]))
