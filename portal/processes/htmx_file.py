"""The htmx file for networks without internet: fetched or given, checked, kept under instance/."""

import base64
import hashlib
import secrets
import subprocess
import tarfile
import tempfile
from pathlib import Path

from portal import stored_files
from portal.config import RefusedSetting

HTMX_VERSION = "4.0.1"
CDN = f"https://cdn.jsdelivr.net/npm/htmx.org@{HTMX_VERSION}/dist/htmx.min.js"
# Computed from the file in the package: the README beside it prints the hash of another version.
HTMX_NAME = stored_files.HTMX_FILE.name.format(version=HTMX_VERSION)
INTEGRITY = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"


def path_of_htmx_file(instance: Path) -> Path:
    """Where the file lies once it is installed."""
    return instance / HTMX_NAME


def is_htmx_file(data: bytes) -> bool:
    """Whether this is, byte for byte, the file that browsers would take from the CDN."""
    digest = base64.b64encode(hashlib.sha384(data).digest()).decode("ascii")
    return f"sha384-{digest}" == INTEGRITY


def install_htmx_file(instance: Path, source: Path | None = None) -> Path:
    """Put the file under instance/, from `source` or else from the npm package, unless it is there already.

    Refused: it cannot be had, or it is another file than the one expected.
    """
    target = path_of_htmx_file(instance)
    if source is None and target.is_file() and is_htmx_file(target.read_bytes()):
        return target
    data = _read(source) if source else _from_package()
    if not is_htmx_file(data):
        origin = source or "the npm package"
        raise RefusedSetting(f"HTMX: {origin} is not the file htmx.min.js of htmx {HTMX_VERSION}: download {CDN}")
    _replace(target, data)
    return target


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise RefusedSetting(f"HTMX: {source} cannot be read ({error.strerror}).") from error


def _from_package() -> bytes:
    package = f"htmx.org@{HTMX_VERSION}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                ["npm", "pack", package, "--ignore-scripts", "--pack-destination", folder],
                cwd=folder, check=True, capture_output=True, timeout=120,
            )
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                file = archive.extractfile("package/dist/htmx.min.js")
                return file.read() if file else b""
        except (OSError, subprocess.SubprocessError, StopIteration, KeyError, tarfile.TarError) as error:
            raise RefusedSetting(
                f"HTMX: npm could not fetch {package}. Install npm, or download {CDN} and give the file: "
                "make htmx FILE=htmx.min.js"
            ) from error


def _replace(target: Path, data: bytes) -> None:
    """Never half a file under the final name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = stored_files.FILE_DRAFT.beside(target, random=secrets.token_hex(8))
    draft.write_bytes(data)
    draft.chmod(0o644)
    draft.replace(target)
