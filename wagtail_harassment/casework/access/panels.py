"""What is done on a case's screen about who may see it."""

from __future__ import annotations

from functools import cached_property

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework import opening
from wagtail_harassment.casework.access.forms import AdmitForm, BlockForm, DeclareForm, LiftForm, ReasonForm
from wagtail_harassment.casework.screen import Panel

__all__ = ["PANELS", "AdmitPanel", "BlockPanel", "DeclarePanel", "LiftPanel", "RestrictPanel"]


class RestrictPanel(Panel):
    """Let only a few see the case."""

    name = "restrict"
    action = "restrict"
    heading = gettext_lazy("Restrict this case")
    button = gettext_lazy("Restrict the case")
    icon = "lock"

    @property
    def shown(self) -> bool:
        return not self.screen.case.restricted

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return ReasonForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        return _(
            "From then on only case leads, its case manager and those who are let in can see it. For everyone else "
            "who works cases it is not there. Those who can see it can read why."
        )


class LiftPanel(Panel):
    """Let everybody see a restricted case again."""

    name = "lift_restriction"
    action = "restrict"
    heading = gettext_lazy("Lift the restriction")
    button = gettext_lazy("Lift the restriction")
    icon = "lock-open"

    @property
    def shown(self) -> bool:
        return self.screen.case.restricted

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return LiftForm(data, prefix=self.name, person=self.screen.person, case=self.screen.case)

    @property
    def sentence(self) -> str:
        return _(
            "Everyone who works such cases can see it then, with all that was written, and who reported. If the "
            "reporter wrote that somebody must not see it, keep that person out first."
        )


class AdmitPanel(Panel):
    """Let one more person see the case."""

    name = "admit"
    action = "admit"
    heading = gettext_lazy("Let somebody else see this case")
    button = gettext_lazy("Let them see it")
    icon = "user"

    @cached_property
    def people(self) -> list[AbstractBaseUser]:
        """Those who work cases, do not see this one, and are not kept out."""
        seeing = {one.user.pk for one in self.screen.seers}
        return [user for user in self.screen.people if user.pk not in seeing]

    @property
    def nobody(self) -> str:
        return "" if self.people else _("Everybody who works cases sees it already, or is kept out.")

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return AdmitForm(data, prefix=self.name, person=self.screen.person, people=self.people)

    @property
    def sentence(self) -> str:
        return _(
            "They can read everything on the case, also who reported, and work it. They are not written to: tell "
            "them yourself. You can take it back; what they have read they know."
        )


class BlockPanel(Panel):
    """Keep somebody out."""

    name = "block"
    action = "block"
    heading = gettext_lazy("Keep somebody out")
    button = gettext_lazy("Keep them out")
    icon = "no-view"

    @cached_property
    def people(self) -> list[AbstractBaseUser]:
        """Those in a role that could see it, or what happened on it, who are not kept out yet."""
        out = {*self.screen.facts.blocked, self.screen.person.pk}
        return [user for user in opening.role_people() if user.pk not in out]

    @property
    def nobody(self) -> str:
        return "" if self.people else _("There is nobody else who could see it.")

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return BlockForm(data, prefix=self.name, people=self.people)

    @property
    def sentence(self) -> str:
        return _(
            "For them the case is not there any more: no row, no search, no e-mail. They are not told. If it was "
            "theirs, it is nobody's then, and those who can see it are written to. Those who can see it can read why."
        )


class DeclarePanel(Panel):
    """Keep oneself out."""

    name = "declare"
    action = "declare"
    heading = gettext_lazy("I should not see this case")
    button = gettext_lazy("Close it for me")
    icon = "no-view"

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return DeclareForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        return _(
            "If you know somebody in it, or could not be fair: from then on this case is not there for you. Only a "
            "case lead can undo that. If it was yours, it is nobody's then, and those who can see it are written to."
        )


#: In the order of the screen.
PANELS: tuple[type[Panel], ...] = (RestrictPanel, LiftPanel, AdmitPanel, BlockPanel, DeclarePanel)
