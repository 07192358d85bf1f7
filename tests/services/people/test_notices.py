"""Notices: confirmed by a person, in one version; an admin's confirmation counts for the organization."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import Acknowledgement, AuditEvent, Organization
from portal.services.people import notices
from portal.services.people.notices import HIPAA

pytestmark = pytest.mark.usefixtures("open_app")


def kept():
    return [db.session.execute(select(*table.__table__.columns)).all() for table in (Acknowledgement, AuditEvent)]


def test_who_confirms_which_version_when_is_kept_once(row):
    otto = row("Otto")
    assert notices.find_confirmation(otto, HIPAA) is None
    assert notices.store_confirmation(otto, HIPAA, HIPAA.version)
    held = notices.find_confirmation(otto, HIPAA)
    assert (held.user_id, held.notice, held.version, held.as_admin) == (otto.id, "hipaa", HIPAA.version, True)
    assert now() - held.at < timedelta(minutes=1)
    before = kept()
    assert notices.store_confirmation(otto, HIPAA, HIPAA.version)
    assert kept() == before


def acknowledged(organization_id):
    """Whether an organization has confirmed the HIPAA notice."""
    return db.session.scalar(select(notices.is_hipaa_acknowledged(organization_id, notices.HIPAA.version)))


@pytest.mark.parametrize("version", [0, HIPAA.version + 1])
def test_another_version_than_the_current_one_cannot_be_confirmed(row, version):
    before = kept()
    assert not notices.store_confirmation(row("Otto"), HIPAA, version)
    assert kept() == before


def test_an_admins_confirmation_counts_for_the_organization_and_a_members_does_not(row):
    harbor = row("Mia").organization_id
    assert notices.store_confirmation(row("Mia"), HIPAA, HIPAA.version)
    assert not acknowledged(harbor)
    assert notices.store_confirmation(row("Otto"), HIPAA, HIPAA.version)
    assert acknowledged(harbor)
    assert not acknowledged(99)


def test_who_becomes_admin_later_confirms_again(row):
    """What a member read for themselves was not read for the organization."""
    notices.store_confirmation(row("Mia"), HIPAA, HIPAA.version)
    with writing():
        row("Mia").admin = True
    assert notices.find_confirmation(row("Mia"), HIPAA) is None
    assert notices.store_confirmation(row("Mia"), HIPAA, HIPAA.version)
    assert acknowledged(row("Mia").organization_id)


def test_a_newer_version_asks_everybody_anew(row, monkeypatch):
    assert acknowledged(row("Ada").organization_id)
    monkeypatch.setattr(notices, "HIPAA", replace(HIPAA, version=HIPAA.version + 1))
    assert not acknowledged(row("Ada").organization_id)
    assert notices.find_confirmation(row("Ada"), notices.HIPAA) is None


def test_only_people_of_healthcare_organizations_are_asked(row):
    assert notices.notices_for_user(row("Uli")) == [HIPAA]
    assert notices.notices_for_user(row("Olga")) == []
    with writing() as session:
        session.execute(update(Organization).values(healthcare=False))
    assert notices.notices_for_user(row("Uli")) == []
