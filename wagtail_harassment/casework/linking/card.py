"""The linked cases of a case, what is proposed, and the panel in which two are linked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.linking.forms import LinkForm, RemoveForm
from wagtail_harassment.casework.linking.picture import Picture, picture
from wagtail_harassment.casework.linking.reading import Proposal, links_of, reason
from wagtail_harassment.casework.models import CaseLink, LinkKind
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Card, Panel, Screen
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["LinkPanel", "LinksCard", "Shown", "remove_name"]


def remove_name(row: CaseLink) -> str:
    """The place of the form in which a link is taken away, and its prefix."""
    return f"unlink-{row.pk.hex}"


@dataclass
class Shown:
    """A link as it is read: with which case, what they have in common, who said so, when and why."""

    row: CaseLink
    linked: str
    reason: str
    received: str
    note: str = field(default="", repr=False)
    removed: str = ""
    because: str = field(default="", repr=False)
    problem: str = ""
    url: str = ""
    remove_url: str = ""
    form: forms.Form | None = field(default=None, repr=False)
    further: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where it stands on the screen."""
        return remove_name(self.row)


class LinksCard(Card):
    """Cases that are linked with this one, with a small picture, and those that may have to do with it."""

    name = "links"
    heading = gettext_lazy("Linked cases")
    icon = "link"
    column = "story"
    template_name = "wagtail_harassment/casework/linking/card.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.links = links_of(screen)
        self.may = "link" in screen.may
        screen.keys.want(row.pk for row in self.links.rows if row.note or row.because)

    @cached_property
    def picture(self) -> Picture | None:
        """The picture of those that stand."""
        return picture(self.links)

    @cached_property
    @sensitive_variables()
    def live(self) -> list[Shown]:
        """The links that stand."""
        return [self._shown(row) for row in self.links.live]

    @cached_property
    @sensitive_variables()
    def gone(self) -> list[Shown]:
        """Those that were taken away."""
        return [self._shown(row) for row in self.links.rows if row.removed]

    @property
    def proposals(self) -> list[Proposal]:
        """What may be linked, for those who may link."""
        return self.links.proposals if self.may else []

    @property
    def more(self) -> bool:
        """Whether there are more than are shown."""
        return self.may and len(self.links.open) > len(self.links.proposals)

    @property
    def confirm_url(self) -> str:
        return self.screen.url("confirm_link")

    @property
    def dismiss_url(self) -> str:
        return self.screen.url("dismiss_link")

    @property
    def trouble(self) -> str:
        """Why nothing opens here."""
        return self.screen.keys.trouble

    @sensitive_variables()
    def _shown(self, row: CaseLink) -> Shown:
        who = {"who": display_name(row.linked_by), "when": when(row.linked_at)}
        one = Shown(
            row,
            linked=_("Linked %(when)s by %(who)s") % who,
            reason=reason(row.basis) if row.basis else _("The reference was typed"),
            received=when(row.other.day_received),
            url=reverse("harassment_case:workspace", args=[row.other_id]),
        )
        if row.note or row.because:
            self._open(one, self.screen.keys.get(row.pk))
        if row.removed:
            who = {"who": display_name(row.removed_by), "when": when(row.removed_at)}
            one.removed = _("Taken away %(when)s by %(who)s") % who
            return one
        one.further = [
            (
                str(far.get_kind_display()),
                far.other.reference,
                reverse("harassment_case:workspace", args=[far.other_id]),
            )
            for far in self.links.further
            if far.case_id == row.other_id
        ]
        if self.may:
            one.form = self.screen.bound.get(one.place) or RemoveForm(prefix=one.place)
            one.remove_url = self.screen.url("remove_link", row.pk)
        return one

    @staticmethod
    @sensitive_variables()
    def _open(one: Shown, key: DataKey | None) -> None:
        try:
            if key is not None:
                one.note = reveal(one.row, "note", key) or "" if one.row.note else ""
                one.because = reveal(one.row, "because", key) or "" if one.row.because else ""
                return
        except Tampered:
            pass
        one.problem = _(
            "What was written of this link cannot be opened: its key was destroyed, or it was changed."
        )


class LinkPanel(Panel):
    """Link this case with another, by its reference."""

    page = "others"
    name = "link"
    action = "link"
    heading = gettext_lazy("Link to another case")
    button = gettext_lazy("Link the two cases")
    icon = "link"
    guards_words = True

    def make_form(self, data: QueryDict | None = None) -> LinkForm:
        query = self.screen.query
        kind = query.get("kind", "")
        return LinkForm(
            data,
            prefix=self.name,
            visible=policy.visible_cases(self.screen.person),
            case=self.screen.case,
            initial={
                "reference": query.get("with", "")[:50],
                "kind": kind if kind in LinkKind.values else "",
            },
        )

    @property
    def sentence(self) -> str:
        return _(
            "Both cases show each other from then on, to those who can see both. Everyone who can see both reads why. "
            "Nothing else of one is shown on the other, and they stay two cases."
        )
