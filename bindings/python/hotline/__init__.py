"""hotline: engines for public-service hotlines (IVR, ACD, tickets, knowledge)."""

from ._core.base import (
    CallbackError,
    ConflictError,
    CorruptError,
    DeniedError,
    Error,
    InternalError,
    InvalidError,
    IoError,
    LimitError,
    NotFoundError,
    UnavailableError,
    UnsupportedError,
    format_duration,
    format_time,
    parse_duration,
    parse_time,
)

__version__ = "0.1.0"
