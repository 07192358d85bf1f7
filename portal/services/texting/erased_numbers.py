"""Numbers of opt-outs that were erased on request. A keyed hash takes the place of the number, so that the
opt-out still counts when the portal meets the number again.

The stored form is "erased:", eight hex digits that name the key, ":", and HMAC-SHA-256 over organization and number in
64 hex digits. Without the key nobody can find the number, and two organizations have different hashes of one number.
"""

from functools import lru_cache

from sqlalchemy import func, select

from portal.extensions import current_settings, db
from portal.models import OptOut

from .. import hashes

PREFIX = "erased:"


def number_key_id() -> str:
    """The eight hex digits that name the portal's number key."""
    return _name_of_key(current_settings().number_key)


@lru_cache(maxsize=4)
def _name_of_key(_key: str) -> str:
    """The name of the present key, made once: it is asked for with every number."""
    return hashes.keyed_hash("key", "name")[:8]


def hash_erased_number(organization_id: int, theirs: str) -> str:
    """The stored form of an erased number in the opt-outs of one organization; `theirs` as the carrier gave it."""
    return f"{PREFIX}{number_key_id()}:{hashes.keyed_hash(theirs, f'opt-out {organization_id}')}"


def stored_forms_of_number(organization_id: int, theirs: str) -> tuple[str, str]:
    """Both forms in which the opt-outs of an organization may hold a number: plain and hashed."""
    return theirs, hash_erased_number(organization_id, theirs)


def is_erased_number(theirs: str) -> bool:
    """Whether this is the hash of an erased number."""
    return theirs.startswith(PREFIX)


def count_lost_hashes() -> int:
    """How many opt-outs no longer work, because their number was hashed with another key than the present one."""
    erased = OptOut.theirs.startswith(PREFIX, autoescape=True)
    ours = OptOut.theirs.startswith(f"{PREFIX}{number_key_id()}:", autoescape=True)
    return db.session.scalar(select(func.count(OptOut.id)).where(erased, ~ours)) or 0
