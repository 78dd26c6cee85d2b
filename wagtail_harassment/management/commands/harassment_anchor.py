"""Sign one root over every chain that moved: once a night, by a timer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wagtail_harassment.conf import conf
from wagtail_harassment.vault import anchors
from wagtail_harassment.vault.keyring import CannotOpen, KeyringError


class Command(BaseCommand):
    """Writes one file a run, also when nothing moved: a missing night must show."""

    help = "Write a signed anchor over every ledger chain that moved since the last one."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        if conf.anchor_dir is None:
            raise CommandError(
                "WAGTAIL_HARASSMENT_ANCHOR_DIR is not set. Set it to a directory for the anchor files."
            )
        try:
            anchor = anchors.write(conf.anchor_dir)
        except (KeyringError, CannotOpen, anchors.AnchorDamaged) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"No anchor was written: {error.strerror}, {error.filename}.") from None
        self.stdout.write(
            f"Anchor {anchor.number} covers {len(anchor.leaves)} chains that moved. Root: {anchor.root.hex()}"
        )
