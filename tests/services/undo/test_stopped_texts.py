"""Texts that were refused since a change are counted, and no others."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.extensions import now, writing
from portal.models import Message, TextState, User
from portal.services.undo.stopped_texts import count_stopped_texts
from tests.talks import hold, text_in, text_out

pytestmark = pytest.mark.usefixtures("open_app")


def test_only_texts_refused_since_count(people, organizations):
    hold(people["Uli"].id, text_out("One", TextState.REFUSED), text_out("Two", TextState.DELIVERED), text_in("Three"))
    hold(people["Mia"].id, text_out("Four", TextState.REFUSED))
    moment, maple = now(), organizations["Maple"].id
    with writing() as session:
        session.execute(update(Message).values(changed_at=moment))
    everybody, ben = User.id > 0, User.id == people["Ben"].id
    assert count_stopped_texts(maple, everybody, moment) == 1
    assert count_stopped_texts(maple, ben, moment) == 0
    assert count_stopped_texts(maple, everybody, moment + timedelta(seconds=1)) == 0
