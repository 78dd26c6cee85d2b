"""Print the DATABASE_URL of a PostgreSQL that tests and measurements may use; fail without a word if none is.

``DATABASE_URL`` if it names one; else a server at 127.0.0.1:5432 that lets ``postgres`` or this user in.
"""

import getpass
import os
import sys
from urllib.parse import urlsplit

import psycopg

NAME = "wagtail_harassment"


def reachable(url: str) -> bool:
    """Whether the server answers; the database named need not be there."""
    server = urlsplit(url)._replace(path="/postgres").geturl()
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


given = os.environ.get("DATABASE_URL", "")
candidates = [given] if given.startswith(("postgres:", "postgresql:")) else []
candidates += [f"postgres://{user}@127.0.0.1:5432/{NAME}" for user in ("postgres", getpass.getuser())]
for candidate in candidates:
    if reachable(candidate):
        print(candidate)
        sys.exit(0)
sys.exit(1)
