"""Forms that extend others list their fields as their page shows them."""

import pytest

from portal.blueprints.admin.consent_forms import TypedConsentForm
from portal.blueprints.admin.records_forms import SetHoldForm
from portal.blueprints.messaging.forms import NewTextForm


@pytest.mark.parametrize(("form", "first"), [
    (TypedConsentForm, ["number", "consent_kind", "consent_day", "consent_proof"]),
    (SetHoldForm, ["held", "reason", "review"]),
    (NewTextForm, ["number", "body", "consent_kind", "consent_day", "consent_proof"]),
])
def test_page_order_begins_with_the_fields_of_the_form_itself(app, form, first):
    with app.test_request_context(method="POST"):
        made = form()
        names = [field.name for field in made]
        assert names[:len(first)] == first
        assert sorted(names) == sorted(made.data), "each field once"
