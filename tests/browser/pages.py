"""Every page of the portal, in one place: who opens it, and how they get there."""

from dataclasses import dataclass

from playwright.sync_api import Page

from portal.demo.cast import LONG_NAME
from tests.browser.said import Said, say_in

ENGLISH = say_in("en")


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its address, what is typed there by label, and what is clicked from there on by role and name.

    All in English words; `ANY` of tests/browser/said.py stands for what is not known before.
    """

    name: str
    who: str
    address: str
    clicks: tuple[tuple[str, str], ...] = ()
    status: int = 200
    typed: tuple[tuple[str, str], ...] = ()
    shows: str = ""

    def __str__(self) -> str:
        return self.name

    def open(self, page: Page, said: Said = ENGLISH) -> None:
        """Go there, by what the page says in the language of its browser."""
        page.goto(self.address)
        for label, value in self.typed:
            field = page.get_by_label(said(label), exact=True)
            if field.get_attribute("type") == "file":
                field.set_input_files({"name": "<b>file.csv", "mimeType": "text/csv", "buffer": value.encode()})
            else:
                field.fill(value)
        for role, name in self.clicks:
            page.get_by_role(role, name=said(name), exact=True).first.click()
        if self.shows:
            page.get_by_text(said(self.shows)).wait_for()
        page.wait_for_load_state()


FILE = """\
Display Name,User ID/Email (Required),Phone Number,Location,Texting
<img src=x onerror=alert(1)>,nia@example.com,(416) 555-0180,Toronto,ON
"<script>alert(1)</script>",tom@example.com,1.41656E+10,"<svg onload=alert(1)>",
"""
OPT_OUTS = """\
Number,When,How
+1 416 555 0198,2025-03-31,STOP
647 555 0199,,<b>on paper</b>
12,,manual
"""
INVENTORY = """\
Number,Last Number,Organization,From,Until
+1 416 555 0180,+1 416 555 0185,Maple Clinic,,
"""
WRONG_INVENTORY = """\
Number,Last Number,Organization,From,Until
12,,<b>Nobody</b>,,
"""
ENABLE = ("switch", "Enable Business Texting for all users at all locations")
ULI = ("link", "Uli Brandt")
MAPLE = ("link", "Maple Clinic")
REQUESTED = ("link", "+1 647 555 0123")
GRACE, APPEAL = ("link", "Appeal by Grace Kim"), ("link", "Appeal")
CHECK_FILE, IMPORT_OPT_OUTS = ("button", "Check file"), ("link", "Import opt-outs")
CASE = ("link", "*, case *")
ADD_CARRIER = ("button", "Add carrier")
TWILIO = (("Name", "North & South"), ("Account SID", "AC1"), ("Auth token", "an invented token"))
STOP_TEXTING = ("checkbox", "Ask this business to stop texting my number")
SEND_REPORT = ("button", "Send report")
REPORTED = (("Number that sent the text", "+1 416 555 0101"), ("What did the text say?", "You won! <b>Pay</b> now"))

PLACES = (
    Place("start", "", "/"),
    Place("sign-in", "", "/sign-in"),
    Place("sign-in-error", "", "/sign-in", (("button", "Sign in"),)),
    Place("used-link", "", "/welcome/used", status=410),
    Place("limitations", "", "/limitations"),
    Place("limitations-signed-in", "Ada", "/limitations"),
    Place("help", "", "/help"),
    Place("help-signed-in", "Uli", "/help"),
    Place("privacy", "", "/privacy"),
    Place("accessibility", "", "/accessibility"), Place("limitations-hours", "", "/limitations/hours"),
    Place("report-spam", "", "/report-spam?from=%2B14165550101"),
    Place("report-spam-error", "", "/report-spam", (STOP_TEXTING, SEND_REPORT)),
    Place("stop-texts", "", "/report-spam?stop=y"),
    Place("stop-texts-error", "", "/report-spam?stop=y", (("button", "Stop texts"),)),
    Place("stop-texts-thanks", "", "/report-spam?stop=y", (("button", "Stop texts"),), typed=(
        ("Number that sent the text", "+1 416 555 0101"), ("Your number that received it", "+1 647 555 0110"))),
    Place("report-spam-thanks", "", "/report-spam", (SEND_REPORT,), typed=REPORTED),
    Place("report-spam-status", "", "/report-spam", (SEND_REPORT, ("link", "Follow your report")), typed=REPORTED),
    Place("overview", "Ada", "/admin/"),
    Place("settings", "Ada", "/admin/settings"),
    Place("settings-effect", "Ada", "/admin/settings", (ENABLE,), shows="Nothing has changed yet."),
    Place("settings-without-notice", "Otto", "/admin/settings", (ENABLE,), shows="Nothing was changed"),
    Place("locations", "Ada", "/admin/locations"),
    Place("add-location", "Ada", "/admin/locations/new"),
    Place("location", "Ada", "/admin/locations", (("link", "Boston"),)),
    Place("location-answers", "Ada", "/admin/locations", (("link", "Boston"), ("link", "Answers and opening hours"))),
    Place("location-locked", "Ada", "/admin/locations", (("link", "Halifax"),)),
    Place("users", "Ada", "/admin/users"),
    Place("users-none", "Ada", "/admin/users?search=nobody"),
    Place("add-user", "Ada", "/admin/users/new"),
    Place("add-user-error", "Ada", "/admin/users/new", (("button", "Add user"),)),
    Place("user", "Ada", "/admin/users?search=Uli", (ULI,)),
    Place("user-locked", "Ada", "/admin/users?search=Angus", (("link", "Angus Campbell"),)),
    Place("user-long-name", "Ada", "/admin/users?search=Wilhelmina", (("link", LONG_NAME),)),
    Place("user-link", "Ada", "/admin/users?search=Uli", (ULI, ("button", "Create sign-in link"))),
    Place("change-many", "Ada", "/admin/users?search=Emily", (
        ("checkbox", "Select Emily Carter"), ("button", "Turn off"))),
    Place("import", "Ada", "/admin/import"),
    Place("import-check", "Ada", "/admin/import", (CHECK_FILE,), typed=(("CSV file", FILE),)),
    Place("check", "Ada", "/admin/check"),
    Place("check-answer", "Ada", "/admin/check", (("button", "Check"),),
          typed=(("User", "uli@example.com"), ("Number", "911"))),
    Place("check-error", "Ada", "/admin/check", (("button", "Check"),)),
    Place("audit", "Ada", "/admin/audit"),
    Place("audit-event", "Ada", "/admin/audit", (("link", "Link to this event: *"),)),
    Place("organization", "Ada", "/admin/organization"),
    Place("public-page", "Ada", "/admin/organization", (("link", "Your public page"),)),
    Place("opt-outs", "Ada", "/admin/opt-outs"),
    Place("opt-outs-error", "Ada", "/admin/opt-outs", (("button", "Add"),)),
    Place("opt-out-likely", "Ada", "/admin/opt-outs", (("link", "Decide about +1 416 555 0156"),)),
    Place("opt-out", "Ada", "/admin/opt-outs", (("link", "+1 416 555 0122"),)),
    Place("opt-out-error", "Ada", "/admin/opt-outs", (("link", "+1 416 555 0122"), ("button", "Withdraw"))),
    Place("import-opt-outs", "Ada", "/admin/opt-outs/import"),
    Place("import-opt-outs-error", "Ada", "/admin/opt-outs/import", (CHECK_FILE,)),
    Place("import-opt-outs-check", "Ada", "/admin/opt-outs/import", (CHECK_FILE,), typed=(("CSV file", OPT_OUTS),)),
    Place("consents", "Ada", "/admin/consents"),
    Place("consents-error", "Ada", "/admin/consents", (("button", "Write it down"),)),
    Place("consent", "Ada", "/admin/consents", (("link", "+1 416 555 0139"),)),
    Place("consent-error", "Ada", "/admin/consents", (("link", "+1 416 555 0139"), ("button", "Withdraw"))),
    Place("messages", "Uli", "/messages/"),
    Place("messages-none", "Ada", "/messages/"),
    Place("messages-barred", "Otto", "/messages/"),
    Place("messages-found", "Uli", "/messages/", (("button", "Search"),),
          typed=(("Search by number or name", "jane"),)),
    Place("new-message", "Uli", "/messages/new"),
    Place("new-message-checked", "Uli", "/messages/new", shows="Use the full address on your own domain.",
          typed=(("To", "647 555 0123"), ("Message", "“Hello” – bit.ly/x 🎉"))),
    Place("new-message-error", "Uli", "/messages/new", (("button", "Send"),)),
    Place("new-message-barred", "Otto", "/messages/new"),
    Place("conversation", "Uli", "/messages/", (("link", "Jane Cooper"),)),
    Place("conversation-hostile", "Uli", "/messages/", (("link", "<i>Mr. Tester</i>"),)),
    Place("conversation-opted-out", "Uli", "/messages/", (("link", "+1 416 555 0153"),)),
    Place("conversation-likely", "Uli", "/messages/", (("link", "+1 647 555 0154"),)),
    Place("conversation-unclear", "Uli", "/messages/", (("link", "Courier desk"),)),
    Place("conversation-waiting", "Uli", "/messages/", (("link", "Front desk Wellington Street"),)),
    Place("conversation-not-sent", "Uli", "/messages/", (("link", "+1 416 555 0116"),)),
    Place("notices", "Otto", "/notices"),
    Place("account", "Ada", "/account"),
    Place("auditor-overview", "Rita", "/admin/"),
    Place("auditor-user", "Rita", "/admin/users?search=Uli", (ULI,)),
    Place("user-home", "Uli", "/notices"),
    Place("records", "Ada", "/admin/records"),
    Place("records-none", "Otto", "/admin/records"),
    Place("records-error", "Ada", "/admin/records", (("button", "Ask for texts"),)),
    Place("records-request", "Ada", "/admin/records", (REQUESTED,)),
    Place("records-to-release", "Rita", "/admin/records", (REQUESTED,)),
    Place("records-refused-error", "Rita", "/admin/records", (REQUESTED, ("button", "Refuse"))),
    Place("released", "Rita", "/admin/records", (REQUESTED, ("button", "Release"), ("button", "Read and print"))),
    Place("holds", "Ada", "/admin/records/holds"),
    Place("holds-none", "Otto", "/admin/records/holds"),
    Place("holds-error", "Ada", "/admin/records/holds", (("button", "Set hold"),)),
    Place("hold", "Ada", "/admin/records/holds", (("link", "+1 647 555 0110"),)),
    Place("deactivation", "Ada", "/admin/users", (ULI, ("button", "Deactivate"))),
    Place("records-of-operators", "Olga", "/operator/records"),
    Place("operator", "Olga", "/operator/"),
    Place("operator-organization", "Olga", "/operator/", (MAPLE,)),
    Place("operator-link", "Olga", "/operator/", (MAPLE, ("button", "Create sign-in link"))),
    Place("operator-opt-outs", "Olga", "/operator/", (MAPLE, IMPORT_OPT_OUTS)),
    Place("operator-opt-outs-error", "Olga", "/operator/", (MAPLE, IMPORT_OPT_OUTS, CHECK_FILE)),
    Place("web-requests-none", "Olga", "/operator/web-requests"),
    Place("inventory", "Olga", "/operator/inventory"),
    Place("inventory-error", "Olga", "/operator/inventory", (CHECK_FILE,)),
    Place("inventory-check", "Olga", "/operator/inventory", (CHECK_FILE,), typed=(("CSV file", INVENTORY),)),
    Place("inventory-wrong", "Olga", "/operator/inventory", (CHECK_FILE,), typed=(("CSV file", WRONG_INVENTORY),)),
    Place("inventory-done", "Olga", "/operator/inventory", (CHECK_FILE, ("button", "Carry it out")),
          typed=(("CSV file", INVENTORY),)),
    Place("carriers-none", "Olga", "/operator/carriers"),
    Place("carrier-kinds", "Olga", "/operator/carriers/new"),
    Place("add-carrier", "Olga", "/operator/carriers/new/twilio"),
    Place("add-carrier-error", "Olga", "/operator/carriers/new/twilio", (ADD_CARRIER,)),
    Place("carrier", "Olga", "/operator/carriers/new/twilio", (ADD_CARRIER,), typed=TWILIO),
    Place("carriers", "Olga", "/operator/carriers/new/twilio", (ADD_CARRIER, ("link", "Carriers")), typed=TWILIO),
    Place("claims", "Olga", "/operator/claims"),
    Place("claims-error", "Olga", "/operator/claims", (("button", "Do not confirm chosen numbers"),)),
    Place("claims-none", "Olga", "/operator/claims?show=disputed"),
    Place("earlier-numbers-none", "Olga", "/operator/claims/earlier"),
    Place("refused-addresses-none", "Olga", "/operator/addresses"),
    Place("user-unconfirmed", "Ada", "/admin/users?search=Julia", (("link", "Julia Roth"),)),
    Place("restrictions", "Olga", "/operator/restrictions"),
    Place("restrictions-none", "Olga", "/operator/restrictions?show=ended"),
    Place("restriction", "Olga", "/operator/restrictions", (("link", "Mateo Silva"),)),
    Place("restriction-error", "Olga", "/operator/restrictions", (("link", "Mateo Silva"), ("button", "Extend"))),
    Place("appeal-waiting", "Oskar", "/operator/restrictions", (GRACE,)),
    Place("appeal-waiting-error", "Oskar", "/operator/restrictions", (GRACE, ("button", "Keep"))),
    Place("appeal-of-another", "Olga", "/operator/restrictions", (GRACE,)),
    Place("notices-restricted", "Ada", "/notices"),
    Place("appeal", "Ada", "/notices", (APPEAL,)),
    Place("appeal-error", "Ada", "/notices", (APPEAL, ("button", "Send appeal"))),
    Place("appeal-sent", "Ada", "/notices", (("link", "Read the appeal"),)),
    Place("user-slowed", "Ada", "/admin/users?search=Mateo", (("link", "Mateo Silva"),)),
    Place("cases", "Olga", "/operator/cases"),
    Place("cases-none", "Olga", "/operator/cases?category=wrong-person&whose=me"),
    Place("cases-decided", "Olga", "/operator/cases?state=decided"),
    Place("cases-error", "Olga", "/operator/cases", (("button", "Did not break the rules"),)),
    Place("case", "Olga", "/operator/cases", (CASE,)),
    Place("case-error", "Olga", "/operator/cases", (
        CASE, ("radio", "Block sender"), ("button", "Block until *"))),
    Place("case-decided", "Olga", "/operator/cases?state=decided", (CASE,)),
    Place("provider-request", "Ada", "/admin/provider-request"),
    Place("user-added", "Ada", "/admin/users/new", (("button", "Add user"),),
          typed=(("Name", "Sam Baker"), ("Email address", "sam@example.com"))),
    Place("add-organization", "Olga", "/operator/organizations/new"),
    Place("add-organization-error", "Olga", "/operator/organizations/new", (("button", "Add organization"),)),
    Place("not-found", "Ada", "/nothing", status=404),
    Place("wrong-role", "Uli", "/admin/", status=403),
    Place("search", "Ada", "/search"),
    Place("search-found", "Ada", "/search", (("button", "Search"),), typed=(("Search", "416"),)),
)
