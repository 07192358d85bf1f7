"""What a person posted after their session had ended. It is kept for an hour, for that person alone.

It belongs to the ended session, which the signed cookie of that browser goes on naming: so it comes back only in that
browser and only to the person whose session it was. Nobody reads it otherwise, and the portal never posts it.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select

from portal import lengths
from portal.dialects import upsert
from portal.extensions import db, now, writing
from portal.models import KeptForm, SignInSession, User

from .. import hashes

FORMS_KEPT = timedelta(hours=1)
# A person has so many pages open at once, and more is not kept of one session.
MOST_PAGES = 5

Fields = Sequence[Sequence[str]]


def ref_of_session(key: str) -> str:
    """The ref of the session with this key, ended or not; "" for none."""
    return db.session.scalar(select(SignInSession.ref).where(SignInSession.key_hash == hashes.token_hash(key))) or ""


def keep_form(ref: str, page: str, fields: Fields) -> bool:
    """Keep what was posted from a page (its path) by the holder of an ended session; False if that is not possible.

    `fields` are pairs of names and values, in their order. What the same page posted before is replaced.
    """
    session_id = db.session.scalar(select(SignInSession.id).where(SignInSession.ref == ref))
    others = select(func.count()).where(KeptForm.session_id == session_id, KeptForm.page != page)
    if session_id is None or len(page) > lengths.PAGE_PATH or (db.session.scalar(others) or 0) >= MOST_PAGES:
        return False
    row = {"session_id": session_id, "page": page, "fields": [list(pair) for pair in fields], "at": now()}
    statement = upsert(KeptForm).values(**row)
    with writing() as session:
        session.execute(statement.on_conflict_do_update(
            index_elements=[KeptForm.session_id, KeptForm.page],
            set_={"fields": statement.excluded.fields, "at": statement.excluded.at}))
    return True


def find_newest_page(ref: str) -> str:
    """The page (path) from which the holder of an ended session posted last; "" for none, or after an hour."""
    found = select(KeptForm.page).join(SignInSession, SignInSession.id == KeptForm.session_id).where(
        SignInSession.ref == ref, KeptForm.at > now() - FORMS_KEPT)
    return db.session.scalar(found.order_by(KeptForm.at.desc()).limit(1)) or ""


def pages_to_return(ref: str, user: User) -> list[str] | None:
    """The pages (paths) of which this person gets back what they posted; None if it was not their session that ended.

    Where another person signs in, it is erased: nothing can reach it any more.
    """
    ended = db.session.execute(select(SignInSession.id, SignInSession.user_id).where(SignInSession.ref == ref)).first()
    if ended is None:
        return None
    kept = list(db.session.scalars(select(KeptForm.page).where(KeptForm.session_id == ended.id)))
    if ended.user_id == user.id:
        return kept
    if kept:
        with writing() as session:
            session.execute(delete(KeptForm).where(KeptForm.session_id == ended.id))
    return None


def find_kept_form(ref: str, page: str, user: User) -> Fields:
    """What this person posted from a page after that session of theirs had ended; [] for nothing, or after an hour."""
    found = select(KeptForm.fields).join(SignInSession, SignInSession.id == KeptForm.session_id).where(
        SignInSession.ref == ref, SignInSession.user_id == user.id, KeptForm.page == page,
        KeptForm.at > now() - FORMS_KEPT)
    return db.session.scalar(found) or []


def erase_old_forms() -> int:
    """Erase what was kept for an hour; returns how many forms that were. Writes nothing where there are none."""
    old = KeptForm.at < now() - FORMS_KEPT
    if db.session.scalar(select(func.count()).select_from(KeptForm).where(old)) == 0:
        return 0
    with writing() as session:
        return int(session.execute(delete(KeptForm).where(old)).rowcount)  # type: ignore[attr-defined]
