"""What a site's base template would let a reporter's browser load, read from its source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode

__all__ = ["Loads", "loads"]

#: What makes a browser ask another server: element -> attributes. Of ``link`` only some kinds.
ASKS = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "video": ("src", "poster"),
}
HARMLESS_LINKS = {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search"}
ELSEWHERE = re.compile(r"(?:https?:)?//[^\s\"'),]+", re.IGNORECASE)
TAGS = re.compile(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL)
COMMENTS = re.compile(r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}|\{#.*?#\}", re.DOTALL)


@dataclass
class Loads:
    """``elsewhere``: addresses on other servers. ``inline``: what stands in the markup itself."""

    elsewhere: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)


def loads(name: str) -> Loads:
    """What a template, with those that it extends, loads. Raises ``TemplateDoesNotExist``."""
    found = Loads()
    while name:
        template = get_template(name).template
        reader = _Reader(found)
        reader.feed(TAGS.sub("", COMMENTS.sub("", template.source)))
        reader.close()
        parent = next(iter(template.nodelist.get_nodes_by_type(ExtendsNode)), None)
        name = getattr(parent.parent_name, "var", None) if parent else None
        if not isinstance(name, str):
            break
    return found


class _Reader(HTMLParser):
    def __init__(self, found: Loads) -> None:
        super().__init__()
        self.found = found
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        kinds = set(given.get("rel", "").lower().split())
        if not (tag == "link" and kinds and kinds <= HARMLESS_LINKS):
            for name in ASKS.get(tag, ()):
                self._note(tag, given.get(name, ""))
        if "style" in given:
            self.found.inline.append(f"style on <{tag}>")
            self._note(tag, given["style"])
        self.found.inline += [f"{name} on <{tag}>" for name in given if name.startswith("on")]
        self._inside = tag if tag in ("script", "style") and not given.get("src") else None
        # Data for scripts is none itself.
        if tag == "script" and given.get("type") in ("application/json", "application/ld+json"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.found.inline.append(f"<{self._inside}>")
            self._note(self._inside, data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def _note(self, tag: str, text: str) -> None:
        self.found.elsewhere += [f"{address} (<{tag}>)" for address in ELSEWHERE.findall(text)]
