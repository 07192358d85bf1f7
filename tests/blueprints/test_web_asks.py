"""Many requests on the web: administrators decide, operators see the alarm."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import OptOut, OptOutState, User, WebAsk
from portal.services.upkeep import health
from tests.reports import number
from tests.talks import words


@pytest.fixture
def ask(inside, people):
    """`ask(1)`: the ref of a request for that number that waits."""
    def make(index, hours=0):
        with inside(), writing() as session:
            made = WebAsk(organization_id=session.get_one(User, people["Ada"].id).organization_id,
                          theirs=number(index), at=now() - timedelta(hours=hours), waits=True)
            session.add(made)
            session.flush()
            return made.ref
    return make


def states(inside):
    with inside():
        return db.session.scalars(select(OptOut.state)).all()


def test_an_administrator_decides(browse, inside, ask):
    first, second = ask(1), ask(2)
    ada = browse("Ada")
    page = words(ada.get("/admin/opt-outs").text)
    assert "Many requests on the web at once" in page
    assert "+1 647 556 0001" in page
    for ref, meant, said in ((first, "yes", "Opt-out added."), (second, "no", "does not count")):
        answer = ada.post(f"/admin/opt-outs/requests/{ref}", data={"meant": meant})
        assert (answer.status_code, answer.location) == (303, "/admin/opt-outs")
        assert said in words(ada.get("/admin/opt-outs").text)
    assert states(inside) == [OptOutState.OUT]
    assert "Many requests" not in ada.get("/admin/opt-outs").text
    ada.post(f"/admin/opt-outs/requests/{second}", data={"meant": "yes"})
    assert "decided already" in words(ada.get("/admin/opt-outs").text)


def test_the_overview_leads_to_requests_that_wait(browse, ask):
    assert "on the web to stop texts" not in words(browse("Ada").get("/admin/").text)
    ask(1)
    assert "1 request on the web to stop texts waits for an administrator" in words(browse("Ada").get("/admin/").text)
    ask(2)
    assert "2 requests on the web to stop texts wait" in words(browse("Rita").get("/admin/").text)
    assert "on the web to stop texts" not in words(browse("Otto").get("/admin/").text)


def test_only_administrators_of_the_organization_decide(browse, inside, ask):
    address = f"/admin/opt-outs/requests/{ask(1)}"
    assert [browse(who).post(address, data={"meant": "yes"}).status_code for who in ("Otto", "Rita", "Uli")] == [
        404, 403, 403]
    assert browse("Otto").get(address).status_code == 404
    page = browse("Rita").get("/admin/opt-outs").text
    assert "+1 647 556 0001" in page
    assert "Yes, stop texting them" not in page
    assert browse("Ada").post(address, data={"meant": "yes"}, token=False).status_code == 400
    assert states(inside) == []


def test_operators_see_the_alarm_and_no_number(browse, inside, ask):
    olga = browse("Olga")
    assert "No request waits" in olga.get("/operator/web-requests").text
    assert "Many requests" not in olga.get("/operator/").text
    ask(1), ask(2, hours=2)
    assert "Many requests on the web at once: 1 organization" in words(olga.get("/operator/").text)
    page = words(olga.get("/operator/web-requests").text)
    assert "Maple Clinic 2 " in page
    assert "556 0001" not in page
    with inside():
        assert health.check_web_requests().health is health.Health.WRONG


def test_an_old_alarm_stays_on_the_page_only(browse, inside, ask):
    ask(1, hours=30)
    olga = browse("Olga")
    assert "Maple Clinic 1 " in words(olga.get("/operator/web-requests").text)
    assert "Many requests" not in olga.get("/operator/").text
    with inside():
        assert health.check_web_requests().health is health.Health.GOOD


def test_the_pages_ask_few_questions(browse, ask, statements):
    olga, ada = browse("Olga"), browse("Ada")
    olga.get("/operator/web-requests"), ada.get("/admin/opt-outs")
    found = []
    for more in (0, 10):
        for index in range(more):
            ask(10 + index)
        with statements() as seen:
            olga.get("/operator/web-requests"), ada.get("/admin/opt-outs")
        found.append(len(seen))
    assert found[0] == found[1]
