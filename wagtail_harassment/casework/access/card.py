"""Who can see a case, and why."""

from __future__ import annotations

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.policy import Reason, Seer
from wagtail_harassment.casework.screen import Card, Panel

__all__ = ["AccessCard", "ReadersPanel", "reasons"]


def reasons(one: Seer, case: Case) -> str:
    """Why somebody may see this case, in words."""
    words = {
        Reason.LEAD: _("case lead"),
        Reason.ASSIGNED: _("case manager of this case"),
        Reason.STANDS_IN: _("stands in, because no case lead may see it"),
        Reason.MEMBER: _("was let in"),
        Reason.ALL: _("works all cases"),
        Reason.TEAM: _("in the team %(team)s") % {"team": case.team or ""},
        Reason.CAMPUS: _("works %(campus)s") % {"campus": case.campus}
        if case.campus
        else _("works a campus, and this case has none yet"),
    }
    return ", ".join(words[why] for why in one.why)


class ReadersPanel(Panel):
    """Everybody who can see the case, by name, with why. Shown when wanted: six queries, however many."""

    name = "names"
    action = "view"
    heading = gettext_lazy("Their names")
    icon = "group"
    template_name = "wagtail_harassment/casework/panels/readers.html"

    @cached_property
    def readers(self) -> list[tuple[str, str]]:
        """``(name, why)`` of each."""
        case = self.screen.case
        return [(policy.display_name(one.user), reasons(one, case)) for one in self.screen.seers]


class AccessCard(Card):
    """Who can see the case, and why."""

    name = "readers"
    heading = gettext_lazy("Who can see this")
    icon = "view"
    template_name = "wagtail_harassment/casework/cards/access.html"

    @property
    def panel(self) -> ReadersPanel:
        """Their names."""
        return ReadersPanel(self.screen)

    @property
    def page(self) -> str:
        """Where leads see who was let in and who is kept out; empty for anybody else."""
        return self.screen.url("access") if "block" in self.screen.may else ""
