"""Files of these tests lie in a storage of their own, as those of the evidence room's."""

from __future__ import annotations

from tests.casework.evidence.conftest import scanned_by, storage

__all__ = ["scanned_by", "storage"]
