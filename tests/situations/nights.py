"""Situations in which nobody reads a text: at night, at a number without a user, or with texting off."""

from portal.extensions import writing
from portal.models import Location, Number
from portal.rules.numbers import read_number
from portal.rules.terms import AnswerLanguage

from .clinic import situation
from .stops import BY_START, NOTHING

HOURS = "weekdays 08:30-17:00"
FREE = "+14165550177"
BRITISH, ABROAD = "+447400123456", "This number is abroad: United Kingdom."
SWITCH_ON = "Ada switches texting on for Uli."


@situation("A text at night to a number that is switched off", SWITCH_ON)
def off_at_night(clinic):
    """Texting is off for Uli. At 22:00 a patient texts the number; the words are not kept."""
    clinic.switch("Uli", on=False)
    clinic.later(hours=12)
    clinic.patient_texts("My chest hurts, what should I do?")
    yield
    clinic.switch("Uli", on=None)
    yield


@situation("A second text to a number that is switched off", SWITCH_ON)
def off_twice(clinic):
    """A patient texts again within twelve hours, to a number that is switched off: one answer is enough."""
    clinic.switch("Uli", on=False)
    clinic.patient_texts("Hello, are you open today?")
    clinic.later(hours=3)
    clinic.patient_texts("Anybody there?")
    yield
    clinic.switch("Uli", on=None)
    yield


@situation("A text to a number that is switched off, after STOP",
           "The patient texts START, and Ada switches texting on.")
def off_after_stop(clinic):
    """A patient stopped texts. Now texting is off for Uli, and the patient texts the number: no automatic text goes to
    people who opted out."""
    clinic.patient_texts("STOP")
    clinic.switch("Uli", on=False)
    clinic.later(hours=1)
    clinic.patient_texts("Can I come on Friday?")
    yield
    clinic.switch("Uli", on=None)
    clinic.patient_texts("START")
    yield


@situation("A text to a number that nobody has", NOTHING)
def nobody_has_it(clinic):
    """A patient texts a number of the clinic that no user has any more; the words are not kept. Ada sees on the
    overview that a text did not arrive."""
    add_free_number(clinic)
    clinic.patient_texts("Is Dr. Lee in today?", to=FREE)
    yield
    yield


@situation("CANCEL to a number that nobody has", BY_START)
def cancel_to_nobody(clinic):
    """A patient answers an old reminder with CANCEL, and no user has its number any more. It stops all texts of the
    clinic, and the answer names whom to call; no member is asked to call."""
    add_free_number(clinic)
    clinic.patient_texts("CANCEL", to=FREE)
    yield
    clinic.patient_texts("START", to=FREE)
    yield


def add_free_number(clinic):
    """A number of the clinic that no user has."""
    with clinic.inside(), writing() as session:
        mine = session.get_one(Number, session.query(Number.id).filter_by(e164="+14165550101").scalar())
        session.add(Number(organization_id=mine.organization_id, e164=FREE, kind=read_number(FREE).kind))


@situation("A text after closing time", NOTHING)
def after_closing(clinic):
    """The location is open on weekdays from 8:30 to 17:00. On Tuesday at 20:00 a patient texts; Uli reads it in the
    morning."""
    clinic.change(Location, opening_hours=HOURS)
    clinic.member_texts()
    clinic.later(hours=10)
    clinic.patient_texts("I am late with my refill, can I pick it up tonight?")
    yield
    yield


@situation("A text after closing time in Quebec", NOTHING)
def closed_in_quebec(clinic):
    """The same at a location in Quebec, which answers in French and English."""
    clinic.change(Location, opening_hours=HOURS, answer_language=AnswerLanguage.BOTH)
    clinic.later(hours=10)
    clinic.patient_texts("Est-ce que la clinique est ouverte?")
    yield
    yield


@situation("HELP at night", NOTHING)
def help_at_night(clinic):
    """A patient asks for help with the keyword after closing time: the answer to the keyword is enough."""
    clinic.change(Location, opening_hours=HOURS)
    clinic.later(hours=10)
    clinic.patient_texts("HELP")
    yield
    yield


@situation("A patient whom Uli blocks", "Uli presses *Unblock*.")
def blocked_patient(clinic):
    """Uli blocks the number of a patient in the conversation. The patient texts again: Uli does not see it, its words
    are not kept, and the answer is the same as from a number that is switched off. Ada sees on the overview that a text
    did not arrive."""
    clinic.member_texts()
    clinic.patient_texts("You are all thieves")
    clinic.block(on=True)
    clinic.patient_texts("Answer me!")
    yield
    clinic.block(on=False)
    yield


@situation("A picture from a patient", NOTHING)
def picture(clinic):
    """A patient sends a picture of a rash, with a few words. Only the words arrive, as the line tells Uli; the patient
    is not told. Uli asks them to show it at the visit or to send it another way."""
    clinic.member_texts()
    clinic.patient_texts("Is this from the new cream?", attachments=1)
    yield
    yield


@situation("A patient abroad", "Nobody can: texts between the clinic and numbers abroad are not possible.")
def patient_abroad(clinic):
    """A patient texts from a British number."""
    clinic.patient_texts("I am in London, can we move it?", patient=BRITISH)
    yield {"patient": BRITISH}
    yield {"patient": BRITISH, "stays": ABROAD}


@situation("STOP from abroad", "Nobody can: texts between the clinic and numbers abroad are not possible.")
def stop_from_abroad(clinic):
    """A patient abroad asks for no more texts. It is honored, although nothing could reach them."""
    clinic.patient_texts("STOP", patient=BRITISH)
    yield {"patient": BRITISH}
    clinic.patient_texts("START", patient=BRITISH)
    yield {"patient": BRITISH, "stays": ABROAD}
