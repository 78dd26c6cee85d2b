"""The pages of a department's people: what was referred to them, and nothing else of a case.

They stand outside the Wagtail admin, which a department's people never enter. Where cases are not worked they are not
there, and for whoever holds no department's role they are like an address that never was.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View

from wagtail_harassment.casework import hosts, policy, second_factor
from wagtail_harassment.casework.labels import day, due
from wagtail_harassment.casework.models import Referral, ReferralLink, ReferralReply, Role
from wagtail_harassment.casework.referring import answering, audience
from wagtail_harassment.casework.referring.forms import ReplyForm
from wagtail_harassment.casework.referring.uploads import FIELD, refused_words
from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.reporting.evidence import arriving, handler
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.signposting.headers import harden
from wagtail_harassment.vault import files
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered, open_keys
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.files import NotStored
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ReferralView", "ReferralsView", "ShutView", "page"]

PAGE = 50
TEMPLATES = "wagtail_harassment/casework/referring"
#: Whatever keeps it from being opened, for whoever receives it it is not there.
CLOSED = (answering.Gone, CannotOpen, KeyDestroyed, KeyringError, Tampered)


def page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of ours without anything of the site's, under a title that says nothing."""
    shared = {"service_name": conf.service_name, "signed_in": request.user.is_authenticated}
    return render(request, f"{TEMPLATES}/{name}.html", shared | context, status=status)


class ShutView(View):
    """In front of both kinds of page: only where cases are worked, and with headers that let nothing leave."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        keep_quiet(request)
        if not hosts.serves_cases(request):
            raise Http404
        response = self.shut_out(request) or super().dispatch(request, *args, **kwargs)
        return harden(response, private=True)

    def shut_out(self, request: HttpRequest) -> HttpResponse | None:
        """The answer for whoever may not go on; nothing for those who may."""
        return None

    def gone(self, words: str = "") -> HttpResponse:
        """For all that is not there, whatever the reason. ``words`` are what they have just typed: it is theirs."""
        lost = self.request.method == "POST" and bool(self.request.FILES.getlist(FIELD))
        return page(self.request, "gone", {"words": words, "lost_files": lost}, status=404)

    @sensitive_variables()
    def show(
        self,
        referral: Referral,
        *,
        form: ReplyForm | None = None,
        trouble: str = "",
        refused: Sequence[Refusal] = (),
        answered: ReferralReply | None = None,
        link: ReferralLink | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The content, which is recorded as read, with what was answered so far and a form for more.

        ``refused`` are files that were not taken; ``answered``, what was taken all the same.
        """
        by = None if link else self.request.user
        try:
            content = answering.read(referral=referral, by=by, link=link)
            replies = _opened(referral)
        except CLOSED:
            return self.gone(form.data.get("reply-words", "") if form and form.is_bound else "")
        context = {
            "content": content,
            "replies": replies,
            "referral": referral,
            "due": due(referral.due_on),
            "sent": day(referral.created_on),
            "form": form or ReplyForm(prefix="reply"),
            "trouble": trouble,
            "refused": [refused_words(one) for one in refused],
            "answered": answered is not None,
            "link": link,
        }
        return page(self.request, "message", context, status)

    @sensitive_variables()
    def answer(self, referral: Referral, link: ReferralLink | None = None) -> HttpResponse:
        """Take an answer, then show the page again. What was typed comes back where it was not taken."""
        form = ReplyForm(self.request.POST, prefix="reply")
        came = handler.arrived(self.request, FIELD)
        if came and not handler.came_whole(self.request):
            # The button that was pressed may not have come either: nothing of it is an answer.
            broken = [Refusal(one.name, Problem.BROKEN_OFF) for one in came]
            return self.show(referral, form=form, refused=broken, link=link, status=422)
        if not form.is_valid():
            trouble = _("Make it shorter.")
            if came:
                trouble += " " + _("Then choose your files again: a browser does not keep them.")
            return self.show(referral, form=form, trouble=trouble, link=link, status=422)
        facts, refused = arriving.receive_all(came)
        try:
            reply, lost = self.put(referral, link, form.cleaned_data, facts)
        except CLOSED:
            return self.gone(self.request.POST.get("reply-words", ""))
        except ValidationError as error:
            trouble = " ".join(error.messages)
            return self.show(referral, form=form, trouble=trouble, refused=refused, link=link, status=422)
        if refused or lost:
            return self.show(referral, refused=[*refused, *lost], answered=reply, link=link, status=422)
        return redirect(self.request.path + "#answers")

    @sensitive_variables()
    def put(
        self, referral: Referral, link: ReferralLink | None, said: dict[str, Any], facts: list[Facts]
    ) -> tuple[ReferralReply, list[Refusal]]:
        """Put the answer on the case, without its files where those went meanwhile; returns which did. Where it is not
        taken, its files are let go."""
        by = None if link else self.request.user
        given = {"referral": referral, "by": by, "link": link} | said
        try:
            return answering.answer(files=facts, **given), []
        except NotStored:
            files.discard(uuid.UUID(each["id"]) for each in facts)
            lost = [Refusal(each["name"], Problem.NOT_STORED) for each in facts]
            return answering.answer(**given), lost
        except (*CLOSED, ValidationError):
            files.discard(uuid.UUID(each["id"]) for each in facts)
            raise


@sensitive_variables()
def _opened(referral: Referral) -> list[dict[str, Any]]:
    """What was answered so far: their own words and the names of their own files, and nobody else's."""
    rows = list(
        ReferralReply.objects.filter(referral=referral.pk, kind__in=answering.REPLIES).order_by("created_at")
    )
    sealed = [row.pk for row in rows if row.words is not None or row.files is not None]
    keys = open_keys(record=referral.case_id, units=sealed)
    return [
        {
            "what": row.get_kind_display(),
            "words": reveal(row, "words", keys[row.pk]) if row.words is not None and row.pk in keys else "",
            "files": reveal(row, "files", keys[row.pk]) if row.files is not None and row.pk in keys else [],
            "day": day(row.created_at.date()),
        }
        for row in rows
    ]


class DepartmentView(ShutView):
    """For those who hold a department's role, signed in with all that their account asks for."""

    def shut_out(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("wagtailadmin_login"))
        if not policy.holds(request.user, Role.DEPARTMENT):
            raise Http404
        if _lacks_a_step(request):
            return redirect_to_login(request.get_full_path(), reverse("harassment_second_factor:code"))
        return None


def _lacks_a_step(request: HttpRequest) -> bool:
    """Whether their account asks for a second factor that was not given."""
    verified = getattr(request.user, "otp_device", None) is not None
    return second_factor.available() and second_factor.has(request.user) and not verified


class ReferralsView(DepartmentView):
    """The list. It opens nothing: what each is about is read on its own page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = audience.received(request.user).select_related("department").order_by("due_on", "pk")
        found = Paginator(rows, PAGE).get_page(request.GET.get("p"))
        lines = [
            {
                "url": reverse("harassment:referral", args=[row.pk]),
                "what": row.get_purpose_display(),
                "to": row.department.name if row.department else "",
                "state": row.get_state_display(),
                "sent": day(row.created_on),
                "due": due(row.due_on),
            }
            for row in found
        ]
        return page(request, "list", {"lines": lines, "page_obj": found})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign out: the admin's own way out is for those who may enter it."""
        logout(request)
        return redirect("wagtailadmin_login")


class ReferralView(DepartmentView):
    """One referral: read it, answer it."""

    @staticmethod
    def takes_files(request: HttpRequest, shared: uuid.UUID) -> bool:
        """Whether whoever asks may add files: those for whom the referral is there, signed in with all it takes."""
        if not request.user.is_authenticated or _lacks_a_step(request):
            return False
        return audience.referral_of(request.user, shared) is not None

    def get(self, request: HttpRequest, shared: uuid.UUID) -> HttpResponse:
        referral = audience.referral_of(request.user, shared)
        return self.show(referral) if referral else self.gone()

    @sensitive_variables()
    def post(self, request: HttpRequest, shared: uuid.UUID) -> HttpResponse:
        referral = audience.referral_of(request.user, shared)
        return self.answer(referral) if referral else self.gone(request.POST.get("reply-words", ""))
