"""The web process. No access log: when somebody was on the journey, and from where, is nobody's business."""

import logging
import os
import re

from gunicorn.glogging import Logger

wsgi_app = "university.wsgi"
bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
keepalive = 5
timeout = 30
accesslog = None
loglevel = "warning"
control_socket_disable = True
# A report's longest step; files come with their own limit.
limit_request_line = 4094


class WithoutAddresses(logging.Filter):
    """Takes the visitor's address out of what gunicorn says of a request it cannot read."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = re.sub(r"ip=\S+", "ip=(not logged)", record.getMessage()), ()
        return True


class QuietLogger(Logger):
    """Gunicorn's own logger, without addresses."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.addFilter(WithoutAddresses())


logger_class = QuietLogger
