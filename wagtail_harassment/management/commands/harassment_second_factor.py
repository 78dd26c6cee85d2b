"""``harassment_second_factor``: help somebody who lost phone and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from wagtail_harassment.casework import second_factor


class Command(BaseCommand):
    """Takes a person's second factor away, on the word of whoever runs it. Their grants are suspended by it."""

    help = "Take away the second factor of somebody who lost it. A case lead has to confirm them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--remove", action="store_true", required=True, help="Say that you mean it.")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if not second_factor.available():
            raise CommandError("No second factor is installed here.")
        users = get_user_model()._default_manager
        try:
            user = users.get_by_natural_key(username)
        except users.model.DoesNotExist:
            raise CommandError(f"There is nobody called {username}.") from None
        if not second_factor.remove(user):
            raise CommandError(f"{username} has none.")
        self.stdout.write(
            f"{username} signs in with the password alone until they set up another. If they work cases, a case lead "
            "has to confirm them again, after they have done so."
        )
