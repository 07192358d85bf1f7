"""Who gets which answer at every route, about the records of Maple Clinic. A new route needs a line here.

Addresses without a record in them are the reader's own: the other organization's admin sees their own users,
and is refused a location of Maple Clinic as no choice of theirs (422).
"""

from typing import Any, NamedTuple

# Its admin, a member, its auditor, an operator, the admin of another organization, and a visitor who is signed out.
WHO = ("Ada", "Uli", "Rita", "Olga", "Otto", "Nobody")


class Row(NamedTuple):
    """One method of one route, and the status for everybody."""

    method: str
    rule: str
    codes: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def closed(self) -> bool:
        """Whether one has to be signed in."""
        return self.codes["Nobody"] in ("in", "401")

    @property
    def refused(self) -> list[str]:
        """Who does not get in here."""
        return [who for who, code in self.codes.items() if code in REFUSED]

    @property
    def passing(self) -> list[str]:
        """Who gets in here."""
        return [who for who, code in self.codes.items() if code not in REFUSED]


def outcome(answer: Any) -> str:
    """The word of the table for an answer."""
    to_sign_in = answer.status_code == 303 and answer.location.startswith("/sign-in")
    return "in" if to_sign_in else str(answer.status_code)


# Wrong role 403, record of another organization 404. A signed-out visitor is sent to sign in ("in"); 401 does so on a
# page that keeps what was typed.
REFUSED = ("in", "401", "403", "404")
TABLE = """
#                                              Ada Uli Rita Olga Otto Nobody
GET  /                                         303 303 303 303 303 200
GET  /accessibility                            200 200 200 200 200 200
GET  /account                                  200 200 200 200 200 in
POST /account                                  303 303 303 303 303 401
POST /account/language                         303 303 303 303 303 303
GET  /account/links                            303 303 303 303 303 in
POST /account/links                            303 303 303 303 303 in
GET  /account/password                         303 303 303 303 303 in
POST /account/password                         303 303 303 303 303 401
GET  /account/time-zones                       200 200 200 200 200 in
POST /account/sessions/<ref>                   303 404 404 404 404 in
GET  /admin/                                   200 403 200 403 200 in
GET  /admin/audit                              200 403 200 403 200 in
GET  /admin/audit/<ref>                        200 403 200 403 404 in
GET  /admin/audit/export                       200 403 200 403 200 in
GET  /admin/changes/<ref>                      200 403 200 403 404 in
GET  /admin/changes/<ref>/progress             303 403 303 403 404 in
POST /admin/changes/<ref>/undo                 303 403 403 403 404 in
GET  /admin/check                              200 403 200 403 200 in
POST /admin/check                              200 403 200 403 422 401
GET  /admin/consents                           200 403 200 403 200 in
POST /admin/consents                           303 403 403 403 303 401
GET  /admin/consents/<ref>                     200 403 200 403 404 in
POST /admin/consents/<ref>                     303 403 403 403 404 401
GET  /admin/consents/<ref>/correct             303 403 303 403 404 in
POST /admin/consents/<ref>/correct             303 403 403 403 404 401
GET  /admin/consents/search                    303 403 303 403 303 in
POST /admin/consents/search                    200 403 200 403 200 401
GET  /admin/import                             200 403 200 403 200 in
POST /admin/import                             303 403 403 403 303 in
GET  /admin/import/<ref>                       200 403 200 403 404 in
POST /admin/import/<ref>                       303 403 403 403 404 401
POST /admin/import/<ref>/check                 303 403 403 403 404 in
GET  /admin/import/<ref>/errors                303 403 303 403 404 in
GET  /admin/import/<ref>/links                 303 403 303 403 404 in
POST /admin/import/<ref>/links                 303 403 403 403 404 in
GET  /admin/import/<ref>/progress              303 403 303 403 404 in
GET  /admin/import/<ref>/rows/<kind>           200 403 200 403 404 in
POST /admin/import/<ref>/undo                  303 403 403 403 404 in
GET  /admin/import/template                    200 403 200 403 200 in
GET  /admin/locations                          200 403 200 403 200 in
GET  /admin/locations/<ref>                    200 403 200 403 404 in
GET  /admin/locations/<ref>/answers            200 403 403 403 404 in
POST /admin/locations/<ref>/answers            303 403 403 403 404 401
GET  /admin/locations/<ref>/texting            303 403 303 403 404 in
POST /admin/locations/<ref>/texting            303 403 403 403 404 401
GET  /admin/locations/new                      200 403 403 403 200 in
POST /admin/locations/new                      303 403 403 403 303 401
GET  /admin/opt-outs                           200 403 200 403 200 in
POST /admin/opt-outs                           303 403 403 403 303 401
GET  /admin/opt-outs/<ref>                     200 403 200 403 404 in
POST /admin/opt-outs/<ref>                     303 403 403 403 404 401
GET  /admin/opt-outs/<ref>/decide              303 403 303 403 404 in
POST /admin/opt-outs/<ref>/decide              303 403 403 403 404 401
GET  /admin/opt-outs/<ref>/read                303 403 303 403 404 in
POST /admin/opt-outs/<ref>/read                303 403 403 403 404 in
GET  /admin/opt-outs/<ref>/undo                303 403 303 403 404 in
POST /admin/opt-outs/<ref>/undo                303 403 403 403 404 in
GET  /admin/opt-outs/export                    200 403 200 403 200 in
GET  /admin/opt-outs/import                    200 403 200 403 200 in
POST /admin/opt-outs/import                    303 403 403 403 303 in
GET  /admin/opt-outs/import/<ref>              200 403 200 403 404 in
GET  /admin/opt-outs/import/<ref>/errors       303 403 303 403 404 in
POST /admin/opt-outs/import/<ref>              303 403 403 403 404 in
GET  /admin/opt-outs/requests/<ref>            303 403 303 403 404 in
POST /admin/opt-outs/requests/<ref>            303 403 403 403 404 401
GET  /admin/opt-outs/search                    303 403 303 403 303 in
POST /admin/opt-outs/search                    200 403 200 403 200 401
GET  /admin/organization                       200 403 200 403 200 in
POST /admin/organization                       303 403 403 403 303 401
GET  /admin/provider-request                   200 403 403 403 200 in
GET  /admin/records                            200 403 200 403 200 in
POST /admin/records                            303 403 403 403 303 401
GET  /admin/records/<ref>                      200 403 200 403 404 in
POST /admin/records/<ref>                      422 403 303 403 404 401
GET  /admin/records/holds                      200 403 200 403 200 in
POST /admin/records/holds                      303 403 403 403 303 401
GET  /admin/records/holds/<ref>                200 403 200 403 404 in
POST /admin/records/holds/<ref>                303 403 403 403 404 401
GET  /admin/records/released/<ref>             303 403 303 403 404 in
POST /admin/records/released/<ref>             200 403 200 403 404 401
GET  /admin/settings                           200 403 200 403 200 in
POST /admin/settings                           303 403 403 403 409 401
POST /admin/undo/<ref>                         303 403 403 403 404 in
GET  /admin/users                              200 403 200 403 200 in
POST /admin/users                              303 403 403 403 303 401
GET  /admin/users/<ref>                        200 403 200 403 404 in
GET  /admin/users/<ref>/<_part>                303 403 303 403 404 in
POST /admin/users/<ref>/account                303 403 403 403 404 401
GET  /admin/users/<ref>/deactivate             200 403 403 403 404 in
POST /admin/users/<ref>/deactivate             303 403 403 403 404 401
POST /admin/users/<ref>/details                303 403 403 403 404 401
POST /admin/users/<ref>/link                   200 403 403 403 404 in
GET  /admin/users/<ref>/link/show              303 403 303 403 404 in
POST /admin/users/<ref>/link/show              200 403 403 403 404 401
POST /admin/users/<ref>/number                 303 403 403 403 404 401
GET  /admin/users/<ref>/number/remove          303 403 303 403 404 in
POST /admin/users/<ref>/number/remove          303 403 403 403 404 401
POST /admin/users/<ref>/role                   303 403 403 403 404 401
POST /admin/users/<ref>/texting                303 403 403 403 404 401
GET  /admin/users/<ref>/row                    303 403 303 403 404 in
POST /admin/users/<ref>/row                    303 403 403 403 404 401
GET  /admin/users/export                       200 403 200 403 200 in
GET  /admin/users/new                          200 403 403 403 200 in
POST /admin/users/new                          200 403 403 403 422 401
GET  /health/live                              200 200 200 200 200 200
GET  /health/ready                             503 503 503 503 503 503
GET  /htmx-4.0.1.min.js                        404 404 404 404 404 404
GET  /hooks/<carrier>                          404 404 404 404 404 404
POST /hooks/<carrier>                          404 404 404 404 404 404
GET  /help                                     200 200 200 200 200 200
GET  /limitations                              200 200 200 200 200 200
GET  /limitations/hours                        200 200 200 200 200 200
GET  /limitations/rules.json                   200 200 200 200 200 200
GET  /messages/                                200 200 200 403 200 in
POST /messages/                                200 200 200 403 200 401
GET  /messages/<ref>                           404 200 404 403 404 in
POST /messages/<ref>                           404 303 404 403 404 401
GET  /messages/<ref>/block                     404 303 404 403 404 in
POST /messages/<ref>/block                     404 303 404 403 404 401
GET  /messages/<ref>/called                    404 303 404 403 404 in
POST /messages/<ref>/called                    404 303 404 403 404 401
GET  /messages/<ref>/consent                   404 303 404 403 404 in
POST /messages/<ref>/consent                   404 303 404 403 404 401
GET  /messages/<ref>/name                      404 303 404 403 404 in
POST /messages/<ref>/name                      404 303 404 403 404 401
GET  /messages/<ref>/news                      404 200 404 403 404 in
GET  /messages/<ref>/opt-out                   404 303 404 403 404 in
POST /messages/<ref>/opt-out                   404 303 404 403 404 401
GET  /messages/<ref>/opt-out/undo              404 303 404 403 404 in
POST /messages/<ref>/opt-out/undo              404 303 404 403 404 in
GET  /messages/<ref>/texts/<text>/again        404 303 404 403 404 in
POST /messages/<ref>/texts/<text>/again        404 303 404 403 404 in
GET  /messages/<ref>/texts/<text>/cancel       404 303 404 403 404 in
POST /messages/<ref>/texts/<text>/cancel       404 303 404 403 404 in
GET  /messages/<ref>/texts/<text>/edit         404 303 404 403 404 in
POST /messages/<ref>/texts/<text>/edit         404 303 404 403 404 in
GET  /messages/<ref>/texts/<text>/read         404 303 404 403 404 in
POST /messages/<ref>/texts/<text>/read         404 303 404 403 404 in
GET  /messages/<ref>/texts/<text>/report       404 303 404 403 404 in
POST /messages/<ref>/texts/<text>/report       404 303 404 403 404 in
GET  /messages/<ref>/texts/<text>/sent         404 303 404 403 404 in
POST /messages/<ref>/texts/<text>/sent         404 303 404 403 404 in
POST /messages/consider                        200 200 200 403 200 401
GET  /messages/news                            200 200 200 403 200 in
POST /messages/news                            200 200 200 403 200 in
GET  /messages/new                             200 200 200 403 200 in
POST /messages/new                             422 303 422 403 422 401
GET  /notices                                  200 200 200 200 200 in
POST /notices                                  303 303 303 303 303 401
GET  /notices/counts                           200 200 200 200 200 in
GET  /operator/                                403 403 403 200 403 in
GET  /operator/cases                           403 403 403 200 403 in
POST /operator/cases                           403 403 403 303 403 401
GET  /operator/cases/<ref>                     403 403 403 200 403 in
POST /operator/cases/<ref>                     403 403 403 303 403 401
GET  /operator/cases/<ref>.csv                 403 403 403 200 403 in
GET  /operator/cases/<ref>/assign              403 403 403 303 403 in
POST /operator/cases/<ref>/assign              403 403 403 303 403 in
GET  /operator/cases/<ref>/note                403 403 403 303 403 in
POST /operator/cases/<ref>/note                403 403 403 303 403 401
GET  /operator/cases/<ref>/preview             403 403 403 303 403 in
POST /operator/cases/<ref>/preview             403 403 403 200 403 401
GET  /operator/cases/<ref>/reopen              403 403 403 303 403 in
POST /operator/cases/<ref>/reopen              403 403 403 409 403 401
GET  /operator/addresses                       403 403 403 200 403 in
POST /operator/addresses                       403 403 403 303 403 401
GET  /operator/carriers                        403 403 403 200 403 in
GET  /operator/carriers/new                    403 403 403 200 403 in
GET  /operator/carriers/new/<kind>             403 403 403 200 403 in
POST /operator/carriers/new/<kind>             403 403 403 303 403 401
GET  /operator/carriers/<ref>                  403 403 403 200 403 in
POST /operator/carriers/<ref>                  403 403 403 303 403 401
GET  /operator/carriers/<ref>/news             403 403 403 200 403 in
GET  /operator/carriers/<ref>/test             403 403 403 303 403 in
POST /operator/carriers/<ref>/test             403 403 403 200 403 in
GET  /operator/carriers/<ref>/use              403 403 403 303 403 in
POST /operator/carriers/<ref>/use              403 403 403 303 403 401
GET  /operator/claims                          403 403 403 200 403 in
POST /operator/claims                          403 403 403 303 403 401
GET  /operator/claims/<ref>                    403 403 403 303 403 in
POST /operator/claims/<ref>                    403 403 403 303 403 in
GET  /operator/claims/earlier                  403 403 403 200 403 in
POST /operator/claims/earlier                  403 403 403 303 403 401
GET  /operator/inventory                       403 403 403 200 403 in
POST /operator/inventory                       403 403 403 303 403 in
GET  /operator/inventory/<ref>                 403 403 403 200 403 in
POST /operator/inventory/<ref>                 403 403 403 303 403 in
GET  /operator/organizations/<ref>             403 403 403 200 403 in
POST /operator/organizations/<ref>             403 403 403 303 403 401
GET  /operator/organizations/<ref>/carrier              403 403 403 303 403 in
POST /operator/organizations/<ref>/carrier              403 403 403 303 403 401
GET  /operator/organizations/<ref>/numbers/carrier      403 403 403 303 403 in
POST /operator/organizations/<ref>/numbers/carrier      403 403 403 303 403 401
GET  /operator/organizations/<ref>/locations/<place>    403 403 403 303 403 in
POST /operator/organizations/<ref>/locations/<place>    403 403 403 303 403 401
GET  /operator/organizations/<ref>/numbers              403 403 403 303 403 in
POST /operator/organizations/<ref>/numbers              403 403 403 303 403 401
GET  /operator/organizations/<ref>/numbers/marks        403 403 403 303 403 in
POST /operator/organizations/<ref>/numbers/marks        403 403 403 303 403 401
GET  /operator/organizations/<ref>/numbers/dates        403 403 403 303 403 in
POST /operator/organizations/<ref>/numbers/dates        403 403 403 303 403 401
GET  /operator/organizations/<ref>/sign-in-link         403 403 403 303 403 in
POST /operator/organizations/<ref>/sign-in-link         403 403 403 200 403 in
GET  /operator/organizations/<ref>/sign-in-link/show    403 403 403 303 403 in
POST /operator/organizations/<ref>/sign-in-link/show    403 403 403 200 403 401
GET  /operator/organizations/new               403 403 403 200 403 in
POST /operator/organizations/new               403 403 403 200 403 401
GET  /operator/appeals/<ref>                   403 403 403 200 403 in
POST /operator/appeals/<ref>                   403 403 403 303 403 401
GET  /operator/organizations/<ref>/opt-outs    403 403 403 200 403 in
POST /operator/organizations/<ref>/opt-outs    403 403 403 303 403 in
GET  /operator/organizations/<ref>/opt-outs/<upload>    403 403 403 200 403 in
GET  /operator/organizations/<ref>/opt-outs/<upload>/errors    403 403 403 303 403 in
POST /operator/organizations/<ref>/opt-outs/<upload>    403 403 403 303 403 in
GET  /operator/web-requests                    403 403 403 200 403 in
GET  /operator/records                         403 403 403 200 403 in
GET  /operator/records/<ref>                   403 403 403 200 403 in
POST /operator/records/<ref>                   403 403 403 303 403 401
GET  /operator/restrictions                    403 403 403 200 403 in
GET  /operator/restrictions/<ref>              403 403 403 200 403 in
GET  /operator/restrictions/<ref>/extend       403 403 403 303 403 in
POST /operator/restrictions/<ref>/extend       403 403 403 303 403 401
GET  /operator/restrictions/<ref>/lift         403 403 403 303 403 in
POST /operator/restrictions/<ref>/lift         403 403 403 303 403 401
GET  /restrictions/<ref>/appeal                200 200 404 404 404 in
POST /restrictions/<ref>/appeal                303 303 404 404 404 401
GET  /privacy                                  200 200 200 200 200 200
GET  /report-spam                              200 200 200 200 200 200
POST /report-spam                              303 303 303 303 303 303
GET  /report-spam/status/<token>               200 200 200 200 200 200
GET  /report-spam/thanks/<token>               200 200 200 200 200 200
GET  /search                                   200 200 200 200 200 in
POST /search                                   200 200 200 200 200 401
GET  /sign-in                                  303 303 303 303 303 200
POST /sign-in                                  303 303 303 303 303 303
POST /sign-in/demo                             404 404 404 404 404 404
POST /sign-out                                 303 303 303 303 303 in
GET  /spam                                     303 303 303 303 303 303
GET  /static/<filename>                        200 200 200 200 200 200
GET  /who/<ref>                                200 200 200 200 200 200
GET  /welcome/<token>                          200 200 200 200 200 200
POST /welcome/<token>                          303 303 303 303 303 303
"""


def _read(line: str) -> Row:
    method, rule, *codes = line.split()
    return Row(method, rule, dict(zip(WHO, codes, strict=True)))


ROWS = [_read(line) for line in TABLE.splitlines() if line and line[0] != "#"]
GETS = [row for row in ROWS if row.method == "GET"]
POSTS = [row for row in ROWS if row.method != "GET"]
# A carrier that calls a hook signs the body; no browser ever sends it.
FORMS = [row for row in POSTS if not row.rule.startswith("/hooks/")]
