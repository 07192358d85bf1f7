"""What templates write of a value."""

import pytest
from flask import render_template_string
from markupsafe import Markup, escape

from portal.web.template_words import TemplateEnvironment


class Word(str):
    """A text of a kind of its own."""

    __slots__ = ()


class Drawn:
    """What knows its own markup."""

    def __html__(self):
        return "<i>drawn</i>"


VALUES = ("a", "<b title=\"x\" lang='y'>&</b>", Markup("<b>&amp;</b>"), Word("<i>"), Drawn(), 7, 0.5, None, ["<"], "")


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_is_shown_as_escape_gives_it(app, value):
    assert TemplateEnvironment.show(value) == escape(value)
    with app.test_request_context():
        for template in ("{{ one }}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(one) }}",
                         "{% set x %}{{ one }}{% endset %}{{ x }}", "{% filter trim %}{{ one }}{% endfilter %}"):
            assert render_template_string(template, one=value) == escape(value)


def test_every_value_of_a_template_goes_that_way(app):
    """None is written by a function that Jinja's own code would name instead."""
    env = app.jinja_env
    code = env.compile("{{ one }}{% for x in one %}{{ x }}{% endfor %}{{ one|upper }}", "x.html", raw=True)
    assert code.count("environment.show(") == 3
    assert "yield escape(" not in code
