"""The ten main tasks in the pseudo-locale: no page or answer on the way says a word outside the brackets but data."""

from typing import Any, ClassVar

import pytest

from tests import cast
from tests.main_tasks import MAIN_TASKS, house_of
from tests.wording import pseudo
from tests.wording.bare_words import Data, bare_words_of_page
from tests.wording.typed_data import ZONE_NAMES, typed_words

pytestmark = pytest.mark.slow


class PseudoBrowser(cast.Browser):
    """A browser that is shown the pseudo-locale, notes what stands outside the brackets, and hands on the English."""

    found: ClassVar[list[str]] = []
    looked: ClassVar[list[str]] = []

    def open(self, *given: Any, **named: Any) -> Any:
        """The page or the answer."""
        self.environ_base["HTTP_ACCEPT_LANGUAGE"] = pseudo.LANGUAGE
        before = typed_words(self.application)
        answer = super().open(*given, **named)
        # A redirect is followed through here as well, and has been read by then.
        if answer.mimetype == "text/html" and answer.status_code != 303 and not hasattr(answer, "was_read"):
            data = Data(before | typed_words(self.application), ZONE_NAMES)
            self.looked.append(answer.request.path)
            self.found += [f"{answer.request.path}: {said}" for said in bare_words_of_page(answer.text, data)]
            answer.set_data(pseudo.english(answer.text))
            answer.was_read = True
            # It remembers what it has said before.
            del answer.text
        return answer


@pytest.fixture
def house(app, carrier, monkeypatch):
    monkeypatch.setattr(app, "test_client_class", PseudoBrowser)
    PseudoBrowser.found.clear()
    PseudoBrowser.looked.clear()
    with pseudo.spoken():
        yield house_of(app, carrier, "ada@example.com", "uli@example.com", "olga@example.com", cast.PASSWORD)
    PseudoBrowser.pages.clear()


@pytest.mark.parametrize("task", MAIN_TASKS, ids=lambda task: task.__name__)
def test_a_main_task(house, task):
    task(house)
    assert not PseudoBrowser.found, "\n".join(PseudoBrowser.found)
    assert PseudoBrowser.looked
