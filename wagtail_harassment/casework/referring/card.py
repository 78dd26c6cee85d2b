"""The card of referrals: what was sent to whom, how far it has come, what they said."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import day, due, when
from wagtail_harassment.casework.models import (
    Purpose,
    Referral,
    ReferralLink,
    ReferralReply,
    ReferralState,
)
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.referring.forms import OverForm
from wagtail_harassment.casework.screen import Card, Keys, Screen
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["ReferralsCard"]

#: What is shown of them, the newest first. The whole history tells of all.
MOST = 100


@sensitive_variables()
def _opened(row: Any, name: str, keys: Keys) -> Any:
    """What is sealed in a row; ``None`` where it does not open."""
    key = keys.get(row.pk)
    try:
        return reveal(row, name, key) if key else None
    except Tampered:
        return None


@dataclass(frozen=True)
class Said:
    """One thing that was said about a referral."""

    what: str
    who: str
    moment: str
    text: str | None = field(repr=False)
    files: list[dict[str, Any]] = field(default_factory=list, repr=False)


@dataclass
class Shown:
    """A referral, as the case shows it."""

    row: Referral
    screen: Screen
    replies: list[ReferralReply]
    link: ReferralLink | None

    @property
    def place(self) -> str:
        """Its place on the page."""
        return f"referral-{self.row.pk.hex}"

    @cached_property
    def content(self) -> dict[str, Any] | None:
        """What they read; ``None`` where it does not open."""
        return _opened(self.row, "content", self.screen.keys)

    @property
    def to(self) -> str:
        """Whom it went to."""
        if self.row.department:
            return self.row.department.name
        return self.content["to"]["name"] if self.content else _("Somebody outside")

    @property
    def heading(self) -> str:
        """What it is, and for whom."""
        words = _("Advice from %(who)s") if self.row.purpose == Purpose.ADVICE else _("Referred to %(who)s")
        return words % {"who": self.to}

    @property
    def state(self) -> str:
        """How far it has come, in words."""
        row = self.row
        state = row.get_state_display()
        if row.ended_on:
            return state if row.state == ReferralState.WITHDRAWN else _("%(state)s. Over.") % {"state": state}
        if row.state in (ReferralState.ANSWERED, ReferralState.DONE, ReferralState.DECLINED):
            return state
        return f"{state}, {due(row.due_on, self.screen.today)}"

    @property
    def sent(self) -> str:
        """Who sent it, when, and how."""
        how = _("by a link") if self.row.by_link else _("to people who sign in")
        words = {"who": display_name(self.row.created_by), "day": day(self.row.created_on), "how": how}
        return _("Sent by %(who)s on %(day)s, %(how)s.") % words

    @property
    def trouble(self) -> str:
        """What is wrong with the link, and what to do; empty while it is well."""
        if not self.row.by_link or self.row.ended_on:
            return ""
        if self.link is None:
            return _(
                "The link does not work any more: too many wrong codes. Make a new one, and tell the new code."
            )
        if self.link.expires_at <= timezone.now():
            return _("The link is over its time. Make a new one, and tell the new code.")
        return ""

    @property
    def said(self) -> list[Said]:
        """What was said, the oldest first."""
        return [
            Said(
                reply.get_kind_display(),
                display_name(reply.author) if reply.author else self.to,
                when(reply.created_at),
                "" if reply.words is None else _opened(reply, "words", self.screen.keys),
                [] if reply.files is None else _opened(reply, "files", self.screen.keys) or [],
            )
            for reply in self.replies
        ]

    @property
    def may_change(self) -> bool:
        """Whether this person may end it."""
        return "refer" in self.screen.may and not self.row.ended_on

    @cached_property
    def form(self) -> OverForm:
        """How it ends, as it was sent or new."""
        return self.screen.bound.get(self.place) or OverForm(
            prefix="over", auto_id=f"id_{self.row.pk.hex}_%s"
        )

    @property
    def opened(self) -> bool:
        """Whether its form was sent, and something is wrong with it."""
        return self.place in self.screen.bound

    def url(self, name: str) -> str:
        """Where one of its verbs is."""
        return self.screen.url(name, self.row.pk)

    @property
    def end_url(self) -> str:
        return self.url("end_referral")

    @property
    def withdraw_url(self) -> str:
        return self.url("withdraw_referral")

    @property
    def link_url(self) -> str:
        return self.url("link_referral")


class ReferralsCard(Card):
    """What was passed on. Four queries, however many there are."""

    name = "referrals"
    heading = gettext_lazy("Referrals and advice")
    icon = "mail"
    template_name = "wagtail_harassment/casework/cards/referrals.html"
    column = "story"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        rows = screen.case.referrals.select_related("department", "created_by")
        self.rows = list(rows.order_by("-created_on", "-id")[:MOST])
        pks = [row.pk for row in self.rows]
        self.replies: dict[Any, list[ReferralReply]] = {pk: [] for pk in pks}
        said = ReferralReply.objects.filter(referral__in=pks).select_related("author")
        for reply in said.order_by("created_at", "id"):
            self.replies[reply.referral_id].append(reply)
        live = ReferralLink.objects.filter(referral__in=pks, dead=False)
        self.links = {link.referral_id: link for link in live}
        screen.keys.want(pks)
        screen.keys.want(reply.pk for some in self.replies.values() for reply in some)

    @cached_property
    def shown_rows(self) -> list[Shown]:
        """The referrals, those that are not over first."""
        shown = [Shown(row, self.screen, self.replies[row.pk], self.links.get(row.pk)) for row in self.rows]
        return sorted(shown, key=lambda one: one.row.ended_on is not None)

    @property
    def may_refer(self) -> bool:
        """Whether this person may add one."""
        return "refer" in self.screen.may
