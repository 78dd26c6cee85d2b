"""The page with everything that left the house about a case, and what can be done about a letter."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from wagtail_harassment.casework.models import Sending
from wagtail_harassment.casework.others import OthersView
from wagtail_harassment.casework.pages import CasePage
from wagtail_harassment.casework.pressing import Verb
from wagtail_harassment.casework.screen import Address, Card, Screen
from wagtail_harassment.casework.sending import verbs
from wagtail_harassment.casework.sending.leaving import Leaving, rows_of

__all__ = ["ADDRESSES", "LeftView", "StopView", "TryAgainView"]

A_PAGE = 30


class LeftView(CasePage):
    """Everything that left about a case, the newest first, a page at a time."""

    template_name = "wagtail_harassment/casework/left.html"
    page = "left"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": self.url(OthersView.page), "label": _("With others")},
            {"url": self.url("left"), "label": _("What left the house")},
        ]

    def more(self, screen: Screen, cards: dict[str, Card], bound: dict[str, Any]) -> dict[str, Any]:
        number = int(asked) if re.fullmatch(r"[1-9]\d{0,4}", asked := screen.query.get("p", "")) else 1
        found = list(rows_of(screen.case)[(number - 1) * A_PAGE : number * A_PAGE + 1])
        return bound | {
            "items": Leaving(screen.case, screen.keys, found[:A_PAGE]).shown,
            "left_url": self.url("left"),
            "newer": number - 1,
            "older": number + 1 if len(found) > A_PAGE else 0,
            "can_write": "write" in screen.may,
        }


class LetterView(Verb, LeftView):
    """Something done about one letter of this case."""

    verb: Any = None
    said: Any = ""
    not_said: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.letter()
        return super().get(request)

    def letter(self) -> Any:
        """The letter's id, if it is one of this case."""
        return get_object_or_404(Sending, case=self.object.pk, pk=self.kwargs["letter"]).pk

    def act(self) -> HttpResponse:
        letter = self.letter()
        if not type(self).verb(case=self.object, letter=letter, by=self.request.user):
            return self.show(status=409, trouble=self.cannot())
        return self.done(self.did(), f"#letter-{letter}")

    def did(self) -> str:
        """What to say when it was done."""
        raise NotImplementedError

    def cannot(self) -> str:
        """What to say when it made no difference."""
        raise NotImplementedError


class TryAgainView(LetterView):
    """Try a letter once more."""

    verb = verbs.try_again

    def did(self) -> str:
        return _("It is tried again now.")

    def cannot(self) -> str:
        return _(
            "There is nothing to try again: it went out, was stopped, or is tried within ten minutes anyway."
        )


class StopView(LetterView):
    """Keep a letter back."""

    verb = verbs.keep_back

    def did(self) -> str:
        return _("It will not be sent.")

    def cannot(self) -> str:
        return _(
            "It cannot be stopped: it went out already, or may be going out now. Look again in ten minutes."
        )


ADDRESSES = (
    Address("left", "<uuid:pk>/left/", LeftView),
    Address("try_letter", "<uuid:pk>/left/<uuid:letter>/again/", TryAgainView),
    Address("stop_letter", "<uuid:pk>/left/<uuid:letter>/stop/", StopView),
)
