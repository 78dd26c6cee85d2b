"""Collect the package's words for translators, and compile what they made of them. ``make messages``.

Needs no GNU gettext: Babel reads the Python files, and Django itself turns templates into something that
Babel can read. The terms that a new installation begins with are collected too, from their table. What is
written depends on the source and nothing else: no dates, no line numbers, no order of a dictionary.

``locale/django.pot`` holds every string; ``locale/<language>/LC_MESSAGES/django.po`` one language's.
A translation whose string is gone is kept, commented out, and used again when the string comes back.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "wagtail_harassment"
LOCALE = PACKAGE / "locale"
TEMPLATE = LOCALE / "django.pot"

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """\
# The words of wagtail-harassment{about}.
# Made by `make messages`: change the translations, and nothing else, by hand.
msgid ""
msgstr ""
"""


@dataclass(frozen=True)
class Found:
    """One string of the source, with what is said of it there."""

    file: str
    ids: str | tuple[str, ...]
    comments: tuple[str, ...] = ()
    context: str | None = None


def found() -> Iterator[Found]:
    """Every string of the package, file by file, in the order in which it stands there."""
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield from _in_code(name, path.read_text(encoding="utf-8"))
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            yield from _in_code(name, _as_code(name, path.read_text(encoding="utf-8")))
        elif path.name == "default_terms.csv":
            yield from _in_terms(name, path.read_text(encoding="utf-8"))


def _as_code(name: str, template: str) -> str:
    """A template as code. Python's own reader of it minds indentation, so there is none."""
    return re.sub(r"(?m)^[ \t]+", "", templatize(template, origin=name))


def _in_code(name: str, code: str) -> Iterator[Found]:
    source = io.BytesIO(code.encode())
    tags = ["Translators:"]
    for _line, ids, comments, context in extract("python", source, KEYWORDS, tags, {"encoding": "utf-8"}):
        if ids and ids != ("",):
            yield Found(name, ids, tuple(comments), context)


def _in_terms(name: str, table: str) -> Iterator[Found]:
    """The labels and definitions of the default terms: content that is shown as it came until it is reworded."""
    for row in csv.DictReader(io.StringIO(table)):
        for column in ("label", "definition"):
            if row[column]:
                yield Found(name, row[column])


def template() -> Catalog:
    """Every string, without translations."""
    catalog = Catalog(fuzzy=False, charset="utf-8")
    for each in found():
        catalog.add(each.ids, locations=[(each.file, 0)], auto_comments=each.comments, context=each.context)
    return catalog


def languages() -> list[str]:
    """Those that the package speaks beside English."""
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))


def po_path(language: str) -> Path:
    """Where a language's translations are."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """A language's translations as they are on disk."""
    with po_path(language).open("rb") as source:
        return read_po(source, locale=language, charset="utf-8", abort_invalid=True)


def updated(language: str, strings: Catalog) -> Catalog:
    """A language's translations of today's strings; those of other days are its ``obsolete``."""
    catalog = read(language)
    for message in list(catalog.obsolete.values()):
        catalog[message.id] = message
    catalog.obsolete.clear()
    catalog.update(strings, no_fuzzy_matching=True)
    for key in [key for key, message in catalog.obsolete.items() if not message.string]:
        del catalog.obsolete[key]
    return catalog


def po_text(catalog: Catalog, language: str = "") -> str:
    """A catalogue as a file, under a head of ours, which names no day."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, omit_header=True, include_lineno=False)
    about = f", in the language “{language}”" if language else ""
    said = "".join(f'"{line}\\n"\n' for line in _head(catalog, language))
    return f"{HEADER.format(about=about)}{said}\n{out.getvalue().decode().strip()}\n"


def _head(catalog: Catalog, language: str) -> list[str]:
    lines = [
        "Project-Id-Version: wagtail-harassment",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return lines + ([f"Language: {language}", f"Plural-Forms: {catalog.plural_forms}"] if language else [])


class _Compiled:
    """What Babel writes as a .mo file: our head, then what is translated."""

    def __init__(self, catalog: Catalog, language: str) -> None:
        self.charset = "utf-8"
        head = "".join(f"{line}\n" for line in _head(catalog, language))
        self.messages = [Message("", head), *(message for message in catalog if message.id)]

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)


def mo_bytes(catalog: Catalog, language: str) -> bytes:
    """A language's translations, compiled."""
    out = io.BytesIO()
    write_mo(out, _Compiled(catalog, language))
    return out.getvalue()


def troubles(language: str) -> list[str]:
    """Translations that would break a page: those whose placeholders or markup are not the original's."""
    wrong = []
    for message in read(language):
        ids = message.id if message.pluralizable else (message.id,)
        strings = message.string if message.pluralizable else (message.string,)
        wanted = {_parts(each) for each in ids}
        if message.id:
            wrong += [string for string in strings if string and _parts(string) not in wanted]
    return wrong


def _parts(words: str) -> tuple[str, ...]:
    """Placeholders and tags, in no order."""
    return tuple(sorted(re.findall(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?[a-z][^>]*>", words)))


def main(new: list[str]) -> int:
    """Collect, update every language, compile. ``new`` are codes of languages to begin."""
    strings = template()
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_text(po_text(strings), encoding="utf-8")
    print(f"{len(strings)} strings in {TEMPLATE.relative_to(ROOT)}")
    for language in set(new) - set(languages()):
        po_path(language).parent.mkdir(parents=True, exist_ok=True)
        po_path(language).write_text(po_text(Catalog(locale=language), language), encoding="utf-8")
    for language in languages():
        catalog = updated(language, strings)
        po_path(language).write_text(po_text(catalog, language), encoding="utf-8")
        po_path(language).with_suffix(".mo").write_bytes(mo_bytes(read(language), language))
        translated = sum(1 for message in catalog if message.id and message.string)
        print(f"{language}: {translated} of {len(strings)} translated")
        for words in troubles(language):
            print(f"  placeholders differ from the original: {words}")
    return 1 if any(troubles(language) for language in languages()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
