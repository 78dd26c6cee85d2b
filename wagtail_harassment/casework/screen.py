"""What the one screen of a case is made of: cards that tell something, panels in which something is done.

A card fetches its rows when it is made, and says which keys it wants; then all keys are opened in one query, and
the template asks the card for what it shows. So a screen of many cards asks the database little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import QueryDict
from django.urls import URLPattern, reverse
from django.utils import timezone

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.conversations import Closed, Correspondence
from wagtail_harassment.casework.keys import Keys
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.planning.reading import Tasks

__all__ = ["FROM", "Address", "Card", "Keys", "Panel", "Screen"]

#: The parameter that holds the filters of the list somebody came from, as the list has them: codes, never names.
FROM = "from"

#: How many letters of a thread are shown before "show all".
LETTERS = 20


@dataclass(frozen=True)
class Address:
    """One address of this room: its name, its route below the list's, its view, and what goes around the view.

    ``pattern`` is the kind of pattern, where that has something to do before the admin asks who is there.
    """

    name: str
    route: str
    view: type
    around: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    pattern: type[URLPattern] = URLPattern


@dataclass
class Screen:
    """A case as one person looks at it now: what cards and panels are made from.

    ``bound`` holds forms as they were sent, by panel, where something is wrong with them.
    """

    case: Case
    person: AbstractBaseUser
    may: frozenset[str]
    query: QueryDict
    bound: dict[str, forms.Form] = field(default_factory=dict, repr=False)

    @cached_property
    def keys(self) -> Keys:
        """The case's keys."""
        return Keys(self.case)

    @cached_property
    def today(self) -> date:
        """The day it is here."""
        return timezone.localdate()

    @cached_property
    def closed_letters(self) -> Closed:
        """What was written to and fro, closed; its keys are wanted from here on."""
        found = Closed(self.case, self.person)
        self.keys.want(message.pk for message in found.messages)
        return found

    @cached_property
    def written(self) -> Correspondence:
        """The same, opened: all of it if that was asked for, else the newest letters of each thread."""
        most = None if self.query.get("messages") == "all" else LETTERS
        return self.closed_letters.open(self.keys, most)

    @cached_property
    def facts(self) -> policy.Facts:
        """What decides who may see the case."""
        return policy.facts_of(self.case) or policy.Facts(restricted=True)

    @cached_property
    def people(self) -> list[AbstractBaseUser]:
        """Those the case, or a task on it, may be given to."""
        return list(policy.people_for("be_assigned", self.facts))

    @cached_property
    def seers(self) -> list[policy.Seer]:
        """Those who may see the case, by name, each with why."""
        return policy.seers(self.facts)

    @cached_property
    def planners(self) -> list[AbstractBaseUser]:
        """Those to whom a task may be given: they see the case already, because a task lets nobody in."""
        return policy.people_who("view", self.case) if self.case.restricted else self.people

    @cached_property
    def tasks(self) -> Tasks:
        """What is to be done: for the card that shows it, and for the next steps."""
        return Tasks(self.case, self.keys, self.today)

    def url(self, name: str, *args: Any) -> str:
        """The address of a view of this case."""
        return reverse(f"harassment_case:{name}", args=[self.case.pk, *args])

    @property
    def list_query(self) -> str:
        """What names the list that this person came from, to go on with in links; empty without one."""
        return urlencode({FROM: self.query[FROM]}) if FROM in self.query else ""


class Card:
    """Something to know about a case. ``name`` is its place on the screen; ``column`` is "story" or "side"."""

    name = ""
    heading: Any = ""
    icon = "info-circle"
    template_name = ""
    column = "side"

    def __init__(self, screen: Screen) -> None:
        """Fetch the rows, and say which keys are wanted."""
        self.screen = screen

    @property
    def shown(self) -> bool:
        """Whether there is anything to show."""
        return True


class Panel:
    """Something to do on a case: a short form that ends in a sentence on what will happen and who will see it.

    ``name`` is its place on the screen, the name of the address it is sent to, and the prefix of its form;
    ``action`` is what the policy must allow. ``page`` is the page of the case that it stands on. It is there as a link
    until somebody wants it, so that a page does not ask the database for forms that nobody fills in.
    """

    page = "workspace"

    name = ""
    action = ""
    heading: Any = ""
    button: Any = ""
    icon = "edit"
    template_name = "wagtail_harassment/casework/panels/form.html"
    #: Whether it stands among the first few, which are always in sight.
    main = False
    #: Whether its form is on the page from the start.
    ready = False
    #: Whether leaving the page with something typed is asked about first.
    guards_words = False

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    @property
    def shown(self) -> bool:
        """Whether this verb makes sense on this case now."""
        return True

    @property
    def nobody(self) -> str:
        """Why nothing can be done in it although it is offered; empty where it can. Asked when it is opened."""
        return ""

    @property
    def bound(self) -> bool:
        """Whether it was sent, and something is wrong with it."""
        return self.name in self.screen.bound

    @property
    def opened(self) -> bool:
        """Whether it is open from the start: it was sent and came back, or was asked for by ``?do=``."""
        return self.bound or self.screen.query.get("do") == self.name

    @cached_property
    def form(self) -> forms.Form:
        """The form, as it was sent or new."""
        return self.screen.bound.get(self.name) or self.make_form()

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        """The form, for this case and person. Its prefix is the panel's name."""
        raise NotImplementedError

    @property
    def sentence(self) -> str:
        """What will happen, and who will see it."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Where it is sent to."""
        return self.screen.url(self.name)

    @property
    def link(self) -> str:
        """The page with this panel open."""
        asked = "&".join(part for part in (f"do={self.name}", self.screen.list_query) if part)
        return f"{self.screen.url(self.page)}?{asked}#{self.name}"

    @property
    def alone_url(self) -> str:
        """The panel by itself, for a page that puts it in place."""
        return self.screen.url("panel", self.name)
