"""日志 — no ID, bank card or mobile number of a person in anything that is logged.

A second net, for none is logged on purpose. Numbers are recognised by shape, not by validity: a mistyped ID
number is still a person's.
"""

import logging
import re
import sys
import traceback
from types import TracebackType

INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f"
GAP = f"[ \u00a0\u2000-\u200a\u3000\\-\u2010-\u2015\u2212\uff0d_.\uff0e·'’`{INVISIBLE}]{{0,4}}"
EXPORT = r"20\d{6}-\d{6}-[0-9a-f]{10}"
OURS = rf"YD[0-9A-F]{{16}}|{EXPORT}|(?=\d*[a-f])(?:[0-9a-f]{{16}}|[0-9a-f]{{32,}})"
DIGEST = rf"(?<![0-9A-Za-z])(?:{OURS})(?![0-9A-Za-z])"
DATE = r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)"
LONG = rf"\d(?:{GAP}\d){{13,}}(?:{GAP}[xXｘＸ])?"
MOBILE = rf"(?<![0-9A-Za-z])[1１][3-9３-９]\d(?:{GAP}\d{{4}}){{2}}(?![0-9A-Za-z])"
SENSITIVE = re.compile(f"(?P<kept>{DIGEST}|{DATE})|{LONG}|{MOBILE}")
MARK = "〔号码已隐去〕"


def redacted(text: str) -> str:
    """``text`` without runs of 14 or more digits, also spaced or full-width, and mobile numbers.

    Dates, and our own numbers and digests, stay.
    """
    return SENSITIVE.sub(lambda number: number["kept"] or MARK, text)


def install() -> None:
    """Redacts every log record and every uncaught traceback of this process from here on."""
    if logging.getLogRecordFactory() is not _record:
        logging.setLogRecordFactory(_record)
        sys.excepthook = _uncaught


def _record(*args: object, **kwargs: object) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)  # type: ignore[arg-type]
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        message = str(record.msg)
    record.msg, record.args = redacted(message), ()
    if record.exc_info and record.exc_info[0]:
        record.exc_text = redacted("".join(traceback.format_exception(*record.exc_info))).rstrip()
    return record


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))
