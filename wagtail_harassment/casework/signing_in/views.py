"""Pages of the second step: asking for the code, setting it up, recovery codes."""

from __future__ import annotations

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import TemplateView

from wagtail_harassment.casework import second_factor
from wagtail_harassment.casework.signing_in.forms import CodeForm
from wagtail_harassment.conf import conf

__all__ = ["NAMESPACE", "urlpatterns"]

NAMESPACE = "harassment_second_factor"


def is_verified(request: HttpRequest) -> bool:
    """Whether the second step was taken in this session."""
    return getattr(request.user, "otp_device", None) is not None


def step_through(request: HttpRequest, device: Any) -> None:
    """Remember that the second step was taken, under a session key that nobody knew before it."""
    from django_otp import login

    request.session.cycle_key()
    login(request, device)


def onward(request: HttpRequest) -> str:
    """Where somebody was going: an address here, else the admin's home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure()):
        return wanted
    return reverse("wagtailadmin_home")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class StepView(TemplateView):
    """A page with one code to type."""

    digits_only = False

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        context.setdefault("form", CodeForm(digits_only=self.digits_only))
        context["next"] = onward(self.request)
        return self.render_to_response(self.get_context_data(**context), status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = CodeForm(request.POST, digits_only=self.digits_only)
        if form.is_valid():
            if answer := self.try_code(form.cleaned_data["code"]):
                return answer
            form.add_error("code", self.wrong())
        return self.show(status=422, form=form)

    def try_code(self, code: str) -> HttpResponse | None:
        """The answer to a code that is right; ``None`` for another."""
        raise NotImplementedError

    def wrong(self) -> str:
        """What is said of a code that is not right."""
        return _(
            "That code is not right, or was used before. Wait for the next one in your app, then type that. After "
            "several wrong ones you have to wait a little longer."
        )


class CodeView(StepView):
    """Asks for the code, after the password."""

    template_name = "wagtail_harassment/casework/signing_in/code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_verified(request) or not second_factor.has(request.user):
            return HttpResponseRedirect(onward(request))
        return super().dispatch(request, *args, **kwargs)

    @sensitive_variables()
    def try_code(self, code: str) -> HttpResponse | None:
        device = second_factor.match(self.request.user, code)
        if device is None:
            return None
        step_through(self.request, device)
        return HttpResponseRedirect(onward(self.request))


class VerifiedView(StepView):
    """What somebody who has a second step changes only after it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_verified(request) and second_factor.has(request.user):
            return redirect(f"{NAMESPACE}:code")
        return super().dispatch(request, *args, **kwargs)


class SetUpView(VerifiedView):
    """Sets up an app that shows codes, the first or another."""

    template_name = "wagtail_harassment/casework/signing_in/set_up.html"
    digits_only = True

    @sensitive_variables()
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device = second_factor.begin(self.request.user)
        secret = base64.b32encode(device.bin_key).decode()
        return super().get_context_data(
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            address=device.config_url,
            picture=picture(device.config_url),
            again=is_verified(self.request),
            must=conf.require_second_factor and not is_verified(self.request),
            **kwargs,
        )

    @sensitive_variables()
    def try_code(self, code: str) -> HttpResponse | None:
        device = second_factor.confirm(self.request.user, code)
        if device is None:
            return None
        step_through(self.request, device)
        return hand_out(self.request)


class CodesView(VerifiedView):
    """Hands out new recovery codes, once."""

    template_name = "wagtail_harassment/casework/signing_in/codes.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_verified(request) and not second_factor.has(request.user):
            return redirect(f"{NAMESPACE}:set_up")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(left=second_factor.recovery_codes_left(request.user), codes=None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return hand_out(request)


@sensitive_variables()
def hand_out(request: HttpRequest) -> HttpResponse:
    """New recovery codes, on a page that is kept nowhere."""
    codes = second_factor.new_recovery_codes(request.user)
    return render(request, CodesView.template_name, {"codes": codes, "next": onward(request)})


@sensitive_variables()
def picture(address: str) -> SafeString | str:
    """The address as a QR code, drawn here: the secret goes to nobody. Empty without segno."""
    try:
        import segno
    except ImportError:
        return ""
    return mark_safe(  # noqa: S308 (made of squares)
        segno.make(address, micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    )


urlpatterns = [
    path("", CodeView.as_view(), name="code"),
    path("set-up/", SetUpView.as_view(), name="set_up"),
    path("recovery-codes/", CodesView.as_view(), name="codes"),
]
