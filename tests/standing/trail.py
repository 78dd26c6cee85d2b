"""Words that exist nowhere else, and the browsers that carry them through every path."""

from __future__ import annotations

import secrets

from django.http import HttpResponse

from tests.standing.search import everywhere, found
from tests.standing.world import (
    Browser,
    signed_in,
)

#: With a name, for somebody else: the way on which the form asks most in words.
LONG = {"route": "record", "reporter_role": "on_behalf", "consent": "knows_disagrees", "must_not_see": ""}
ADDRESS = "2001:db8:7a57:e1e9:ca4a:27f1:5e77:d00d"
AGENT = "Quetzalfox/7.31 (canary browser)"
#: What proxies say of a visitor, in the headers that they use for it.
PASSED_ON = {
    "HTTP_X_FORWARDED_FOR": "2001:db8:f0a4:d3d1:beef:9a17:77aa:1ce5, 198.51.100.213",
    "HTTP_X_REAL_IP": "203.0.113.187",
    "HTTP_FORWARDED": 'for="[2001:db8:cafe:4711::17]";proto=https',
    "HTTP_REFERER": "http://testserver/report-support/?came-from=kestrelmoth",
    "HTTP_ACCEPT_LANGUAGE": "kw-quetzalfox;q=0.3",
}
#: Of each of them, what exists nowhere else.
VISITOR = {
    ADDRESS,
    AGENT,
    "2001:db8:f0a4:d3d1:beef:9a17:77aa:1ce5",
    "198.51.100.213",
    "203.0.113.187",
    "2001:db8:cafe:4711::17",
    "kestrelmoth",
    "kw-quetzalfox",
}


class Canaries:
    """Words that exist nowhere else: one for each input it is asked to fill, all kept in ``words``."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.names: set[str] = set()

    def __call__(self, name: str, kind: str) -> str:
        self.names.add(name)
        if kind == "date":
            self.words.add("1987-05-23")
            return "1987-05-23"
        word = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(18))
        if kind == "tel":
            word = "".join(secrets.choice("0123456789") for _ in range(18))
        self.words.add(word)
        return f"{word}@canary.example" if kind == "email" else word


class Trail:
    """One test's browsers and canaries, and what became known of them."""

    def __init__(self, heard: list[tuple[str, bytes]]) -> None:
        self.canaries, self.heard = Canaries(), heard
        self.browsers: list[Browser] = []

    def reporter(self) -> Browser:
        """A reporter's browser, from an address and of a kind that exist nowhere else."""
        self.browsers.append(Browser(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT, **PASSED_ON))
        return self.browsers[-1]

    def staff(self, username: str) -> Browser:
        """A member of staff's browser."""
        self.browsers.append(signed_in(username))
        return self.browsers[-1]

    def answers(self) -> list[HttpResponse]:
        """Every answer that any of them got."""
        return [answer for browser in self.browsers for answer in browser.answers]

    def leaks(self) -> list[str]:
        """Where a canary stands in clear. Whether there are any to find is checked first."""
        assert self.canaries.words
        return found({*self.canaries.words, *VISITOR}, everywhere(self.answers(), self.heard))
