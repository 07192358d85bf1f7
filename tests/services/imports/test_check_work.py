"""Who checks a file: a short one is checked at once, a long one in the background, after a kill by whoever is next."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal.extensions import db, now, writing
from portal.models import ContentState, ImportRow, RefusedAddress, Upload, UploadContent, UploadState
from portal.services import imports
from portal.services.imports import AlreadyDone, UnreadableFile, check_work, checks
from portal.services.refusals import Changed
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all

pytestmark = pytest.mark.usefixtures("open_app")
OFFERED = ("en",), frozenset({"America/Toronto"})


@pytest.fixture
def terms(ada):
    return imports.ImportTerms(ada.organization_id, True, False, *OFFERED)


@pytest.fixture
def upload(ada, terms, monkeypatch):
    """`upload(5)` is a file of so many rows; more than four are a long file."""
    for module in (check_work, checks):
        monkeypatch.setattr(module, "ROWS_PER_COMMIT", 4)
    return lambda many, asked=terms: imports.store_upload(ada, asked, "users.csv", user_csv(*(
        {EMAIL: f"p{n}@example.com", "Display Name": f"P {n}", "Location": "Toronto", "Preferred Language": "en_US"}
        for n in range(many))))


def kill(*_given):
    raise KeyboardInterrupt


def kept(file):
    db.session.rollback()
    rows = db.session.scalar(select(func.count()).where(ImportRow.upload_id == file.id))
    return file.state, file.cursor, file.total, rows


def test_a_short_file_is_checked_at_once_and_a_long_one_in_the_background(upload, statements):
    short = upload(4)
    assert kept(short) == (UploadState.CHECKED, 0, 4, 4)
    with statements() as seen:
        assert not imports.check_next_upload(*OFFERED)
    assert len(seen) == 1
    long = upload(9)
    assert kept(long) == (UploadState.CHECKING, 0, 9, 0)
    assert imports.check_next_upload(*OFFERED)
    assert kept(long) == (UploadState.CHECKED, 0, 9, 9)
    assert not imports.check_next_upload(*OFFERED)
    asked = db.session.scalars(select(ImportRow.asked).where(ImportRow.upload_id == long.id)).first()
    assert "en" in asked


def test_a_long_file_is_checked_again_in_the_background(upload, terms, ada):
    file = upload(9)
    imports.check_next_upload(*OFFERED)
    seen = file.seal
    imports.order_check(file, terms)
    assert kept(file)[:3] == (UploadState.CHECKING, 0, 9)
    with pytest.raises(Changed):
        imports.order_import(ada, file, seen)
    imports.check_next_upload(*OFFERED)
    assert import_all(ada, file)["created"] == 9
    with pytest.raises(AlreadyDone):
        imports.order_check(file, terms)


def test_what_a_kill_interrupts_is_begun_anew_after_a_silence(upload, terms, monkeypatch, clock):
    file, left = upload(9), iter((True, False))
    whole = checks._refuse_another_check

    def killed(*given):
        if not next(left):
            raise KeyboardInterrupt
        whole(*given)

    monkeypatch.setattr(checks, "_refuse_another_check", killed)
    with pytest.raises(KeyboardInterrupt):
        imports.check_next_upload(*OFFERED)
    monkeypatch.setattr(checks, "_refuse_another_check", whole)
    assert kept(file) == (UploadState.CHECKING, 4, 9, 4)
    assert not imports.check_next_upload(*OFFERED)
    clock.forward(seconds=check_work.SILENCE.total_seconds() + 1)
    assert imports.check_next_upload(*OFFERED)
    assert kept(file) == (UploadState.CHECKED, 0, 9, 9)


def test_a_check_that_another_process_took_over_ends_quietly(upload, monkeypatch):
    file, whole = upload(9), checks._refuse_another_check

    def overtaken(*given):
        monkeypatch.setattr(checks, "_refuse_another_check", whole)
        db.session.get_one(Upload, file.id).seal = "the other"
        whole(*given)

    monkeypatch.setattr(checks, "_refuse_another_check", overtaken)
    assert imports.check_next_upload(*OFFERED)
    assert file.state is UploadState.CHECKING


def damage(file):
    with writing() as session:
        session.execute(update(UploadContent).where(UploadContent.upload_id == file.id).values(
            content=b"PK\x03\x04 no table any more"))


def test_a_damaged_file_holds_nobody_up(upload, terms):
    file = upload(9)
    damage(file)
    assert imports.check_next_upload(*OFFERED)
    assert file.content_state is ContentState.UNREADABLE
    assert not imports.check_next_upload(*OFFERED)
    with pytest.raises(Changed):
        imports.order_check(file, terms)


def test_a_short_damaged_file_is_said_to_be_so_at_once(upload, terms, ada):
    file = upload(3)
    damage(file)
    with pytest.raises(UnreadableFile):
        imports.order_check(file, terms)
    assert (file.content_state, file.state) == (ContentState.UNREADABLE, UploadState.CHECKED)
    with pytest.raises(Changed):
        imports.order_import(ada, file, file.seal)


@pytest.mark.parametrize("many", [3, 9])
def test_who_orders_another_check_is_named_and_not_who_uploaded_the_file(upload, terms, row, many):
    """Also where the background process carries it out: what the file reveals, it reveals to that person."""
    file = upload(many)
    assert file.begun_by_id == row("Ada").id == file.user_id
    imports.check_next_upload(*OFFERED)
    with writing():
        row("Otto").email_key = "p1@example.com"
    imports.order_check(file, replace(terms, reader_id=row("Rita").id))
    imports.check_next_upload(*OFFERED)
    assert (file.state, file.begun_by_id) == (UploadState.CHECKED, row("Rita").id)
    assert [(one.by_id, one.email_key) for one in db.session.scalars(select(RefusedAddress))] == [
        (row("Rita").id, "p1@example.com")]


@pytest.mark.parametrize("operator", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_a_check_begun_anew_has_the_rights_of_who_ordered_it(upload, terms, monkeypatch, clock, operator, first):
    """The first check of a file, killed before it begins, or one of a file that was checked with other rights."""
    asked, seen = replace(terms, operator=operator), []
    file = None if first else upload(4, replace(terms, operator=not operator))
    with monkeypatch.context() as killing, pytest.raises(KeyboardInterrupt):
        if file is None:
            killing.setattr(check_work, "check_sheet", kill)
            upload(4, asked)
        else:
            killing.setattr(checks._RunningCheck, "keep_next", kill)
            imports.order_check(file, asked)
    clock.forward(seconds=check_work.SILENCE.total_seconds() + 1)
    monkeypatch.setattr(check_work, "check_upload", lambda _upload, terms: seen.append(terms.operator))
    assert imports.check_next_upload(*OFFERED)
    assert seen == [operator]


def test_a_short_check_that_stood_still_leaves_it_to_who_took_it_over(upload, monkeypatch):
    """Nobody sees an error: the file is there, and another process checks it or has done so."""
    def overtaken(file, _run):
        file.seal = "the other"
        raise Changed

    monkeypatch.setattr(checks, "_refuse_another_check", overtaken)
    assert kept(upload(3))[0] is UploadState.CHECKING


def test_a_check_of_before_the_clock_was_set_back_is_begun_anew(upload):
    file = upload(9)
    with writing():
        file.checked_at = now() + timedelta(days=1)
    assert imports.check_next_upload(*OFFERED)
    assert file.state is UploadState.CHECKED
