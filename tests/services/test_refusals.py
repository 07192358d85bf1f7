"""A refusal names the field that it is about, and brings every value that its sentence prints."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from portal.extensions import db, writing
from portal.models import User
from portal.rules.decision import list_placeholders
from portal.services.refusals import Changed, Clash

SERVICES = Path(__file__).parents[2] / "portal/services"


def test_a_clash_is_a_field_a_sentence_and_its_values():
    clash = Clash("number", "%(holder)s already has this number.", holder="Uli Brandt")
    assert (clash.field, clash.sentence, clash.values) == (
        "number", "%(holder)s already has this number.", {"holder": "Uli Brandt"})
    assert str(clash) == clash.sentence, "the log names the sentence and nobody's values"
    assert Clash("", "It has ended meanwhile.").values == {}


@pytest.mark.parametrize("refusal", [Clash("name", "A location of this name exists already."), Changed()])
def test_a_refusal_within_a_change_takes_back_what_was_written(inside, people, refusal):
    with inside():
        with pytest.raises(type(refusal)), writing() as session:
            session.get_one(User, people["Uli"].id).name = "Half"
            session.flush()
            raise refusal
        assert db.session.get_one(User, people["Uli"].id).name == "Uli Brandt"


def clashes():
    """Every call of `Clash` in the services: its module, and the call."""
    for path in sorted(SERVICES.rglob("*.py")):
        module = ".".join(path.relative_to(SERVICES.parents[1]).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Clash":
                yield module, node


def sentences(module, node):
    """The sentences that an argument may be: written there, or a constant of the module. None for a variable."""
    if isinstance(node, ast.IfExp):
        return [each for part in (node.body, node.orelse) for each in sentences(module, part)]
    if isinstance(node, ast.Call):
        assert ast.unparse(node.func) == "N_", f"{module}: an unmarked sentence is shown untranslated"
        return [ast.literal_eval(node.args[0])]
    found = import_module(module)
    for name in ast.unparse(node).split("."):
        found = getattr(found, name, None)
    return [found] if isinstance(found, str) else []


CLASHES = [pytest.param(module, call, id=f"{module}:{call.lineno}") for module, call in clashes()]


@pytest.mark.parametrize(("module", "call"), CLASHES)
def test_every_clash_brings_exactly_the_values_that_its_sentence_prints(module, call):
    """A value too few breaks the page on which the sentence is shown."""
    field, sentence = call.args
    # The fields of a kind of carrier have their names from a variable.
    assert isinstance(field, ast.Attribute | ast.Name) or isinstance(ast.literal_eval(field), str)
    for each in sentences(module, sentence):
        assert list_placeholders(each) == {keyword.arg for keyword in call.keywords}


def test_most_sentences_are_read():
    """Or the test before would say nothing; a few are handed on in a variable."""
    read = [module for module, call in clashes() if sentences(module, call.args[1])]
    assert len(read) > 0.9 * len(CLASHES) > 20
