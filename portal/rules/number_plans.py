"""The numbering plans of all countries, read before anybody waits for them."""

import phonenumbers


def load_number_plans() -> None:
    """Read every country's plan from the files of `phonenumbers`: half a second, and nothing the second time.

    Left alone, the library reads a plan when it first meets a number of that country, under a lock that it never gives
    back if the reading fails: one bad moment of the disk would hang every later page with a number on it. Whatever
    fails here fails before the first request.
    """
    phonenumbers.PhoneMetadata.load_all()
