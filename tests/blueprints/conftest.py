"""What the tests of pages that turn texting on and off share; a module may have its own of the same name."""

import pytest

from portal.extensions import db, writing
from portal.models import User
from portal.services.toggles import toggle


@pytest.fixture
def say(inside, people):
    """`say("Toronto", SettingValue(...))`: Rita sets texting for a user, for Toronto or for Maple."""

    def speak(unit, wish):
        with inside(), writing() as session:
            rita = session.get_one(User, people["Rita"].id)
            units = {"Maple": rita.organization, "Toronto": rita.location}
            toggle.write_setting(rita, units.get(unit) or session.get_one(User, people[unit].id), wish)

    return speak


@pytest.fixture
def held(inside, people):
    """`held("Uli")` is the user's own setting and its version."""

    def read(name="Uli"):
        with inside():
            found = toggle.current_setting(db.session.get_one(User, people[name].id))
            return found.value.on, found.version

    return read
