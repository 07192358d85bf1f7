"""The sentences of the audit log; each is read on a page in tests/blueprints/test_admin_audit.py."""

from portal.services.audit_sentences import EVENT_SENTENCES, OF_NO_ORGANIZATION, TEXTING_SENTENCES


def test_what_stands_in_no_organizations_log_is_about_carriers():
    assert {action for action in EVENT_SENTENCES if action.startswith("carrier-")} - OF_NO_ORGANIZATION == {
        "carrier-chosen", "carrier-left"}


def test_every_sentence_names_what_it_is_about():
    told = {**EVENT_SENTENCES, **{str(key): sentence for key, sentence in TEXTING_SENTENCES.items()}}
    assert {key for key, sentence in told.items() if "%(actor)s" not in sentence and "%(subject)s" not in sentence
            and "%(number)s" not in sentence} == set()
