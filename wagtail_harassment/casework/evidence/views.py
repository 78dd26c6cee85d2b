"""The evidence room's addresses, each below its case: a file of another case is not found."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.evidence import handling, serving
from wagtail_harassment.casework.evidence.forms import AddForm, HandOverForm
from wagtail_harassment.casework.evidence.room import Exhibit, copy_of, custody, exhibit, preview
from wagtail_harassment.casework.funnel import works_cases
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.pages import CaseView
from wagtail_harassment.casework.pressing import VerbView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.reporting.evidence import arriving, handler
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed
from wagtail_harassment.vault.files import NotStored
from wagtail_harassment.vault.keyring import KeyringError

__all__ = [
    "ADDRESSES",
    "AddFilesView",
    "CheckFilesView",
    "ContentView",
    "FileView",
    "HandOverView",
    "OriginalView",
    "ShowView",
    "sealing_uploads",
]

SHOWN = "shown"


def sealing_uploads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view's files be sealed as they arrive: before Django's check against forgery, which reads the request.

    The check is made all the same, right after. From whoever works no cases nothing is taken in.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        handler.seal_uploads(request, takes=works_cases(request))
        return checked(request, *args, **kwargs)

    return wrapped


class AddFilesView(VerbView):
    """Add files to the case. Each is taken or refused by itself; what was typed comes back."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        if "add_file" not in self.may:
            raise actions.NotAllowed
        form = AddForm(self.request.POST)
        came = handler.arrived(self.request, "files")
        valid = form.is_valid()
        if came and not handler.came_whole(self.request):
            return self.again(form, [Refusal(one.name, Problem.BROKEN_OFF) for one in came])
        if not came:
            form.add_error("files", _("Choose a file first."))
        if not valid and came:
            form.add_error("files", _("Choose the files again, please: a browser does not keep them."))
        if form.errors:
            return self.again(form, [])
        facts, refused = arriving.receive_all(came)
        try:
            handling.add(
                case=self.object,
                facts=facts,
                how=form.told,
                by=self.request.user,
                once=form.cleaned_data["once"],
            )
        except NotStored:
            refused += [Refusal(each["name"], Problem.NOT_STORED) for each in facts]
            facts = []
        if refused:
            return self.again(form, refused, added=len(facts))
        return redirect(f"{self.url('workspace')}?added={len(facts)}#evidence")

    @sensitive_variables()
    def again(self, form: AddForm, refused: list[Refusal], *, added: int = 0) -> HttpResponse:
        """The case's screen, with what is wrong, file by file."""
        for one in refused:
            form.add_error("files", str(one))
        return self.show(
            status=422,
            trouble=_("Not every file was added.") if added else _("Nothing was added."),
            trouble_place="#add-evidence",
            add_form=form,
        )


class CheckFilesView(VerbView):
    """Have the case's files compared with what was received, by the worker."""

    def act(self) -> HttpResponse:
        from wagtail_harassment.casework.tasks import check_evidence

        if "use_file" not in self.may:
            raise actions.NotAllowed
        check_evidence.enqueue(str(self.object.pk))
        return redirect(f"{self.url('workspace')}?checking=1#evidence")


class FileView(CaseView):
    """One file: what it is, where it came from, who had it. The picture itself is shown when it is asked for."""

    template_name = "wagtail_harassment/casework/evidence/file.html"

    @sensitive_variables()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    @sensitive_variables()
    def show(self, *, status: int = 200, form: forms.Form | None = None, trouble: str = "") -> HttpResponse:
        """The page of the file. Opening it is recorded before anything is shown."""
        actions.view(case=self.object, by=self.request.user)
        one, given = self.exhibit, self.request.GET.get(SHOWN, "")
        copy = copy_of(one) if one.cleans and not one.problem else None
        context = self.get_context_data(
            case=self.object,
            exhibit=one,
            trouble=trouble,
            may_use="use_file" in self.may,
            may_see=one.can_show and serving.allowed(self.request.user, one.row, given),
            given=given,
            copy=copy,
            preview=preview(copy),
            custody=custody(one),
            handovers=[
                (each, policy.display_name(each.row.author), when(each.row.created_at))
                for each in handling.handovers(one.opened)
            ],
            hand_over_form=form or HandOverForm(prefix="hand"),
            minutes=serving.PASS_SECONDS // 60,
            **{
                f"{name}_url": self.file_url(name)
                for name in ("show_file", "file_content", "original", "hand_over")
            },
        )
        return self.render_to_response(context, status=status)

    @cached_property
    def may(self) -> frozenset[str]:
        """What this person may do with it."""
        return policy.which(self.request.user, ("use_file",), self.object)

    @cached_property
    def exhibit(self) -> Exhibit:
        """The file that the address names, if it is this case's."""
        found = exhibit(self.object, self.kwargs["file"])
        if found is None:
            raise Http404
        return found

    def file_url(self, name: str) -> str:
        """The address of a view of this file."""
        return reverse(f"harassment_case:{name}", args=[self.object.pk, self.kwargs["file"]])

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        label = _("File %(number)s") % {"number": self.exhibit.number}
        return [*super().get_breadcrumbs_items(), {"url": self.file_url("file"), "label": label}]


class FileVerbView(FileView):
    """One act with a file: pressed by POST, recorded, then done."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # That there is such a file is said to those who may see the case, and to nobody else.
        return redirect(self.file_url("file")) if self.exhibit else self.refuse()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if self.exhibit.problem:
                return self.show(status=410, trouble=self.exhibit.problem)
            return self.act()
        except actions.NotAllowed:
            return self.refuse()
        except (CannotOpen, KeyringError, KeyDestroyed):
            return self.show(status=409, trouble=_("This server does not hold the key that opens this file."))

    def act(self) -> HttpResponse:
        """Do it. Raises ``NotAllowed``."""
        raise NotImplementedError


class ShowView(FileVerbView):
    """Ask to see it. It is recorded, and can then be seen on its page for half an hour."""

    def act(self) -> HttpResponse:
        if not self.exhibit.can_show:
            return self.show(status=409, trouble=_("There is nothing to be shown of this file now."))
        handling.look(case=self.object, file=self.exhibit.row, by=self.request.user)
        given = serving.give_pass(self.request.user, self.exhibit.row)
        return redirect(f"{self.file_url('file')}?{SHOWN}={given}#show")


class ContentView(FileView):
    """The bytes that the page shows or plays: the copy of a picture, or a recording as it is."""

    @sensitive_variables()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        one = self.exhibit
        given = request.GET.get(SHOWN, "")
        if not (one.can_show and "use_file" in self.may and serving.allowed(request.user, one.row, given)):
            raise Http404
        # There is nothing by which a browser could know that what it has a part of is the same.
        wanted = "" if "If-Range" in request.headers else request.headers.get("Range", "")
        if one.cleans:
            copy = copy_of(one)
            if copy is None or copy.format is None:
                raise Http404
            return serving.inline(copy, copy.format.mime, wanted=wanted)
        return serving.inline(one.opened, one.opened.format.mime, wanted=wanted)


class OriginalView(FileVerbView):
    """Download the file as it was sent, bit for bit. It is recorded first."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        handling.download(case=self.object, file=self.exhibit.row, by=self.request.user)
        return serving.attachment(self.exhibit.opened, self.exhibit.download_name)


class HandOverView(FileVerbView):
    """Write down that the file was given to somebody."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        form = HandOverForm(self.request.POST, prefix="hand")
        if form.is_valid():
            try:
                handling.hand_over(
                    case=self.object, file=self.exhibit.row, by=self.request.user, **form.cleaned_data
                )
            except ValidationError as error:
                form.add_error(None, error)
        if form.errors:
            return self.show(status=422, form=form, trouble=_("It was not written down."))
        return redirect(f"{self.file_url('file')}?done=1#custody")


_FILE = "<uuid:pk>/evidence/<uuid:file>/"
ADDRESSES = (
    Address("add_files", "<uuid:pk>/evidence/", AddFilesView, sealing_uploads),
    Address("check_files", "<uuid:pk>/evidence/check/", CheckFilesView),
    Address("file", _FILE, FileView),
    Address("show_file", f"{_FILE}show/", ShowView),
    Address("file_content", f"{_FILE}content/", ContentView),
    Address("original", f"{_FILE}original/", OriginalView),
    Address("hand_over", f"{_FILE}hand-over/", HandOverView),
)
