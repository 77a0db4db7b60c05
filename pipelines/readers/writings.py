"""文字 — the writings of a delimited file that are not read, each named in its refusal."""

from collections.abc import Sequence

from expectations.feed import Feed
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import layout as layouts
from pipelines.readers import lines
from pipelines.readers.layout import NoHeader

ENCODINGS = ("utf-8", "gb18030")
SIGNS = {",": "逗号分隔", "\t": "制表符分隔", "|": "竖线分隔", ";": "分号分隔"}
DELIMITERS = tuple(SIGNS)
FOREIGN = {
    "，": "全角逗号", "；": "全角分号", "｜": "全角竖线", "、": "顿号",
    "\u3000": "全角空格", " ": "空格", ":": "冒号",
    **{sign: f"“{sign}”" for sign in "^~#$!@&¦§¤/"},
    **{sign: f"控制符 {sign!r}" for sign in "\x01\x02\x1b\x1c\x1d\x1e\x1f"},
}  # fmt: skip
UNREAD = {
    "utf-32-le": " UTF-32 ", "utf-32-be": " UTF-32 ",
    "utf-16-le": "没有字节序标记的 UTF-16 ", "utf-16-be": "没有字节序标记的 UTF-16 ",
    "utf-7": " UTF-7 ", "hz": " HZ ", "big5": " Big5（繁体）",
}  # fmt: skip
WHOLE = 1 << 10  # more headings than any row has: all the required ones are there


def written_otherwise(head: bytes, feed: Feed, file: str) -> DeliveryRejected | None:
    """The refusal of a file that is empty, or whose header is there but in a writing that is not read.

    A header in traditional characters counts where it has more of the promised headings than it has in the
    encodings that are read: those that are spelt alike.
    """
    if not head.strip():
        return DeliveryRejected(f"{file}：文件是空的，没有表头也没有数据；请核对导出结果后重新报送。")
    text = {codec: _text(head, codec) for codec in (*ENCODINGS, *UNREAD)}
    most = max(_headings(text[codec], sign, feed, file) for codec in ENCODINGS for sign in DELIMITERS)
    for codec, writing in UNREAD.items():
        least = most + 1 if codec == "big5" else WHOLE
        if any(_headings(text[codec], sign, feed, file) >= least for sign in DELIMITERS):
            return DeliveryRejected(f"{file}：文件是{writing}文本；请另存为 UTF-8 后重新报送。")
    for codec in ENCODINGS:
        whole = [line.strip('"\r') for line in text[codec] if line.startswith('"')]
        if any(_headings(whole, sign, feed, file) >= WHOLE for sign in DELIMITERS):
            return DeliveryRejected(
                f"{file}：每一行整个放在一对引号里，读成了一列；请去掉行首尾的引号后重新报送。"
            )
        for sign, name in FOREIGN.items():
            if _headings(text[codec], sign, feed, file) >= WHOLE:
                return DeliveryRejected(
                    f"{file}：表头以{name}分隔，不是约定的分隔符；请改用逗号、制表符、竖线或分号后重新报送。"
                )
    return None


def _text(head: bytes, codec: str) -> list[str]:
    return head.decode(codec, "replace").split("\n")[: layouts.HEAD_ROWS]


def _headings(text: Sequence[str], sign: str, feed: Feed, file: str) -> int:
    """How many promised headings the likeliest row has; ``WHOLE`` where they make a header."""
    try:
        layouts.find((line[: lines.LONGEST].rstrip("\r").split(sign) for line in text), feed, file)
    except NoHeader as error:
        return error.headings
    except DeliveryRejected:
        return 0
    return WHOLE
