"""The catalogs of translations: `python -m tests.wording.catalogs` brings them up to date and compiles them.

The sentences stand in the code, marked by `N_` or given to `gettext`; the translations in portal/translations. A
sentence that has changed loses its translation, and the command says which: a translator reads them again. Sentences
that the code does not have any more go.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
FOLDER = PORTAL / "translations"
LOCALES = ("de", "fr", "pl")
# By what a sentence is marked, and what marks both forms of one with a count.
ONE, TWO = frozenset({"N_", "gettext", "lazy_gettext", "_"}), frozenset({"ngettext", "make_plural", "_many"})
JINJA = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
# The same at every run: a date or a name in a file that is made again shows a change where there is none.
HEADER, BEGAN = "# Translations of the Business Texting Portal: {locale}", datetime(2026, 11, 29, tzinfo=UTC)
Sentence = str | tuple[str, str]


def name_of_call(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def sentence_of(node: ast.expr) -> str | None:
    """What an argument says, marked or not; None for a variable."""
    if isinstance(node, ast.Call) and name_of_call(node) == "N_" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else None


def sentences_in_code(source: str) -> Iterator[tuple[int, Sentence]]:
    """Every marked sentence of a module with its line; of one with a count both forms together."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    counted = set()
    for call in calls:
        forms = [sentence_of(node) for node in call.args[:2]] if name_of_call(call) in TWO else []
        if len(forms) == 2 and all(forms):
            counted |= {id(node) for node in call.args[:2]}
            yield call.lineno, (forms[0], forms[1])
    for call in calls:
        if name_of_call(call) in ONE and id(call) not in counted and call.args and (said := sentence_of(call.args[0])):
            yield call.lineno, said


def sentences_in_template(source: str) -> Iterator[tuple[int, Sentence]]:
    """The same of a template."""
    for line, function, said, _comments in babel_extract(BytesIO(source.encode()), (*ONE, *TWO), [], JINJA):
        told = tuple(one for one in said if one) if isinstance(said, tuple) else (said,)
        if function in TWO:
            yield line, (told[0], told[1])
        elif told[0]:
            yield line, told[0]


READERS = {".py": sentences_in_code, ".html": sentences_in_template, ".txt": sentences_in_template}


def read_sentences() -> Catalog:
    """Every sentence of the portal, without translations; each with the files that say it."""
    found = Catalog(project="business-texting-portal", charset="utf-8")
    for path in sorted(PORTAL.rglob("*")):
        read = READERS.get(path.suffix)
        if read and "migrations" not in path.parts and "static" not in path.parts:
            place = path.relative_to(ROOT).as_posix()
            for _line, said in read(path.read_text(encoding="utf-8")):
                # Without lines: they would change with every edit, and say nothing to a translator.
                found.add(said, locations=[(place, None)])
    return found


def read_catalog(locale: str) -> Catalog:
    """The translations of a language, as they stand in the folder."""
    file = FOLDER / locale / "LC_MESSAGES/messages.po"
    with file.open("rb") as opened:
        return read_po(opened, locale=locale)


def compile_catalog(catalog: Catalog) -> bytes:
    """What the portal reads."""
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def key_of(message_id: Sentence) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def bring_up_to_date(locale: str, sentences: Catalog) -> None:
    """Take over new sentences, drop old ones, say which translations a changed sentence has cost, and compile."""
    catalog = read_catalog(locale)
    before = {key_of(one.id) for one in catalog if one.id and one.string}
    catalog.update(sentences, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    after = {key_of(one.id) for one in catalog if one.id}
    lost = sorted(before - after)
    for new in sorted(after - before):
        like = get_close_matches(new, lost, 1)
        print(f"{locale}: to translate: {new}" + (f"\n    it was: {like[0]}" if like else ""))
    catalog.header_comment, catalog.fuzzy = HEADER.format(locale=locale), False
    catalog.creation_date = catalog.revision_date = BEGAN
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
    file = FOLDER / locale / "LC_MESSAGES/messages.po"
    with file.open("wb") as opened:
        write_po(opened, catalog, width=120, sort_by_file=True)
    file.with_suffix(".mo").write_bytes(compile_catalog(read_catalog(locale)))


if __name__ == "__main__":
    known = read_sentences()
    for each in LOCALES:
        bring_up_to_date(each, known)
    sys.stdout.write(f"{len(known)} sentences in {len(LOCALES)} languages besides English.\n")
