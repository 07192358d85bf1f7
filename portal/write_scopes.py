"""What a write transaction is about: everything, one organization, or rows that it locks itself.

Where the database lets several write at once, those about different organizations do not wait for each other. With all
databases a transaction that goes beyond what it said is a mistake, and is taken back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# About rows of whichever organization, each locked before it is read and changed. No ids of lines are given there.
ROWS_ALONE = 0
_about: ContextVar[int | None] = ContextVar("about", default=None)


class OutOfScopeError(Exception):
    """What is to be written concerns more than the transaction is about."""


@contextmanager
def in_scope(about: int | None) -> Iterator[None]:
    """Transactions that begin inside are about the organization with this id, about ROWS_ALONE, or, None, all."""
    token = _about.set(about)
    try:
        yield
    finally:
        _about.reset(token)


def current_scope() -> int | None:
    """What the open write transaction is about."""
    return _about.get()


def require_scope(organization_id: int | None) -> None:
    """Raise OutOfScopeError unless the open transaction is about this organization (None: about none), or everything.

    Ids of lines are given only then: so they become visible in their order to whoever asks for those after an id.
    """
    about = _about.get()
    if about is not None and about != organization_id:
        raise OutOfScopeError
