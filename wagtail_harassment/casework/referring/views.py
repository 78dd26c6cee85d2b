"""The addresses at which a case is referred, each below its case: a referral of another case is not found."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.models import Referral
from wagtail_harassment.casework.pressing import OthersVerbView
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.referring import verbs
from wagtail_harassment.casework.referring.facts import chosen, facts_of
from wagtail_harassment.casework.referring.forms import OverForm, WhatForm, WhoForm
from wagtail_harassment.casework.referring.panels import AdvicePanel, ReferPanel
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "AdviceView", "EndView", "LinkView", "ReferView", "WithdrawView"]

WHO, WHAT, SEND = "who", "what", "send"


class ReferView(OthersVerbView):
    """Three steps on one address. What was filled in so far goes along in the page, and is kept nowhere else."""

    panel: type[ReferPanel] = ReferPanel

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(f"{self.url('others')}?do={self.panel.name}#{self.panel.name}")

    @sensitive_variables()
    def act(self) -> HttpResponse:
        panel = self.panel(self.screen())
        if panel.action not in self.may:
            raise actions.NotAllowed
        data, name = self.request.POST, panel.name
        step, back = data.get("step", WHO), data.get("back", "")
        who = WhoForm(data, prefix=name, purpose=panel.purpose)
        actions.view(case=self.object, by=self.request.user)
        facts = facts_of(self.object, first_account(self.object))
        sent_what = f"{name}-words" in data
        what = WhatForm(data if sent_what else None, prefix=name, facts=facts)
        forms = {"who": who, "what": what, "panel": panel}
        if not who.is_valid() or back == WHO:
            return self.step(WHO, forms, status=200 if who.is_valid() else 422)
        if step == WHO or back == WHAT or not sent_what:
            return self.step(WHAT, forms)
        if not what.is_valid():
            return self.step(WHAT, forms, status=422)
        picked = chosen(facts, what.cleaned_data["facts"])
        content = {
            "ask": who.cleaned_data["ask"],
            "facts": [[one.label, one.value] for one in picked],
            "words": what.cleaned_data["words"],
        }
        seen = _mark(content)
        if step != SEND or not hmac.compare_digest(data.get("seen", ""), seen):
            changed = step == SEND
            return self.step(
                SEND, forms, content=content, seen=seen, changed=changed, status=409 if changed else 200
            )
        return self.send(forms, content, seen)

    @sensitive_variables()
    def send(self, forms: dict[str, Any], content: dict[str, Any], seen: str) -> HttpResponse:
        who, what = forms["who"], forms["what"]
        try:
            sent = verbs.send(
                case=self.object,
                purpose=forms["panel"].purpose,
                to=who.receiver,
                ask=content["ask"],
                facts=[(label, value) for label, value in content["facts"]],
                words=content["words"],
                consent=what.cleaned_data["consent"],
                consent_words=what.cleaned_data["consent_words"],
                working_days=who.cleaned_data["working_days"],
                once=who.cleaned_data["once"],
                by=self.request.user,
            )
        except ValidationError as error:
            who.add_error(None, error)
            return self.step(WHO, forms, status=422)
        if not sent.referral.by_link:
            return self.done(_("It was sent."), "#referrals")
        return self.code(sent)

    def code(self, sent: verbs.Sent) -> HttpResponse:
        """The code, once: nobody can look it up later."""
        return self.show_page("code", {"code": sent.code, "to": self.receiver_of(sent.referral)})

    @sensitive_variables()
    def receiver_of(self, referral: Referral) -> dict[str, str]:
        try:
            return verbs.opened_content(referral)["to"]
        except (CannotOpen, KeyDestroyed, KeyringError, Tampered):
            return {"name": "", "email": ""}

    @sensitive_variables()
    def step(self, name: str, forms: dict[str, Any], status: int = 200, **more: Any) -> HttpResponse:
        """One step's page. The other step's fields go along hidden."""
        return self.show_page(name, forms | more, status)

    def show_page(self, step: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        self.template_name = "wagtail_harassment/casework/referring/step.html"
        context |= {"step": step, "readers_count": len(self.screen().seers)}
        return self.render_to_response(self.get_context_data(**context), status=status)


class AdviceView(ReferView):
    """The same for advice."""

    panel = AdvicePanel


@sensitive_variables()
def _mark(content: dict[str, Any]) -> str:
    """What stands for exactly this content: what is sent is what was seen."""
    message = json.dumps(content, sort_keys=True).encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()


class ReferralVerbView(OthersVerbView):
    """A verb on one referral. What is wrong is said beside it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(f"{self.url('others')}#referral-{self.referral.pk.hex}")

    @cached_property
    def referral(self) -> Referral:
        """The referral that the address names, if it is this case's."""
        found = Referral.objects.filter(pk=self.kwargs["referral"], case=self.object.pk).first()
        if found is None:
            raise Http404
        return found

    @sensitive_variables()
    def act(self) -> HttpResponse:
        referral = self.referral
        if "refer" not in self.may:
            raise actions.NotAllowed
        place = f"referral-{referral.pk.hex}"
        form = OverForm(self.request.POST, prefix="over", auto_id=f"id_{referral.pk.hex}_%s")
        if form.is_valid():
            try:
                return self.done(self.press(referral, form.cleaned_data["words"]), f"#{place}")
            except ValidationError as error:
                form.add_error(None, error)
        return self.show(
            status=422,
            trouble=_("The referral was not changed."),
            trouble_place=f"#{place}",
            panels={place: form},
        )

    def press(self, referral: Referral, words: str) -> str:
        """Do it; returns what to say of it."""
        raise NotImplementedError


class EndView(ReferralVerbView):
    """Say what came of it."""

    @sensitive_variables()
    def press(self, referral: Referral, words: str) -> str:
        verbs.end(case=self.object, referral=referral, words=words, by=self.request.user)
        return _("It is over.")


class WithdrawView(ReferralVerbView):
    """Take it back."""

    @sensitive_variables()
    def press(self, referral: Referral, words: str) -> str:
        verbs.withdraw(case=self.object, referral=referral, why=words, by=self.request.user)
        return _("It was taken back. Nobody outside the case can read it any more.")


class LinkView(ReferView, ReferralVerbView):
    """Make a new link and code."""

    get = ReferralVerbView.get

    @sensitive_variables()
    def act(self) -> HttpResponse:
        referral = self.referral
        if "refer" not in self.may:
            raise actions.NotAllowed
        try:
            return self.code(verbs.new_link(case=self.object, referral=referral, by=self.request.user))
        except (ValidationError, CannotOpen, KeyDestroyed, KeyringError, Tampered):
            return self.show(
                status=409,
                trouble=_("There is no link to make for this referral any more."),
                trouble_place=f"#referral-{referral.pk.hex}",
            )


_REFERRAL = "<uuid:pk>/referral/<uuid:referral>/"
ADDRESSES = (
    Address("refer", "<uuid:pk>/refer/", ReferView, giving_words_back),
    Address("advice", "<uuid:pk>/advice/", AdviceView, giving_words_back),
    Address("end_referral", f"{_REFERRAL}end/", EndView, giving_words_back),
    Address("withdraw_referral", f"{_REFERRAL}withdraw/", WithdrawView, giving_words_back),
    Address("link_referral", f"{_REFERRAL}link/", LinkView),
)
