"""Unfinished reports, sealed under a secret that only the reporter's browser holds.

The secret S is 256 random bits in a cookie. From it, by HKDF-SHA256, come the id that finds the draft (stored
as a hash) and the key that opens it. So a database, a backup or a log shows neither an answer nor whose it is,
and when the cookie is gone the draft is gone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import DatabaseError, transaction
from django.utils import timezone

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.evidence import of_drafts
from wagtail_harassment.reporting.models import Draft, DraftFile, DraftStep, FormVersion
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = ["LEFT", "OpenDraft", "begin", "find", "purge"]

logger = logging.getLogger("wagtail_harassment.reporting")

SECRET_LENGTH = 32
#: Ends the cookie of a draft that its reporter left. It says nothing (the sealed state does): a browser that keeps
#: pages ready for its Back button drops them when a cookie changes.
LEFT = "."
QUARTER = timedelta(minutes=15)
TOUCH_EVERY = timedelta(minutes=1)


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"wagtail-harassment " + purpose).derive(secret)


def _lookup(secret: bytes) -> str:
    return hashlib.sha256(_derive(secret, b"draft id")).hexdigest()


@dataclass
class OpenDraft:
    """A draft, opened for one request."""

    row: Draft
    key: DataKey = field(repr=False)
    state: dict[str, Any] = field(repr=False)
    _steps: dict[str, DraftStep] | None = field(default=None, repr=False)
    _answers: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def shared(self) -> bool:
        """Whether someone else could use the device."""
        return self.state["shared"]

    @property
    def left(self) -> bool:
        """Whether the reporter left the page: nothing of the draft is shown until they ask for it."""
        return self.state.get("left", False)

    @property
    def touched(self) -> datetime:
        """When the reporter last did something."""
        return datetime.fromisoformat(self.state["touched"])

    @property
    def begun(self) -> datetime | None:
        """When the reporter sent the first page; ``None`` where they had been writing before the draft began."""
        begun = self.state.get("begun")
        return datetime.fromisoformat(begun) if begun else None

    @property
    def baited(self) -> bool:
        """Whether a field was filled in that people do not see."""
        return "baited" in self.state

    @property
    def counted(self) -> bool:
        """Whether this reporter's equality monitoring was added to the counts."""
        return self.state.get("counted", False)

    @property
    def idle_minutes(self) -> int:
        """Minutes of doing nothing after which the draft is gone."""
        if self.row.receipt is not None:
            return conf.receipt_minutes
        if "minutes" in self.state:
            return self.state["minutes"]
        return conf.shared_device_minutes if self.shared else conf.own_device_minutes

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return timezone.now() >= self.touched + timedelta(minutes=self.idle_minutes)

    @property
    def receipt(self) -> dict[str, Any] | None:
        """What the reporter got for sending; ``None`` before."""
        return reveal(self.row, "receipt", self.key)

    @property
    def submission(self) -> str:
        """The idempotency key of sending this draft: says nothing to whoever does not hold the secret."""
        return hashlib.sha256(_derive(self.key.secret, b"submission")).hexdigest()

    @property
    def code(self) -> Code | None:
        """The return code that was shown with this draft, or that it was begun with; ``None`` before."""
        packed = self.state.get("code")
        return Code.unpacked(packed) if packed else None

    def give_code(self) -> Code:
        """The draft's return code; the first time, a new one. Raises ``Draft.DoesNotExist``.

        Its slow key is derived before anything is locked. Two pages opened at once show the same code.
        """
        if self.code is None:
            made = Code.new()
            with transaction.atomic():
                self.hold()
                if self.code is None:
                    self.state["code"] = made.packed()
                    self.touch()
        return self.code

    @property
    def kept(self) -> uuid.UUID | None:
        """The kept record that this draft goes on with."""
        return uuid.UUID(self.state["kept"]) if "kept" in self.state else None

    def steps_begun(self) -> set[str]:
        """Codes of the steps that were sent at least once."""
        return set(self._load())

    def answers(self) -> dict[str, Any]:
        """Every answer so far, by code; skipped ones are absent."""
        self._load()
        merged: dict[str, Any] = {}
        for answers in self._answers.values():
            merged |= {code: answer for code, answer in answers.items() if answer is not None}
        return merged | of_drafts.answers(self)

    def _load(self) -> dict[str, DraftStep]:
        if self._steps is None:
            self._steps = {step.step: step for step in DraftStep.objects.filter(draft_id=self.row.pk)}
            self._answers = {code: reveal(step, "answers", self.key) for code, step in self._steps.items()}
        return self._steps

    def save_step(self, code: str, answers: dict[str, Any]) -> None:
        """Keep the answers of one step, sealed, and note that the reporter is there."""
        with transaction.atomic():
            step = self._load().get(code) or DraftStep(
                uuid.uuid5(self.row.pk, code), draft=self.row, step=code
            )
            if step._state.adding:
                seal_fields(step, self.key, answers=answers)
                # The same step from two tabs at once: the later one stands.
                DraftStep.objects.bulk_create(
                    [step], update_conflicts=True, unique_fields=["id"], update_fields=["answers"]
                )
            elif seal_fields(step, self.key, answers=answers):
                step.save(update_fields=["answers"])
            self._steps[code], self._answers[code] = step, answers
            self.set_left(False)

    def set_shared(self, shared: bool) -> None:
        """Remember whether someone else could use the device."""
        self.state["shared"] = shared

    def bait(self) -> None:
        """Remember that a field was filled in that people do not see: not with what."""
        self.state["baited"] = True

    def set_left(self, left: bool) -> None:
        """Remember that the reporter left, or came back."""
        self.state["left"] = left
        self.touch()

    def touch(self) -> None:
        """Start the idle time anew."""
        self.state["touched"] = timezone.now().isoformat(timespec="seconds")
        self._seal_state()
        self.row.save(update_fields=["sealed_state", "expires_at"])

    def seen(self) -> None:
        """Start the idle time anew, if a minute has gone by: reading is being there too.

        A database that takes no writes at the moment keeps nobody from reading.
        """
        if timezone.now() - self.touched > TOUCH_EVERY:
            try:
                with transaction.atomic():
                    self.touch()
            except DatabaseError as error:
                logger.warning("A draft's idle time could not be started anew (%s).", type(error).__name__)

    def hold(self) -> None:
        """Keep others from this draft until the transaction ends, and read it anew.

        Raises ``Draft.DoesNotExist`` if it went in the meantime.
        """
        self.row = Draft.objects.select_for_update().get(pk=self.row.pk)
        self.state = reveal(self.row, "sealed_state", self.key)
        self._steps, self._answers = None, {}

    def _seal_state(self) -> None:
        seal_fields(self.row, self.key, sealed_state=self.state)
        self.row.expires_at = _rounded_up(self.touched + timedelta(minutes=self.idle_minutes))

    def become_receipt(self, receipt: dict[str, Any]) -> None:
        """Forget the answers and keep what the reporter needs to see: inside the sending transaction."""
        seal_fields(self.row, self.key, receipt=receipt)
        touched = timezone.now().isoformat(timespec="seconds")
        self.state = {"shared": self.shared, "counted": False, "files": False, "touched": touched}
        self._seal_state()
        self.row.save(update_fields=["receipt", "sealed_state", "expires_at"])
        DraftStep.objects.filter(draft_id=self.row.pk)._raw_delete(using=self.row._state.db)
        self._steps, self._answers = {}, {}

    def set_counted(self) -> None:
        """Remember that the reporter's equality monitoring was added: not what it says, and not when."""
        self.state["counted"] = True
        self._seal_state()
        self.row.save(update_fields=["sealed_state", "expires_at"])

    def destroy(self) -> None:
        """Delete the draft, whatever it holds."""
        with transaction.atomic():
            # Locked, so that no other tab adds a file in between that would be nobody's.
            Draft.objects.select_for_update().filter(pk=self.row.pk).first()
            of_drafts.drop(self.row)
            self.row.delete()


def _rounded_up(moment: datetime) -> datetime:
    seconds = QUARTER.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // seconds) * seconds, tz=moment.tzinfo)


def begin(
    version: FormVersion, *, shared: bool, timed: bool = True, state: dict[str, Any] | None = None
) -> tuple[OpenDraft, str]:
    """A new draft on ``version``, saved, and the cookie value that opens it.

    ``timed`` says that the reporter begins now, and was not writing before: the moment is sealed. ``state`` is
    sealed with it; ``minutes`` in it is the idle time of one that is not a reporter's.
    """
    secret = secrets.token_bytes(SECRET_LENGTH)
    now = timezone.now()
    begun = {"begun": now.isoformat(timespec="milliseconds")} if timed else {}
    row = Draft(lookup=_lookup(secret), form_version=version)
    draft = OpenDraft(
        row,
        DataKey(row.pk, row.pk, _derive(secret, b"draft key")),
        # What may be said later is there from the start: how long the state is says nothing.
        {
            **(state or {}),
            "shared": shared,
            "counted": False,
            "files": False,
            "touched": now.isoformat(timespec="seconds"),
        }
        | begun,
    )
    draft._seal_state()
    row.save(force_insert=True)
    return draft, base64.urlsafe_b64encode(secret).decode().rstrip("=")


def find(cookie: str | None) -> OpenDraft | None:
    """The draft that a cookie opens; ``None`` if there is none, or its time is over (then it is deleted)."""
    if not cookie:
        return None
    cookie = cookie.removesuffix(LEFT)
    try:
        secret = base64.b64decode(cookie + "=" * (-len(cookie) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(secret) != SECRET_LENGTH:
        return None
    row = Draft.objects.filter(lookup=_lookup(secret)).first()
    if row is None:
        return None
    key = DataKey(row.pk, row.pk, _derive(secret, b"draft key"))
    try:
        draft = OpenDraft(row, key, reveal(row, "sealed_state", key))
    except Tampered:
        return None
    if draft.expired:
        draft.destroy()
        return None
    return draft


def purge() -> int:
    """Delete drafts whose time is over, with their files; returns how many drafts."""
    with transaction.atomic():
        drafts = Draft.objects.select_for_update().filter(expires_at__lte=timezone.now())
        over = list(drafts.values_list("pk", flat=True))
        of_drafts.drop_all(DraftFile.objects.filter(draft__in=over))
        return Draft.objects.filter(pk__in=over).delete()[1].get("wagtail_harassment.Draft", 0)
