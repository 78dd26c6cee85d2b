"""The letters of referrals. None says what it is about, in subject, sender or body."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import Case, Referral, ReferralLink, Sending
from wagtail_harassment.casework.referring import audience
from wagtail_harassment.casework.sending import kinds, verbs
from wagtail_harassment.conf import conf

__all__ = ["REFERRAL", "REMINDER", "against", "register", "remind", "tell_by_link", "tell_members"]

REFERRAL, REMINDER = "referral", "referral.reminder"


def register() -> None:
    """Make both kinds known. Called once, when the site starts."""
    kinds.register(REFERRAL, kinds.Kind(gettext_lazy("Referral"), against))
    kinds.register(REMINDER, kinds.Kind(gettext_lazy("Reminder of a referral"), against))


def against(sending: Sending) -> str:
    """Why a letter must not go out any more: what it tells of is over, or is kept from whom it is to."""
    referral = Referral.objects.filter(pk=sending.about).first()
    if referral is None or referral.ended_on:
        return "withdrawn"
    if sending.recipient and not audience.received(sending.recipient).filter(pk=referral.pk).exists():
        return "kept"
    return ""


def _address(name: str, *args: object) -> str:
    return f"{conf.admin_base_url}{reverse(f'harassment:{name}', args=args)}"


def _end() -> str:
    return _("Nobody reads what is sent to this address.") + f"\n\n{conf.service_name}\n"


def tell_members(
    case: Case, referral: Referral, by: AbstractBaseUser, people: list[AbstractBaseUser]
) -> None:
    """Tell each of a department's people that something waits for them."""
    words = _("Something was passed on to you. Sign in to read it and to answer:")
    body = "\n\n".join((words, _address("referral", referral.pk), _end()))
    for user in people:
        verbs.put(
            case=case,
            kind=REFERRAL,
            subject=conf.service_name,
            body=body,
            by=by,
            user=user,
            about=referral.pk,
        )


@sensitive_variables()
def tell_by_link(
    case: Case, referral: Referral, by: AbstractBaseUser, link: ReferralLink, secret: str, email: str
) -> None:
    """Send the link to an address. The code does not go with it."""
    words = _(
        "Something was passed on to you. Open this address, and type the code that whoever sent it to you tells you "
        "another way, for example on the telephone:"
    )
    until = _("You can open it until %(day)s.") % {"day": date_format(link.expires_at, "j F Y")}
    link_address = _address("shared", secret)
    body = "\n\n".join((words, link_address, until, _end()))
    verbs.put(
        case=case,
        kind=REFERRAL,
        subject=conf.service_name,
        body=body,
        by=by,
        email=email,
        about=referral.pk,
        link=link_address,
    )


@sensitive_variables()
def remind(
    case: Case, referral: Referral, *, people: list[AbstractBaseUser] | None = None, email: str = ""
) -> None:
    """Write once more on the day when an answer is due. The link itself is known to nobody here: it is in the first
    letter."""
    words = _("On %(day)s something was passed on to you, and an answer is due today.") % {
        "day": date_format(referral.created_on, "j F Y")
    }
    if email:
        where = _(
            "You find it through the letter of that day. Does its address not open any more, or do you miss the code? "
            "Ask whoever sent it to you."
        )
        to: list[dict[str, object]] = [{"email": email}]
    else:
        where = _address("referral", referral.pk)
        to = [{"user": user} for user in people or []]
    body = "\n\n".join((words, where, _end()))
    for one in to:
        verbs.put(case=case, kind=REMINDER, subject=conf.service_name, body=body, about=referral.pk, **one)
