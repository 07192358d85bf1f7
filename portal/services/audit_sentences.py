"""The sentences of the audit log: one for each kind of change."""

from collections.abc import Mapping

from portal.marks import N_

EVENT_SENTENCES: Mapping[str, str] = {
    "texting": N_("%(actor)s turned texting %(now)s for %(subject)s (was: %(was)s)."),
    "texting-reason": N_("%(actor)s turned texting %(now)s for %(subject)s (was: %(was)s). Reason: %(reason)s"),
    "organization-added": N_("%(actor)s added the organization %(subject)s."),
    "organization-changed": N_("%(actor)s changed the organization %(subject)s. %(changes)s"),
    "location-added": N_("%(actor)s added the location %(subject)s."),
    "location-changed": N_("%(actor)s changed the location %(subject)s. %(changes)s"),
    "user-added": N_("%(actor)s added the user %(subject)s."),
    "user-changed": N_("%(actor)s changed details of %(subject)s. %(changes)s"),
    "address-shared": N_("The address of %(subject)s turned out to be another person's, so it opens no account. Enter"
                         " an address of their own."),
    "role-changed": N_("%(actor)s changed the roles of %(subject)s. %(changes)s"),
    "number-assigned": N_("%(actor)s assigned a number to %(subject)s: %(number)s."),
    "addresses-let-in": N_("%(actor)s looked at addresses of other people that were entered at %(subject)s, and let new"
                          " addresses in again."),
    "number-claimed": N_("%(actor)s entered a number for %(subject)s that the provider has to confirm: %(number)s."),
    "number-confirmed": N_("%(actor)s confirmed the number of %(subject)s: %(number)s."),
    "number-rejected": N_("%(actor)s did not confirm the number of %(subject)s: %(number)s. Reason: %(reason)s"),
    "number-removed": N_("%(actor)s removed the number of %(subject)s: %(number)s."),
    "number-added": N_("%(actor)s added a number to %(subject)s: %(number)s."),
    "inventory-taken": N_("%(actor)s uploaded an inventory of numbers for %(subject)s (claims confirmed:"
                          " %(confirmed)s, numbers added: %(added)s, dates changed: %(dated)s)."),
    "number-dated": N_("%(actor)s changed the dates of a number of %(subject)s: %(number)s. %(changes)s"),
    "number-marked": N_("%(actor)s marked a number of %(subject)s: %(number)s. %(changes)s"),
    "deactivated": N_("%(actor)s deactivated %(subject)s."),
    "reactivated": N_("%(actor)s reactivated %(subject)s."),
    "link-made": N_("%(actor)s made a sign-in link for %(subject)s."),
    "link-shown": N_("%(actor)s looked at the sign-in link of %(subject)s. Reason: %(reason)s"),
    "links-mailed": N_("%(actor)s sent sign-in links to imported users by mail. Links: %(links)s."),
    "password-chosen": N_("%(subject)s chose a password."),
    "password-by-link": N_("A password was chosen for %(subject)s with a sign-in link that %(maker)s made."),
    "signed-in": N_("%(subject)s signed in."),
    "acknowledged": N_("%(actor)s confirmed the notice %(notice)s in version %(version)s."),
    "imported": N_("%(actor)s imported users into %(subject)s from a file (%(created)s created, %(changed)s"
                   " changed)."),
    "import-undone": N_("%(actor)s undid the import of users into %(subject)s from a file (%(restored)s restored,"
                        " %(left)s left as others changed them)."),
    "opt-outs-imported": N_("%(actor)s imported opt-outs into %(subject)s from a file (%(created)s new, %(changed)s"
                            " changed, %(unchanged)s there already)."),
    "links-downloaded": N_("%(actor)s downloaded the sign-in links of imported users. Links: %(links)s."),
    "opt-out-added": N_("%(actor)s added an opt-out of %(number)s to %(subject)s. How it was said: %(reason)s"),
    "opt-out-withdrawn": N_("%(actor)s withdrew the opt-out of %(number)s from %(subject)s. Reason: %(reason)s"),
    "opt-out-decided": N_("%(actor)s answered “%(decided)s” to whether %(number)s meant to opt out of %(subject)s."),
    "opt-out-decided-reason": N_("%(actor)s decided that %(number)s did not mean to opt out of %(subject)s. Reason:"
                                 " %(because)s."),
    "opt-out-undone": N_("%(actor)s undid the answer “%(decided)s” to whether %(number)s meant to opt out of"
                         " %(subject)s, so it waits again."),
    "opt-out-read": N_("%(actor)s read the words of a likely opt-out of %(number)s from %(subject)s."),
    "opt-out-listed": N_("A likely opt-out of %(number)s from %(subject)s is listed as an opt-out now, because"
                         " nobody decided in time."),
    "opt-out-web": N_("A person on the web asked %(subject)s to stop texting their number: %(number)s. Not verified."),
    "opt-out-web-decided": N_("%(actor)s answered “%(decided)s” to the request on the web that %(subject)s stop"
                              " texting %(number)s."),
    "opt-out-web-overdue": N_("A request on the web that %(subject)s stop texting %(number)s became an opt-out,"
                              " because nobody decided in %(days)s days."),
    "opt-out-web-many": N_("More than ten people asked %(subject)s on the web within an hour to stop texting them, so"
                           " this one waits for a decision: %(number)s."),
    "consent-added": N_("%(actor)s wrote down for %(subject)s that %(number)s consents, because %(consent)s. Proof:"
                        " %(reason)s"),
    "consent-withdrawn": N_("%(actor)s withdrew the consent of %(number)s for %(subject)s. Reason: %(reason)s"),
    "consent-corrected": N_("%(actor)s corrected the consent of %(number)s for %(subject)s. Reason: %(reason)s"),
    "opt-out-carrier": N_("The carrier blocks texts of %(subject)s to a number because it got a STOP, so the number"
                          " counts as opted out: %(number)s."),
    "called-back": N_("%(actor)s noted a call to a person who cannot be texted any more."),
    "restricted": N_("%(actor)s restricted %(subject)s (%(restraint)s until %(until)s, because of %(cause)s)."
                     " %(note)s"),
    "restricted-by-reports": N_("Verified reports of spam restricted %(subject)s (%(restraint)s until %(until)s,"
                                " because of %(cause)s). %(note)s"),
    "restriction-extended": N_("%(actor)s extended a restriction of %(subject)s until %(until)s. %(note)s"),
    "restriction-lifted": N_("%(actor)s lifted a restriction of %(subject)s: %(restraint)s. %(note)s"),
    "appealed": N_("%(actor)s appealed against a restriction of %(subject)s."),
    "appeal-kept": N_("%(actor)s kept a restriction of %(subject)s after an appeal. %(note)s"),
    "conversations-handed-over": N_("%(actor)s handed open conversations of %(subject)s to %(member)s: %(many)s."),
    "number-hold-set": N_("%(actor)s set a hold on the texts with %(number)s, to review on %(until)s. Reason:"
                          " %(reason)s"),
    "number-hold-renewed": N_("%(actor)s renewed the hold on the texts with %(number)s, to review on %(until)s."
                              " Reason: %(reason)s"),
    "number-hold-ended": N_("%(actor)s ended the hold on the texts with a number: %(number)s."),
    "user-hold-set": N_("%(actor)s set a hold on the texts of %(subject)s, to review on %(until)s. Reason: %(reason)s"),
    "user-hold-renewed": N_("%(actor)s renewed the hold on the texts of %(subject)s, to review on %(until)s. Reason:"
                            " %(reason)s"),
    "user-hold-ended": N_("%(actor)s ended the hold on the texts of %(subject)s."),
    "records-requested": N_("%(actor)s asked for all texts with a number: %(number)s. Reason: %(reason)s"),
    "records-released": N_("%(actor)s released all texts with a number that %(asker)s asked for: %(number)s."
                           " %(answer)s"),
    "records-refused": N_("%(actor)s refused the texts with a number that %(asker)s asked for: %(number)s. Reason:"
                          " %(answer)s"),
    "records-read": N_("%(actor)s read the released texts with a number: %(number)s."),
    "records-downloaded": N_("%(actor)s downloaded the released texts with a number: %(number)s. SHA-256 of the file:"
                             " %(hash)s"),
    "records-hashes": N_("%(actor)s downloaded the hashes of the released texts with a number: %(number)s."),
    "opt-out-erased": N_("%(actor)s erased the number of an opt-out of %(subject)s on request. The opt-out goes on."),
    "opt-out-overdue": N_("A likely opt-out of %(number)s from %(subject)s became one, because nobody decided in two"
                          " days."),
    "carrier-added": N_("%(actor)s added the carrier %(subject)s."),
    "carrier-changed": N_("%(actor)s changed the carrier %(subject)s. %(changes)s"),
    "carrier-secrets": N_("%(actor)s typed new secrets of the carrier %(subject)s."),
    "carrier-secrets-emptied": N_("%(actor)s changed where or as whom the carrier %(subject)s is reached, so its"
                                  " secrets were emptied."),
    "carrier-on": N_("%(actor)s turned on the carrier %(subject)s."),
    "carrier-off": N_("%(actor)s turned off the carrier %(subject)s."),
    "carrier-default": N_("%(actor)s let the carrier %(subject)s take all texts that no other is assigned to."),
    "carrier-default-ended": N_("%(actor)s let the carrier %(subject)s take only the texts that it is assigned to."),
    "carrier-removed": N_("%(actor)s removed the carrier %(subject)s, which was never used."),
    "carrier-chosen": N_("%(actor)s assigned %(subject)s to the carrier %(carrier)s."),
    "carrier-left": N_("%(actor)s assigned %(subject)s to no carrier of its own any more."),
    "number-carrier-chosen": N_("%(actor)s assigned a number of %(subject)s to the carrier %(carrier)s: %(number)s."),
    "number-carrier-left": N_("%(actor)s assigned a number of %(subject)s to no carrier of its own any more:"
                              " %(number)s."),
}
# What happens to carriers stands in no organization's log.
OF_NO_ORGANIZATION = frozenset({
    "carrier-added", "carrier-changed", "carrier-secrets", "carrier-secrets-emptied", "carrier-on", "carrier-off",
    "carrier-default", "carrier-default-ended", "carrier-removed",
})
# What is said instead where texting is not just turned on or off, by what it is now and by the action.
TEXTING_SENTENCES: Mapping[tuple[str, str], str] = {
    ("inherit", "texting"): N_("%(actor)s gave %(subject)s the default setting of texting again (was: %(was)s)."),
    ("inherit", "texting-reason"): N_("%(actor)s gave %(subject)s the default setting of texting again (was:"
                                      " %(was)s). Reason: %(reason)s"),
    ("on-locked", "texting"): N_("%(actor)s turned texting on for %(subject)s and locked it (was: %(was)s)."),
    ("on-locked", "texting-reason"): N_("%(actor)s turned texting on for %(subject)s and locked it (was: %(was)s)."
                                        " Reason: %(reason)s"),
    ("off-locked", "texting"): N_("%(actor)s turned texting off for %(subject)s and locked it (was: %(was)s)."),
    ("off-locked", "texting-reason"): N_("%(actor)s turned texting off for %(subject)s and locked it (was: %(was)s)."
                                         " Reason: %(reason)s"),
}
