"""What stands in a text: words that opt people out, links that hide, and wordings that are the same."""


import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from portal.rules import Act, Effect, Facts, decide, texts
from portal.rules.facts import OrganizationFacts, Text
from portal.rules.folding import fold_text
from portal.rules.texts import (
    SHORTENERS,
    examine_text,
    find_misused_keyword,
    find_short_link,
    hash_of_template,
    template_of_text,
)
from tests.patience import ends

quick = settings(deadline=None)
shortener = pytest.mark.parametrize("host", sorted(SHORTENERS))


# --- words that opt people out -----------------------------------------------


@pytest.mark.parametrize(("body", "word"), [
    ("Reply CANCEL to cancel", "CANCEL"), ("reply “cancel” to cancel.", "CANCEL"),
    ("Reply STOP to cancel your appointment", "STOP"), ("Text QUIT if you cannot come", "QUIT"),
    ("Reply with the word REMOVE if the old sofa may go", "REMOVE"), ("Type END when you are done", "END"),
    ("Please respond: Opt-out if you skip lunch", "OPT OUT"), ("Reply CANCEL", "CANCEL"), ("text us REVOKE", "REVOKE"),
    ("Reply YES to confirm or CANCEL to cancel", "CANCEL"), ("Reply Y to confirm, CANCEL to cancel", "CANCEL"),
    ("Reply 1 to confirm your visit or CANCEL to cancel it", "CANCEL"), ("Reply YES or CANCEL", "CANCEL"),
    ("If you cannot make it, reply STOP", "STOP"), ("To cancel your appointment, reply STOP", "STOP"),
    ("Answer STOPALL for all four visits", "STOPALL"), ("reply Cäncel to cancel", "CANCEL"),
    ("REPLY\u200b CANCEL", "CANCEL"),
    ("Répondez FIN pour terminer", "FIN"), ("Répondez OUI pour confirmer ou FIN pour annuler", "FIN"),
    ("Répondez ARRÊT si vous ne venez pas", "ARRET"),
])
def test_asking_for_an_opt_out_word_is_noticed(body, word):
    assert find_misused_keyword(body) == word


@pytest.mark.parametrize("body", [
    "Text STOP to end texts", "Reply STOP to opt out.", "Reply STOP anytime to opt out",
    "Text STOP to end texts from us.", "See you at 4. Text back END to end.",
    "Msg & data rates may apply. Reply HELP for help, STOP to cancel.", "Reply HELP for help or STOP to cancel",
    "Reply STOP to cancel, HELP for help", "To opt out reply STOP", "To stop receiving these texts, reply STOP.",
    "Not interested? Reply STOP", "Text END to end texts", "Reply UNSUBSCRIBE to unsubscribe", "Or simply reply STOP.",
    "If you no longer want our texts, reply END", "To cancel, reply STOP", "Reply QUIT to quit.",
    "Répondez ARRÊT pour arrêter", "Répondez FIN pour ne plus recevoir de textos", "Textez STOP pour vous désabonner",
])
def test_telling_people_how_to_opt_out_is_no_trap(body):
    assert find_misused_keyword(body) == ""


@pytest.mark.parametrize("body", [
    "Text me or stop by!", "You can text, stop by, or call", "The answer: end of June", "Please send end dates",
    'Reply "C" to cancel', "Please reply soon or cancel online", "Call us to cancel", "Send help", "Reply START",
    "Reply HELP",
    "We will remove the stain", "He did not reply. Stop by and ask.", "The text ends here", "", "\ud800",
    "Stop waiting: reply YES to confirm", "Antwort: Ende Juni", "Send the final text, remove the draft",
])
def test_ordinary_texts_ask_for_nothing(body):
    assert find_misused_keyword(body) == ""


@pytest.mark.parametrize("body", [
    "Text STOP to end texts. Reply CANCEL to cancel.", "Text STOP to end texts or reply CANCEL to cancel",
    "Reply STOP to end texts or CANCEL to cancel", "Reply CANCEL to cancel or STOP to end texts",
    "Reply CANCEL to cancel.\nReply STOP to opt out.",
])
def test_an_honest_offer_does_not_excuse_a_trap_beside_it(body):
    assert find_misused_keyword(body) == "CANCEL"


# --- links that hide ---------------------------------------------------------


@shortener
def test_shorteners_are_found_however_they_are_written(host):
    for link in (f"{host}/a1", f"https://{host}/a1", f"HTTP://WWW.{host.upper()}/A1", f"See ({host}/a)!",
                 f"{host}:443/a",
                 f"a, b:{host}/x?y#z", f"{host}/", f"https://{host}?go=1", f"mail@{host}/a"):
        assert find_short_link(link) == host


@shortener
def test_what_only_looks_like_a_shortener_is_none(host):
    for link in (host, f"https://{host}", f"not{host}/a", f"not-{host}/a", f"{host}.example.com/a", f"a.{host}/b",
                 f"example.com/{host}/a", f"https://example.com/?to={host}/a", f"{host}a/b", f"{host} /a"):
        assert find_short_link(link) == ""


def test_the_first_shortener_is_named():
    assert find_short_link("maple.example/a, tinyurl.com/b and bit.ly/c") == "tinyurl.com"


@pytest.mark.parametrize("body", ["", "maple.example", "5.30pm", "a.b/c", "ébit.ly/a", "..bit.ly/a", "bit . ly/a"])
def test_without_a_shortener_there_is_none(body):
    assert find_short_link(body) == ""


# --- the same wording --------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), [
    ("Your code is 1234", "Your code is 98"), ("Only $1,200.50 until 5/12!", "Only $900 until 6/1!"),
    ("at 5:30", "at 11"),
    ("See https://a.example/x1", "see  HTTPS://www.b.example/y?z=2"), ("bit.ly/Abc now", "tinyurl.com/q now"),
    ("maple.example", "https://www.maple.example/"), ("Go: a.example/x.", "Go: a.example?x#y"),
    ("Café  at\nfive", "cafe at five"), ("CAFE\u0301", "café"), ("Straße", "STRASSE"), ("off\u200ber", "offer"),
    ("sa\u00adle", "SALE"),
    ("\uff33\uff21\uff2c\uff25 \uff15", "sale 7"), ("𝐒𝐚𝐥𝐞", "sale"), ("code \u0661\u0662", "code 4"),
    ("\u00a0hi ", "hi"),
])
def test_texts_that_differ_only_in_what_varies_are_one_wording(one, other):
    assert template_of_text(one) == template_of_text(other)
    assert hash_of_template(one) == hash_of_template(other)


@pytest.mark.parametrize(("one", "other"), [
    ("See you at five", "See you at six"), ("Code 1", "Code one"), ("Call 1", "Call"), ("a.example/x", "call us"),
    ("Yes", "Yes!"),
    ("1 2", "1"), ("", " 5"),
])
def test_other_words_are_another_wording(one, other):
    assert template_of_text(one) != template_of_text(other)
    assert hash_of_template(one) != hash_of_template(other)


def test_a_wording_has_a_short_hash_that_stays():
    """It is stored with every text: another one would forget all that was counted."""
    assert template_of_text("Café at 5: https://a.example/x") == "cafe at #: (link)"
    assert hash_of_template("Café at 5: https://a.example/x") == "cb54e2d305aa40ef5b1be410944c4714"


@quick
@given(st.text())
@example("\ud800")
@example("İ𝐒ﷺ")
def test_the_wording_of_a_wording_is_itself(body):
    assume("#" not in body)
    folded = template_of_text(body)
    assert template_of_text(folded) == folded


@quick
@given(st.text(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_another_number_is_the_same_wording(body, one, other):
    assert template_of_text(f"{body} {one} {body}") == template_of_text(f"{body} {other} {body}")


# --- together ----------------------------------------------------------------


def test_examining_a_text_gathers_what_the_rules_read():
    body = "Reply CANCEL to cancel: bit.ly/a " + "€" * 80
    assert examine_text(body, attachments=2) == Text(2, 2, visible=True, asks_for="CANCEL", short_link="bit.ly")
    assert examine_text("\u200b") == Text(1, 0, visible=False)
    assert examine_text("Hello") == Text()


def test_what_was_examined_decides():
    decision = decide(Act.SEND, Facts(text=examine_text("Reply CANCEL to cancel: bit.ly/a")))
    assert [(reason.id, *reason.values.values()) for reason in decision.reasons] == [
        ("asks-for-keyword", "CANCEL"), ("short-link", "bit.ly")]
    assert [reason.id for reason in decision.blocking] == ["asks-for-keyword"]


@pytest.mark.parametrize(("blocks", "effect"), [(True, Effect.BLOCK), (False, Effect.WARN)])
def test_operators_decide_whether_a_text_that_asks_for_an_opt_out_word_is_refused(blocks, effect):
    organization = OrganizationFacts(keyword_blocks=blocks)
    decision = decide(Act.SEND, Facts(organization=organization, text=examine_text("Reply CANCEL to cancel")))
    assert [one.effect for one in decision.reasons if one.id == "asks-for-keyword"] == [effect]
    assert decide(Act.SEND, Facts(text=examine_text(" \u200b"))).having(Effect.BLOCK)[0].id == "empty"


@quick
@given(st.text() | st.lists(st.sampled_from(["reply", "CANCEL", "to", "or", "stop", "bit.ly/a", ".", "\ud800"]))
       .map(" ".join))
def test_examining_never_raises(body):
    assert examine_text(body).segments >= 1
    assert len(hash_of_template(body)) == 32


@quick
@given(st.lists(st.sampled_from(["reply", "Text", "with", "$end", "CANCEL", "-end", "opt", "out", "to", "or", "stop",
                                 "fin", ".", "!", "desabonner", "#", "9"])).map(" ".join))
@example("Reply $TOP to cancel")
def test_a_quick_look_overlooks_no_word(body):
    """A text without accents in which none of the words stands is not taken apart."""
    asked = next((word for part in texts._SENTENCE.split(body) if (word := texts._trap(fold_text(part)))), "")
    assert find_misused_keyword(body) == asked


@quick
@given(st.text(st.characters(max_codepoint=127)))
def test_a_text_without_accents_has_no_marks_to_leave_out(body):
    assert texts._without_marks(body) == body.lower()


HOSTILE = ["a", "a.", "a-", "1.", "a.1", "www.", "http://", "bit.ly", "bit.ly.", "reply ", "reply with ",
           "reply a or ", "to ",
           "reply a to b ", "reply stop to end ", "to stop a b ", "do not want a ", "if ", "\U0001f642", "\ufdfa",
           "\u0301", "reply to ab "]


@pytest.mark.parametrize("ask", [find_misused_keyword, find_short_link, hash_of_template], ids=lambda ask: ask.__name__)
def test_a_hostile_text_of_ten_thousand_characters_is_read_to_its_end(ask):
    """A link could begin at every letter of one long word; a pattern that backtracks would take minutes."""
    for piece in HOSTILE:
        with ends():
            ask((piece * 10_000)[:10_000])
