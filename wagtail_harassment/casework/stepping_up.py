"""Asking again who it is before a sensitive act: the password, or a code of a second factor where there is one.

A form for such an act is a :class:`StepUpForm`, or a :class:`PasswordForm` where no reason can be kept. Whatever
knows a second factor registers with :func:`register_verifier`. What is typed is checked within the request that
acts, each time anew, and kept nowhere.

Wrong ones are counted for each account in Django's default cache: after :data:`MOST` within :data:`WINDOW` nothing
is looked at until that time is over. A cache in a process's own memory counts for that process alone: more than one
web process wants a shared one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

__all__ = ["MOST", "REASON_MAX_BYTES", "WINDOW", "PasswordForm", "StepUpForm", "register_verifier", "verify"]

logger = logging.getLogger(__name__)

#: Wrong ones in a row, and for how long nothing more is looked at.
MOST, WINDOW = 5, timedelta(minutes=15)
REASON_MAX_BYTES = 50_000

#: Says whether a secret is a person's now, such as a code of a second factor. It must take no code twice.
Verifier = Callable[[AbstractBaseUser, str], bool]

_verifiers: list[Verifier] = []


def register_verifier(verifier: Verifier) -> None:
    """Let a second factor be given instead of the password."""
    if verifier not in _verifiers:
        _verifiers.append(verifier)


@sensitive_variables()
def verify(user: AbstractBaseUser, secret: str) -> bool:
    """Whether ``secret`` is the person's password, or what a registered second factor takes.

    Every try counts before it is looked at, so that many at once are no way around; a right one clears the count.
    Raises ``ValidationError`` when there were too many.
    """
    key = f"wagtail_harassment.step_up.{user.pk}"
    cache.add(key, 0, WINDOW.total_seconds())
    try:
        tries = cache.incr(key)
    except ValueError:
        tries = 1  # It ran out between the two.
    if tries > MOST:
        logger.warning("Account %s: too many wrong passwords before a sensitive act.", user.pk)
        raise ValidationError(
            _("That was wrong too often. Wait %(minutes)d minutes, then try again.")
            % {"minutes": WINDOW.total_seconds() // 60}
        )
    if not secret or not (
        user.check_password(secret) or any(verifier(user, secret) for verifier in _verifiers)
    ):
        return False
    cache.delete(key)
    return True


class PasswordForm(forms.Form):
    """A form that is taken only with the password of whoever sends it. It is asked for last."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=gettext_lazy("To be sure that it is you, and not somebody at your desk."),
        error_messages={"required": gettext_lazy("Type your password.")},
    )

    def __init__(self, *args: Any, person: AbstractBaseUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        if _verifiers:
            self.fields["password"].label = _("Your password, or a code from your second factor")
            self.fields["password"].error_messages["required"] = _("Type your password or a code.")
        last = [name for name in ("reason", "password") if name in self.fields]
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Look at the password when everything else is well: a slip elsewhere costs no try."""
        cleaned = super().clean()
        if not self.errors:
            try:
                right = verify(self.person, self.cleaned_data["password"])
            except ValidationError as error:
                self.add_error("password", error)
            else:
                if not right:
                    self.add_error("password", _("That is not right. Nothing was changed. Type it again."))
        self.cleaned_data.pop("password", None)
        return cleaned


class StepUpForm(PasswordForm):
    """The same with the reason of the act, which is kept sealed on the case."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX_BYTES}),
        error_messages={"required": gettext_lazy("Write down why.")},
    )
