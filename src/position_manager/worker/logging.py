"""Structured logs: one JSON object per line on standard output.

Messages, credentials and texts of database errors, which can quote data, are never logged.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

import psycopg
import structlog
from structlog.typing import EventDict, WrappedLogger

MAX_TRACE_IDS = 20
MAX_TEXT = 300

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def error_fields(error: Exception) -> dict[str, str]:
    """An error of the broker or the network, as fields of a log entry."""
    return {"error": type(error).__name__, "text": str(error)[:MAX_TEXT]}


def configure(service: str, part: str, level: str) -> None:
    """Send the logs of this process, and of its libraries, to standard output as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add(service=service, part=part),
        _describe_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # pika also raises each connection failure, and the worker logs it once.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    # They log the address of every request, which may contain a key.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _add(**fixed: str) -> structlog.typing.Processor:
    def processor(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.update(fixed)
        return event

    return processor


def _describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace exc_info by its type and traceback, and its text unless that can quote data."""
    exc_info = event.pop("exc_info", None)
    if not exc_info:
        return event
    info: ExcInfo | None
    if isinstance(exc_info, BaseException):
        info = (type(exc_info), exc_info, exc_info.__traceback__)
    else:
        current = exc_info if isinstance(exc_info, tuple) else sys.exc_info()
        info = current if current[0] is not None else None
    if info is None:
        return event
    kind, error, trace = info
    event["exception"] = kind.__name__
    if isinstance(error, psycopg.Error):
        event["sqlstate"] = error.sqlstate
    else:
        event["exception_text"] = str(error)[:MAX_TEXT]
    event["traceback"] = "".join(traceback.format_tb(trace))
    return event
