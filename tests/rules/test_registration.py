"""Whose texts need an active campaign, from what operators chose, the portal's setting and the locations."""

import pytest

from portal.rules.facts import Registration
from portal.rules.registration import decide_registration

ALL, US, NONE = Registration.ALL, Registration.US_RECIPIENTS, Registration.NONE


@pytest.mark.parametrize("chosen", Registration)
@pytest.mark.parametrize("usual", Registration)
@pytest.mark.parametrize("countries", [(), ("CA",), ("US", "CA")])
def test_what_was_chosen_wins(chosen, usual, countries):
    assert decide_registration(chosen, usual, countries) is chosen


@pytest.mark.parametrize(("usual", "countries", "effective"), [
    (ALL, ["CA"], US), (ALL, ["CA", "CA"], US), (ALL, ["CA", "US"], ALL), (ALL, ["US"], ALL), (ALL, [], ALL),
    (ALL, ["MX"], ALL), (US, ["CA"], US), (US, ["US"], US), (NONE, ["CA"], NONE), (NONE, ["US"], NONE),
])
def test_without_a_choice_canada_has_no_registry(usual, countries, effective):
    assert decide_registration(None, usual, countries) is effective
