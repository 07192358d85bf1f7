"""The catalogs of translations: `python -m tests.wording.catalogs` brings them up to date and compiles them.

The sentences stand in the code, marked by `N_` or given to `gettext`; the translations in portal/translations. A
sentence that has changed loses its translation, and the command says which: a translator reads them again. Sentences
that the code does not have any more go. Where one English word stands for two things, `NP_` or `pgettext` names what it
is said of, its context, and the word has a translation for each.
"""

import ast
import re
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
FOLDER = PORTAL / "translations"
LOCALES = ("de", "fr", "pl")
# By what a sentence is marked, and what marks both forms of one with a count.
ONE, TWO = frozenset({"N_", "gettext", "lazy_gettext", "_"}), frozenset({"ngettext", "make_plural", "_many"})
# What is given a context before the sentence.
PLACED = frozenset({"NP_", "pgettext", "lazy_pgettext"})
JINJA = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
# The same at every run: a date or a name in a file that is made again shows a change where there is none.
HEADER, BEGAN = "# Translations of the Business Texting Portal: {locale}", datetime(2026, 11, 29, tzinfo=UTC)
# In Polish the hyphens of "SMS-y" and "e-mail", which no line may end with: short words would be torn apart.
TORN = {"pl": re.compile(r"(?<=\bSMS)-(?=\w)|(?<=\b[Ee])-(?=mail)")}
Sentence = str | tuple[str, str]
Key = tuple[str, str]


def name_of_call(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def sentence_of(node: ast.expr) -> str | None:
    """What an argument says, marked or not; None for a variable."""
    if isinstance(node, ast.Call) and name_of_call(node) == "N_" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else None


def sentences_in_code(source: str) -> Iterator[tuple[int, Sentence, str]]:
    """Every marked sentence of a module with its line and context ("" for none); with a count both forms."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    counted = set()
    for call in calls:
        forms = [sentence_of(node) for node in call.args[:2]] if name_of_call(call) in TWO else []
        if len(forms) == 2 and all(forms):
            counted |= {id(node) for node in call.args[:2]}
            yield call.lineno, (forms[0], forms[1]), ""
    for call in calls:
        if name_of_call(call) in ONE and id(call) not in counted and call.args and (said := sentence_of(call.args[0])):
            yield call.lineno, said, ""
        if name_of_call(call) in PLACED:
            context, placed = (sentence_of(node) for node in call.args[:2])
            if context and placed:
                yield call.lineno, placed, context


def sentences_in_template(source: str) -> Iterator[tuple[int, Sentence, str]]:
    """The same of a template."""
    for line, function, said, _comments in babel_extract(BytesIO(source.encode()), (*ONE, *TWO, *PLACED), [], JINJA):
        told = tuple(one for one in said if one) if isinstance(said, tuple) else (said,)
        if function in TWO:
            yield line, (told[0], told[1]), ""
        elif function in PLACED:
            yield line, told[1], told[0]
        elif told[0]:
            yield line, told[0], ""


READERS = {".py": sentences_in_code, ".html": sentences_in_template, ".txt": sentences_in_template}


def read_sentences() -> Catalog:
    """Every sentence of the portal, without translations; each with the files that say it."""
    found = Catalog(project="business-texting-portal", charset="utf-8")
    for path in sorted(PORTAL.rglob("*")):
        read = READERS.get(path.suffix)
        if read and "migrations" not in path.parts and "static" not in path.parts:
            place = path.relative_to(ROOT).as_posix()
            for _line, said, context in read(path.read_text(encoding="utf-8")):
                # Without lines: they would change with every edit, and say nothing to a translator.
                found.add(said, locations=[(place, None)], context=context or None)
    return found


def read_catalog(locale: str) -> Catalog:
    """The translations of a language, as they stand in the folder."""
    file = FOLDER / locale / "LC_MESSAGES/messages.po"
    with file.open("rb") as opened:
        return read_po(opened, locale=locale)


# For tests, which change none of them: what stands in the folder is read once.
known_sentences, known_catalog = cache(read_sentences), cache(read_catalog)


def compile_catalog(catalog: Catalog) -> bytes:
    """What the portal reads."""
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def key_of(sentence: Message) -> Key:
    """What a translation is found by: the English, of one with a count its first form, and the context ("" for none).
    """
    return sentence.id if isinstance(sentence.id, str) else sentence.id[0], sentence.context or ""


def name_key(key: Key) -> str:
    """A sentence as the command names it: active (of a campaign)."""
    return f"{key[0]} ({key[1]})" if key[1] else key[0]


def name_untranslated(before: AbstractSet[Key], after: AbstractSet[Key]) -> Iterator[str]:
    """The sentences without a translation, each with the most similar one of those that have gone or lack its context.
    """
    lost = {name_key(key): key for key in sorted(before - after)}
    for new in sorted(after - before):
        like = get_close_matches(name_key(new), lost, 1) or [name_key(key) for key in before if key[0] == new[0]]
        yield name_key(new) + (f"\n    it was: {like[0]}" if like else "")


def keep_words_whole(locale: str, catalog: Catalog) -> None:
    """Put a no-break hyphen where the language needs one; translators type a plain one, and see no difference."""
    for one in catalog:
        if one.id and one.string and locale in TORN:
            forms = [TORN[locale].sub("\u2011", form) for form in
                     (one.string if isinstance(one.string, tuple) else (one.string,))]
            one.string = tuple(forms) if isinstance(one.string, tuple) else forms[0]


def bring_up_to_date(locale: str, sentences: Catalog) -> None:
    """Take over new sentences, drop old ones, say which translations a changed sentence has cost, and compile."""
    catalog = read_catalog(locale)
    before = {key_of(one): one.string for one in catalog if one.id and one.string}
    catalog.update(sentences, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    after = {key_of(one) for one in catalog if one.id}
    for said in name_untranslated(before.keys(), after):
        print(f"{locale}: to translate: {said}")
    keep_words_whole(locale, catalog)
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
