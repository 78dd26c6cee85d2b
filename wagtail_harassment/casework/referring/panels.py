"""What can be done with others: refer a part of the case, or ask for advice on it."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.models import CaseStatus, Purpose
from wagtail_harassment.casework.referring.forms import WhoForm
from wagtail_harassment.casework.screen import Panel

__all__ = ["AdvicePanel", "ReferPanel"]


class ReferPanel(Panel):
    """The first of three steps: nothing is sent by it."""

    page = "others"
    name = "refer"
    action = "refer"
    purpose = Purpose.ACTION
    heading = gettext_lazy("Refer")
    button = gettext_lazy("Go on: what they will read")
    icon = "mail"
    main = True

    @property
    def shown(self) -> bool:
        return self.screen.case.status != CaseStatus.CLOSED

    def make_form(self, data: QueryDict | None = None) -> WhoForm:
        return WhoForm(data, prefix=self.name, purpose=self.purpose)

    @property
    def sentence(self) -> str:
        return _("Nothing is sent yet. Next you choose what they will read, then you see it as they will.")


class AdvicePanel(ReferPanel):
    """The same for advice."""

    name = "advice"
    purpose = Purpose.ADVICE
    heading = gettext_lazy("Ask for advice")
    icon = "help"
