"""The one screen of a case, and the verbs that are pressed on it."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, others
from wagtail_harassment.casework.access.card import AccessCard
from wagtail_harassment.casework.access.panels import PANELS as ACCESS_PANELS
from wagtail_harassment.casework.assigning.panel import AssignPanel, HoldersCard
from wagtail_harassment.casework.closing.card import ClosingCard
from wagtail_harassment.casework.closing.panels import ClosePanel, ReopenPanel, TypesPanel
from wagtail_harassment.casework.conversations import Conversation, correspondence
from wagtail_harassment.casework.evidence.forms import AddForm
from wagtail_harassment.casework.evidence.room import files_of, room
from wagtail_harassment.casework.forms import StatusForm
from wagtail_harassment.casework.judging.cards import (
    ConsentCard,
    ConsentPanel,
    MeasurePanel,
    RiskCard,
    RiskPanel,
)
from wagtail_harassment.casework.linking import telling as linking
from wagtail_harassment.casework.linking.reading import Links, links_of
from wagtail_harassment.casework.models import CaseStatus
from wagtail_harassment.casework.next_steps import next_steps
from wagtail_harassment.casework.noting.notes import NotePanel, NotesCard
from wagtail_harassment.casework.pages import CasePage, CaseView
from wagtail_harassment.casework.parties.card import AddPersonPanel, PeopleCard
from wagtail_harassment.casework.planning import starting
from wagtail_harassment.casework.planning.card import TasksCard
from wagtail_harassment.casework.planning.panels import BackPanel, ChecklistPanel, HoldPanel, TaskPanel
from wagtail_harassment.casework.planning.stepping import planned
from wagtail_harassment.casework.reaching import ways_to_reach
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.related import related
from wagtail_harassment.casework.screen import Address, Card, Panel, Screen
from wagtail_harassment.casework.telling import TimelineCard
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.casework.writing import telling, templates
from wagtail_harassment.casework.writing.forms import WriteForm
from wagtail_harassment.signposting.language import default_language

__all__ = ["ADDRESSES", "HistoryView", "VerifyView", "WorkspaceView"]

PAGE = 100
#: What the screen is made of, in this order. Each part of this room has its own.
CARDS: tuple[type[Card], ...] = (
    *(ClosingCard, TasksCard, RiskCard, ConsentCard, AccessCard),
    *(PeopleCard, NotesCard, TimelineCard),
)
PANELS: tuple[type[Panel], ...] = (
    *(NotePanel, TaskPanel, HoldPanel, BackPanel, ClosePanel, ReopenPanel),
    *(ChecklistPanel, AddPersonPanel, RiskPanel, MeasurePanel, ConsentPanel, AssignPanel, TypesPanel),
    *ACCESS_PANELS,
)


class WorkspaceView(CasePage):
    """Everything about one case on one screen, but what is done with others: that has a page beside it."""

    template_name = "wagtail_harassment/casework/workspace.html"
    cards = CARDS
    panels = (*PANELS, *others.PANELS)

    def begin(self) -> None:
        starting.start(self.object)

    def more(self, screen: Screen, cards: dict[str, Card], bound: dict[str, Any]) -> dict[str, Any]:
        write_form, choosing = bound.pop("write_form", None), bound.pop("choosing", False)
        return {**self.forms(bound, screen), **self.words(screen, cards, write_form, choosing)}

    def forms(self, bound: dict[str, Any], screen: Screen) -> dict[str, Any]:
        """The forms this person may use, by the names the template knows."""
        made: dict[str, Any] = {}
        if "add_file" in self.may:
            made["add_form"] = AddForm()
        if "set_status" in self.may and self.object.status != CaseStatus.CLOSED:
            made["status_form"] = StatusForm(prefix="status", case=self.object)
        return made | bound

    @sensitive_variables()
    def words(
        self,
        screen: Screen,
        cards: dict[str, Card],
        write_form: tuple[Any, forms.Form] | None,
        choosing: bool,
    ) -> dict[str, Any]:
        """What is sealed, opened: the first account and messages, and what follows from them."""
        letters, files = screen.closed_letters, files_of(self.object)
        record = self.object.report_id
        screen.keys.want([record, *(file.pk for file in files)])
        account = first_account(self.object, screen.keys.get(record))
        written = screen.written
        reach = ways_to_reach(self.object, account, written)
        telling.how_far(letters.messages, written.conversations)
        self.add_write_forms(written.conversations, write_form, telling.channels(self.object, reach))
        language = account.account.language if account.account else default_language()
        steps = next_steps(
            self.object,
            self.request.user,
            may=self.may,
            noted=bool(cards["notes"].count),
            reachable=any(card.open for card in reach),
            danger=account.answers.get("danger_now") == "yes",
            under_18=account.answers.get("under_18") == "yes",
            waiting=written.waiting if self.object.answer_waiting else "",
            planned=planned(screen),
            linkable=bool(links_of(screen).open),
        )
        threads = [one.thread for one in written.conversations]
        same = related(self.object, threads, self.request.user)
        linked = [one for one in links_of(screen).head if one.pk not in {other.pk for other in same}]
        return {
            "account": account,
            "may_clear_doubt": "clear_doubt" in self.may,
            "reach": reach,
            "related": [*same, *linked],
            "written": written,
            "evidence": room(self.object, screen.keys, files),
            "may_use_files": "use_file" in self.may,
            "may_write": "write" in self.may,
            "choosing": choosing,
            "templates": templates.offered(self.object, self.request.user, language) if choosing else [],
            "primary": steps[0] if steps else None,
            "further": steps[1:],
        }

    def add_write_forms(
        self,
        conversations: list[Conversation],
        bound: tuple[Any, forms.Form] | None,
        channels: dict[uuid.UUID, telling.Channel],
    ) -> None:
        """A form in each thread whose person may be written to; the one as it was sent, whatever they want."""
        for one in conversations:
            one.channel = channels.get(one.thread.pk)
            if bound and bound[0] == one.thread.pk:
                one.form = bound[1]
            elif "write" in self.may and not one.thread.refused:
                one.form = WriteForm(thread=one.thread, channel=one.channel)


class VerifyView(WorkspaceView):
    """Check the case's record against what was written when it happened. Event "case.verified"."""

    opens = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.url("workspace"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        tally: Counter = Counter()
        try:
            found = actions.verify(case=self.object, by=request.user, tally=tally)
        except actions.NotAllowed:
            return self.refuse()
        return self.show(verified={"found": found, "events": tally["events"], "rows": tally["rows"]})


class HistoryView(CaseView):
    """Everything that happened on a case, newest first."""

    template_name = "wagtail_harassment/casework/history.html"
    opens = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        letters = correspondence(self.object).letters
        told = linking.happenings(Links(self.object, request.user))
        found = happenings(self.object, letters=letters, more=told)
        page = Paginator(found, PAGE).get_page(request.GET.get("p"))
        holders = HoldersCard(Screen(self.object, request.user, frozenset(), request.GET))
        return self.render_to_response(
            self.get_context_data(case=self.object, page_obj=page, holders=holders)
        )

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": self.url("history"), "label": _("History")}]


ADDRESSES = (
    Address("workspace", "<uuid:pk>/", WorkspaceView),
    Address("history", "<uuid:pk>/history/", HistoryView),
    Address("verify", "<uuid:pk>/verify/", VerifyView),
)
