"""What stands for the number of an opt-out that was erased on request: a keyed hash, found again by the number.

"erased:", eight digits that name the key, ":", and HMAC-SHA-256 over organization and number in 64 hex digits. Nobody
reads the number back without the key, and the same number of two organizations is not the same hash.
"""

from sqlalchemy import func, select

from portal.extensions import db
from portal.models import OptOut

from .. import hashes

PREFIX = "erased:"


def number_key_id() -> str:
    """The eight hex digits that name the portal's number key."""
    return hashes.keyed_hash("key", "name")[:8]


def hash_erased_number(organization_id: int, theirs: str) -> str:
    """What stands for a number (E.164, or whatever a carrier called the sender) in one organization's opt-outs."""
    return f"{PREFIX}{number_key_id()}:{hashes.keyed_hash(theirs, f'opt-out {organization_id}')}"


def stored_forms_of_number(organization_id: int, theirs: str) -> tuple[str, str]:
    """Both ways in which a number may be written in the opt-outs of an organization."""
    return theirs, hash_erased_number(organization_id, theirs)


def is_erased_number(theirs: str) -> bool:
    """Whether this stands for an erased number."""
    return theirs.startswith(PREFIX)


def count_lost_hashes() -> int:
    """How many erased numbers nobody would find again, because the present key is not the one of their hashes."""
    erased = OptOut.theirs.startswith(PREFIX, autoescape=True)
    ours = OptOut.theirs.startswith(f"{PREFIX}{number_key_id()}:", autoescape=True)
    return db.session.scalar(select(func.count(OptOut.id)).where(erased, ~ours)) or 0
