"""What stands on the paper: plain parts of labelled lines, the same for a page that is printed and for a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

__all__ = ["Row", "Section", "day", "moment", "plain"]

#: Characters that show nothing themselves and change how what follows is read: controls, and marks that turn text
#: round. Those that only keep text of two directions apart stay.
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2060\ufeff\U000e0000-\U000e007f]")


def plain(text: str) -> str:
    """Words as they go on paper: what cannot be seen is taken out, so that nothing reads as what it is not."""
    return HIDDEN.sub("", text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))


@dataclass(frozen=True)
class Row:
    """A label with what belongs to it, and by whom and when it was written, where that matters."""

    label: str
    lines: list[str] = field(repr=False)
    by: str = ""

    @classmethod
    def of(cls, label: object, *lines: object, by: str = "") -> Row:
        """A row, its words made plain, without empty lines."""
        words = [plain(str(line)) for line in lines if line]
        return cls(plain(str(label)), words, plain(by))


@dataclass(frozen=True)
class Section:
    """One part of the paper. ``empty`` is said where there is nothing, ``trouble`` where something does not open."""

    name: str
    heading: str
    rows: list[Row] = field(repr=False)
    empty: str = ""
    trouble: str = ""

    @classmethod
    def of(cls, name: str, heading: object, rows: Iterable[Row], *, trouble: str = "") -> Section:
        """A section of the rows that say something."""
        found = [row for row in rows if row.lines or row.by]
        return cls(name, str(heading), found, "" if found else _("Nothing."), trouble)


def day(value: date) -> str:
    """A day in full: paper is read later."""
    return date_format(value, "j F Y")


def moment(value: datetime | date) -> str:
    """A day and, where there is one, a time, in full."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j F Y, H:i")
    return day(value)
