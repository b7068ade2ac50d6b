"""Files as LibreOffice makes them, from every format into every other, pass the inspection."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.domain.inspection import Bounds
from gateway.formats.attachments import canonical_extension
from gateway.formats.inspection import look
from tests.samples import files as make

SOFFICE = shutil.which("soffice")
FROM = {"docx": make.a_docx, "xlsx": make.an_xlsx, "pptx": make.a_pptx}
TO = {
    "docx": ("doc", "odt", "rtf", "pdf", "txt", "docx"),
    "xlsx": ("xls", "ods", "csv", "pdf", "xlsx"),
    "pptx": ("ppt", "odp", "pdf", "pptx"),
}

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        SOFFICE is None, reason="LibreOffice is not installed (Debian: libreoffice)"
    ),
]


def converted(folder: Path, source: str, target: str) -> bytes:
    """Return what LibreOffice makes of a file."""
    file = folder / f"vanban.{source}"
    file.write_bytes(FROM[source]())
    home = folder / "home"
    command = [str(SOFFICE), f"-env:UserInstallation=file://{home}", "--headless"]
    command += ["--convert-to", target, "--outdir", str(folder / "out"), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603
    return (folder / "out" / f"vanban.{target}").read_bytes()


@pytest.mark.parametrize(
    ("source", "target"), [(source, target) for source in TO for target in TO[source]]
)
def test_a_file_of_libreoffice_is_what_it_says_and_shows_nothing(
    source: str, target: str, tmp_path: Path
) -> None:
    """Old and new formats alike."""
    content = converted(tmp_path, source, target)

    seen = look(io.BytesIO(content), Bounds())

    assert canonical_extension(f"a.{target}") in seen.extensions
    assert seen.observations == ()


@pytest.mark.parametrize(("source", "target"), [("docx", "doc"), ("xlsx", "xls"), ("pptx", "ppt")])
def test_a_cut_old_file_is_seen(source: str, target: str, tmp_path: Path) -> None:
    """Two thirds of it are no file."""
    content = converted(tmp_path, source, target)

    seen = look(io.BytesIO(content[: len(content) * 2 // 3]), Bounds())

    assert [each.trait for each in seen.observations] == ["truncated"]
