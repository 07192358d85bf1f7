"""A key may be longer than what it is made from; both databases keep it whole."""

import pytest
from sqlalchemy import select

from portal import lengths
from portal.extensions import db, writing
from portal.models import User
from portal.rules.addresses import key_of_address
from portal.services.names import key_of_name


@pytest.mark.parametrize(("field", "typed", "key_of"), [
    ("name", "ß" * lengths.USER_NAME, key_of_name),
    ("name", "ﷺ" * lengths.USER_NAME, key_of_name),
    ("name", "".join(map(chr, range(0x3300, 0x3358))), key_of_name),
    ("email", f"{'İ' * 100}@example.com", key_of_address),
])
def test_a_key_that_folding_lengthens_is_kept(app, people, inside, field, typed, key_of):
    key = key_of(typed)
    assert len(key) > len(typed)
    with inside(), writing() as session:
        user = session.get(User, people["Uli"].id)
        setattr(user, field, typed)
        setattr(user, f"{field}_key", key)
    with inside():
        column = getattr(User, f"{field}_key")
        assert db.session.scalars(select(User.id).where(column == key)).one() == people["Uli"].id
