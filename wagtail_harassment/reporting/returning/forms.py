"""What can be typed on the return page, besides a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from wagtail_harassment.reporting.forms import Input
from wagtail_harassment.reporting.kinds import LONG_TEXT_MAX, SHORT_TEXT_MAX
from wagtail_harassment.reporting.kinds.inputs import PlainText

__all__ = ["PLACES", "TextForm"]


class MessageText(PlainText):
    """What somebody writes to us; where it is too long, the rest can go in another message."""

    def validate(self, value: str) -> None:
        if len(value) > self.longest:
            raise forms.ValidationError(
                _(
                    "This is %(length)s characters long, and there is room for %(most)s. "
                    "Shorten it, or send the rest in a second message."
                ),
                params={"length": f"{len(value):,}", "most": f"{self.longest:,}"},
            )


#: Places to choose files with a message, each with a note of its own. Without JavaScript there is no other way to say
#: what each of them shows.
PLACES = ("files", "files-2", "files-3")


@dataclass(frozen=True)
class Place:
    """One place to choose files, and what they show."""

    input: Input
    note: Input


class TextForm(forms.Form):
    """One box to write in, and places for files. ``missing`` is what to say where the box may not be left empty."""

    def __init__(self, data: Any = None, *, missing: str = "") -> None:
        super().__init__(data=data, auto_id="id_%s")
        self.fields["text"] = MessageText(max_length=LONG_TEXT_MAX)
        for place in PLACES:
            self.fields[f"{place}-note"] = PlainText(max_length=SHORT_TEXT_MAX)
        self.missing = missing
        #: Why files were not taken, by the place where they were chosen.
        self.refused: dict[str, list[str]] = {}

    def clean(self) -> dict[str, Any]:
        if self.missing and not self.cleaned_data.get("text") and "text" not in self.errors:
            self.add_error("text", self.missing)
        return self.cleaned_data

    @property
    def text(self) -> str:
        """What was written, once valid."""
        return self.cleaned_data["text"]

    @property
    def input(self) -> Input:
        """The box, as the templates show it."""
        return Input("text", self["text"].value() or "", list(self.errors.get("text", ())), hinted=True)

    def note(self, place: str) -> str:
        """What was written about the files of a place, as far as it can be kept."""
        return self.cleaned_data.get(f"{place}-note", "") if self.is_bound else ""

    @property
    def places(self) -> list[Place]:
        """The places to choose files, as the templates show them."""
        found = []
        for place in PLACES:
            name = f"{place}-note"
            note = Input(name, self[name].value() or "", list(self.errors.get(name, ())))
            found.append(Place(Input(place, "", self.refused.get(place, []), hinted=True), note))
        return found

    @property
    def more_in_use(self) -> bool:
        """Whether there is something in a place beyond the first one."""
        return any(place.input.errors or place.note.errors or place.note.value for place in self.places[1:])

    def error_list(self) -> list[tuple[str, str]]:
        """``(id of the input, message)``, for the summary."""
        inputs = [self.input, *(each for place in self.places for each in (place.input, place.note))]
        return [(each.id, error) for each in inputs for error in each.errors]
