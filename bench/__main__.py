"""``make bench``: everything in one run, the scenarios and the databases interleaved, round after round.

``BENCH_ROUNDS`` (5), ``BENCH_SECONDS`` a scenario and round (2), ``BENCH_REPORTS`` (100000), ``BENCH_CLIENTS`` (4).
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from bench import casework, journey, weight
from bench.client import Sample, measure
from bench.report import table
from bench.servers import BUILD, ROOT, Server, postgresql_url
from bench.uploads import Uploads

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
REPORTS = int(os.environ.get("BENCH_REPORTS", "100000"))
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "4"))
SENT_A_ROUND = int(os.environ.get("BENCH_SENT", "120"))
WALKS_A_ROUND = 4 * CLIENTS
CODES = 24

Samples = dict[str, Sample]


def say(words: str) -> None:
    """To the terminal at once: a measurement takes minutes."""
    print(words, flush=True)


def warm_up(server: Server) -> None:
    """Every worker has answered everything a few times before anything is measured."""
    drafts = server.prepare("drafts", str(CLIENTS + 8))
    codes = server.prepare("codes", str(CODES))["codes"]
    for name, make in journey.scenarios(server.site["ten_fields"], drafts, codes).items():
        try:
            measure([], lambda number, make=make: make(server.port, number), clients=CLIENTS, seconds=0.5)
        except journey.Unexpected as error:
            sys.exit(f"{server.name}, {name}: {error}")
    journey.walk(server.port)


def one_round(server: Server, samples: Samples) -> None:
    """Each scenario once on one database."""
    drafts = server.prepare("drafts", str(CLIENTS + SENT_A_ROUND))
    codes = server.prepare("codes", str(CODES))["codes"]
    for name, make in journey.scenarios(server.site["ten_fields"], drafts, codes).items():
        times = measure(
            [], lambda number, make=make: make(server.port, number), clients=CLIENTS, seconds=SECONDS
        )
        samples[name].add(*times)
    send = journey.sending(drafts)
    jobs = drafts["cookies"][CLIENTS:]
    samples["submission"].add(*measure(jobs, lambda n: send(server.port, n), clients=CLIENTS, seconds=None))
    walks = range(WALKS_A_ROUND)
    samples["whole report"].add(
        *measure(walks, lambda n: journey.walking(server.port, n), clients=CLIENTS, seconds=None)
    )


def run(servers: list[Server]) -> dict[str, Samples]:
    """All rounds. Peers are measured beside us in each, because runs vary."""
    results: dict[str, Samples] = {server.name: defaultdict(Sample) for server in servers}
    for server in servers:
        server.start()
        warm_up(server)
    for number in range(ROUNDS):
        # In turn from the front and from the back, so that nobody is always first.
        for server in servers if number % 2 == 0 else reversed(servers):
            say(f"Round {number + 1} of {ROUNDS}: {server.name}")
            one_round(server, results[server.name])
    return results


def _uploads(server: Server) -> Uploads:
    uploads = Uploads()
    for number in range(ROUNDS):
        say(f"Files, round {number + 1} of {ROUNDS}: {server.name}")
        uploads.one_round(server)
    uploads.measure_growth(server)
    return uploads


def _casework(servers: list[Server]) -> dict[str, Any]:
    """The screens of those who work cases, at many cases and, on servers of their own, at few."""
    few = [Server(server.kind, casework.FEW, server.server_url) for server in servers if server.reports]
    try:
        for server in few:
            say(f"Making {server.name}")
            server.create()
            server.start()
        both = [one for many in servers if many.reports for one in (*_of(many.kind, few), many)]
        return casework.measured(both, rounds=ROUNDS, seconds=SECONDS, clients=CLIENTS)
    finally:
        for server in few:
            server.stop()


def _of(kind: str, servers: list[Server]) -> list[Server]:
    return [server for server in servers if server.kind == kind]


def main() -> None:
    """Make the databases, measure, print, write ``build/bench.json``, and leave nothing running."""
    BUILD.mkdir(parents=True, exist_ok=True)
    servers = [Server("sqlite", 0), Server("sqlite", REPORTS)]
    if url := postgresql_url():
        servers += [Server("postgresql", 0, url), Server("postgresql", REPORTS, url)]
    else:
        say("No PostgreSQL is reachable: SQLite only.")
    try:
        for server in servers:
            say(f"Making {server.name}")
            server.create(
                next((other for other in servers if other.kind == server.kind and other.site), None)
            )
        results = run(servers)
        uploads = {server.name: _uploads(server) for server in servers if not server.reports}
        screens = _casework(servers)
        first_load = weight.first_load(servers[0].port, journey.FORM)
        queries = {server.name: weight.queries(server) for server in servers}
    finally:
        for server in servers:
            server.stop()
    summary = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()}",
        "how": f"{CLIENTS} clients on the same machine, {ROUNDS} rounds of {SECONDS} s, gunicorn with 2 workers",
        "first_load": first_load,
        "uploads": {name: one.summary() for name, one in uploads.items()},
        "queries": queries,
        "casework": screens,
        "results": {
            name: {
                scenario: {
                    "per_second": round(sample.rate, 1),
                    "p50_ms": round(sample.percentile(0.50), 1),
                    "p95_ms": round(sample.percentile(0.95), 1),
                    "bare_pages": round(samples["bare page"].rate / sample.rate, 2),
                    "count": len(sample.times),
                }
                for scenario, sample in samples.items()
            }
            for name, samples in results.items()
        },
    }
    (ROOT / "build" / "bench.json").write_text(json.dumps(summary, indent=1) + "\n")
    say(table(summary))
    say(casework.table(screens))


if __name__ == "__main__":
    main()
