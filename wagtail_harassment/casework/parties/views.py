"""The addresses at which people are written down, read and looked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.models import Person
from wagtail_harassment.casework.pages import CaseView
from wagtail_harassment.casework.parties import card, finding, verbs
from wagtail_harassment.casework.parties.forms import FindForm, PersonForm, RemoveForm
from wagtail_harassment.casework.pressing import PanelView, VerbView
from wagtail_harassment.casework.screen import Address, Keys
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = [
    "ADDRESSES",
    "AddPersonView",
    "ChangePersonView",
    "FindPersonView",
    "PersonView",
    "RemovePersonView",
]

#: What stands in the way of opening what was written.
SHUT = (CannotOpen, KeyringError, KeyDestroyed, Tampered)


def shut_words() -> str:
    """That it doesn't open, for people."""
    return _("What is written of this person does not open on this server. Nothing was changed.")


class Naming:
    """In front of a verb that names somebody: what it did, and where to go when it shut out whoever did it."""

    gone = False

    @sensitive_variables()
    def write(self, form: PersonForm, **target: Any) -> verbs.Written:
        """Add or change a person. Raises what the verbs raise, but ``ValidationError`` where they name themselves."""
        verb = verbs.change_person if "person" in target else verbs.add_person
        myself = bool(form.cleaned_data.get("myself"))
        try:
            written = verb(
                case=self.object,
                part=form.cleaned_data["part"],
                details=form.details,
                by=self.request.user,
                myself=myself,
                **target,
            )
        except verbs.ItIsYou:
            raise ValidationError(form.ask_whether_it_is_them()) from None
        except SHUT:
            raise ValidationError(shut_words()) from None
        self.gone = myself and not policy.may(self.request.user, "view", self.object)
        return written

    def told(self, words: str, written: verbs.Written) -> str:
        """What was done, which names nobody."""
        others = written.shut_out - self.gone
        if others <= 0:
            return words
        more = ngettext(
            "%(count)s person who works cases is a person of this case, and can no longer see it.",
            "%(count)s people who work cases are people of this case, and can no longer see it.",
            others,
        )
        return f"{words} {more % {'count': others}}"

    def done(self, words: str, place: str = "") -> HttpResponse:
        """Back to the case, or to the list where there is no case for them any more."""
        if not self.gone:
            return super().done(words, place)
        messages.success(
            self.request, _("It was written down. You are a person of that case now, and do not see it.")
        )
        return redirect(reverse("harassment_case:index"))


class AddPersonView(Naming, PanelView):
    """Put a person on the case."""

    panel = card.AddPersonPanel
    not_done = gettext_lazy("The person was not added.")
    place = "#people"

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        return self.told(_("Person added."), self.write(form, once=form.cleaned_data["once"]))


class PersonVerbView(Naming, VerbView):
    """A verb on one person. A person of another case is like one who never was."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request) if self.person else self.refuse()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request) if self.person else self.refuse()

    @cached_property
    def person(self) -> Person:
        """The person that the address names."""
        return get_object_or_404(self.object.people, pk=self.kwargs["person"])

    @sensitive_variables()
    def again(self, name: str, form: forms.Form, status: int, words: str) -> HttpResponse:
        """The case's screen, with the form as it was sent."""
        return self.show(status=status, trouble=words, trouble_place=f"#{name}", panels={name: form})

    def stale(self) -> str:
        """Somebody else was quicker: who, and when. Returns the words; what they wrote is on the screen."""
        del self.person
        person = self.person
        if person.removed:
            return _("This person was taken off the case while you had it open. Nothing was saved.")
        who = card.shown(person, {}).written
        words = _(
            "Somebody else changed this person while you had it open: %(who)s. What you wrote was not saved, and is "
            "still in the boxes. Compare it with what stands there now, and save again what should stay."
        )
        return words % {"who": who[:1].lower() + who[1:]}


class ChangePersonView(PersonVerbView):
    """Write anew what is known of a person."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        name = card.change_name(self.person)
        form = PersonForm(self.request.POST, prefix=name)
        status, words = 422, _("The person was not changed.")
        if form.is_valid():
            try:
                written = self.write(
                    form, person=self.person.pk, expected_version=form.cleaned_data["version"] or 0
                )
                done = _("Person changed.") if written.changed else _("Nothing was changed.")
                return self.done(self.told(done, written), f"#{name}")
            except ValidationError as error:
                form.add_error(None, error)
            except actions.Stale as error:
                status, words = 409, self.stale()
                form.add_error(None, words)
                form.looked_at(error.version)
        return self.again(name, form, status, words)


class RemovePersonView(PersonVerbView):
    """Take somebody off the case who is no person of it."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        name = card.remove_name(self.person)
        form = RemoveForm(self.request.POST, prefix=name)
        status, words = 422, _("The person was not taken off.")
        if form.is_valid():
            try:
                verbs.remove_person(
                    case=self.object,
                    person=self.person.pk,
                    reason=form.cleaned_data["reason"],
                    by=self.request.user,
                    expected_version=form.cleaned_data["version"],
                )
                return self.done(_("Person taken off the case."), "#people")
            except ValidationError as error:
                form.add_error(None, error)
                words = f"{words} {' '.join(error.messages)}"
            except actions.Stale:
                status, words = 409, self.stale()
                form = RemoveForm(
                    prefix=name,
                    initial={"version": self.person.version, "reason": form.cleaned_data["reason"]},
                )
            except SHUT:
                words = shut_words()
        return self.again(name, form, status, words)


class PersonView(CaseView):
    """Everything that was ever written of one person. Opening it is recorded before anything is shown."""

    template_name = "wagtail_harassment/casework/parties/person.html"

    @sensitive_variables()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = card.people_of(self.object).filter(pk=kwargs["person"]).first()
        if person is None:
            raise Http404
        actions.view(case=self.object, by=request.user)
        keys = Keys(self.object)
        key = keys.get(person.pk)
        one = card.shown(person, card.opened(person, key))
        one.warning = card.warning_for(self.object, person)
        versions = person.versions.select_related("written_by").order_by("-version")
        context = self.get_context_data(
            case=self.object,
            one=one,
            trouble=keys.trouble,
            earlier=[card.shown(row, card.opened(row, key)) for row in versions],
            workspace_url=self.url("workspace"),
        )
        return self.render_to_response(context)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("A person")}]


class FindPersonView(WagtailAdminTemplateMixin, TemplateView):
    """Look for a person among the cases one may see. A name is never in an address: it is looked for by POST."""

    template_name = "wagtail_harassment/casework/parties/find.html"
    page_title = gettext_lazy("Find a person")
    header_icon = "search"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": "", "label": self.page_title},
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=FindForm()))

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, found, status = FindForm(request.POST), None, 422
        if form.is_valid():
            try:
                found, status = finding.find(text=form.cleaned_data["text"], by=request.user), 200
            except (CannotOpen, KeyringError):
                form.add_error(None, _("This server does not hold the key by which people are found."))
                status = 409
        context = self.get_context_data(
            form=form,
            looked=found is not None,
            found=(found or [])[: finding.MOST],
            more=len(found or []) > finding.MOST,
        )
        return self.render_to_response(context, status=status)


_PERSON = "<uuid:pk>/people/<uuid:person>/"
ADDRESSES = (
    Address("find_person", "find/", FindPersonView),
    Address("add_person", "<uuid:pk>/people/", AddPersonView),
    Address("person", _PERSON, PersonView),
    Address("change_person", f"{_PERSON}change/", ChangePersonView),
    Address("remove_person", f"{_PERSON}remove/", RemovePersonView),
)
