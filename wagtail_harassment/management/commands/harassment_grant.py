"""``harassment_grant``: confirm the first case lead."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from wagtail_harassment.casework import grants, policy
from wagtail_harassment.casework.models import Role
from wagtail_harassment.casework.roles import CONFIRMED_ROLES


class Command(BaseCommand):
    """Puts a person in a case role's group and confirms the grant, on the word of whoever runs it."""

    help = "Confirm the first case lead. Everyone after that is confirmed by a lead, in the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--role", choices=[str(role) for role in CONFIRMED_ROLES], default=str(Role.CASE_LEAD)
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="Although there is a lead. It is recorded that nobody confirmed it.",
        )

    def handle(self, *args: Any, username: str, role: str, force: bool, **options: Any) -> None:
        users = get_user_model()._default_manager
        try:
            user = users.get_by_natural_key(username)
        except users.model.DoesNotExist:
            raise CommandError(f"There is nobody called {username}.") from None
        if not user.is_active:
            raise CommandError(f"The account {username} is switched off.")
        if not force and policy.holders([Role.CASE_LEAD]):
            raise CommandError(
                "There is a case lead already, who can confirm people in the admin. If no lead can sign in, "
                "add --force; it is recorded."
            )
        grants.confirm_by_command(user=user, role=role)
        self.stdout.write(f"{username} is confirmed as {Role(role).label.lower()}.")
