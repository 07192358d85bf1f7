"""A row of a list says what the conversation and its last line themselves say."""

from portal.extensions import db
from portal.models import Conversation, Message, TextState
from portal.services.texting import conversations
from tests.talks import hold, text_in, text_out


def test_a_row_says_what_its_conversation_and_its_last_line_say(uli):
    hold(uli.id, text_out("one"), text_in("two"))
    hold(uli.id, text_in("Hi"), text_out("three", TextState.SENT), theirs="+16475550111")
    hold(uli.id, theirs="+16475550112")
    rows, _more = conversations.list_inbox_rows(uli)
    assert len(rows) == 3
    for row in rows:
        held = db.session.get_one(Conversation, row.conversation.id)
        last = db.session.get(Message, held.last_id)
        assert row.ours == held.number.e164
        assert {name: getattr(held, name) for name in row.conversation._fields} == row.conversation._asdict()
        assert (last is None) == (row.last is None)
        if row.last:
            assert {name: getattr(last, name) for name in row.last._fields} == row.last._asdict()
