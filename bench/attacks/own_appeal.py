"""Decide the appeal against one's own decision: the operator who extended a restriction answers it."""

from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.reports import asked
from bench.attacks.target import Target

RESTRICTED = """
import sys
from datetime import timedelta
from sqlalchemy import select
from wsgi import app
from portal.extensions import db, now, writing
from portal.models import Restriction, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.spam import appeals, restrictions
who = lambda name: db.session.scalars(select(User).where(User.name.like(f"{name}%"))).first()
with app.app_context():
    with writing():
        who("Olga").operator = who("Oskar").operator = True
    uli, olga, terms = who("Uli"), who("Olga"), restrictions.RestrictionTerms(
        Restraint.BLOCK, Cause.SPAM, "Too much", now() + timedelta(days=1))
    with writing():
        whom = restrictions.RestrictionScope(Subject.USER, uli.organization_id, uli.id)
        restrictions.add_restriction(olga, terms, whom, now())
    find = lambda: db.session.scalars(select(Restriction).order_by(Restriction.id.desc())).first()
    restrictions.move_restriction_end(who("Oskar"), find(), now() + timedelta(days=300), "Longer")
    print(appeals.file_appeal(who("Uli"), find(), "It was a mistake").ref)
"""


def attack(portal: Target) -> Iterator[Measure]:
    """Olga blocks for a day, Oskar extends it to 300, Uli appeals; Oskar keeps it."""
    portal.python(RESTRICTED)
    (ref,) = asked(portal, "SELECT ref FROM appeals ORDER BY id DESC LIMIT 1")[0]
    oskar = portal.browser("oskar@example.com")
    oskar.get(f"/operator/appeals/{ref}")
    answer = oskar.post(f"/operator/appeals/{ref}", {"reason": "It stays", "do": "keep"})
    decided = asked(portal, "SELECT decided_by_id FROM appeals WHERE ref = ?", ref)[0][0]
    yield Measure("M9", "who extended a block answers the appeal against it", f"answer {answer.status}",
                  answer.status == 303 or decided is not None, "303, kept")
