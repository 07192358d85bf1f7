"""The htmx file: the pinned one or none. (The real file is put under instance/ by `make htmx`.)"""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from portal.config import RefusedSetting
from portal.processes import htmx_file

INSTANCE = Path(__file__).resolve().parents[2] / "instance"


@pytest.fixture
def real():
    file = htmx_file.path_of_htmx_file(INSTANCE)
    assert file.is_file(), "make htmx fetches the file that this test looks at"
    return file


@pytest.fixture
def npm(monkeypatch):
    """Stand in for npm with a package that holds these bytes; lists the calls."""
    calls = []

    def answer(data):
        def run(command, *, cwd, **_):
            calls.append(command)
            entry = tarfile.TarInfo("package/dist/htmx.min.js")
            entry.size = len(data)
            with tarfile.open(Path(cwd) / "htmx.org.tgz", "w:gz") as archive:
                archive.addfile(entry, io.BytesIO(data))

        monkeypatch.setattr(subprocess, "run", run)
        return calls

    return answer


def test_the_pinned_hash_is_that_of_the_file(real):
    assert htmx_file.is_htmx_file(real.read_bytes())
    assert htmx_file.HTMX_VERSION.encode() in real.read_bytes()


def test_one_other_byte_is_another_file(real):
    assert not htmx_file.is_htmx_file(real.read_bytes() + b"\n")
    assert not htmx_file.is_htmx_file(b"")


def test_the_address_names_the_exact_version():
    assert f"@{htmx_file.HTMX_VERSION}/" in htmx_file.CDN
    assert htmx_file.CDN.startswith("https://")


def test_install_from_a_given_file(real, tmp_path):
    target = htmx_file.install_htmx_file(tmp_path / "instance", real)
    assert target == htmx_file.path_of_htmx_file(tmp_path / "instance")
    assert target.read_bytes() == real.read_bytes()
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_install_from_the_package(real, npm, tmp_path):
    calls = npm(real.read_bytes())
    assert htmx_file.is_htmx_file(htmx_file.install_htmx_file(tmp_path).read_bytes())
    assert calls[0][:3] == ["npm", "pack", f"htmx.org@{htmx_file.HTMX_VERSION}"]


def test_install_again_fetches_nothing(real, npm, tmp_path):
    calls = npm(b"")
    htmx_file.install_htmx_file(tmp_path, real)
    htmx_file.install_htmx_file(tmp_path)
    assert not calls


def test_a_damaged_file_is_fetched_anew(real, npm, tmp_path):
    npm(real.read_bytes())
    htmx_file.path_of_htmx_file(tmp_path).write_bytes(b"half of")
    assert htmx_file.is_htmx_file(htmx_file.install_htmx_file(tmp_path).read_bytes())


def test_another_file_is_refused_and_nothing_written(npm, tmp_path):
    npm(b"alert(1)")
    with pytest.raises(RefusedSetting, match="is not the file"):
        htmx_file.install_htmx_file(tmp_path)
    other = tmp_path / "other.js"
    other.write_bytes(b"alert(1)")
    with pytest.raises(RefusedSetting, match=r"other\.js is not the file"):
        htmx_file.install_htmx_file(tmp_path, other)
    assert not htmx_file.path_of_htmx_file(tmp_path).exists()


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RefusedSetting, match="cannot be read"):
        htmx_file.install_htmx_file(tmp_path, tmp_path / "none.js")


@pytest.mark.parametrize("failure", [FileNotFoundError("npm"), subprocess.CalledProcessError(1, "npm")])
def test_without_npm_or_network_it_says_what_to_do(monkeypatch, tmp_path, failure):
    def run(*_, **__):
        raise failure

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(RefusedSetting, match="make htmx FILE="):
        htmx_file.install_htmx_file(tmp_path)
