"""A long list of values is one parameter of a statement."""

from portal.extensions import db
from portal.models import User
from portal.services.key_lists import is_among


def test_more_values_than_a_statement_has_parameters(app, people):
    ids = [people[name].id for name in ("Uli", "Ben")]
    with app.app_context():
        condition = is_among(User.id, [*ids, *range(-50_000, 0)])
        assert sorted(db.session.scalars(db.select(User.id).where(condition))) == sorted(ids)
        assert db.session.scalars(db.select(User.id).where(is_among(User.email_key, []))).all() == []
        assert db.session.scalars(db.select(User.id).where(is_among(User.email_key, {"uli@example.com"}))).all() == [
            people["Uli"].id]
