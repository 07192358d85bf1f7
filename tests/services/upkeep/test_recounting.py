"""Counts that somebody has spoiled by hand are found, and are right after counting anew."""

import pytest
from sqlalchemy import text

from portal.extensions import db, writing
from portal.models import ProfileCount
from portal.services.upkeep.health import Health, check_counts
from portal.services.upkeep.recounting import find_wrong_counts


@pytest.mark.parametrize("spoil", [
    "UPDATE profile_counts SET many = many + 1", "DELETE FROM profile_counts",
    "INSERT INTO profile_counts VALUES (1, 1, 'active|||||||99', 3)"])
def test_wrong_counts_are_found_and_counted_anew(app, people, inside, spoil):
    with inside():
        right = sorted((one.location_id, one.facts, one.many) for one in db.session.query(ProfileCount))
        assert find_wrong_counts() == 0
        with writing():
            db.session.execute(text(spoil))
        assert find_wrong_counts() > 0
        assert check_counts().health is Health.WRONG
    assert app.test_cli_runner().invoke(args=["doctor", "counts", "--recount"]).exit_code == 0
    with inside():
        assert check_counts().health is Health.GOOD
        assert sorted((one.location_id, one.facts, one.many) for one in db.session.query(ProfileCount)) == right
