"""What pages say of changes to many users."""

from portal.marks import N_
from portal.rules.sentences import make_plural

USERS_CHANGED = make_plural(N_("%(count)s user changed."), N_("%(count)s users changed."), "count")
LEFT_ALONE = make_plural(
    N_("%(count)s user was left alone: another person has changed them since you opened the page."),
    N_("%(count)s users were left alone: other people have changed them since you opened the page."), "count")
# What many users get, as the button says it.
CHANGE_LABELS = {True: N_("Turn on"), False: N_("Turn off"), None: N_("Use default settings")}
