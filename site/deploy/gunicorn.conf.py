"""The web process. No access log: when somebody was on the journey, and from where, is nobody's business."""

import logging
import os
import re

from gunicorn.glogging import Logger

wsgi_app = "university.wsgi"
bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Whoever sends a file from a slow phone holds one for as long as it takes.
threads = 16
keepalive = 5
timeout = 30
# Switched on ("-" or a file), it still leaves the journey out. What stands before gunicorn has a log of its own.
accesslog = None
loglevel = "warning"
control_socket_disable = True
limit_request_line = 4094


#: Where the landing page is: everything below it is the journey.
JOURNEY = os.environ.get("JOURNEY", "/report-support/")


class WithoutAddresses(logging.Filter):
    """Takes the visitor's address, and what was asked for, out of what gunicorn says of a request that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = re.sub(r"ip=\S+", "ip=(not logged)", record.getMessage())
        record.msg, record.args = re.sub(r"(Error handling request) .*", r"\1", said), ()
        return True


class QuietLogger(Logger):
    """Gunicorn's own logger, without addresses, and without the journey."""

    def access(self, resp: object, req: object, environ: dict[str, str], request_time: object) -> None:
        came_from = environ.get("HTTP_REFERER", "")
        if JOURNEY not in came_from and not f"{environ.get('PATH_INFO', '')}/".startswith(JOURNEY):
            super().access(resp, req, environ, request_time)

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.addFilter(WithoutAddresses())


logger_class = QuietLogger
