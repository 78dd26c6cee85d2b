"""Names of files as they are shown: nothing in them that misleads, hides or runs."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

__all__ = ["LONGEST", "shown_name"]

LONGEST = 120
#: What stands after a dot and is longer is words.
LONGEST_EXTENSION = 12
#: What could be taken for a path, on any system.
SEPARATORS = re.compile(r"[/\\]+")
SPACES = re.compile(r"\s+")


def shown_name(name: str) -> str:
    """A name as it can be shown: its last part, one line, without characters that nobody sees or that turn others
    round, at most :data:`LONGEST` characters with its extension kept."""
    name = SEPARATORS.split(name)[-1]
    # Cc control, Cf format (right-to-left overrides, zero width), Cs surrogates, Co private, Cn unassigned; a line's
    # or a paragraph's end is a space.
    name = "".join(
        letter for letter in name if letter.isspace() or not unicodedata.category(letter).startswith("C")
    )
    name = SPACES.sub(" ", name).strip(" .")
    stem, _dot, extension = name.rpartition(".")
    if not stem or len(extension) > LONGEST_EXTENSION:
        return name[:LONGEST].rstrip(" .") or _("file")
    return f"{stem[: LONGEST - len(extension) - 1].rstrip(' .')}.{extension}"
