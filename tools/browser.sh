#!/usr/bin/env bash
# browser.sh VENV: see to it that the browser tests find a Chromium, and say what to do where it cannot.
# Order: CHROMIUM, Playwright's own, one that is installed, the system's package (as root).
set -euo pipefail
venv=$1

find_browser() { "$venv/bin/python" tests/browser/chromium.py; }

find_browser >/dev/null && exit 0
timeout 300 "$venv/bin/playwright" install chromium >/dev/null 2>&1 || true
find_browser >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    (timeout 300 "$venv/bin/playwright" install-deps chromium || { apt-get update -q && apt-get install -y -q chromium; }) >/dev/null 2>&1 </dev/null || true
    find_browser >/dev/null && exit 0
    (apt-get update -q && apt-get install -y -q chromium) >/dev/null 2>&1 </dev/null || true
    find_browser >/dev/null && exit 0
fi
echo "No Chromium for the browser tests: install one (sudo apt-get install chromium) or name it (CHROMIUM=/path make test); make test-fast needs none." >&2
exit 1
