"""Say whether anything was changed behind the ledger's back."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from wagtail_harassment.conf import conf
from wagtail_harassment.vault import anchors, integrity, ledger, triggers
from wagtail_harassment.vault.keyring import KeyringError, get_keyring


class Command(BaseCommand):
    """Needs no private key. Ends with 1 when there is a finding. With ``--files``, once a week: it reads them all."""

    help = "Check the ledger, the rows it answers for, the anchors and the triggers; with --files, every file too."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", type=uuid.UUID, help="check the chain of one record only")
        parser.add_argument("--files", action="store_true", help="read every file in the storage as well")

    def handle(self, *, chain: uuid.UUID | None, files: bool, **options: Any) -> None:
        tally: Counter = Counter()
        count = 0
        for problem in self.findings(chain, files, tally):
            count += 1
            self.stdout.write(self.style.ERROR(str(problem)))
        self.stdout.write(
            f"Checked {tally['chains']} chains with {tally['events']} events and {tally['rows']} protected rows, "
            f"{tally['anchors']} anchors and {tally['triggers']} triggers."
            + (f" Read {tally['files']} files." if files else "")
        )
        if count:
            raise CommandError(f"{count} findings. Change nothing, and see docs/how-to/keys-and-anchors.md.")
        self.stdout.write(self.style.SUCCESS("Everything is as it was written."))

    def findings(self, chain: uuid.UUID | None, files: bool, tally: Counter) -> Iterator[ledger.Finding]:
        yield from ledger.verify([chain] if chain else None, tally=tally)
        yield from self.anchor_findings(chain, tally)
        tally["triggers"] = len(triggers.expected(DEFAULT_DB_ALIAS))
        for name in triggers.missing(DEFAULT_DB_ALIAS):
            yield ledger.Finding(None, f"Trigger {name} is missing, switched off or replaced.")
        if files:
            found = integrity.check_record(chain, tally=tally) if chain else integrity.check(tally=tally)
            yield from found

    def anchor_findings(self, chain: uuid.UUID | None, tally: Counter) -> Iterator[ledger.Finding]:
        if conf.anchor_dir is None:
            self.stdout.write("No anchors were looked for: WAGTAIL_HARASSMENT_ANCHOR_DIR is not set.")
            return
        try:
            trusted = get_keyring().anchor_public
        except KeyringError as error:
            trusted = None
            self.stdout.write(str(error))
        if trusted is None:
            self.stdout.write(
                "No keyring here has the anchor key's public half: signatures are checked against the key that "
                "each anchor names itself. Compare it with one that you trust."
            )
        found = anchors.paths(conf.anchor_dir)
        tally["anchors"] = len(found)
        yield from anchors.verify(conf.anchor_dir, trusted=trusted, chain=chain)
        if not found:
            self.stdout.write(
                "There is no anchor yet: what is cut off the end of a chain cannot be found without."
            )
