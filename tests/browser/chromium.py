"""Where the Chromium is that the browser tests drive. Run as a script, it prints the path or fails."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def candidates() -> list[str]:
    """In order: the one named by CHROMIUM, Playwright's own, those on the path."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    found = [os.environ.get("CHROMIUM", ""), own, *(shutil.which(name) or "" for name in NAMES)]
    return [path for path in found if path and Path(path).exists()]


def executable_path() -> str:
    """The first candidate. Raises ``FileNotFoundError``."""
    for path in candidates():
        return path
    raise FileNotFoundError("No Chromium found. Install one, or name it: CHROMIUM=/path")


def starts(path: str) -> bool:
    """Whether it starts: Ubuntu's snap stub, or one without its libraries, does not."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]).close()
        except Exception as error:
            print(error, file=sys.stderr)
            return False
    return True


if __name__ == "__main__":
    for path in candidates():
        if starts(path):
            print(path)
            sys.exit(0)
    sys.exit(1)
