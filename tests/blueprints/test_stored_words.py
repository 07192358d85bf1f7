"""What is stored has no language: each reader reads it in their own, whoever wrote it and in whichever language."""

import re
from html import unescape

import pytest

from portal.extensions import db, writing
from portal.models import Organization, User
from portal.services import audit
from tests.cast import texts_within
from tests.security.maple import settle
from tests.security.table import POSTS, WHO
from tests.stores import store_of
from tests.wording.catalogs import read_catalog

# The longest run of letters between placeholders: shorter ones are in names that people type.
SHORTEST = 12


def said_in(locale):
    """What a language says and English does not, as it would stand in the database."""
    found = set()
    for one in read_catalog(locale):
        forms = one.string if isinstance(one.string, tuple) else (one.string,)
        english = " ".join(one.id) if isinstance(one.id, tuple) else one.id
        chunks = [max(re.split(r"%\(\w+\)s|%%", form), key=len).strip() for form in forms if form]
        found |= {chunk for chunk in chunks if len(chunk) >= SHORTEST and chunk not in english}
    return found


def stored(app):
    """Every text in the database."""
    return {text for rows in store_of(app).rows().values() for text in texts_within(rows)}


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO)
def test_no_form_stores_words_of_its_readers_language(app, browse, who):
    german, found, done = said_in("de"), {}, 0
    for row in POSTS:
        if who not in row.passing:
            continue
        held = settle(app)
        before = stored(app)
        browser = browse(who)
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
        browser.post(held.address(row.rule), data=held.form(row.rule), buffered=True)
        new = stored(app) - before
        done += bool(new)
        found[row.rule] = [(text, said) for text in new for said in german if said in text]
    assert {rule: texts for rule, texts in found.items() if texts} == {}
    assert done > 1


@pytest.fixture
def speak(people, inside):
    """`speak("Ada", "de")`: the language that a person has chosen."""
    def choose(who, language):
        with inside(), writing() as session:
            session.get_one(User, people[who].id).language = language
    return choose


# How each reads what Ada did in German; what she typed stays as it is.
READINGS = {
    "en": ["Ada Keller turned texting off for Uli Brandt (was: default setting).",
           "Ada Keller changed the roles of Uli Brandt. Auditor: no → yes.",
           "Ada Keller added an opt-out of +1 647 555 0199 to Maple Clinic. How it was said: telefonisch"],
    "de": ["Ada Keller hat Business Texting für Uli Brandt geändert: aus (vorher: Standardeinstellung).",
           "Ada Keller hat die Rollen von Uli Brandt geändert. Prüfer: nein → ja.",
           "Ada Keller hat bei Maple Clinic eine Abbestellung von +1 647 555 0199 hinzugefügt."],
    "pl": ["(Uli Brandt). Teraz: wyłączone, wcześniej: ustawienie domyślne.", "(Uli Brandt). Audytor: nie → tak.",
           "Ada Keller: dodano rezygnację numeru +1 647 555 0199 (Maple Clinic). Jak ją zgłoszono: telefonisch"],
    "fr": ["Uli Brandt : désactivé (avant : paramètre par défaut).", "Uli Brandt. Vérificateur : non → oui.",
           "Ada Keller a ajouté chez Maple Clinic un désabonnement du +1 647 555 0199."],
}


def words(page):
    """What a page says, with plain spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", page)))


def test_every_reader_reads_an_event_in_their_own_language(browse, people, speak):
    """A German administrator acts; an auditor reads it in Polish, then others in theirs."""
    speak("Ada", "de")
    ada, path = browse("Ada"), f"/admin/users/{people['Uli'].ref}"
    assert ada.post(f"{path}/row", data={"word": "off"}).status_code == 303
    assert ada.post(f"{path}/role", data={"role-auditor": "y", "role-version": "1"}).status_code == 303
    assert ada.post("/admin/opt-outs", data={"number": "647 555 0199", "source": "telefonisch"}).status_code == 303
    for language, sentences in READINGS.items():
        speak("Rita", language)
        page = words(browse("Rita").get("/admin/audit").text)
        assert [one for one in (*sentences, "telefonisch") if one not in page] == [], language


def test_events_hold_the_same_whatever_language_they_were_made_in(browse, people, speak, inside):
    """But for what a person typed."""
    kept = []
    for number, language in enumerate(("en", "de", "pl", "fr")):
        speak("Ada", language)
        form = {"number": f"647 555 019{number}", "source": "by phone"}
        assert browse("Ada").post("/admin/opt-outs", data=form).status_code == 303
        with inside():
            maple = db.session.get_one(User, people["Ada"].id).organization_id
            event = audit.list_events(maple, most=1)[0]
            kept.append((event.action, event.actor_name, {**event.details, "number": ""}))
    assert kept == [kept[0]] * 4


def test_an_event_without_a_person_is_the_portals_own_in_each_language(browse, speak, inside, organizations):
    with inside(), writing() as session:
        maple = session.get_one(Organization, organizations["Maple"].id)
        audit.record_event(None, "opt-out-web-overdue", maple, number="+16475550199", days=2)
        audit.record_event(None, "texting", maple, was="inherit", now="on")
    for language, name in (("en", "The command line"), ("de", "Die Befehlszeile"), ("pl", "Wiersz poleceń"),
                           ("fr", "La ligne de commande")):
        speak("Rita", language)
        assert name in words(browse("Rita").get("/admin/audit").text)
