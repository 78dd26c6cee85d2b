"""A real ClamAV daemon that knows one signature, the EICAR test file's, and fetches nothing from anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clamav_client.clamd import ClamdError

from wagtail_harassment.reporting.evidence.clamd import Clamd

#: The harmless file that scanners take for malware (eicar.org), in two halves: no file of ours is to be taken for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
STREAM_MAX = 30 * 2**20
FILE_MAX = 20 * 2**20
START_SECONDS = 60

CONFIGURATION = """\
Foreground yes
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}/temporary
StreamMaxLength {stream_max}
MaxFileSize {file_max}
MaxScanSize {file_max}
AlertExceedsMax yes
AlertEncrypted yes
"""


def binary() -> str | None:
    """In order, as in tools/clamd.sh: the one named by CLAMD_BINARY, one on the path, Debian's."""
    candidates = [os.environ.get("CLAMD_BINARY"), shutil.which("clamd"), "/usr/sbin/clamd"]
    return next(
        (path for path in candidates if path and Path(path).is_file() and os.access(path, os.X_OK)), None
    )


@pytest.fixture(scope="session")
def clamd() -> Iterator[str]:
    """The path of its socket. One for a process of tests, run by whoever runs them."""
    program = binary()
    if program is None:
        pytest.skip("there is no clamd: sudo apt-get install clamav-daemon, or name it in CLAMD_BINARY")
    with running(program) as address:
        yield address


@contextmanager
def running(program: str) -> Iterator[str]:
    """A daemon, ended at the end; the path of its socket."""
    # Below /tmp: a socket's path may have 107 bytes, and the system's AppArmor profile lets clamd write there.
    with tempfile.TemporaryDirectory(prefix="clamd-", dir="/tmp") as name:
        folder = Path(name)
        for each in ("signatures", "temporary"):
            (folder / each).mkdir()
        (folder / "signatures" / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
        configuration = folder / "clamd.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, stream_max=STREAM_MAX, file_max=FILE_MAX)
        )
        log = folder / "log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [program, f"--config-file={configuration}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_for(process, folder / "clamd.ctl", log)
            yield str(folder / "clamd.ctl")
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: subprocess.Popen, address: Path, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if Clamd(str(address), seconds=1).ping() == "PONG":
                return
        except (ClamdError, OSError):
            pass
        time.sleep(0.05)
    pytest.fail(f"clamd does not start: {log.read_text()[-500:]}")
