"""What a carrier may ask about a text that comes in: whether a number is ours, and whether it brought the text before.

Lines ask in threads of their own, so each question opens its own application context, and leaves no transaction open.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy import bindparam, select

from portal.extensions import db
from portal.models import Arrival, Number


def make_arrival_finder(carrier: str) -> Callable[[str], tuple[str, datetime] | None]:
    """For one carrier: finds id and moment of the newest text that came in by it and whose id begins so."""
    app = _present_app()

    def find_arrival(beginning: str) -> tuple[str, datetime] | None:
        # A range, because SQLite looks into the index for no LIKE. Nothing in an id comes after "~".
        found = select(Arrival.carrier_id, Arrival.at).where(
            Arrival.carrier == carrier, Arrival.carrier_id >= beginning, Arrival.carrier_id < f"{beginning}~")
        with app.app_context():
            row = db.session.execute(found.order_by(Arrival.id.desc()).limit(1)).first()
            db.session.rollback()
        return (row.carrier_id, row.at) if row else None

    return find_arrival


# Made once: putting a statement together takes longer than running it.
_HELD = select(Number.e164).where(Number.e164.in_(bindparam("numbers", expanding=True)), Number.user_id.is_not(None))


def make_number_finder(app: Flask | None = None) -> Callable[[str], bool]:
    """Tells whether a user of the portal has a number (E.164); `app` where none is open yet."""
    find_numbers = make_numbers_finder(app)
    return lambda e164: bool(find_numbers({e164}))


def make_numbers_finder(app: Flask | None = None) -> Callable[[set[str]], set[str]]:
    """Tells which of several numbers (E.164) users of the portal have, with one statement."""
    app = app or _present_app()

    def find_ours(numbers: set[str]) -> set[str]:
        with app.app_context():
            found = set(db.session.scalars(_HELD, {"numbers": list(numbers)}))
            db.session.rollback()
        return found

    return find_ours


def _present_app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
