"""Make, renew and share the keys that reports are sealed with."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wagtail_harassment.casework.linking import places
from wagtail_harassment.casework.parties import index
from wagtail_harassment.conf import conf
from wagtail_harassment.vault import rotation
from wagtail_harassment.vault.keyring import CannotOpen, KeyringError, read


class Command(BaseCommand):
    """Shows paths, versions and counts, and never a key."""

    help = (
        "Make (create) or renew (rotate) the keyring, write its public part for a front tier (public), or make the "
        "index of people anew (reindex)."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("create", help="make a keyring where WAGTAIL_HARASSMENT_KEYRING says")
        rotate = verbs.add_parser("rotate", help="add a new institution key and re-seal every data key to it")
        rotate.add_argument(
            "--resume",
            action="store_true",
            help="finish re-sealing to the current key, without another new key",
        )
        public = verbs.add_parser("public", help="write the public keyring, which seals and cannot open")
        public.add_argument("--out", type=Path, help="file to write (default: beside the keyring)")
        verbs.add_parser("reindex", help="make the index anew by which people are found again")

    def handle(self, *, verb: str, **options: Any) -> None:
        path = conf.keyring
        if path is None:
            raise CommandError(
                "WAGTAIL_HARASSMENT_KEYRING is not set. Set it to a path outside the project and outside "
                "everything that the web server serves, for example /etc/harassment/keyring.json."
            )
        try:
            {
                "create": self.create,
                "rotate": self.rotate,
                "public": self.public,
                "reindex": self.reindex,
            }[verb](path, **options)
        except (KeyringError, CannotOpen) as error:
            raise CommandError(str(error)) from None
        except PermissionError as error:
            raise CommandError(f"This user may not write {error.filename}.") from None

    def create(self, path: Path, **options: Any) -> None:
        try:
            rotation.create(path)
        except FileExistsError:
            raise CommandError(
                f"There is a keyring at {path} already, and nothing was changed. "
                "Without it no report that was sealed with it can ever be opened."
            ) from None
        self.stdout.write(self.style.SUCCESS(f"Made a keyring with institution key 1: {path}"))
        self.stdout.write(
            "Back this file up now, in a place of its own: not with the database, and where only those may\n"
            "reach it who may read every report (an encrypted stick in a safe, and a second one elsewhere).\n"
            "If it is lost, every report is lost: nobody can open them, and nobody can make it again.\n"
            "If the web process runs as another user, give the file to that user: chown USER "
            f"{path}"
        )

    def rotate(self, path: Path, *, resume: bool, **options: Any) -> None:
        if resume:
            version = read(path).current
        else:
            made = rotation.rotate(path)
            version = made.version
            self.stdout.write(self.style.SUCCESS(f"Added institution key {version}: {path}"))
            self.stdout.write(
                f"The keyring as it was: {made.backup}\n"
                "Back the new keyring up now: what comes in from this moment is sealed to the new key. When the\n"
                "backup is made, delete the old copy. The old keys stay in the keyring: older database backups\n"
                "need them."
            )
        result = rotation.finish(path)
        self.stdout.write(f"Re-sealed {result.done} data keys to institution key {version}.")
        if result.failed:
            units = "\n".join(f"  {unit}" for unit in result.failed)
            raise CommandError(
                f"{len(result.failed)} data keys do not open and were left as they are. Units:\n{units}\n"
                "Was a keyring put back that is older than the database? Then restore the newest one, and type: "
                "python manage.py harassment_keys rotate --resume"
            )
        if not resume:
            self.stdout.write(
                "If a front tier has a public keyring of its own, write it anew (harassment_keys public), take it\n"
                "there, and then type: python manage.py harassment_keys rotate --resume"
            )

    def public(self, path: Path, *, out: Path | None, **options: Any) -> None:
        out = out or path.with_name(f"{path.stem}.public{path.suffix}")
        try:
            rotation.export_public(path, out)
        except FileExistsError:
            raise CommandError(
                f"{out} is there already and is not a public keyring. Name another file with --out."
            ) from None
        self.stdout.write(self.style.SUCCESS(f"Wrote the public keyring: {out}"))
        self.stdout.write(
            "Take it to the front tier, owned by its web process, mode 0600. It seals reports and opens none;\n"
            "it is not for publishing, because it holds the key that return codes are looked up with."
        )

    def reindex(self, path: Path, **options: Any) -> None:
        done = index.reindex()
        places.reindex()
        self.stdout.write(self.style.SUCCESS(f"Indexed {done} people."))
