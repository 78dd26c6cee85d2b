"""What is asked of the ledger in these tests."""

from __future__ import annotations

from typing import Any

from wagtail_harassment.vault import ledger


def problems(case: Any) -> list[str]:
    """What is wrong with the case's chain, but that the tests' reports are told by no event."""
    found = [finding.problem for finding in ledger.verify([case.pk])]
    return [problem for problem in found if not problem.startswith("wagtail_harassment.report:")]
