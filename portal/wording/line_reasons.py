"""Why a text waits or was not sent, by rule: short, because it stands under the text after its state and a colon."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext

from portal.marks import N_
from portal.rules import BY_ID

from . import translate_sentence

# Each goes on after "Not sent:" or "Waiting:", so it begins with a small letter. The rule itself is one link away.
LINE_REASONS: Mapping[str, str] = {
    "customer-type": N_("your organization was not an enterprise customer."),
    "calling-plan": N_("your organization had no calling plan in the US or Canada."),
    "add-on": N_("your organization did not have the Business Texting add-on."),
    "location-country": N_("your location was outside the US and Canada."),
    "location-pstn": N_("your location did not use the provider's PSTN."),
    "primary-number": N_("you had no primary number."),
    "number-unconfirmed": N_("the provider had not confirmed your number yet."),
    "number-coming": N_("your number had not arrived yet."),
    "number-gone": N_("your number had left your organization."),
    "number-source": N_("your number was not from the calling plan."),
    "account-inactive": N_("your account was deactivated."),
    "texting-off": N_("texting was off for you."),
    "emergency": N_("texts to 911 cannot be sent from here. Call 911."),
    "crisis-line": N_("texts to 988 cannot be sent from here. Call or text 988 from your own phone."),
    "number-unreadable": N_("this is not a phone number you can text."),
    "international": N_("this number is abroad."),
    "territory": N_("texts to this US territory are not allowed here."),
    "special-number": N_("numbers of this kind cannot be texted."),
    "own-number": N_("this is your own business number."),
    "fiction-number": N_("this number is kept for films and examples; nobody has it."),
    "mms": N_("attachments cannot be sent."),
    "empty": N_("there is nothing to read in it."),
    "too-long": N_("it is too long."),
    "opted-out": N_("they opted out. They can undo it by texting START."),
    "maybe-opted-out": N_("they may have asked to stop, and nobody had decided yet."),
    "carrier-blocked": N_("the carrier blocks your number for them. They can undo it by texting START to it."),
    "campaign": N_("your organization's campaign was not active."),
    "app-version": N_("your Webex App was too old. Update it and open it once."),
    "blocked": N_("your sending was blocked."),
    "throttled": N_("your texts are slowed, so they go out one by one."),
    "queue-full": N_("too many texts waited before it."),
    "burst": N_("you sent many texts at once, so they go out one by one."),
    "repeated": N_("too many people got this wording within 24 hours."),
    "daily-user": N_("you had used up your texts for 24 hours."),
    "daily-recipients": N_("you had texted too many different numbers in 24 hours."),
    "daily-brand": N_("your organization has used up its texts to US numbers for the day."),
    "quiet-hours": N_("quiet hours apply where this number is registered."),
    "no-consent": N_("no consent of this person was in force."),
    "asks-for-keyword": N_("it asked them to answer with an opt-out word."),
}


def line_reasons_in_words(ids: Iterable[str]) -> list[tuple[str, str]]:
    """Why rules stopped or held a text, each with the rule's id; the general sentence where there is no short one."""
    return [(one, str(gettext(LINE_REASONS[one])) if one in LINE_REASONS
             else translate_sentence(BY_ID[one].limitation, BY_ID[one].limits)) for one in ids if one in BY_ID]


def begin_sentence(said: str) -> str:
    """A sentence with a capital at its beginning, for where no colon stands before it."""
    return said[:1].upper() + said[1:]
