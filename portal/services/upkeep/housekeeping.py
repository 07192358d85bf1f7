"""What the worker erases on a schedule because it is too old, and what machines ask about the database."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db, now, writing
from portal.models import (
    WORKING_UPLOADS,
    ContentState,
    ImportRow,
    Inventory,
    PortalMark,
    SignInLink,
    SignInSession,
    Upload,
    UploadContent,
)

from .. import undo_offers
from ..accounts import attempts, kept_forms
from . import worker_marks

FILES_STAY = timedelta(days=7)
SESSIONS_STAY = timedelta(days=30)
# Kept long, so that a person who returns after months still reads who opened their account with a link.
USED_LINKS_STAY = timedelta(days=365)


def is_database_writable() -> bool:
    """Whether the portal can take the database's write lock; nothing is written."""
    try:
        with writing() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def is_database_readable() -> bool:
    """Whether the database answers; this takes no lock that could make another process wait."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def erase_outdated_records() -> None:
    """Erase uploaded files after 7 days, sessions and unused links after 30, used links after a year, full buckets.

    Also the rows of files, and what could be undone, once its time is over.
    """
    moment = now()
    kept_forms.erase_old_forms()
    undo_offers.erase_old_offers()
    with writing() as session:
        session.execute(update(Inventory).where(Inventory.uploaded_at < moment - FILES_STAY).values(content=None))
        old = Upload.uploaded_at < moment - FILES_STAY
        session.execute(delete(UploadContent).where(UploadContent.upload_id.in_(select(Upload.id).where(old))))
        session.execute(update(Upload).where(old).values(content_state=ContentState.ERASED))
        session.execute(delete(ImportRow).where(ImportRow.upload_id.in_(
            select(Upload.id).where(old, text(f"NOT ({WORKING_UPLOADS})")))))
        session.execute(delete(SignInSession).where(SignInSession.began_at < moment - SESSIONS_STAY))
        session.execute(delete(SignInLink).where(or_(
            SignInLink.used_at.is_(None) & (SignInLink.expires_at < moment - SESSIONS_STAY),
            SignInLink.used_at < moment - USED_LINKS_STAY)))
    attempts.delete_full_buckets()
    worker_marks.erase_forgotten_workers()


def is_demo_database() -> bool:
    """Whether this database holds invented people with a known password."""
    return db.session.get(PortalMark, "demo") is not None
