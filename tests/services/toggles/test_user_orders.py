"""The orders of the list of users: of many, read from indexes, as of few, sorted; one page after another and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from portal.extensions import db
from portal.models import Claim, Location, Number, User
from portal.rules import UserState
from portal.rules.numbers import NumberKind
from portal.services.toggles import groups, user_list, user_orders
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.user_list import OWN_SETTING_FILTER, UserChoice

from .houses import QUICK, furnished, house

ORDERS = [f"{sign}{order}" for order in ("name", "number", "location") for sign in ("", "-")]
FILTERS = st.sampled_from([{}, {"location": True}, {"texting": OWN_SETTING_FILTER}, {"rule": "primary-number"},
                           *({"texting": state} for state in UserState),
                           {"texting": UserState.NOT_AVAILABLE, "location": True}, {"rule": "number-unconfirmed"}])


def refs_by_pages(snapshot, where, sort, most):
    """The refs of all rows, from the beginning by pages; and the same back from the end."""
    there, beside = [], ""
    while rows := user_list.list_user_rows(snapshot, where, after=beside, most=most, sort=sort).rows:
        there += [row.user.ref for row in rows]
        beside = rows[-1].user.ref
    back = there[-1:]
    while back and (rows := user_list.list_user_rows(snapshot, where, before=back[0], most=most, sort=sort).rows):
        back = [row.user.ref for row in rows] + back
    return there, back


def expected(snapshot, where, sort):
    """The same refs, sorted here; who has no number stands at the end."""
    def key(row):
        order, user = sort.removeprefix("-"), db.session.get_one(User, row.user.id)
        place = db.session.get_one(Location, user.location_id).name_key
        beside = {"name": (), "location": (place,), "number": (row.number or last, row.profile.claimed)}[order]
        return (*beside, user.name_key, user.id)

    last = "" if sort.startswith("-") else "~"
    rows = user_list.list_user_rows(snapshot, where, most=1000).rows
    return [row.user.ref for row in sorted(rows, key=key, reverse=sort.startswith("-"))]


@QUICK
@given(drawn=house, chosen=FILTERS, sort=st.sampled_from(ORDERS), most=st.integers(1, 3), twice=st.booleans())
def test_many_stand_in_the_order_of_few(small, drawn, chosen, sort, most, twice):
    with furnished(small, drawn):
        if twice:
            claim_a_number_that_somebody_has(small[0])
        snapshot = OrganizationSnapshot.read(small[0])
        place = db.session.get_one(Location, small[1][0]).ref if chosen.get("location") else ""
        found = []
        for least, most_sorted in ((groups.LEAST_MANY, user_orders.MOST_SORTED), (0, user_orders.MOST_SORTED), (0, -1)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(groups, "LEAST_MANY", least)
                patch.setattr(user_orders, "MOST_SORTED", most_sorted)
                where = UserChoice(**{**chosen, "location": place}).conditions(snapshot)
                assert user_list.count_users(snapshot, where) == len(expected(snapshot, where, sort))
                found += [*refs_by_pages(snapshot, where, sort, most), expected(snapshot, where, sort)]
        assert found == [found[0]] * 9


def claim_a_number_that_somebody_has(organization_id):
    """Somebody without a number claims the first one, where there is one."""
    has = {user_id for kind in (Number, Claim) for (user_id,) in db.session.query(kind.user_id)}
    taken = db.session.query(Number.e164).filter(
        Number.organization_id == organization_id, Number.user_id.is_not(None)).order_by(Number.e164).first()
    free = [one for (one,) in db.session.query(User.id).filter_by(organization_id=organization_id) if one not in has]
    if taken and free:
        db.session.execute(insert(Claim).values(organization_id=organization_id, user_id=free[0], e164=taken[0],
                                                kind=NumberKind.PLAIN, ref="twice"))
