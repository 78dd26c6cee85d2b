"""What somebody is writing down: sealed under a secret that only their browser holds, for them alone.

It is a reporter's draft (:mod:`wagtail_harassment.reporting.drafts`), in a cookie of the person's own, so that two
who share a computer never see each other's. It outlives their session, and is gone a day after it was last kept.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import drafts
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.models import DraftStep, FormVersion
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.ledger import canonical

__all__ = ["begin", "cookie_of", "digest_of", "drop", "find", "kept", "remember", "save", "words_of"]

#: The one step that it is kept as: what was posted, as it was posted, right or wrong.
STEP = "entry"
KEPT_FOR = timedelta(days=1)
#: What a browser posts that is no word of anybody's.
NOT_WORDS = ("csrfmiddlewaretoken", "_do", "_draft", "_version", "_typed")


def cookie_of(person: AbstractBaseUser) -> str:
    """The name of the cookie that holds the secret of a person's draft. Says nothing of them."""
    return f"{conf.draft_cookie}-{hashlib.sha256(str(person.pk).encode()).hexdigest()[:12]}"


def begin(version: FormVersion, person: AbstractBaseUser) -> tuple[OpenDraft, str]:
    """A new draft of a person's, and the cookie value that opens it."""
    state = {"minutes": int(KEPT_FOR.total_seconds() // 60), "by": str(person.pk)}
    return drafts.begin(version, shared=False, timed=False, state=state)


def find(request: HttpRequest, person: AbstractBaseUser) -> OpenDraft | None:
    """A person's draft, or what is left of it after recording: as a receipt."""
    draft = drafts.find(request.COOKIES.get(cookie_of(person)))
    if draft is None:
        return None
    whose = draft.receipt["by"] if draft.row.receipt is not None else draft.state.get("by")
    return draft if whose == str(person.pk) else None


@sensitive_variables()
def words_of(posted: QueryDict) -> dict[str, list[str]]:
    """What was typed and chosen, by name; nothing of what was left empty."""
    found = {name: values for name, values in posted.lists() if name not in NOT_WORDS}
    return {name: values for name, values in found.items() if any(value.strip() for value in values)}


@sensitive_variables()
def digest_of(posted: QueryDict) -> str:
    """A digest of what was typed: the same for the same page sent twice."""
    return hashlib.sha256(canonical(words_of(posted))).hexdigest()


@sensitive_variables()
def save(draft: OpenDraft, posted: QueryDict) -> None:
    """Keep what was typed. Raises ``DatabaseError``."""
    draft.save_step(STEP, {"posted": words_of(posted)})


@sensitive_variables()
def kept(draft: OpenDraft) -> QueryDict | None:
    """What was typed, as it was posted; ``None`` where nothing was yet."""
    step = DraftStep.objects.filter(draft=draft.row.pk, step=STEP).first()
    if step is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in reveal(step, "answers", draft.key)["posted"].items():
        data.setlist(name, values)
    return data


def remember(
    response: HttpResponse, request: HttpRequest, person: AbstractBaseUser, secret: str
) -> HttpResponse:
    """Let the browser keep a draft's secret, for this one address."""
    response.set_cookie(
        cookie_of(person),
        secret,
        path=reverse("harassment_case:enter"),
        max_age=int(KEPT_FOR.total_seconds()),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def drop(response: HttpResponse, draft: OpenDraft, person: AbstractBaseUser) -> HttpResponse:
    """Destroy a draft, and let the browser forget it."""
    draft.destroy()
    response.delete_cookie(cookie_of(person), path=reverse("harassment_case:enter"), samesite="Lax")
    return response
