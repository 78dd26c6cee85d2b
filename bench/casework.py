"""The screens of those who work cases, beside Wagtail's own: ``python -m bench.casework`` measures them alone.

The list of cases beside a stock ``ModelViewSet`` list of the same rows, and beside itself with a thousand cases; the
workspace beside Wagtail's page editor. Each round asks every address in turn, on every database.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from bench.client import Browser, Sample, measure
from bench.journey import Act, expect
from bench.servers import BUILD, ROOT, Server, postgresql_url

__all__ = ["FEW", "measured", "table"]

#: Beside how many cases the list is measured against itself.
FEW = 1000
LISTS = {
    "case list": "/admin/cases/",
    "case list, open": "/admin/cases/?status=open",
    "case list, by type": "/admin/cases/?type=bullying",
    "case list, by campus": "/admin/cases/?campus=city",
    "case list, of a person": "/admin/cases/?assignee=me",
    "case list, waiting": "/admin/cases/?waits=me",
}
STOCK = {"stock list": "/admin/stock-cases/", "stock list, by status": "/admin/stock-cases/?status=closed"}
#: What a filter of ours is compared with.
PEERS = {name: "stock list" if name == "case list" else "stock list, by status" for name in LISTS}


def asking(staff: dict[str, Any], who: str, path: str) -> Any:
    """A client that is signed in and asks for one page."""

    def make(port: int, number: int) -> Act:
        browser = Browser(port, {staff["name"]: staff["sessions"][who]})
        return lambda job: expect(browser.ask(path), 200, path)

    return make


def scenarios(staff: dict[str, Any]) -> dict[str, Any]:
    """What is asked for, by name. The peers are asked for by a superuser, for whom Wagtail looks up least."""
    ours = LISTS | {"workspace": f"/admin/cases/{staff['case']}/"}
    theirs = STOCK | {"page editor": f"/admin/pages/{staff['page']}/edit/"}
    return {name: asking(staff, "lead", path) for name, path in ours.items()} | {
        name: asking(staff, "admin", path) for name, path in theirs.items()
    }


def measured(servers: list[Server], *, rounds: int, seconds: float, clients: int) -> dict[str, Any]:
    """Rates and times by server and page. The servers are running; each gets people signed in and a worked case."""
    made = {server.name: scenarios(server.prepare("staff")) for server in servers}
    samples: dict[str, dict[str, Sample]] = {name: defaultdict(Sample) for name in made}
    for number in range(-1, rounds):
        print(f"Casework, round {number + 1} of {rounds}", flush=True)
        for server in servers if number % 2 == 0 else reversed(servers):
            for name, make in made[server.name].items():
                times = measure(
                    [],
                    lambda client, make=make, port=server.port: make(port, client),
                    clients=clients,
                    seconds=seconds if number >= 0 else 0.5,
                )
                if number >= 0:
                    samples[server.name][name].add(*times)
    return {
        server: {
            name: {
                "per_second": round(one.rate, 2),
                "p50_ms": round(one.percentile(0.50), 1),
                "p95_ms": round(one.percentile(0.95), 1),
                "count": len(one.times),
            }
            for name, one in found.items()
        }
        for server, found in samples.items()
    }


def table(results: dict[str, Any]) -> str:
    """What was measured, to read."""
    lines = []
    for server, found in results.items():
        lines += [
            "",
            f"{server}: casework",
            f"  {'':<24}{'per s':>8}{'p50 ms':>9}{'p95 ms':>9}{'x stock':>9}",
        ]
        for name, one in found.items():
            peer = found[PEERS[name]]["per_second"] if name in PEERS else 0
            ratio = f"{one['per_second'] / peer:>9.2f}" if peer else ""
            lines.append(f"  {name:<24}{one['per_second']:>8}{one['p50_ms']:>9}{one['p95_ms']:>9}{ratio}")
        ratio = found["workspace"]["p95_ms"] / found["page editor"]["p95_ms"]
        lines.append(f"  {ratio:>6.2f} x  the workspace's p95, beside that of Wagtail's page editor")
    for kind in ("sqlite", "postgresql"):
        both = [found for server, found in results.items() if server.startswith(kind)]
        if len(both) == 2:
            few, many = both
            for name in LISTS:
                ratio = many[name]["p50_ms"] / few[name]["p50_ms"]
                lines.append(f"{ratio:.2f} x  {name}: its time, beside itself at {FEW:,}, on {kind}")
    return "\n".join(lines)


def main() -> None:
    """These screens alone: make the databases, measure, print, write ``build/bench-casework.json``."""
    from bench.__main__ import CLIENTS, REPORTS, ROUNDS, SECONDS

    BUILD.mkdir(parents=True, exist_ok=True)
    servers = [Server("sqlite", FEW), Server("sqlite", REPORTS)]
    if url := postgresql_url():
        servers += [Server("postgresql", FEW, url), Server("postgresql", REPORTS, url)]
    try:
        for server in servers:
            print(f"Making {server.name}", flush=True)
            server.create()
            server.start()
        results = measured(servers, rounds=ROUNDS, seconds=SECONDS, clients=CLIENTS)
    finally:
        for server in servers:
            server.stop()
    (ROOT / "build" / "bench-casework.json").write_text(json.dumps(results, indent=1) + "\n")
    print(table(results), flush=True)


if __name__ == "__main__":
    main()
