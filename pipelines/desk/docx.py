"""文书模板 — a Word template of the agency filled with plain texts; equal values give equal bytes."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from pipelines.base.errors import UsageError

BEGINNING = (1980, 1, 1, 0, 0, 0)  # of the calendar of ZIP archives


def filled(template: bytes, name: str, values: Mapping[str, Any]) -> bytes:
    """The document; ``UsageError`` where the template asks for what there is not, or cannot be read.

    A value is text: markup or a placeholder in it is shown, never followed.
    """
    rules = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    written = io.BytesIO()
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(values), rules)
        document.save(written)
    except TemplateError as error:
        raise UsageError(f"文书模板 {name} 无法填写：{error.message or type(error).__name__}") from None
    except (ValueError, KeyError, zipfile.BadZipFile):
        raise UsageError(f"文书模板 {name} 不是可读的 .docx 文件") from None
    with zipfile.ZipFile(written) as parts:
        return packed({part: parts.read(part) for part in parts.namelist()})


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive, in their order, of no date."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return written.getvalue()
