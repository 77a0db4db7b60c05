"""折叠 — text as it is compared: one form for the many ways in which a system writes the same characters.

Each rule is a plain function on one value; the array forms give the same results and call it only for
values that hold a byte outside plain ASCII and the everyday Hanzi.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

ESCAPES = b"&\\%<_"  # with which one begins
Positions = npt.NDArray[np.int64]

# GB18030-2005 gave these 25 characters a private-use code point, GB18030-2022 the standard one.
GB18030_2022 = dict(
    zip(
        (*range(0xE78D, 0xE797), 0xE7C7, *range(0xE816, 0xE819), 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE831,
         0xE832, 0xE83B, 0xE843, 0xE854, 0xE855, 0xE864),
        "︐︒︑︓︔︕︖︗︘︙ḿ\U00020087\U00020089\U000200cc龴龵龶龷\U000215d7龸\U0002298f龹龺\U000241fe龻",
        strict=True,
    )
)  # fmt: skip

_PRIVATE = re.compile(f"[{''.join(map(chr, GB18030_2022))}]")
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_EVERYDAY = re.compile(r"[0-9A-Za-z.,:/\-]*|[\u4e00-\u9fa5]*")  # nothing of which changes
_SPACE = re.compile(r"\s+")
_LITERAL = r"""(?:"(?:[^"]|"")*+"|'[^']*+'|“[^”]*+”)"""
_TERM = re.compile(rf"{_LITERAL}|\d++")
_QUOTED = re.compile(r"""(["'`])[^"'`]*\1|“[^“”]*”|‘[^‘’]*’""")
_FORMULA = re.compile(rf"=|T\s*\(\s*{_LITERAL}", re.I)
_FORMATTED = re.compile(rf"TEXT\s*\(\s*({_TERM.pattern})\s*,\s*{_LITERAL}\s*\)", re.I)
_CONSTANT = re.compile(rf"(?:(?:T|CONCAT|CONCATENATE)(?=\s*\()|[&+,()\s]|{_TERM.pattern})*+", re.I)
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_DOT = re.compile("[.•‧・∙⋅]")
_ESCAPE = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,32}\d{0,2});"  # HTML and XML
    r"|(?:[\\%]u[0-9a-fA-F]{4})+"  # JSON, Java, JavaScript's escape()
    r"|\\u\{[0-9a-fA-F]{1,6}\}|<U\+[0-9a-fA-F]{4,8}>|_x[0-9a-fA-F]{4}_"  # R, workbooks
)
_HEX = re.compile(r"[0-9a-fA-F]{4,8}|(?<=\{)[0-9a-fA-F]+")
_REMARK = re.compile(r"\([^()+]*\)|\[[^\[\]+]*\]|【[^【】+]*】|〔[^〔〕+]*〕")


def standard(value: str) -> str:
    """``value`` in the code points of GB18030-2022."""
    return value.translate(GB18030_2022) if _PRIVATE.search(value) else value


def fold(value: str) -> str:
    """文本折叠: NFKC, GB18030-2022 code points, no control characters, spaces trimmed and single.

    The marks by which spreadsheets keep numbers as text go as well: quotes around all of it, a leading ``'``
    or `` ` ``, and formulas made of texts alone, such as ``="…"``, ``=T("…")``, ``=""&"…"``.
    Escapes of other formats, such as ``&#183;`` and ``%u5409``, become the characters that they stand for,
    however often they were escaped.
    """
    if _EVERYDAY.fullmatch(value):
        return value
    text = _plain(value)
    while _ESCAPE.search(text) and (clear := _plain(_ESCAPE.sub(_unescaped, text))) != text:
        text = clear
    return text


def _plain(value: str) -> str:
    if value.isascii() and value.isprintable():
        return _unmarked(" ".join(value.split()))
    text = unicodedata.normalize("NFKC", _CONTROL.sub("", standard(value)))
    return _unmarked(_SPACE.sub(" ", text).rstrip())


def _unmarked(text: str) -> str:
    if _QUOTED.fullmatch(text):
        return fold(text[1:-1])
    text = text.lstrip("'` ")
    if _FORMULA.match(text) and (result := _result(text.removeprefix("="))) is not None:
        return fold(result)
    return text


def _result(formula: str) -> str | None:
    """The text that a formula gives, where nothing but texts and digits stand in it."""
    constant = _FORMATTED.sub(r"\1", formula)
    terms = _TERM.findall(constant)
    if not terms or not _CONSTANT.fullmatch(constant):
        return None
    return "".join(term if term.isdigit() else term[1:-1].replace(2 * term[-1], term[-1]) for term in terms)


def _unescaped(escape: re.Match[str]) -> str:
    """The characters of an escape; as it stands where it is none."""
    if escape[0].startswith("&"):
        return html.unescape(escape[0])
    codes = [int(code, 16) for code in _HEX.findall(escape[0])]
    if max(codes) > 0x10FFFF:
        return escape[0]
    units = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    try:
        return units.decode("utf-16-le")
    except UnicodeDecodeError:
        return escape[0]


def name_key(value: str) -> str:
    """姓名比对键: folded, without spaces and bracketed remarks, every dot as ``·``.

    A bracket with ``+`` inside spells a character by its parts and is kept.
    """
    key = _VARIATION.sub("", fold(value)).replace(" ", "")
    key = _DOT.sub("·", key)
    return _REMARK.sub("", key) or key


def _bytes_that_may_change(*also: bytes) -> npt.NDArray[np.bool_]:
    table = np.ones(256, bool)
    table[0x21:0x7F] = False  # printable ASCII
    table[0x80:0xC0] = False  # continuation bytes
    table[0xE4:0xEA] = False  # U+4000 to U+9FFF hold no compatibility characters
    for byte in b"".join(also):
        table[byte] = True
    return table


_ODD: dict[Callable[[str], str], npt.NDArray[np.bool_]] = {
    fold: _bytes_that_may_change(ESCAPES, b"'`=\""),
    name_key: _bytes_that_may_change(ESCAPES, b"'`=\".(["),
}


def fold_array(values: pa.StringArray, rule: Callable[[str], str] = fold) -> tuple[pa.StringArray, Positions]:
    """The values under ``rule``, ``fold`` or ``name_key``, and the ascending positions that it changed."""
    offsets, content = buffers(values)
    odd = np.flatnonzero(_ODD[rule].take(content))
    if not len(odd):
        return values, odd
    odd = odd[~_is_rare_but_plain(content, odd)]
    where = np.unique(np.searchsorted(offsets, odd + offsets[0], side="right") - 1)
    before = values.take(pa.array(where)).to_pylist()
    after = [rule(value) for value in before]
    changed = [i for i, (a, b) in enumerate(zip(after, before, strict=True)) if a != b]
    return replace(values, where[changed], [after[i] for i in changed]), where[changed]


def _is_rare_but_plain(content: npt.NDArray[np.uint8], at: Positions) -> npt.NDArray[np.bool_]:
    """Whether lead bytes begin a Hanzi of Extension A or of planes 2 and 3, or the dot of names."""
    lead, second = content[at], content[np.minimum(at + 1, len(content) - 1)]
    plane = (lead == 0xF0) & (second >= 0xA0) & (second != 0xAF)  # U+2F800 on are compatibility characters
    return np.asarray(plane | ((lead == 0xE3) & (second >= 0x90)) | ((lead == 0xC2) & (second == 0xB7)))


def buffers(values: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """The offsets of the values, and the bytes between the first and the last of them."""
    _, where, what = values.buffers()
    offsets = np.frombuffer(where, np.int32)[values.offset : values.offset + len(values) + 1]
    content = np.frombuffer(what, np.uint8) if what else np.empty(0, np.uint8)
    return offsets, content[offsets[0] : offsets[-1]]


def replace(values: pa.StringArray, where: Positions, by: Sequence[str | None]) -> pa.StringArray:
    """The values with those at the ascending positions ``where`` replaced."""
    if not len(where):
        return values
    mask = np.zeros(len(values), bool)
    mask[where] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array(by, pa.string()))
