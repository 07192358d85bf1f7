"""A write transaction says what it is about, and goes no further."""

import pytest
from sqlalchemy import select

from portal.extensions import db, now, write_narrowly, writing
from portal.models import PortalMark
from portal.services.texting import lines
from portal.write_scopes import ROWS_ALONE, OutOfScopeError, current_scope, in_scope, require_scope
from tests.talks import THEIRS, hold, messages, text_out


@pytest.mark.parametrize(("about", "allowed"), [
    (None, (1, 2, None)), (1, (1,)), (2, (2,)), (ROWS_ALONE, ()),
])
def test_what_goes_beyond_is_refused(about, allowed):
    with in_scope(about):
        for organization_id in (1, 2, None):
            if organization_id in allowed:
                require_scope(organization_id)
            else:
                with pytest.raises(OutOfScopeError):
                    require_scope(organization_id)
    assert current_scope() is None


def test_a_line_is_added_only_where_its_organization_is_written_about(inside, people, organizations):
    maple, harbor = organizations["Maple"].id, organizations["Harbor"].id
    with inside():
        hold(people["Uli"].id, text_out())
        first = messages()[0]
        line = {"conversation_id": first.conversation_id, "user_id": first.user_id, "number_id": first.number_id,
                "theirs": THEIRS, "at": now(), **text_out()}
        for about in (harbor, ROWS_ALONE):
            with pytest.raises(OutOfScopeError), writing(about):
                lines.store_line(organization_id=maple, **line)
            with pytest.raises(OutOfScopeError), writing(about):
                lines.store_notes(maple, [THEIRS], "called", now())
        with writing(about=maple):
            lines.store_line(organization_id=maple, **line)
        assert len(messages()) == 2


def test_what_goes_too_far_is_taken_back_and_done_once_more_about_everything(inside):
    scopes = []

    def write():
        db.session.add(PortalMark(name=f"mark {len(scopes)}", value=""))
        db.session.flush()
        scopes.append(current_scope())
        require_scope(2)

    with inside():
        write_narrowly(1, write)
        assert scopes == [1, None]
        found = select(PortalMark.name).where(PortalMark.name.startswith("mark "))
        assert list(db.session.scalars(found)) == ["mark 1"]


def test_another_mistake_is_not_tried_again(inside):
    tries = []

    def write():
        tries.append(current_scope())
        raise ValueError("no")

    with inside():
        with pytest.raises(ValueError, match="no"):
            write_narrowly(ROWS_ALONE, write)
        with writing():
            assert current_scope() is None
    assert tries == [ROWS_ALONE]
