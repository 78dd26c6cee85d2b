"""A message, as it is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.actions import MESSAGE_MAX_BYTES
from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.writing.telling import Channel
from wagtail_harassment.reporting.models import Thread

__all__ = ["WriteForm"]


class WriteForm(OnceForm):
    """A message to the person of one thread. ``tell`` is shown where they left an address.

    ``filled`` says that a template was put into the box just now.
    """

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": MESSAGE_MAX_BYTES}),
        help_text=gettext_lazy(
            "They read it when they come back with their code. Nobody else can read it but those who work this "
            "case. It cannot be changed or taken back."
        ),
        error_messages={
            "required": gettext_lazy("The message is empty. Write it, then press “Send the message” again.")
        },
    )
    tell = forms.BooleanField(
        label=gettext_lazy("Tell them by e-mail that there is a message"),
        required=False,
        help_text=gettext_lazy(
            "One short mail from your service. It says that there is something to read, and nothing of what, of the "
            "report or of this site."
        ),
    )

    def __init__(
        self, *args: Any, thread: Thread, channel: Channel | None = None, filled: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, prefix="write", auto_id=f"id_{thread.pk.hex}_%s", **kwargs)
        self.filled = filled
        if channel:
            self.initial.setdefault("tell", channel.leave_message)
