"""In the pseudo-locale, 40 % longer, every page fits a phone, and no button or badge cuts its words off."""

import re
import shutil

import pytest

from portal.processes import htmx_file
from tests.browser.accessibility import beside
from tests.browser.conftest import HTMX, PHONE
from tests.browser.pages import PLACES
from tests.browser.portal import Portal
from tests.patience import LONG
from tests.products import WHOLE
from tests.wording import pseudo

pytestmark = pytest.mark.browser
MARKS = f"[{pseudo.OPEN}{pseudo.CLOSE}{pseudo.STRETCH}]*"
# What is wider than its own box, so that it is cut off or runs over what stands beside it. The word of the menu is
# heard only: a sign stands for it.
CUT_OFF = """() => [...document.querySelectorAll(
    "button, .button, label, legend, .state, .count, .chip, summary, nav a")]
  .filter(one => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && !one.matches(".ways summary"))
  .map(one => "cut off: " + one.outerHTML.slice(0, 160))"""


def marked(name):
    """A pattern for a name as the pseudo-locale shows it; "*" in it stands for anything."""
    letters = (".*" if letter == "*" else f"\\{letter}" if letter in "$()+./?[]^{|}" else letter for letter in name)
    return re.compile(f"^{MARKS}{MARKS.join(letters)}{MARKS}$")


class PseudoPage:
    """A page on which things are found by their English names."""

    def __init__(self, page):
        self._page = page

    def __getattr__(self, name):
        return getattr(self._page, name)

    def get_by_label(self, label, **_exact):
        return self._page.get_by_label(marked(label))

    def get_by_role(self, role, *, name, **_exact):
        return self._page.get_by_role(role, name=marked(name))

    def get_by_text(self, text):
        return self._page.get_by_text(re.compile(marked(text).pattern.strip("^$")))


@pytest.fixture(scope="module")
def pseudo_portal(serving, browser, sessions, tmp_path_factory):
    """A portal in the pseudo-locale with the demo, in which people's sessions go on; and their cookies."""
    serving.put_back("demo")
    sessions.begin(serving, browser)
    cookies = sessions.cookies
    portal = Portal(tmp_path_factory.mktemp("pseudo"), program=("-m", "tests.browser.pseudo_server"))
    for copy in (portal.folder / "demo.kept", portal.database):
        shutil.copyfile(serving.folder / "demo.kept", copy)
    try:
        portal.start()
        yield portal, cookies
    finally:
        portal.stop()


@pytest.mark.parametrize("who", sorted({place.who for place in PLACES}))
def test_every_page_fits_a_phone(browser, pseudo_portal, who):
    (portal, cookies), found = pseudo_portal, []
    with browser.new_context(base_url=portal.address, viewport=PHONE, is_mobile=True, locale=pseudo.LANGUAGE,
                             storage_state=cookies[who] if who else None) as context:
        context.set_default_timeout(1000 * LONG)
        context.route(htmx_file.CDN, lambda route: route.fulfill(path=HTMX, content_type="text/javascript"))
        page = context.new_page()
        for place in (one for one in PLACES if one.who == who and (WHOLE or not one.clicks)):
            portal.put_back("demo")
            place.open(PseudoPage(page), str)
            assert pseudo.OPEN in page.content(), place
            found += [f"{place}: {said}" for said in (*beside(page), *page.evaluate(CUT_OFF))]
    assert not found, "\n".join(found)
