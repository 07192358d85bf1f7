"""The HTML checker is there, sees faults in pages and in parts, and lets through what htmx adds."""

import pytest

from tests.valid_html import JAR, NuChecker, shape

PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A</title></head><body>{}</body></html>'
BUTTON = '<button type="submit" role="switch" aria-checked="true">On</button>'
SWITCH = f'<form method="post" action="/a" hx-post="/a">{BUTTON}</form>'
ROWS = '<hx-partial hx-target="#a" hx-swap="beforeend"><li id="b">B</li></hx-partial><p>B</p><title>A</title>'


@pytest.fixture(scope="module")
def checker():
    assert JAR.is_file(), "The tests need the HTML checker: make test installs it."
    with NuChecker() as started:
        yield started


@pytest.mark.parametrize("good", [PAGE.format(SWITCH), SWITCH, ROWS, "<li>One</li>", "<tr><td>1</td></tr>"])
def test_our_own_ways_are_let_through(checker, good):
    assert checker.judge(good) == []


@pytest.mark.parametrize("bad", [
    "<p><div>A</div></p>", '<p aria_describedby="a">A</p>', '<b id="a"></b><b id="a"></b>',
    f"<form method='post' action='/b'>{SWITCH}</form>", "<button><a href='/'>A</a></button>",
    '<time datetime="2025-11-29T10:43:54.913622+00:00">A</time>',
])
def test_a_fault_is_seen_in_a_page_and_in_a_part(checker, bad):
    assert checker.judge(PAGE.format(bad))
    assert checker.judge(bad)


def test_only_answers_built_alike_have_the_same_shape():
    assert shape('<p class="a">One</p>') == shape('<p class="b">Two <!-- three --></p>')
    assert shape("<p><b>A</b></p>") != shape("<p></p><b>A</b>")
    assert shape('<p class="a">A</p>') != shape('<p id="a">A</p>')
