"""How many characters each field holds: in the tables, in forms, in imported files and on the command line.

Much of what is done with a text costs more than its length says: sorting accents, looking for links, remembering
readings. So each place asks here first, and refuses what is longer without looking at it. SQLite itself stores what is
longer than its column, PostgreSQL answers with an error. Only keys that are made from names and addresses may be
longer (`dialects.key_type`): folding can lengthen them.
"""

# --- what people type ---

USER_NAME = 120
ORGANIZATION_NAME = 120
LOCATION_NAME = 120
# What a member calls an outside number.
CONVERSATION_NAME = 80
# The name in automatic replies: each of them is one segment with the longest name and the longest help contact.
REPLY_NAME = 30
HELP_CONTACT = 80
# One day in each line.
CLOSED_DAYS = 1000
# RFC 5321: the longest email address that mail can be sent to.
EMAIL_ADDRESS = 254
# Longer than any phone number is spelled.
TYPED_NUMBER = 60
# Fifty numbers, one in each line.
NEW_NUMBERS = 2000
# A contact card, a link or a line of a list with one number in it.
COPIED_NUMBER = 200
TYPED_PASSWORD = 200
SEARCH_WORDS = 200
# A line whose field has no limit of its own, such as the name of a user to check.
OTHER_LINE = EMAIL_ADDRESS
SETTING_REASON = 200
CLAIM_REASON = 200
LINK_REASON = 200
OPT_OUT_NOTE = 200
# Why texts are asked for, released or refused, or kept from erasure.
RECORDS_REASON = 500
# Where and how a person agreed, and why the record of it is withdrawn or corrected.
CONSENT_PROOF = 200
CONSENT_REASON = 200
# What an organization says about itself on its public page.
MAILING_ADDRESS = 300
PUBLIC_TELEPHONE = TYPED_NUMBER
PRIVACY_CONTACT = EMAIL_ADDRESS
# What the person restricted reads, why a restriction ends or moves, and the answer to an appeal.
RESTRICTION_NOTE = 500
CASE_NOTE = 1000
APPEAL_WORDS = 2000
# More than the ten segments that a text may have can hold.
TEXT_BODY = 1600
# The portal does not even pack a longer text into segments.
PACKED_BODY = 4 * TEXT_BODY
# Nor does it keep a longer one as a draft.
DRAFT_BODY = PACKED_BODY
# Several texts, copied one after the other.
REPORTED_BODY = 4000

# --- what a file of users brings besides ---

FILE_NAME = 120
APP_VERSION = 20
USER_LANGUAGE = 8
TIME_ZONE = 60

# --- what browsers and carriers say ---

BROWSER_NAME = 60
CARRIER_NAME = 20
CARRIER_KIND = 20
CARRIER_TITLE = 60
CARRIER_ID = 64
# What the parts of a long text have in common.
PART_KEY = 40
# The carrier's own word for the status of a text, and the portal's.
CARRIER_WORD = 60
CARRIER_STATUS = 20
ERROR_CODE = 40
# The words of a text by which a person opted out.
OPT_OUT_WORDS = 320

# --- what the portal makes itself ---

RECORD_REF = 16
REPORT_REF = 9
# SHA-256 in hexadecimal digits.
HEX_HASH = 64
# The path of a page with a form.
PAGE_PATH = 200
# The hash of a wording.
WORDING_HASH = 32
PASSWORD_HASH = 200
SUBMISSION_KEY = 40
WORKER_NAME = 40
E164_NUMBER = 16
# What carriers say of the other side: a number, a short code or the name of a sender.
OUTSIDE_NUMBER = 20
# The number of an opt-out, or the keyed hash that stands for it once it is erased.
OPTED_OUT_NUMBER = 80
COUNTRY_CODE = 2
REGION_CODE = 3
REPLY_LANGUAGE = 2
REPORT_LANGUAGE = 5
ENUM_WORD = 24
# Three words, two marks, two days and the version of the app, with signs between them.
PROFILE_FACTS = 135
# The word for one line in the history of a case.
CASE_ENTRY = 24
REPORT_SUSPICION = 20
AUDIT_ACTION = 40
AUDIT_SUBJECT = 20
# The name of a user, an organization or a location, as the audit log keeps it.
AUDIT_NAME = 120
NOTICE_NAME = 40
MARK_NAME = 40
MARK_VALUE = 200
# One segment of plain GSM-7.
AUTOMATIC_ANSWER = 160
# Three spans of hours and so many days.
OPENING_HOURS = 1000
# A day, such as 2026-05-31.
ISO_DAY = 10
