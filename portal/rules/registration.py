"""Whose texts need an active 10DLC campaign: what operators chose for an organization, else what fits its places."""

from collections.abc import Collection

from .terms import Registration


def decide_registration(chosen: Registration | None, usual: Registration, countries: Collection[str]) -> Registration:
    """Which texts of an organization need a campaign.

    `chosen` is the operators' choice, None where they left it to the portal; `usual` the portal's setting; `countries`
    the ISO codes of the organization's locations. Canada has no registry: where every location lies there and nobody
    has chosen, only texts to the US need a campaign.
    """
    if chosen is not None:
        return chosen
    canadian = bool(countries) and set(countries) == {"CA"}
    return Registration.US_RECIPIENTS if canadian and usual is Registration.ALL else usual
