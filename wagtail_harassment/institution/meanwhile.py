"""Two people who change one row: the second is told what the first one did, and nothing is overwritten unseen."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from wagtail_harassment.institution.history import history_page

__all__ = ["SEEN", "as_shown", "what_happened"]

#: The hidden field of a form that says what its row looked like when the form was made.
SEEN = "_seen"


def as_shown(form: forms.ModelForm) -> str:
    """A mark of the values that a form showed at first, whatever was typed into it since.

    It is made from values, not from a time or a number: a row that was changed by a command, or by a writer that
    keeps no history, has another one too.
    """
    values = {
        name: _plain(field.prepare_value(form.initial.get(name, field.initial)))
        for name, field in form.fields.items()
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, models.QuerySet)):
        return sorted(map(str, value))
    return "" if value is None else str(value)


def what_happened(instance: models.Model, included_fields: tuple[str, ...]) -> str:
    """For whoever comes second: who saved the row last and what that changed, and what to do now."""
    last = next(iter(history_page(instance, 1, per_page=1, included_fields=included_fields)), None)
    said = [_("Somebody else saved this while you had it open, so yours is not saved yet.")]
    if last:
        said.append(
            _("The last change was by %(name)s, %(ago)s: %(changes)s.")
            % {
                "name": last.who,
                "ago": last.ago,
                "changes": "; ".join(change.sentence for change in last.changes),
            }
            if last.changes
            else _("The last change was by %(name)s, %(ago)s.") % {"name": last.who, "ago": last.ago}
        )
    said.append(_("What you typed is still here. Put right what should stay as it is now, then save again."))
    return " ".join(said)
