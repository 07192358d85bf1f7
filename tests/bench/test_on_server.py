"""What several machines are measured with, on a PostgreSQL server; no time is measured here."""

import itertools

import pytest
from sqlalchemy import func, select

from bench import databases, several
from portal.app import create_app
from portal.extensions import db
from portal.models import Message

pytestmark = pytest.mark.postgresql


def test_everybody_who_is_to_accept_texts_can_send(tmp_path):
    with databases.new_database() as environ:
        app = create_app(environ, tmp_path)
        members = several.fill_portal(app)
        assert [len(one) for one in members] == [several.MEMBERS] * several.ORGANIZATIONS
        with app.app_context():
            for each in members:
                for text in itertools.islice(several.write_texts(each[-2:]), 3):
                    several.accept_one(*text)
            found = select(Message.organization_id, func.count()).group_by(Message.organization_id)
            assert [many for _organization, many in db.session.execute(found)] == [3] * several.ORGANIZATIONS
            db.session.remove()
            db.engine.dispose()


def test_a_database_goes_with_its_block():
    with databases.new_database() as environ:
        name = environ["DATABASE_URL"].partition("@/")[2].partition("?")[0]
    with databases.database_server.connect() as server:
        assert server.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None
