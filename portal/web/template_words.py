"""What templates know. In gettext for them the sentence is markup, its values are escaped, and its numbers as the
reader writes them.

Jinja's own way asks four functions for one sentence; a page has two hundred sentences.
"""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from portal.extensions import babel, write_numbers


class TemplateCode(CodeGenerator):
    """The code of a template, which writes its values by `TemplateEnvironment.show`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.show(")


class TemplateEnvironment(Environment):
    """Where templates come from: what one knows, all know.

    Jinja would chain the words of the application behind words of each template, of which there are none here, and
    compare the chains wherever one template imports another: half a millisecond for a page.
    """

    code_generator_class = TemplateCode

    @staticmethod
    def show(value: object) -> str:
        """A value as text of a page, as `escape` gives it, but without a copy: a page shows 1,500 values."""
        if type(value) is str:
            # What `escape` itself calls. There is no public name for it.
            shown: str = _escape_inner(value)
            return shown
        return value if type(value) is Markup else escape(value)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of the application, unless a template is given some of its own."""
        return super().make_globals(d) if d else self.globals


def translate_in_template(sentence: str, /, **values: Any) -> Markup:
    """A sentence in the reader's language; one with a context as it is said there."""
    return _fill_in(babel.domain_instance.gettext(sentence), values)


def translate_count_in_template(one: str, many: str, count: int, /, **values: Any) -> Markup:
    """The form for a count, which the sentence prints as `num`."""
    return _fill_in(babel.domain_instance.get_translations().ungettext(one, many, count), {"num": count, **values})


def translate_placed_in_template(context: str, sentence: str, /, **values: Any) -> Markup:
    """A sentence as it is said in a context."""
    return _fill_in(babel.domain_instance.pgettext(context, sentence), values)


def _fill_in(said: str, values: dict[str, Any]) -> Markup:
    """Also without values, so that a sign of per cent is always written twice."""
    sentence = Markup(said)  # noqa: S704 - the catalogs are ours
    return sentence % write_numbers(values) if values or "%" in said else sentence


def let_templates_translate(app: Flask) -> None:
    """Give the templates these functions under the names of gettext."""
    app.jinja_env.globals.update({
        "_": translate_in_template, "gettext": translate_in_template, "ngettext": translate_count_in_template,
        "pgettext": translate_placed_in_template,
    })
