"""The addresses at which cases are linked. A case that one may not see is like one that never was, on every one."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.linking import verbs
from wagtail_harassment.casework.linking.card import LinkPanel, remove_name
from wagtail_harassment.casework.linking.forms import LinkForm, RemoveForm, no_such_case
from wagtail_harassment.casework.linking.matching import KINDS
from wagtail_harassment.casework.linking.reading import Links
from wagtail_harassment.casework.models import Case, CaseLink, LinkBasis
from wagtail_harassment.casework.pressing import OthersPanelView, OthersVerbView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "ConfirmLinkView", "DismissLinkView", "LinkView", "RemoveLinkView"]

SHUT = (CannotOpen, KeyringError, KeyDestroyed, Tampered)


def done_words(linked: verbs.Linked) -> str:
    """What was done, which names no case: the words may be read over a shoulder."""
    return _("The two cases are linked.") if linked.new else _("They were linked so already.")


class LinkView(OthersPanelView):
    """Link the case with another, by the reference that was typed."""

    panel = LinkPanel
    not_done = gettext_lazy("The cases were not linked.")
    place = "#links"

    @sensitive_variables()
    def press(self, form: LinkForm) -> str:
        given = form.cleaned_data
        try:
            linked = verbs.link(
                case=self.object,
                other=given["reference"],
                kind=given["kind"],
                note=given["note"],
                once=given["once"],
                by=self.request.user,
            )
        except actions.NotAllowed:
            if not policy.may(self.request.user, "link", self.object):
                raise
            # It went out of reach just now.
            raise ValidationError({"reference": no_such_case()}) from None
        except SHUT:
            raise ValidationError(_("Nothing can be sealed on this server. Nothing was linked.")) from None
        return done_words(linked)


class ProposalView(OthersVerbView):
    """A verb on what is proposed. What is proposed no more, because somebody decided, changes nothing."""

    def other(self) -> Case:
        """The other case, if there is such a one for this person."""
        try:
            pk = uuid.UUID(self.request.POST.get("other", ""))
        except ValueError:
            raise Http404 from None
        other = policy.visible_cases(self.request.user).filter(pk=pk).exclude(pk=self.object.pk).first()
        if other is None:
            raise Http404
        return other

    def proposed(self, other: Case) -> dict[str, set[str]]:
        """What speaks for a link with it, and is undecided."""
        return Links(self.object, self.request.user).open.get(other.pk, {})


class ConfirmLinkView(ProposalView):
    """Link two cases as it was proposed."""

    def act(self) -> HttpResponse:
        if "link" not in self.may:
            raise actions.NotAllowed
        other = self.other()
        basis = self.request.POST.get("basis", "")
        if basis not in LinkBasis.values:
            raise Http404
        kind = KINDS[LinkBasis(basis)]
        stands = CaseLink.objects.filter(case=self.object, other=other, kind=kind, removed=False)
        if basis not in self.proposed(other) and not stands.exists():
            return self.done(_("That is proposed no more. Look what stands there now."), "#links")
        try:
            linked = verbs.link(case=self.object, other=other, kind=kind, basis=basis, by=self.request.user)
        except actions.NotAllowed:
            # One of the two went out of reach just now.
            raise Http404 from None
        return self.done(done_words(linked), "#links")


class DismissLinkView(ProposalView):
    """Say that two cases have nothing to do with each other."""

    def act(self) -> HttpResponse:
        if "link" not in self.may:
            raise actions.NotAllowed
        other = self.other()
        try:
            verbs.dismiss(case=self.object, other=other, bases=self.proposed(other), by=self.request.user)
        except actions.NotAllowed:
            raise Http404 from None
        return self.done(_("It is not proposed again for this reason."), "#links")


class RemoveLinkView(OthersVerbView):
    """Take a link of this case away. One with a case that one may not see is like one that never was."""

    def get(self, request: object, *args: object, **kwargs: object) -> HttpResponse:
        self.link()
        return super().get(request)

    @sensitive_variables()
    def act(self) -> HttpResponse:
        row = self.link()
        if "link" not in self.may:
            raise actions.NotAllowed
        place = remove_name(row)
        form = RemoveForm(self.request.POST, prefix=place)
        if form.is_valid():
            try:
                verbs.unlink(
                    case=self.object, link=row.pk, reason=form.cleaned_data["reason"], by=self.request.user
                )
                return self.done(_("The link is taken away."), "#links")
            except actions.NotAllowed:
                raise Http404 from None
            except ValidationError as error:
                form.add_error("reason", error)
            except SHUT:
                form.add_error(
                    None, _("What is written of this link does not open on this server. Nothing was changed.")
                )
        return self.show(
            status=422,
            trouble=_("The link was not taken away."),
            trouble_place=f"#{place}",
            panels={place: form},
        )

    def link(self) -> CaseLink:
        """The end on this case."""
        visible = policy.visible_cases(self.request.user).order_by().values("pk")
        row = self.object.links.filter(pk=self.kwargs["link"], other__in=visible).first()
        if row is None:
            raise Http404
        return row


ADDRESSES = (
    Address("link", "<uuid:pk>/link/", LinkView, giving_words_back),
    Address("confirm_link", "<uuid:pk>/links/confirm/", ConfirmLinkView),
    Address("dismiss_link", "<uuid:pk>/links/dismiss/", DismissLinkView),
    Address("remove_link", "<uuid:pk>/links/<uuid:link>/remove/", RemoveLinkView),
)
