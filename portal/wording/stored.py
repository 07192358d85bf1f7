"""The words of keys that the portal keeps in the database; what people typed is shown as they typed it."""

from collections.abc import Mapping

from flask_babel import gettext

from portal.marks import N_, StoredWords

STORED_SENTENCES: Mapping[str, str] = {
    StoredWords.COMMAND_LINE: N_("The command line"),
    StoredWords.LINK_HOLDER: N_("A person with a sign-in link"),
    StoredWords.WEB_VISITOR: N_("A person on the web"),
    StoredWords.PORTAL_ITSELF: N_("The portal itself"),
    StoredWords.REPORTS: N_("Verified reports"),
    StoredWords.REPORTED_BY_SEVERAL: N_("Several people who got these texts reported them."),
    StoredWords.REPORTED_AS_FRAUD: N_("Many people who got these texts reported fraud."),
    StoredWords.CASE_CLEARED: N_("An operator looked at the reports: the texts did not break the rules."),
}
# Rows from before the keys hold English, and they stay as they are: these words never change.
KEYS_OF_EARLIER_ENGLISH: Mapping[str, StoredWords] = {
    "The command line": StoredWords.COMMAND_LINE,
    "Somebody with a sign-in link": StoredWords.LINK_HOLDER,
    "Somebody on the web": StoredWords.WEB_VISITOR,
    "The portal itself": StoredWords.PORTAL_ITSELF,
    "Verified reports": StoredWords.REPORTS,
    "Several people who got these texts reported them.": StoredWords.REPORTED_BY_SEVERAL,
    "Many people who got these texts reported fraud.": StoredWords.REPORTED_AS_FRAUD,
    "An operator looked at the reports: the texts did not break the rules.": StoredWords.CASE_CLEARED,
}


def stored_in_words(stored: str) -> str:
    """A stored text as its reader sees it: a key or its earlier English in their language, all else unchanged."""
    key = KEYS_OF_EARLIER_ENGLISH.get(stored, stored)
    return str(gettext(STORED_SENTENCES[key])) if key in STORED_SENTENCES else stored
