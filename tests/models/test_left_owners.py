"""A conversation is marked exactly while its owner is deactivated, whatever comes first."""

import pytest
from sqlalchemy import text, update

from portal.extensions import db, writing
from portal.models import AccountState, Conversation, User
from portal.models.left_owners import LEAVING
from tests.talks import hold, text_in


@pytest.fixture
def talk(inside, people):
    """`talk("Uli")` stores a conversation of theirs; the context stays open."""
    def begin(name):
        hold(people[name].id, text_in())
        return db.session.query(Conversation).filter_by(user_id=people[name].id).one().id

    with inside():
        yield begin


@pytest.fixture
def set_account(people):
    def change(name, account):
        with writing():
            db.session.execute(update(User).where(User.id == people[name].id).values(account=account))

    return change


def is_marked(conversation_id):
    db.session.expire_all()
    return db.session.get_one(Conversation, conversation_id).owner_left


def test_the_owner_leaves_and_comes_back(talk, set_account):
    mine, theirs = talk("Uli"), talk("Ben")
    for account in (AccountState.DEACTIVATED, AccountState.INVITED, AccountState.DEACTIVATED, AccountState.ACTIVE):
        set_account("Uli", account)
        assert is_marked(mine) is (account is AccountState.DEACTIVATED)
        assert not is_marked(theirs)


def test_the_owner_had_left_before(talk, set_account):
    set_account("Uli", AccountState.DEACTIVATED)
    assert is_marked(talk("Uli"))


@pytest.mark.parametrize(("first", "then"), [("Uli", "Ben"), ("Ben", "Uli")])
def test_the_conversation_changes_hands(talk, set_account, people, first, then):
    set_account("Uli", AccountState.DEACTIVATED)
    conversation = talk(first)
    with writing():
        db.session.execute(update(Conversation).where(Conversation.id == conversation).values(user_id=people[then].id))
    assert is_marked(conversation) is (then == "Uli")


@pytest.mark.sqlite
def test_the_tables_have_their_triggers(talk):
    """A migration that makes one of them anew must not lose them."""
    rows = db.session.execute(text("SELECT tbl_name, sql FROM sqlite_master WHERE name LIKE 'owner_left_%'"))
    assert sorted(map(tuple, rows)) == sorted(LEAVING)
