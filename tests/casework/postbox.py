"""A real mail server on loopback, and a port on which nothing listens."""

from __future__ import annotations

import os
import signal
import socket
from email import message_from_bytes
from email.policy import default


class Postbox:
    """A mail server that keeps what it takes, and refuses what a test tells it to.

    With ``fails`` (a source of chance) it puts off three in ten; with :meth:`kills` it kills a process that has
    sent so many, before that hears that the last one was taken.
    """

    def __init__(self):
        self.messages, self.connections, self.refusals = [], 0, {}
        self.fails = self.victim = None

    def kills(self, process, *, after):
        self.victim = (process, len(self.messages) + after)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answers = self.refusals.get(address) or self.refusals.get("*") or []
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.fails and self.fails.random() < 0.3:
            return "451 later"
        self.messages.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=default)))
        if self.victim and len(self.messages) == self.victim[1]:
            os.kill(self.victim[0], signal.SIGKILL)
            self.victim = None
        return "250 OK"

    @property
    def told(self):
        return sorted(address for addresses, _message in self.messages for address in addresses)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
