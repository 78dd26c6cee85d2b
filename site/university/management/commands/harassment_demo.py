"""``harassment_demo``: fill the demo university. Safe to type again."""

from typing import Any

from django.core.management.base import BaseCommand

from university import demo


class Command(BaseCommand):
    """Loads what is not there yet, then says who can sign in."""

    help = "Loads the demo university's people, places, pages and cases; changes nothing that is there."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.load()
        if options["verbosity"] == 0:
            return
        self.stdout.write("\nPeople of the demo, at /admin/ (password of all: " + demo.password() + ")")
        for person in demo.PEOPLE:
            self.stdout.write(
                f"  {person.username:<10}{person.first_name} {person.last_name:<10} {person.what}"
            )
