"""The names of fields, as the audit log prints them where one was changed."""

from portal.marks import N_

FIELDS = {
    "name": N_("Name"), "email": N_("Email address"), "location": N_("Location"), "admin": N_("Administrator"),
    "auditor": N_("Auditor"), "customer_type": N_("Type of customer"), "calling_plan": N_("Calling plan"),
    "add_on": N_("Add-on"), "healthcare": N_("Healthcare"), "campaign": N_("Campaign registration"),
    "brand_tier": N_("Brand tier"), "reply_name": N_("Name in automatic replies"), "help_contact": N_("Help contact"),
    "pstn": N_("PSTN connection"), "source": N_("Number source"),
    "from_on": N_("Comes on"), "until_on": N_("Leaves on"),
    "app_version": N_("App version"),
    "consent_required": N_("Texts without consent are refused"), "mailing_address": N_("Mailing address"),
    "telephone": N_("Telephone"), "privacy_contact": N_("Privacy contact"),
    "same_text_most": N_("Recipients of one wording in 24 hours, at most"),
    "registration": N_("Texts that need an active campaign"), "quiet_rule": N_("In quiet hours"),
    "keyword_blocks": N_("Refuse texts that ask for an opt-out word"),
    "answers_unread": N_("Answer texts that nobody reads"), "answer_language": N_("Language of automatic answers"),
    "asks_language": N_("Language of automatic answers is still to be chosen"),
    "opening_hours": N_("Opening hours"),
    "pace": N_("Texts a second, at most"), "number_pace": N_("Segments a second from one number, at most"),
    "at_once": N_("Texts on their way at once, at most"),
    "language": N_("Language"), "time_zone": N_("Time zone"), "account": N_("Account"),
}
