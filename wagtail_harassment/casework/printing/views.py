"""The page that asks what to print, and the paper itself."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

import wagtail_harassment
from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.labels import label
from wagtail_harassment.casework.pages import CaseView
from wagtail_harassment.casework.printing import pdf
from wagtail_harassment.casework.printing.forms import PrintForm
from wagtail_harassment.casework.printing.paper import moment, plain
from wagtail_harassment.casework.printing.parts import Printing
from wagtail_harassment.casework.printing.verbs import record_printing
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "PrintView"]

TEMPLATES = "wagtail_harassment/casework/printing/"
STYLES = "wagtail_harassment/paper.css"
#: The page loads its one stylesheet and sends nothing anywhere.
CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class PrintView(CaseView):
    """Print a case: choose, say what for, give the password; then the paper, as a page or as a PDF."""

    template_name = TEMPLATES + "print.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.user, "print", self.object):
            return self.refuse()
        return self.show(form=PrintForm(person=request.user))

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.user, "print", self.object):
            return self.refuse()
        form = PrintForm(request.POST, person=request.user)
        as_pdf = request.POST.get("as") == "pdf"
        if not form.is_valid():
            return self.show(status=422, form=form)
        if as_pdf and not pdf.is_there():
            return self.show(status=422, form=form)
        given = form.cleaned_data
        try:
            record_printing(
                case=self.object,
                by=request.user,
                parts=given["parts"],
                reason=given["reason"],
                pdf=as_pdf,
                once=given["once"],
            )
        except actions.NotAllowed:
            return self.refuse()
        except ValidationError as error:
            form.add_error("reason", error)
            return self.show(status=422, form=form)
        return self.as_pdf(given["parts"]) if as_pdf else self.as_page(given["parts"])

    def show(self, *, status: int = 200, trouble: str = "", form: PrintForm | None = None) -> HttpResponse:
        """What to choose from; only what went wrong, where there is nothing to choose."""
        context = self.get_context_data(
            case=self.object,
            label=label(self.object),
            form=form,
            trouble=trouble,
            has_pdf=pdf.is_there(),
            print_url=self.url("print"),
            workspace_url=self.url("workspace"),
        )
        return self.render_to_response(context, status=status)

    # The paper

    @cached_property
    def mark(self) -> str:
        """What every page says."""
        words = _("Confidential. Printed for %(name)s, %(moment)s. %(reference)s")
        name = plain(policy.display_name(self.request.user))
        return words % {"name": name, "moment": moment(timezone.now()), "reference": self.object.reference}

    @sensitive_variables()
    def paper(self, parts: list[str]) -> dict[str, Any]:
        """What the paper shows."""
        return {
            "case": self.object,
            "label": plain(label(self.object)),
            "mark": self.mark,
            "sections": Printing(self.object, self.request.user, parts).sections(),
            "language": get_language(),
            "workspace_url": self.url("workspace"),
        }

    @sensitive_variables()
    def as_page(self, parts: list[str]) -> HttpResponse:
        """A page of its own, for the browser to print."""
        response = HttpResponse(
            render_to_string(TEMPLATES + "paper.html", self.paper(parts) | {"is_page": True})
        )
        response["Content-Security-Policy"] = CSP
        response["X-Content-Type-Options"] = "nosniff"
        return response

    @sensitive_variables()
    def as_pdf(self, parts: list[str]) -> HttpResponse:
        """The same as a PDF: made in memory, and named by nothing but the reference."""
        paper = self.paper(parts)

        def page(lost: list[str]) -> str:
            signs = [f"U+{ord(one):04X}" for one in lost]
            return render_to_string(TEMPLATES + "paper.html", paper | {"lost": signs})

        response = HttpResponse(pdf.make(page, _styles()), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{self.object.reference}.pdf"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


@cache
def _styles() -> str:
    # Ours, wherever a site puts its static files.
    return (Path(wagtail_harassment.__file__).parent / "static" / STYLES).read_text(encoding="utf-8")


ADDRESSES = (Address("print", "<uuid:pk>/print/", PrintView),)
