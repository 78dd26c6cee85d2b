"""What is written down of a person: boxes of text, each for one kind of thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import Part

__all__ = [
    "BOXES",
    "CONTACT",
    "LINE_MAX",
    "PARTIES",
    "REMOVED",
    "STORIES",
    "STORY_MAX_BYTES",
    "cleaned_details",
]

#: How to reach them: what keeps them safe first.
CONTACT = {
    "safe_contact": gettext_lazy("Safe ways and times to reach them"),
    "message_ok": gettext_lazy("May we leave a message?"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "access": gettext_lazy("What makes talking easier for them"),
    "language": gettext_lazy("The language they would like to talk in"),
}
#: Kept apart, so that nobody takes what was guessed for what is known.
STORIES = {
    "facts": gettext_lazy("Facts"),
    "words": gettext_lazy("Their own words"),
    "opinion": gettext_lazy("What we make of it"),
}
#: Every box, and what it is called.
BOXES = {
    "name": gettext_lazy("Name"),
    "pronouns": gettext_lazy("Pronouns"),
    **CONTACT,
    "relation": gettext_lazy("Link with the university"),
    "description": gettext_lazy("How the report describes them"),
    **STORIES,
}
#: Beside the boxes: why somebody was taken off the case.
REMOVED = "removed_because"
#: Parts of those whom a case is about. Who is one sees nothing of it; somebody who only helps may.
PARTIES = (Part.REPORTER, Part.AFFECTED, Part.REPORTED, Part.WITNESS)

LINE_MAX = 500
STORY_MAX_BYTES = 50_000


@sensitive_variables()
def cleaned_details(given: Mapping[str, Any]) -> dict[str, str]:
    """The boxes that hold something, with one kind of line end and no space around. Raises ``ValidationError``."""
    found = {}
    for name, label in BOXES.items():
        text = str(given.get(name) or "").replace("\r\n", "\n").replace("\r", "\n").strip()
        text = text.encode(errors="replace").decode()
        if name in STORIES and len(text.encode()) > STORY_MAX_BYTES:
            raise ValidationError(
                _("“%(box)s” is too long. Put what does not fit into a note.") % {"box": label}
            )
        if name not in STORIES and name != "description" and len(text) > LINE_MAX:
            raise ValidationError(_("“%(box)s” is too long.") % {"box": label})
        if text:
            found[name] = text
    if not found:
        raise ValidationError(_("Write down at least one thing about this person."))
    return found
