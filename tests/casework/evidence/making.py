"""Files on cases, made as in life: sealed as they arrive, stored, read back, and told of in the ledger."""

from __future__ import annotations

import io
from typing import Any

from django.db import transaction
from PIL import ExifTags, Image

from wagtail_harassment.casework.evidence import handling
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.evidence import arriving, of_reports
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.evidence.handler import sealed_from
from wagtail_harassment.reporting.models import Evidence, EvidenceSource, Thread
from wagtail_harassment.vault import files, ledger
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

#: What a phone writes into a picture of where it was, and who owns it.
PLACE = "CANARY 54.9783 N 1.6178 W"
#: What a sound recorder makes, as far as its beginning goes.
RECORDING = b"ID3\x03\0\0\0\0\0\0" + bytes(99)
TOLD = {
    "note": "The wall",
    "given_by": "witness",
    "obtained_on": "2026-11-01",
    "how": "On a USB stick",
}


def picture(place: str = PLACE, size: tuple[int, int] = (64, 48), colour: str = "red") -> bytes:
    """A JPEG that says where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = place
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (54.0, 58.0, 41.88),
        ExifTags.GPS.GPSProcessingMethod: place.encode(),
    }
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG", exif=exif, comment=place.encode())
    return made.getvalue()


def facts_of(name: str, content: bytes) -> Facts:
    """What is known of a file once it is stored. Whose it is, is not said yet."""
    facts = arriving.receive(sealed_from(name, [content]))
    assert isinstance(facts, dict), str(facts)
    return facts


def sent(case: Case, name: str, content: bytes, *, note: str = "", kept: bool = False) -> Evidence:
    """A file that came with the report."""
    facts = facts_of(name, content) | {"note": note}
    with transaction.atomic():
        source = EvidenceSource.KEPT if kept else EvidenceSource.FORM
        rows = of_reports.adopt(record=case.pk, facts=[facts], source=source)
        ledger.append(chain=case.pk, kind="report.received", rows=rows)
    return Evidence.objects.get(pk=facts["id"])


def messaged(case: Case, name: str, content: bytes, text: str = "Here it is.") -> Evidence:
    """A file that came with a message."""
    facts = facts_of(name, content)
    with transaction.atomic():
        thread = Thread.objects.select_for_update(of=("self",)).get(report=case.pk)
        body = {"text": text, "files": [arriving.public(facts)]}
        threads.put(thread, body, files=[facts])
    return Evidence.objects.get(pk=facts["id"])


def added(case: Case, name: str, content: bytes, by: Any, **told: str) -> Evidence:
    """A file that staff added."""
    facts = facts_of(name, content)
    handling.add(case=case, facts=[facts], how=TOLD | told, by=by)
    return Evidence.objects.get(pk=facts["id"])


def bytes_of(row: Evidence, **part: int) -> bytes:
    """A file's plain bytes, as those who work the case can get them."""
    return b"".join(of_reports.content(of_reports.open_one(row), **part))


def facts_on(row: Evidence) -> Facts:
    """What is sealed with a file."""
    return of_reports.open_one(row).facts


def spoil(row: Evidence, *, at: int = -20) -> None:
    """Change one byte of a file in the storage."""
    path = files.local_path(row.pk)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def events(case: Case, *kinds: str) -> list[LedgerEvent]:
    """Events of a case, oldest first, of some kinds or of those about evidence."""
    found = LedgerEvent.objects.filter(chain=case.pk).order_by("sequence")
    return list(found.filter(kind__in=kinds) if kinds else found.filter(kind__startswith="evidence."))


def erase(case: Case, by: Any) -> int:
    """Erase a case's record for good, as if its day had come."""
    SealedKey.objects.filter(record=case.pk).update(destroy_after="2001-01-01")
    gone = of_reports.erase(record=case.pk, by=by)
    files.sweep()  # what is done after the commit
    return gone
