"""The table that is printed."""

from __future__ import annotations

from typing import Any

__all__ = ["table"]

RATIOS = (
    ("landing", "bare page", "a landing page, in bare pages a second"),
    ("step GET", "forms GET", "a form step, beside a wagtail.contrib.forms GET"),
    ("form, first step", "forms GET", "the first step, beside a wagtail.contrib.forms GET"),
    ("step POST", "forms POST", "saving a step, beside a wagtail.contrib.forms POST"),
    ("submission", "forms POST", "a submission, beside a wagtail.contrib.forms POST"),
)


def table(summary: dict[str, Any]) -> str:
    """Everything that was measured, to read."""
    lines = ["", f"{summary['machine']}; {summary['how']}"]
    for name, results in summary["results"].items():
        lines += [
            "",
            name,
            f"  {'':<20}{'per s':>8}{'p50 ms':>9}{'p95 ms':>9}{'bare pages':>12}{'queries':>9}",
        ]
        for scenario, result in results.items():
            count = summary["queries"][name].get(scenario, "")
            lines.append(
                f"  {scenario:<20}{result['per_second']:>8}{result['p50_ms']:>9}{result['p95_ms']:>9}"
                f"{result['bare_pages']:>12}{count:>9}"
            )
        for ours, peer, words in RATIOS:
            ratio = results[ours]["per_second"] / results[peer]["per_second"]
            lines.append(f"  {ratio:>6.2f} x  {words}")
    lines += ["", *_growth(summary["results"])]
    for name, found in summary["uploads"].items():
        lines.append(
            f"{found['ratio']:.2f} x  an upload of {found['file_mb']} MB, beside a plain Django upload, on {name} "
            f"({found['ours_mb_per_second']} and {found['plain_mb_per_second']} MB a second)"
        )
        lines += [
            f"        the web process grows by {grown} MB over {what}"
            for what, grown in found["grown_mb"].items()
        ]
    load = summary["first_load"]
    lines.append(
        f"First load of the form: {load['bodies']:,} bytes compressed ({load['with_headers']:,} with headers)"
    )
    lines += [f"  {size:>7,}  {address}" for address, size in load["files"].items()]
    return "\n".join(lines)


def _growth(results: dict[str, Any]) -> list[str]:
    lines = []
    for kind in ("sqlite", "postgresql"):
        names = [name for name in results if name.startswith(kind)]
        if len(names) == 2:
            few, many = (results[name]["submission"]["per_second"] for name in names)
            lines.append(
                f"{many / few:.2f} x  submissions at {names[1].split(', ')[1]}, beside none, on {kind}"
            )
    return lines
