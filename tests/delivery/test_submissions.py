"""The same form many times at once is one text, and a cap is kept to the text however many ask at once."""

import multiprocessing
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from portal import databases
from portal.app import create_app
from portal.extensions import db
from portal.models import Direction, Message, TextState, User
from portal.rules import BY_ID
from portal.services.texting import outbox, sending
from tests.patience import PATIENT, PATIENT_SERVER
from tests.talks import hold, key, many, messages

THEIRS = "+16475550110"
CAP = BY_ID["daily-user"].limits["most"]
LEFT = 50


# --- one form ------------------------------------------------------------------------------------


@pytest.fixture
def tabs(browse, at_once):
    """`tabs(address, forms)` submits each form from a tab of its own, all at once, and gives the answers."""

    def submit(address, forms):
        forms = list(forms)
        each = [(browse("Uli"), form) for form in forms]
        return at_once(lambda tab: tab[0].post(address, data=tab[1]), each)

    return submit


def test_ten_parallel_posts_of_one_form_are_one_text_and_ten_equal_answers(browse, tabs, inside):
    """REL-09"""
    form = {"number": THEIRS, "body": "once", "key": key(browse("Uli").get("/messages/new"))}
    answers = tabs("/messages/new", [form] * 10)
    assert {(answer.status_code, answer.location, answer.text) for answer in answers} == {
        (303, answers[0].location, answers[0].text)}
    with inside():
        assert [one.body for one in messages()] == ["once"]


def test_ten_parallel_answers_in_a_conversation_are_one_text(browse, tabs, inside, people):
    """REL-09"""
    with inside():
        ref = hold(people["Uli"].id)
    form = {"body": "once", "key": key(browse("Uli").get(f"/messages/{ref}"))}
    answers = tabs(f"/messages/{ref}", [form] * 10)
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/messages/{ref}#newest")}
    with inside():
        assert [one.body for one in messages()] == ["once"]


def test_of_ten_texts_with_one_key_one_is_taken_and_nine_are_told(browse, tabs, inside):
    """REL-09: whoever comes first is sent, and the others read why theirs is not."""
    held = key(browse("Uli").get("/messages/new"))
    answers = tabs("/messages/new", [{"number": THEIRS, "body": f"text {n}", "key": held} for n in range(10)])
    assert Counter(answer.status_code for answer in answers) == {303: 1, 422: 9}
    told = [answer.text for answer in answers if answer.status_code == 422]
    assert all("You have sent another text from this page already. This one has not been" in page for page in told)
    assert all(re.search(r"\ntext \d</textarea>", page) for page in told)
    with inside():
        assert len(messages()) == 1


# --- a cap ---------------------------------------------------------------------------------------


def spend(user_id, left):
    """So many texts today that only some are left. For an open application context."""
    ref = hold(user_id)
    many(user_id, ref, CAP - left)


def counted(user_id):
    """The user's texts out."""
    db.session.rollback()
    return db.session.scalar(select(func.count(Message.id)).where(
        Message.user_id == user_id, Message.direction == Direction.OUT))


def ask(app, user_id, name):
    """Send one text; "" when it is accepted, else the reasons."""
    with app.app_context():
        user = db.session.get_one(User, user_id)
        sent = sending.send_text(user, THEIRS, f"text {name}", f"key-{name}")
        return ",".join(reason.id for reason in sent.decision.blocking)


def test_a_hundred_at_once_against_fifty_left(app, inside, people, another):
    """REL-10: fifty are accepted, fifty read why not, and starting again counts nothing from the beginning."""
    uli = people["Uli"].id
    with inside():
        spend(uli, LEFT)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: ask(app, uli, f"t{n}"), range(100)))
    assert Counter(answers) == {"": LEFT, "daily-user": 100 - LEFT}
    with inside():
        assert counted(uli) == CAP
        # What is given back after the engine was disposed of is closed by nobody.
        db.session.remove()
        db.engine.dispose()
    assert ask(another(), uli, "after the restart") == "daily-user"


def test_what_the_carrier_lost_takes_its_place_and_what_was_refused_does_not(uli, carrier):
    """REL-10: a place is given back only for what was certainly not sent."""
    spend(uli.id, 2)
    sending.send_text(uli, THEIRS, "one", "one")
    sending.send_text(uli, THEIRS, "two", "two")
    assert [one.id for one in sending.send_text(uli, THEIRS, "three", "three").decision.blocking] == ["daily-user"]
    db.session.rollback()
    waiting = db.session.scalars(select(Message).where(Message.body.in_(("one", "two"))).order_by(Message.id)).all()
    refused, unknown = (one.id for one in waiting)
    outbox.record_results([outbox.TextResult(refused, TextState.REFUSED),
                           outbox.TextResult(unknown, TextState.UNKNOWN)])
    assert sending.send_text(uli, THEIRS, "three", "three").decision.allowed
    assert [one.id for one in sending.send_text(uli, THEIRS, "four", "four").decision.blocking] == ["daily-user"]


def compete(environ, instance, user_id, name, start, answers):
    """One process: twenty-five texts as fast as they go."""
    databases.DATABASE_PRAGMAS = (*databases.DATABASE_PRAGMAS, *PATIENT)
    databases.SESSION_SETTINGS = (*databases.SESSION_SETTINGS, *PATIENT_SERVER)
    app = create_app(environ, instance)
    start.wait()
    try:
        answers.put([ask(app, user_id, f"{name}-{n}") for n in range(25)])
    except BaseException as error:
        answers.put([repr(error)])
        raise
    finally:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.slow
def test_four_processes_against_fifty_left(inside, instance, people, database_environ):
    """REL-10: the count is in the database, not in anybody's memory."""
    uli = people["Uli"].id
    with inside():
        spend(uli, LEFT)
        db.engine.dispose()
    spawn = multiprocessing.get_context("spawn")
    start, answers = spawn.Barrier(4), spawn.Queue()
    processes = [spawn.Process(target=compete, args=(database_environ, instance, uli, f"p{n}", start, answers))
                 for n in range(4)]
    for process in processes:
        process.start()
    said = Counter(one for _ in processes for one in answers.get(timeout=120))
    for process in processes:
        process.join()
    assert said == {"": LEFT, "daily-user": 100 - LEFT}
    with inside():
        assert counted(uli) == CAP
