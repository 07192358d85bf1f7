"""How many bytes a page costs a browser, in every language; `make bench ARGS=wire` asks Chromium for some of them."""

import re

import pytest

from portal.processes import htmx_file
from portal.wording.languages import LOCALES
from tests.cast import page_text
from tests.security.maple import settle
from tests.security.table import GETS

pytestmark = pytest.mark.slow
# Bytes of a first view with style sheet, icon and htmx, and of a page after it; the heads of answers included.
FIRST_VIEW, NEXT_PAGE = 35_000, 12_000
# What holds every rule in a few words, or every time zone. A stranger's browser keeps the rules and asks for news only.
HEAVIER = {"/limitations": 15_000, "/admin/locations/new": 13_500, "/operator/organizations/new": 17_000}
LOADED = re.compile(r'<(?:link rel="(?:icon|stylesheet)"|script|img)[^>]* (?:href|src)="([^"]+)"')
# As a browser of today says over https.
TAKES = {"Accept-Encoding": "gzip, deflate, br, zstd"}
# The line before the head, and what the server itself adds to it.
BESIDES = 100


def cost(answer):
    """Bytes of an answer as it is sent."""
    return BESIDES + len(answer.data) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers)


@pytest.mark.parametrize("language", LOCALES)
def test_every_page_is_light(app, browse, language):
    """Whoever asks, with four requests at most."""
    held, nobody = settle(app), browse()
    htmx = cost(nobody.get(f"/static/{htmx_file.HTMX_NAME}", headers=TAKES))
    files = {}
    for row in GETS:
        reader = browse(next(iter(row.passing), "Nobody"))
        answer = reader.get(held.address(row.rule), headers={**TAKES, "Accept-Language": language}, buffered=True)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        page = cost(answer)
        loaded = {name for name in LOADED.findall(page_text(answer)) if name.startswith("/")}
        for name in loaded - files.keys():
            files[name] = cost(nobody.get(name, headers=TAKES))
        assert len(loaded) <= 2, row
        assert page + htmx + sum(files[name] for name in loaded) <= FIRST_VIEW, row
        assert page <= HEAVIER.get(row.rule, NEXT_PAGE), row
