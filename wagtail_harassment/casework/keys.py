"""The data keys of one case, opened together for whoever shows something of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_harassment.casework.models import Case
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["Keys"]


class Keys:
    """The data keys of one case: wanted first by whoever shows something, then opened in one query."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._wanted: set[uuid.UUID] = set()
        self._opened: dict[uuid.UUID, envelope.DataKey] = {}
        self._asked: set[uuid.UUID] = set()
        #: Why none opens here, for people; empty while they do.
        self.trouble = ""

    def want(self, units: Iterable[uuid.UUID]) -> None:
        """Say which will be asked for."""
        self._wanted.update(units)

    def get(self, unit: uuid.UUID) -> envelope.DataKey | None:
        """The key of a unit; ``None`` where it is gone, was changed, or does not open on this server."""
        if unit not in self._asked:
            self._open({*self._wanted, unit} - self._asked)
        return self._opened.get(unit)

    def _open(self, units: set[uuid.UUID]) -> None:
        self._asked |= units
        try:
            self._opened |= envelope.open_keys(record=self._case.pk, units=units)
        except (envelope.CannotOpen, KeyringError):
            self.trouble = _("This server does not hold the key that opens what was written here.")
