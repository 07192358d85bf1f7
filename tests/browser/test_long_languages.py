"""Long words: what fits in English fits in every language, on a desk and on a phone."""

import pytest

from portal.web.reader import LANGUAGES
from tests.browser.conftest import PHONE
from tests.browser.pages import PLACES
from tests.browser.said import locale_of_browser, say_in
from tests.browser.test_user_rows import ROWS_IN_SIGHT

pytestmark = pytest.mark.browser

IN_EACH = pytest.mark.parametrize("language", LANGUAGES)
DESK = {"width": 1280, "height": 800}
BESIDE = "[...document.querySelectorAll('.scroll')].map(one => one.scrollWidth - one.clientWidth)"
# Names of fields, headings and tiles one of whose words is wider than the place it has.
BROKEN = """() => [...document.querySelectorAll("main :is(dt, h1, h2, label, .tile *)")].filter(one => {
  if (!(one instanceof HTMLElement) || !one.checkVisibility() || one.matches(".hidden")) return false
  const whole = one.cloneNode(true)
  whole.style.cssText = "position: absolute; width: min-content; overflow-wrap: normal"
  one.after(whole)
  const wanted = whole.getBoundingClientRect().width
  whole.remove()
  return wanted > one.getBoundingClientRect().width + 0.1
}).map(one => one.innerText)"""
PAGES = ("start", "overview", "location", "location-answers", "consent", "records-request", "carrier", "case")


@pytest.fixture
def opened(sit_down):
    """`opened("location", "de")`: a page of tests/browser/pages.py as somebody sees it who speaks German."""
    def open_page(name, language, view=DESK):
        place = next(place for place in PLACES if place.name == name)
        page = sit_down(place.who, locale=locale_of_browser(language), view=view)
        place.open(page, say_in(language))
        return page
    return open_page


@IN_EACH
def test_the_list_of_users_has_room(opened, language):
    page = opened("users", language)
    assert page.evaluate(BESIDE) == [0]
    assert page.evaluate(ROWS_IN_SIGHT) >= 10
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(BESIDE) == [0]
    assert page.evaluate(ROWS_IN_SIGHT) >= 6


@IN_EACH
def test_no_word_of_a_name_is_broken(opened, language):
    for name in PAGES:
        page = opened(name, language)
        assert page.evaluate(BROKEN) == [], name
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate(BROKEN) == [], name


@IN_EACH
def test_whose_the_conversation_is_stands_whole_on_a_phone(opened, language):
    page = opened("conversation-not-sent", language, PHONE)
    assert page.evaluate("(one => one.scrollWidth - one.clientWidth)(document.querySelector('.thread h1'))") <= 0
