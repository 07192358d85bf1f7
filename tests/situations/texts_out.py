"""Situations in which a member wants to text."""

from portal.models import Organization
from portal.rules.terms import Campaign, QuietRule

from .clinic import REMINDER, situation
from .stops import NOTHING

REWRITE = "Uli asks for another word, or for the number 1 or 2, and sends it."


@situation("A survey that asks for an opt-out word", REWRITE)
def survey(clinic):
    """Uli texts a survey: “Rate your visit from 1 to 5, or answer QUIT to leave the survey.”"""
    clinic.member_texts("Rate your visit from 1 to 5, or answer QUIT to leave the survey.")
    yield
    yield


@situation("A reminder that asks for CANCEL", REWRITE)
def reminder_asks_for_cancel(clinic):
    """Uli writes: “Reply CANCEL to cancel your appointment.” Patients who did would get no more texts."""
    clinic.member_texts("Reply CANCEL to cancel your appointment.")
    yield
    yield


@situation("A survey that patients answer", NOTHING)
def survey_answered(clinic):
    """Uli asks to rate a visit from 1 to 5. A patient answers."""
    clinic.member_texts("How was your visit, from 1 to 5?")
    clinic.patient_texts("5")
    yield
    yield


@situation("A pharmacy refill", NOTHING)
def refill(clinic):
    """Uli asks whether a refill should be prepared. The patient answers YES, which is an ordinary word here."""
    clinic.member_texts("Your refill is due. Shall we prepare it? YES or NO")
    clinic.patient_texts("YES")
    yield
    yield


@situation("A pharmacy refill that is not wanted", NOTHING)
def refill_not_wanted(clinic):
    """Uli asks whether a refill should be prepared. The patient wants no more of the medicine, and still texts."""
    clinic.member_texts("Your refill is due. Shall we prepare it? YES or NO")
    clinic.patient_texts("No, please cancel the refill, I stopped taking it")
    yield
    yield


@situation("A text to 911", "Uli calls 911.")
def to_911(clinic):
    """Uli types 911 as the recipient."""
    clinic.member_texts("Patient fainted, 12 Main Street", to="911")
    yield {"patient": "911"}
    yield {"patient": "911", "stays": "Texts to 911 cannot be sent from here."}


@situation("A text to 988", "Uli calls or texts 988 from another phone, at any hour.")
def to_988(clinic):
    """Uli types 988, the crisis line, as the recipient."""
    clinic.member_texts("A patient needs to talk to somebody", to="988")
    yield {"patient": "988"}
    yield {"patient": "988", "stays": "Texts to 988 cannot be sent from here."}


@situation("A campaign is suspended", "The provider makes the campaign active again; Ada can copy the request for it.")
def campaign_suspended(clinic):
    """The carriers suspend the registered campaign of the clinic. Patients can still text."""
    clinic.change(Organization, campaign=Campaign.SUSPENDED)
    clinic.patient_texts("Can I come on Friday?")
    clinic.member_texts("Yes, at 9.")
    yield
    clinic.change(Organization, campaign=Campaign.ACTIVE)
    yield


@situation("A patient writes first", NOTHING)
def writes_first(clinic):
    """A person whom the clinic never texted asks for an appointment, and Uli answers."""
    clinic.patient_texts("Hi, are you taking new patients?")
    clinic.member_texts("Yes. Please call us for a first appointment.")
    yield
    yield


@situation("A first text without consent", "Uli writes down how the patient agreed, beside the text.")
def without_consent(clinic):
    """The clinic refuses texts to people whose consent is not written down. Uli texts a new patient."""
    clinic.change(Organization, consent_required=True)
    clinic.member_texts()
    yield
    clinic.write_down_consent("Paper form at the first visit")
    yield


@situation("A text at six in the morning", "Nobody has to: it leaves at the first minute allowed. Uli can cancel it.")
def six_in_the_morning(clinic):
    """The provider has set that texts wait in quiet hours. Uli, who works early, texts at 6:00."""
    clinic.change(Organization, quiet_rule=QuietRule.HOLD)
    clinic.later(hours=20)
    clinic.member_texts()
    assert clinic.carrier.bodies == []
    yield
    clinic.later(hours=3, minutes=1)
    assert clinic.carrier.bodies == [REMINDER]
    yield


@situation("A text at eleven at night", "Uli sends it from 09:00 on, or calls.")
def eleven_at_night(clinic):
    """The provider has set that texts wait in quiet hours. Uli texts at 23:00: the morning is more than four hours
    away, so the text is refused instead of kept, and Uli reads from when on it can be sent."""
    clinic.change(Organization, quiet_rule=QuietRule.HOLD)
    clinic.later(hours=13)
    clinic.member_texts()
    yield
    clinic.later(hours=10, minutes=1)
    yield


@situation("A colleague leaves the clinic", NOTHING)
def colleague_leaves(clinic):
    """Uli leaves. Ada deactivates the account and names Ben, who answers the open conversations from his own number. A
    patient texts the number of Uli; the member who sees it is Ben."""
    clinic.member_texts()
    clinic.leave("Uli", stand_in="Ben")
    clinic.patient_texts("Can I come an hour later?")
    yield {"who": "Ben"}
    yield {"who": "Ben"}
