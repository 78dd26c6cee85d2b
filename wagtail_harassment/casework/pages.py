"""What all pages of one case have in common: its head, and cards and panels below it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.labels import ago, label, route_label
from wagtail_harassment.casework.models import Case, CaseStatus
from wagtail_harassment.casework.neighbours import neighbours
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.casework.screen import Card, Panel, Screen

__all__ = ["CasePage", "CaseView", "clock", "sentence", "who_sees"]


class CaseView(WagtailAdminTemplateMixin, BaseObjectMixin, View):
    """A view of one case. The page's title is its reference: browsers keep titles."""

    model = Case
    header_icon = "folder-open-1"

    def get_page_title(self) -> str:
        return self.object.reference

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": self.url("workspace"), "label": self.object.reference},
        ]

    def url(self, name: str) -> str:
        """The address of a view of this case."""
        return reverse(f"harassment_case:{name}", args=[self.object.pk])

    def refuse(self) -> HttpResponse:
        """The policy said no: to what is no longer there for this person, or to this verb only."""
        if not policy.may(self.request.user, "view", self.object):
            raise Http404
        return self.show(status=403, trouble=_("You cannot do that on this case. Ask a case lead."))


class CasePage(CaseView):
    """A page of a case, made of cards and panels. Opening it is recorded before anything is shown."""

    #: The funnel records the view when it looks the case up.
    opens = True
    #: Its name among the addresses of the case: what was done leads back to it.
    page = "workspace"
    cards: tuple[type[Card], ...] = ()
    panels: tuple[type[Panel], ...] = ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    @sensitive_variables()
    def show(
        self,
        *,
        status: int = 200,
        trouble: str = "",
        trouble_place: str = "",
        panels: dict[str, forms.Form] | None = None,
        **bound: Any,
    ) -> HttpResponse:
        """The page, with forms as they were sent where something is wrong with them: ``panels`` by panel."""
        if not hasattr(self.object, "may"):
            self.object = actions.view(case=self.object, by=self.request.user)
        self.may = self.less(self.object.may)
        self.begin()
        screen = self.screen(panels)
        cards = {card.name: card for made in self.cards if (card := made(screen)).shown}
        offered = [panel for made in self.panels if (panel := self.offered(made, screen))]
        more = [panel for panel in offered if not panel.main]
        context = self.get_context_data(
            trouble=trouble,
            trouble_place=trouble_place,
            main_panels=[panel for panel in offered if panel.main],
            more_panels=more,
            more_open=any(panel.opened for panel in more),
            story_cards=[card for card in cards.values() if card.column == "story"],
            side_cards=[card for card in cards.values() if card.column == "side"],
            **self.more(screen, cards, bound),
        )
        return self.render_to_response(context, status=status)

    def begin(self) -> None:
        """What is done when somebody looks, after that was recorded."""

    def more(self, screen: Screen, cards: dict[str, Card], bound: dict[str, Any]) -> dict[str, Any]:
        """What this page shows beside cards and panels."""
        return bound

    def screen(self, bound: dict[str, forms.Form] | None = None) -> Screen:
        """This case as this person looks at it now."""
        return Screen(self.object, self.request.user, self.may, self.request.GET, bound or {})

    def offered(self, made: type[Panel], screen: Screen) -> Panel | None:
        """A panel, if this person may use it and it makes sense now."""
        return panel if made.action in self.may and (panel := made(screen)).shown else None

    @cached_property
    def may(self) -> frozenset[str]:
        """What this person may do on this case."""
        return self.less(policy.which(self.request.user, policy.ACTIONS, self.object))

    def less(self, may: frozenset[str]) -> frozenset[str]:
        """Without what makes no sense on this case."""
        return may if self.object.doubtful else may - {"clear_doubt"}

    def assignee_gone(self) -> bool:
        """Whether the case lies with somebody who cannot work it any more. Two queries where it is somebody else's."""
        case = self.object
        if case.assignee is None or case.status == CaseStatus.CLOSED or case.assignee == self.request.user:
            return False
        return case.assignee_blocked or not policy.holds(case.assignee, *CASE_ROLES)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            case=self.object,
            label=label(self.object),
            sentence=sentence(self.object, self.request.user),
            clock=clock(self.object),
            neighbours=neighbours(self.object, self.request),
            route=route_label(self.object),
            assignee=policy.display_name(self.object.assignee) if self.object.assignee else "",
            assignee_gone=self.assignee_gone(),
            who_sees=who_sees(self.object),
            **{
                f"{name}_url": self.url(name)
                for name in (
                    *("workspace", "others", "history", "verify", "take", "status"),
                    *("write", "fill", "answered", "genuine", "add_files", "check_files"),
                )
            },
            notices=self.request.GET,
            **kwargs,
        )


def who_sees(case: Case) -> str:
    """Who can see a case and why, in one sentence that names nobody."""
    if case.restricted:
        return _("Restricted: only case leads, its case manager and who was let in can see this.")
    where = {"campus": case.campus, "team": case.team}
    if case.campus and case.team:
        words = _("Case leads, who works cases of %(campus)s, and the team %(team)s can see this.")
    elif case.campus:
        words = _("Case leads and who works cases of %(campus)s can see this.")
    elif case.team:
        words = _("Case leads, who works all cases, and the team %(team)s can see this.")
    else:
        words = _("Case leads and who works such cases can see this.")
    return words % where


def clock(case: Case) -> str:
    """When something is due on the case, in words; empty when nothing is."""
    if case.status == CaseStatus.CLOSED:
        return _("Closed %(ago)s") % {"ago": ago(case.closed_on)} if case.closed_on else ""
    if case.hold_until:
        return _("On hold, comes back %(ago)s") % {"ago": ago(case.hold_until)}
    if case.respond_by and not case.responded_on:
        late = case.respond_by < timezone.localdate()
        words = _("First answer was due %(ago)s") if late else _("First answer due %(ago)s")
        return words % {"ago": ago(case.respond_by)}
    return ""


def sentence(case: Case, person: Any) -> str:
    """Where a case stands, in one sentence: "New, received 3 days ago. Nobody has taken it."."""
    stage = _("%(status)s, received %(ago)s.") % {
        "status": case.get_status_display(),
        "ago": ago(case.day_received),
    }
    if case.assignee is None and case.team:
        whose = _("It is with %(team)s: nobody of them has taken it.") % {"team": case.team.name}
    elif case.assignee is None:
        whose = _("Nobody has taken it.")
    elif case.assignee_id == person.pk:
        whose = _("It is yours.") if case.status == CaseStatus.CLOSED else _("You work it.")
    else:
        whose = _("%(name)s works it.") % {"name": policy.display_name(case.assignee)}
    parts = [stage, whose]
    if case.answer_waiting:
        closed = case.status == CaseStatus.CLOSED
        parts.append(
            _("Something came from them since.") if closed else _("Something from them waits for an answer.")
        )
    return " ".join(parts)
