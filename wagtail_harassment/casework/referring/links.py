"""Links for people without an account: a secret that only they were sent, and a code that came another way.

Nothing that a machine does by opening a link changes anything or shows anything. Whoever has the link and no code
learns nothing of what is behind it; whoever has the database has neither.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case, Referral, ReferralLink
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.keyring import get_keyring

__all__ = ["LASTS", "MOST_WRONG", "PASS_LASTS", "enter", "find", "let_in", "make", "spelled", "stop"]

LASTS = timedelta(days=14)
#: Wrong codes after which a link is dead, whoever gave them.
MOST_WRONG = 10
#: How long the content is shown after the code was given.
PASS_LASTS = timedelta(minutes=30)
#: Letters and digits that nobody takes for one another, on paper or on the telephone.
ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
LETTERS = 8


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@sensitive_variables()
def _hash_of_code(link: ReferralLink, code: str) -> str:
    """Under a key that is not in the database: so short a code could be tried out against a plain hash."""
    message = b"wagtail-harassment referral code 1" + link.pk.bytes + code.encode()
    return hmac.new(get_keyring().pepper, message, hashlib.sha256).hexdigest()


@sensitive_variables()
def make(referral: Referral) -> tuple[ReferralLink, str, str]:
    """A link for a referral whose case is locked, in place of any before: ``(row, secret, code)``.

    The secret (256 bit) and the code (37 bit) are nowhere but in what is returned.
    """
    stop(referral)
    secret = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(ALPHABET) for _letter in range(LETTERS))
    link = ReferralLink(
        referral=referral, secret_hash=_hash(secret), expires_at=timezone.now() + LASTS, pass_until=None
    )
    link.code_hash = _hash_of_code(link, code)
    link.save(force_insert=True)
    return link, secret, f"{code[:4]}-{code[4:]}"


def stop(referral: Referral) -> int:
    """Let no link open a referral any more."""
    return ReferralLink.objects.filter(referral=referral.pk, dead=False).update(dead=True, pass_hash="")


@sensitive_variables()
def find(secret: str) -> ReferralLink | None:
    """The link with this secret, if it opens something still; ``None`` for every other, whatever the reason."""
    row = ReferralLink.objects.select_related("referral__case").filter(secret_hash=_hash(secret)).first()
    if row is None or row.dead or row.expires_at <= timezone.now() or row.referral.ended_on:
        return None
    return row


@sensitive_variables()
def spelled(typed: str) -> str:
    """A code as it was meant: without what is put between its letters, in capitals."""
    return "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())


@sensitive_variables()
def enter(link: ReferralLink, typed: str) -> str:
    """Give the code; returns a pass for this browser, or nothing. A pass that another browser had is over then.

    Every wrong one counts, and with :data:`MOST_WRONG` the link is dead, and whoever works the case is told. Event
    "referral.link_stopped". Tries at the same moment are counted one after the other.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=link.referral.case_id)
        row = ReferralLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if row.dead:
            return ""
        if hmac.compare_digest(row.code_hash, _hash_of_code(row, spelled(typed))):
            given = secrets.token_urlsafe(32)
            row.pass_hash, row.pass_until = _hash(given), timezone.now() + PASS_LASTS
            row.save(update_fields=["pass_hash", "pass_until"])
            return given
        row.wrong += 1
        row.dead = row.wrong >= MOST_WRONG
        row.save(update_fields=["wrong", "dead"])
        if row.dead:
            notifications.raise_again(case, kinds.REFERRAL)
            body = {"referral": str(row.referral_id)}
            ledger.append(chain=case.pk, kind="referral.link_stopped", body=body)
    return ""


@sensitive_variables()
def let_in(link: ReferralLink, given: str) -> bool:
    """Whether a browser holds the pass of this link."""
    if not given or not link.pass_hash or link.pass_until is None or link.pass_until <= timezone.now():
        return False
    return hmac.compare_digest(link.pass_hash, _hash(given))
