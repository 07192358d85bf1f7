"""Log lines: one JSON object each, in the words of the OWASP logging vocabulary.

No bodies, numbers, names or addresses: a person is an id, a request a random id.
"""

import json
import logging
import secrets
import traceback
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context, request
from flask_login import current_user

security = logging.getLogger("portal.security")


class JsonLineFormatter(logging.Formatter):
    """One JSON object a line; JSON escapes keep a forged line break from ending it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for a record. Errors tell their type and place, never their text, which may quote a value."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}"
                             for frame in traceback.extract_tb(record.exc_info[2])]
        if has_request_context():
            line |= {"request": request_id(), "endpoint": request.endpoint}
        return json.dumps(line, ensure_ascii=True)


def request_id() -> str:
    """A random id for this request, which the error page shows as well."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    return str(g.request_id)


def log_security_event(event: str, **fields: str | int | None) -> None:
    """Log a security event with the id of the signed-in person."""
    who = current_user.id if has_request_context() and current_user.is_authenticated else None
    security.warning(event, extra={"fields": {"user": who, **fields}})


def set_up_logging() -> None:
    """Send everything of the portal to standard error as lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLineFormatter())
    for name, level in (("portal", logging.INFO), ("huey", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
