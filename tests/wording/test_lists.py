"""Names in a sentence, joined as each language does."""

import pytest
from flask_babel import force_locale

from portal.wording.lists import join_names


@pytest.mark.parametrize(("locale", "names", "said"), [
    ("en", [], ""), ("en", ["Uli"], "Uli"), ("en", ["Uli", "Ben"], "Uli and Ben"),
    ("en", ["Ada", "Uli", "Ben"], "Ada, Uli, and Ben"), ("de", ["Ada", "Uli", "Ben"], "Ada, Uli und Ben"),
    ("pl", ["Ada", "Uli", "Ben"], "Ada, Uli i Ben"), ("fr_CA", ["Ada", "Uli", "Ben"], "Ada, Uli et Ben"),
])
def test_the_last_name_stands_behind_and(app, locale, names, said):
    with app.test_request_context(), force_locale(locale):
        assert join_names(names) == said
